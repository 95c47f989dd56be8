package inventory

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Of a folder, freqtrade's config.json is read, as the bot does without -c. Other files
// there may be other bots', or -c names them as well: which is unknown, so that their
// keys are named and not used.

// inFolder are the keys in a folder's files that were not read, besides those that are
// known from others, such as copies.
func inFolder(f *Files, read map[string]bool, known []Found) (out []Found) {
	for _, folder := range append([]string{f.Path}, f.Later...) {
		if f.alone || !isFolder(folder) {
			continue
		}
		for _, folder := range []string{folder, filepath.Join(folder, "user_data")} { // where config.json may be
			entries, err := os.ReadDir(folder)
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // there may be no user_data
				out = append(out, Found{Name: filepath.Base(folder), File: folder, beside: true, Skip: "it may be in " + ShowPath(folder) + ", which cannot be read: name that file itself to see why"})
			}
			for _, e := range entries {
				path := filepath.Join(folder, e.Name())
				if read[path] || e.IsDir() || strings.ToLower(filepath.Ext(path)) != ".json" {
					continue
				}
				if found := notRead(f, path, append(known, out...)); found.Skip != "" {
					out = append(out, found)
				}
			}
		}
	}
	return out
}

// isKnown reports whether the part is none, or one of another key.
func isKnown(p Part, known []Found) bool {
	return p.isZero() || slices.ContainsFunc(known, func(k Found) bool {
		return p.Value.Equal(k.Key.Value) || p.Value.Equal(k.Secret.Value) || p.Value.Equal(k.private.Value)
	})
}

// notRead is the key in a file that is not read; nothing if it has none or a known one.
func notRead(f *Files, path string, known []Found) Found {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	found := Found{Name: name, File: path, beside: true}
	r, err := f.json(path)
	if err != nil {
		found.Skip = "it may be in " + ShowPath(path) + ", which cannot be read: name that file itself to see why"
		return found
	}
	l := freqtradeLayer{r, nil}
	if r.root.Kind == Object {
		l.exchange = l.object(r.root, "exchange")
	}
	exchange := l.word(l.exchange, "name")
	here, _ := l.parts(&Found{Exchange: exchange})
	here.withoutPlaceholders()
	part := here.identity()
	if part.isZero() {
		part = here.Secret
	}
	if isKnown(here.Key, known) && isKnown(here.Secret, known) && isKnown(here.private, known) {
		return found
	}
	found.Name, found.Exchange, found.Key, found.Secret, found.private = cmp.Or(exchange, name), exchange, here.Key, here.Secret, here.private
	found.Line, found.Column = part.Line, part.Column
	found.Skip = "it is in " + ShowPath(path) + ", which is not read with its folder: name that file as well"
	return found
}
