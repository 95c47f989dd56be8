package find

import (
	"path/filepath"
	"strings"
)

// inspect finds the keys in a text. References to further files are followed with
// open, if that is not nil.
func (n *names) inspect(path, text string, open func(path string) (string, bool)) []key {
	s := newScanner(n, text, strings.ToLower(filepath.Ext(path)))
	s.inserts()
	s.scan()
	f := &file{names: n, path: path, text: text, halves: s.halves}
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
