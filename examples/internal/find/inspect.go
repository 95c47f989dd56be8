package find

import (
	"path/filepath"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// inspect finds the keys in a text. References to further files are followed with
// open, if that is not nil.
func (n *names) inspect(path, text string, open func(path string) (string, bool)) []key {
	s := newScanner(n, text, strings.ToLower(filepath.Ext(path)))
	s.inserts()
	s.scan()
	f := &file{names: n, path: path, text: text, halves: s.halves}
	f.nameless()
	for _, ref := range s.refs {
		if open == nil {
			break
		}
		if value, ok := open(filepath.Join(filepath.Dir(path), filepath.FromSlash(ref.path))); ok {
			if h := *ref; h.holds(value) {
				f.halves = append(f.halves, &h)
			}
		}
	}
	return f.keys()
}

// nameless takes a file of nothing but a key and its secret, one a line, as clients
// load them. Its name says the exchange.
func (f *file) nameless() {
	if len(f.halves) > 0 || len(f.text) > 2*longestPart {
		return
	}
	if _, ok := f.byPath(); !ok {
		return
	}
	at := &frame{kind: 'f'}
	line := 0
	var found []*half
	for row := range strings.SplitSeq(f.text, "\n") {
		line++
		if row = clean(row); row == "" {
			continue
		}
		if !plausible(row, shortestPart) || !random(row) {
			return
		}
		part := adapter.KeyPart
		if len(found) > 0 {
			part = adapter.SecretPart
		}
		found = append(found, &half{part: part, value: adapter.NewSecret(row), size: len(row), frame: at, line: line, column: 1, positional: true})
	}
	if len(found) == 2 {
		f.halves = found
	}
}
