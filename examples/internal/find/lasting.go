package find

import (
	"context"
	"path"
	"regexp"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// A key stands in its bot's file, and often in others besides: it is read from the first, and
// how all of them are kept counts.

// passing are files that have a key by the way: what was typed, said or saved, and is written
// over or thrown away.
var passing = regexp.MustCompile(`(?i)history$|^\.(?:viminfo|lesshst)$|\.(?:log|out|txt|md|rst|bak|old|orig|save|backup|tmp|swp)(?:\.?\d+)?$|~$|^#.*#$`)

// lasting are the places of a key, those last that have it by the way, or no more.
func lasting(places []*Found) []*Found {
	rank := func(f *Found) int {
		switch {
		case f.File() == "":
			return 2
		case passing.MatchString(path.Base(f.Path)):
			return 1
		default:
			return 0
		}
	}
	out := slices.Clone(places)
	slices.SortStableFunc(out, func(a, b *Found) int { return rank(a) - rank(b) })
	return out
}

// keptBesides loads a key, with how it is kept in its other files, those first that others
// can read: of so many that an audit names them.
func keptBesides(good *Found, places []*Found, key *audit.Key) func(context.Context) (adapter.Credentials, error) {
	load, settled := key.Load, *key
	others := slices.DeleteFunc(slices.Clone(places), func(f *Found) bool { return f == good || f.file == "" || f.file == good.file })
	slices.SortStableFunc(others, func(a, b *Found) int { return shownFirst(a) - shownFirst(b) })
	return func(ctx context.Context) (adapter.Credentials, error) {
		c, err := load(ctx)
		if err != nil {
			return c, err
		}
		for _, f := range others[:min(len(others), mostNamed)] {
			with := *f
			with.where.passphrase, with.where.keyPassphrase = good.where.passphrase, good.where.keyPassphrase
			more, failed := with.load(&settled)(ctx)
			if failed != nil {
				continue
			}
			c.Storage = append(c.Storage, slices.DeleteFunc(more.Storage, func(s access.Storage) bool { return s.Part != "key" && s.Part != "secret" })...)
		}
		return c, nil
	}
}

func shownFirst(f *Found) int {
	if f.Shared != "" {
		return 0
	}
	return 1
}
