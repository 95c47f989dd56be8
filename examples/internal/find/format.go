package find

import (
	"context"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// FormatName is that of Format, in inventories: "from": "find=bot/settings.py#bybit".
const FormatName = "find"

// Format reads the keys in one file of any kind, so that an inventory can refer to what a
// search found there. A key that a search would not send anywhere is skipped, and what is
// no whole key, or was not read, is named after the keys, whose names it leaves alone.
func Format(all []*adapter.Exchange) inventory.Format {
	read := func(files *inventory.Files) ([]inventory.Found, error) {
		files.WillRead(files.Path)
		report, err := Find(context.Background(), Options{Paths: []string{files.Path}, Exchanges: all, single: true})
		if err != nil {
			return nil, inventory.Problems{{File: files.Path, Text: err.Error()}}
		}
		var out, rest []inventory.Found
		for _, c := range report.Candidates(all) {
			if !c.Both {
				rest = append(rest, inventory.Found{Exchange: c.Exchange, File: c.Place.file, Line: c.Place.Line, Skip: c.Not})
				continue
			}
			found := c.Place.inventoried(files)
			found.Exchange, found.Skip = c.Exchange, c.Not
			if c.Not == "" {
				found.Exchange, found.Environment, found.Policy = c.Audit.Exchange.Name, c.Audit.Environment, &c.Audit.Policy
				if !c.Audit.Exchange.Needs.Passphrase {
					found.Passphrase = inventory.Part{}
				}
			}
			out = append(out, found)
		}
		for _, s := range report.Skipped {
			if s.Unread {
				rest = append(rest, inventory.Found{Name: "unread", File: files.Path, Skip: "the file may hold keys that were not seen: " + string(s.Why) + "; list those in the inventory themselves"})
			}
		}
		return append(out, rest...), nil
	}
	return inventory.Format{Name: FormatName, Title: "a file of any kind", Read: read}
}

// inventoried is the key as the file of a bot has it, with how it is kept.
func (f *Found) inventoried(files *inventory.Files) inventory.Found {
	part := func(value adapter.Secret) inventory.Part { return inventory.NewPart(value.Reveal()) }
	out := inventory.Found{Key: part(f.ID), Secret: part(f.Secret), File: f.file, Line: f.Line}
	if f.where.passphrase != nil {
		out.Passphrase = part(f.where.passphrase.value)
	}
	if f.where.keyPassphrase != nil {
		out.KeyPassphrase = part(f.where.keyPassphrase.value)
	}
	out.Secret.File = f.secretFile
	for _, path := range []string{out.File, out.Secret.File} {
		if path != "" {
			_, _ = files.Read(path) // for how it is kept; of one that is gone, that is not known
		}
	}
	return out
}
