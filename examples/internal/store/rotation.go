package store

import "context"

// rotations puts a key together with the one that it replaces, whatever is known of
// either: that link is in the owner's record, and not in what the exchange said.
func (p *pair) rotations(ctx context.Context, g groups) error {
	return each(ctx, p.store.reader, func(scan func(...any) error) error {
		var key, old int
		if err := scan(&key, &old); err != nil {
			return err
		}
		g.unite(key, old)
		return nil
	}, `SELECT n.key, old.id FROM result n JOIN text record ON record.id=n.record JOIN key old ON old.name=json_extract(record.data,'$.replaces')
		WHERE n.run IN (?1,?2) AND n.record IN (SELECT id FROM text WHERE json_extract(data,'$.replaces') IS NOT NULL)`, p.before, p.now)
}
