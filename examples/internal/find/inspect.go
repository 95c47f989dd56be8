package find

import (
	"path/filepath"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// inspect finds the keys in a text, and reports whether there may be more of them.
// References to further files are followed with open, if that is not nil.
func (n *names) inspect(path, text string, open func(path string) (string, bool)) (keys []key, more bool) {
	return n.inspectFrom(0, path, text, open)
}

// inspectFrom does it in a part of a file, before which there are so many lines.
func (n *names) inspectFrom(line int, path, text string, open func(path string) (string, bool)) (keys []key, more bool) {
	f := &file{names: n, path: path, text: text, skipped: line}
	if !mayScan(text) { // a seed phrase
		return f.rowKeys(), false
	}
	kind := kindOf(path, text)
	counted := 0
	for _, span := range spans(text) {
		line += strings.Count(text[counted:span[0]], "\n")
		counted = span[0]
		s := newScanner(n, text[span[0]:span[1]], kind)
		s.base = line
		s.inserts()
		s.logins()
		s.scan()
		f.halves, f.refs, more = append(f.halves, s.halves...), append(f.refs, s.refs...), more || s.cut
		f.settings = append(f.settings, s.settings...)
	}
	f.either()
	f.nameless()
	f.onlyKeys()
	f.keyFiles()
	for _, ref := range f.refs {
		if open == nil {
			break
		}
		leads := filepath.Join(filepath.Dir(path), filepath.FromSlash(ref.path))
		if value, ok := open(leads); ok {
			if h := *ref; h.holds(value) {
				h.path = leads
				f.halves = append(f.halves, &h)
			}
		}
	}
	return f.readByBots(f.keys(), open), more
}

// kind is what a text as a whole is.
type kind struct {
	secret bool // a Kubernetes Secret, whose values are in base64
	markup bool // of a language with elements
	dotenv bool // of lines NAME=value, by its name
}

func kindOf(path, text string) (k kind) {
	for at := next(text, "kind", 0); at >= 0 && !k.secret; at = next(text, "kind", at+4) {
		value := text[at+4:]
		k.secret = strings.HasPrefix(value, ": Secret") || strings.HasPrefix(value, `": "Secret"`) || strings.HasPrefix(value, `":"Secret"`)
	}
	base := strings.ToLower(filepath.Base(path))
	k.dotenv = strings.HasPrefix(base, ".env") && base != ".envrc" || strings.HasSuffix(base, ".env")
	switch strings.ToLower(filepath.Ext(path)) {
	case ".xml", ".html", ".htm", ".config", ".plist", ".xaml", ".csproj", ".resx", ".props", ".md":
		k.markup = true
	default:
		k.markup = strings.HasPrefix(strings.TrimSpace(text[:min(len(text), 200)]), "<")
	}
	return k
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
	line := f.skipped
	var found []*half
	for row := range strings.SplitSeq(f.text, "\n") {
		line++
		if row = strings.Clone(clean(row)); row == "" {
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
