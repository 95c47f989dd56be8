package find

import (
	"io"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/copies"
)

// gaps are why something was not read, in the words of a search.
var gaps = map[copies.Gap]Why{
	copies.Failed: SkippedError, copies.Large: SkippedLarge, copies.Packed: SkippedArchive, copies.Encrypted: SkippedEncrypted, copies.Damaged: SkippedOdd,
}

// lookFor finds texts in a file or an object of git, and in its name.
func (r *reader) lookFor(path string, from io.Reader) (keys []key, skipped Why, read int64) {
	places, gap, read := r.copies.Read(from)
	inside := map[int]bool{}
	for _, p := range places {
		inside[p.Text] = true
	}
	for _, p := range r.values.In(path) {
		if !inside[p.Text] {
			places = append(places, p)
		}
	}
	for i := range places {
		text := r.values.Text(places[i].Text)
		keys = append(keys, key{copy: &places[i], secret: &half{value: adapter.NewSecret(text), size: len(text), line: places[i].Line}})
	}
	return keys, gaps[gap], read
}

// Opens is the file that was found to have a text, as the program opens it; empty for what
// is in git only.
func (f *Found) Opens() string { return f.file }
