package find

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
)

// What the importer of a bot makes of the bot's own file is what the bot makes of it: which
// exchange and which of its environments a key is for, and what its third part is called. A
// search has no other idea of that.

// bots are the keys of the file as bots' importers read it.
func (f *file) bots(open func(path string) (string, bool)) []inventory.TextKey {
	o := inventory.Options{Exchanges: f.names.all, Formats: sources.Formats(), Decoders: sources.Decoders()}
	name := filepath.Base(f.path)
	texts := map[string][]byte{name: []byte(f.text)}
	out := inventory.KeysIn(name, texts, o)
	const first = "config.json" // of freqtrade, which may add this one
	if open == nil || name == first || filepath.Ext(name) != ".json" {
		return out
	}
	if text, ok := open(filepath.Join(filepath.Dir(f.path), first)); ok && strings.Contains(text, inventory.Show(name)) {
		texts[first] = []byte(text)
		out = append(out, inventory.KeysIn(first, texts, o)...)
	}
	return out
}

// isBots reports whether a bot may keep a file of that name and text: the others are many, and
// need not be taken apart.
func (f *file) isBots() bool {
	switch strings.ToLower(filepath.Ext(f.path)) {
	case ".json", ".jsonc", ".json5", ".toml", ".yml", ".yaml", ".csv", ".conf", "":
		return true
	default:
		text := strings.TrimLeft(f.text, " \t\r\n")
		return text != "" && (text[0] == '{' || text[0] == '[')
	}
}

// readByBots gives the keys of a file what their bots' importers make of them, and adds those
// that nothing but the importer of their bot shows.
func (f *file) readByBots(keys []key, open func(path string) (string, bool)) []key {
	if !f.isBots() || len(f.parts(adapter.KeyPart)) == 0 || len(f.parts(adapter.SecretPart)) == 0 {
		return keys
	}
	read := f.bots(open)
	for _, sure := range []bool{true, false} {
		for at := range read {
			b := &read[at]
			seen := b.Own != sure
			for i := range keys {
				if k := &keys[i]; b.Own == sure && k.id != nil && k.secret != nil && f.isOf(b, k) {
					if seen = true; k.bots == nil && f.reads(b, k) {
						f.take(b, k)
					}
				}
			}
			if k, is := f.added(b); !seen && is {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// added is a key that only its bot's importer shows.
func (f *file) added(b *inventory.TextKey) (k key, is bool) {
	exchange, _ := f.names.Exchange(b.Exchange)
	for _, h := range f.halves {
		switch text := h.value.Reveal(); {
		case h.taken:
		case k.id == nil && h.part == adapter.KeyPart && text == clean(b.Key.Value.Reveal()):
			k.id = h
		case k.secret == nil && h.part == adapter.SecretPart && text == clean(b.Secret.Value.Reveal()):
			k.secret = h
		}
	}
	third := slices.ContainsFunc(f.names.all, func(e *adapter.Exchange) bool { return e.Name == exchange && e.Needs.Passphrase })
	if k.id == nil || k.secret == nil || !f.reads(b, &k) || third && b.Passphrase.Value.IsZero() {
		return k, false
	}
	k.id.taken, k.secret.taken = true, true
	f.take(b, &k)
	return k, true
}

// isOf reports whether an importer reads a key.
func (f *file) isOf(b *inventory.TextKey, k *key) bool {
	return clean(b.Key.Value.Reveal()) == k.id.value.Reveal() && clean(b.Secret.Value.Reveal()) == k.secret.value.Reveal()
}

// reads reports whether an importer that reads a key knows its exchange. One of a file that
// other programs may have, too, only adds to what the names of the key say; and where nothing
// but the importer names the exchange, the key must have the form of one of that.
func (f *file) reads(b *inventory.TextKey, k *key) bool {
	exchange, known := f.names.Exchange(b.Exchange)
	if k.strength == Named && k.why != whyMarked {
		return known && (b.Own || k.exchange == exchange)
	}
	return known && b.Own && fits(exchange, k.id.value.Reveal(), k.secret.value.Reveal())
}

// take gives a key what its bot's importer makes of it.
func (f *file) take(b *inventory.TextKey, k *key) {
	exchange, _ := f.names.Exchange(b.Exchange)
	if b.Own && (k.exchange != exchange || k.strength != Named || k.why == whyMarked) {
		k.evidence = evidence{exchange, Named, "named as " + b.Title + " has it"}
		f.locate(k)
	}
	if b.Own {
		k.uncertain = ""
	}
	k.bots, k.passphrase = b, nil
	if value := strings.TrimSpace(b.Passphrase.Value.Reveal()); value != "" {
		k.passphrase = &half{part: adapter.PassphrasePart, value: adapter.NewSecret(value), size: len(value), frame: k.secret.frame}
	}
}

// asBot is a key as its bot's importer has it, or why it is not audited.
func (f *Found) asBot(all []*adapter.Exchange) (key audit.Key, why string) {
	found := f.where.bots.Found
	found.Passphrase = inventory.Part{}
	if f.where.passphrase != nil {
		found.Passphrase = inventory.NewPart(f.where.passphrase.value.Reveal())
	}
	o := inventory.Options{Exchanges: all}
	o.Formats = []inventory.Format{{Name: FormatName, Title: f.where.bots.Title, Environ: true, Read: func(*inventory.Files) ([]inventory.Found, error) {
		return []inventory.Found{found}, nil
	}}}
	in, err := inventory.From(FormatName, "", o)
	switch {
	case err != nil || len(in.Keys)+len(in.Skipped) != 1:
		return key, notFollowed
	case len(in.Skipped) == 1:
		return key, in.Skipped[0].Why
	}
	key = in.Keys[0]
	key.Load = f.load(&key)
	return key, ""
}
