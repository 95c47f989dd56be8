package store

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
)

// aView is one statement of views.sql, without what is said of it.
var aView = regexp.MustCompile(`CREATE VIEW (\w+) AS\n[^;]+`)

// currentViews replaces the views that an earlier version made by those of this one. They
// are for the sqlite3 program; nothing here reads them.
func currentViews(ctx context.Context, tx *sql.Tx) error {
	for _, view := range aView.FindAllStringSubmatch(views, -1) {
		var is string
		err := tx.QueryRowContext(ctx, "SELECT sql FROM sqlite_schema WHERE type='view' AND name=?", view[1]).Scan(&is)
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		case is == view[0]:
			continue
		}
		if _, err := tx.ExecContext(ctx, "DROP VIEW IF EXISTS "+view[1]+"; "+view[0]); err != nil {
			return err
		}
	}
	return nil
}
