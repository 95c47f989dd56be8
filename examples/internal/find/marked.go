package find

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Some halves of keys begin with a mark of their exchange. They are keys under any name and
// under none: in a table without a head, in a note, in another language.

// marked are the forms of such halves that nothing else has.
var marked = []struct {
	exchange string
	part     adapter.Part
	form     *regexp.Regexp
}{
	{"bitget", adapter.KeyPart, regexp.MustCompile(`bg_` + hx + `{32}`)},
	{"mexc", adapter.KeyPart, regexp.MustCompile(`mx0v` + aln + `{14}`)},
	{"coinbase", adapter.KeyPart, regexp.MustCompile(`organizations/` + uuid + `/apiKeys/` + uuid)},
	{"cryptocom", adapter.SecretPart, regexp.MustCompile(`cxakp_` + aln + `{22}`)},
}

// besideMarked is how many bytes after a marked half its other half is looked for.
const besideMarked = 200

// markedKeys are the keys that nothing but the mark of a half shows, besides those that
// were found.
func (f *file) markedKeys(found []key) (out []key) {
	known := map[string]bool{}
	for _, k := range found {
		for _, h := range []*half{k.id, k.secret} {
			if h != nil {
				known[h.value.Reveal()] = true
			}
		}
	}
	for _, m := range marked {
		for _, at := range m.form.FindAllStringIndex(f.text, mostHalves) {
			text := f.text[at[0]:at[1]]
			if known[text] || !f.standsAs(at) || !plausible(text, shortestPart) || !random(text) {
				continue
			}
			known[text] = true
			k := key{evidence: evidence{m.exchange, Named, whyMarked}}
			if h := f.unnamedHalf(m.part, at); m.part == adapter.SecretPart {
				k.secret = h
			} else {
				k.id, k.secret = h, f.beside(m.exchange, text, at[1], known)
			}
			f.locate(&k)
			out = append(out, k)
		}
	}
	return out
}

// standsAs reports whether a place is a whole value. A full stop may end its sentence.
func (f *file) standsAs(at []int) bool {
	before, after := f.text[:at[0]], strings.TrimPrefix(f.text[at[1]:], ".")
	return (before == "" || !isRun(before[len(before)-1]) || before[len(before)-1] == '=') && (after == "" || !isRun(after[0]))
}

// beside is the secret that goes by its form with a marked id, right after it; nil if there
// is none, or more than one.
func (f *file) beside(exchange, id string, from int, known map[string]bool) (secret *half) {
	text := f.text[from:min(len(f.text), from+besideMarked)]
	for begin, end := range stretches(text, &inKey, shortestPart, besideMarked) {
		run := text[begin:end]
		at := []int{from + begin, from + end}
		if known[run] || !fits(exchange, id, run) || !f.standsAs(at) || !plausible(run, shortestPart) || !random(run) {
			continue
		}
		if secret != nil {
			return nil
		}
		secret = f.unnamedHalf(adapter.SecretPart, at)
	}
	return secret
}

// unnamedHalf is a half that stands at a place without a name that says what it is.
func (f *file) unnamedHalf(part adapter.Part, at []int) *half {
	if i := slices.IndexFunc(f.halves, func(h *half) bool { return h.value.Reveal() == f.text[at[0]:at[1]] }); i >= 0 {
		return f.halves[i]
	}
	return &half{
		part: part, value: adapter.NewSecret(strings.Clone(f.text[at[0]:at[1]])), size: at[1] - at[0], frame: &frame{kind: 'f'},
		line: f.lineAt(at[0]), column: at[0] - strings.LastIndexByte(f.text[:at[0]], '\n'), positional: true,
	}
}
