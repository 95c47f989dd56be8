package adapter

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// scrubber knows everything of a session that must not be printed. It looks for
// it in a folded form of a text, in which escapes are undone, letters are small
// and white space is gone, so that one spelling covers many.
type scrubber struct {
	hidden   []hidden
	needles  []hidden // all that is looked for, folded, the longest first; built when first needed
	shortest int      // length of the shortest text that can hold one; 0 until it is known
}

// hidden is a text and what replaces it.
type hidden struct{ text, with string }

func newScrubber(c *Credentials) *scrubber {
	s := &scrubber{hidden: make([]hidden, 0, 6)}
	secret, passphrase := c.Secret.Reveal(), c.Passphrase.Reveal()
	for _, value := range []string{secret, passphrase, c.OTP.Reveal(), c.KeyPassphrase.Reveal()} {
		s.add(value, redacted)
	}
	if pieces := keytext.Pieces(secret); len(pieces) > 0 {
		for _, piece := range pieces {
			s.add(piece, redacted)
		}
	} else if secret != "" {
		s.add(c.Key+":"+secret, redacted) // as HTTP's basic authentication encodes it
	}
	if hexed, ok := strings.CutPrefix(secret, "0x"); ok { // how clients write it, and how it may come back
		s.add(hexed, redacted)
	}
	s.add(c.Key, access.MaskID(c.Key))
	return s
}

// minScrub is the length from which a value is searched for. Shorter ones would
// tear ordinary words apart, so they are refused as secrets.
const minScrub = 4

func (s *scrubber) add(value, with string) {
	if len(value) >= minScrub {
		s.hidden, s.needles, s.shortest = append(s.hidden, hidden{value, with}), nil, 0
	}
}

// showKey says what stands in place of the key's identifier.
func (s *scrubber) showKey(c *Credentials, with string) {
	for i := range s.hidden {
		if s.hidden[i].text == c.Key && s.hidden[i].with != redacted {
			s.hidden[i].with, s.needles = with, nil
		}
	}
}

// clean removes what must not be printed, and what a terminal would act on.
func (s *scrubber) clean(text string) string { return access.Printable(s.remove(text)) }

// remove replaces every spelling of what is hidden. Most texts are too short to
// hold one, which the lengths of what is hidden show without any spelling.
func (s *scrubber) remove(text string) string {
	if len(s.hidden) == 0 || len(text) < s.least() {
		return text
	}
	s.prepare()
	whole := foldedText(text)
	if !slices.ContainsFunc(s.needles, func(n hidden) bool { return strings.Contains(whole, n.text) }) {
		return text
	}
	units := fold(text)
	var marks []mark
	for _, n := range s.needles {
		for at := 0; ; {
			i := strings.Index(whole[at:], n.text)
			if i < 0 {
				break
			}
			at += i
			end := at + len(n.text)
			for end < len(whole) && whole[end] == '=' { // the padding of base64
				end++
			}
			marks = append(marks, mark{units[at].from, units[end-1].to, n.with})
			at++
		}
	}
	return replaced(text, marks)
}

// least is the length of the shortest text that can hold a spelling of anything
// hidden: the bytes that a secret in hexadecimal decodes to, without white space.
func (s *scrubber) least() int {
	if s.shortest == 0 {
		s.shortest = len(s.hidden[0].text)
		for _, h := range s.hidden {
			s.shortest = min(s.shortest, len(strings.Join(strings.Fields(h.text), "")))
			if n := len(h.text) / 2; n >= minDecoded && isHex(h.text) {
				s.shortest = min(s.shortest, n)
			} else if n := len(h.text) * 3 / 4; n >= minDecoded {
				s.shortest = min(s.shortest, n-2)
			}
			if strings.ContainsFunc(h.text, separates) {
				s.shortest = min(s.shortest, minPiece)
			}
		}
		s.shortest = max(s.shortest, minScrub)
	}
	return s.shortest
}

func isHex(text string) bool {
	_, err := hex.DecodeString(strings.TrimSpace(text))
	return err == nil
}

// mark is a piece of a text that is replaced.
type mark struct {
	from, to int
	with     string
}

// replaced puts the replacement of the longest mark in place of all that overlap.
func replaced(text string, marks []mark) string {
	if len(marks) == 0 {
		return text
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var out strings.Builder
	at := 0
	for i := 0; i < len(marks); {
		from, to, with, longest := marks[i].from, marks[i].to, marks[i].with, marks[i].to-marks[i].from
		for i++; i < len(marks) && marks[i].from < to; i++ {
			if length := marks[i].to - marks[i].from; length > longest {
				with, longest = marks[i].with, length
			}
			to = max(to, marks[i].to)
		}
		out.WriteString(text[at:from] + with)
		at = to
	}
	return out.String() + text[at:]
}

// prepare makes the needles.
func (s *scrubber) prepare() {
	if s.needles != nil {
		return
	}
	var folded []byte
	for _, h := range s.hidden {
		for _, spelling := range spellings(h.text) {
			folded = appendFolded(folded[:0], spelling)
			if len(folded) >= minScrub {
				s.needles = append(s.needles, hidden{string(folded), h.with})
			}
		}
	}
	slices.SortFunc(s.needles, func(a, b hidden) int {
		return cmp.Or(len(b.text)-len(a.text), strings.Compare(a.text, b.text), strings.Compare(a.with, b.with))
	})
	s.needles = slices.Compact(s.needles)
}

// foldedText is a folded text without where its bytes stood. Nearly all texts are
// ASCII without escapes, of which only white space and capitals need folding.
func foldedText(text string) string { return string(appendFolded(make([]byte, 0, len(text)), text)) }

func appendFolded(out []byte, text string) []byte {
	before := len(out)
	for _, b := range []byte(text) {
		switch {
		case b >= utf8.RuneSelf, b == '%', b == '\\', b == '&':
			out = out[:before]
			for _, u := range fold(text) {
				out = append(out, u.b)
			}
			return out
		case b <= ' ', b == 0x7f:
		case 'A' <= b && b <= 'Z':
			out = append(out, b+'a'-'A')
		default:
			out = append(out, b)
		}
	}
	return out
}

// unit is one byte of a folded text, and where it stood.
type unit struct {
	b        byte
	from, to int
}

// fold undoes escapes, as often as they were applied, drops white space and what
// can't be seen, and makes letters small.
func fold(text string) []unit {
	units := make([]unit, len(text))
	for i := range len(text) {
		units[i] = unit{text[i], i, i + 1}
	}
	const deepest = 4
	for range deepest {
		undone, changed := unescape(units)
		units = undone
		if !changed {
			break
		}
	}
	return squeeze(units)
}

// unescape undoes one layer of the escapes of URLs, JSON and HTML.
func unescape(units []unit) (out []unit, changed bool) {
	if !slices.ContainsFunc(units, escapes) {
		return units, false
	}
	out = make([]unit, 0, len(units))
	var letter [utf8.UTFMax]byte
	for i := 0; i < len(units); {
		r, n := rune(0), 0
		if escapes(units[i]) {
			r, n = escape(units[i:])
		}
		if n == 0 {
			out = append(out, units[i])
			i++
			continue
		}
		from, to := units[i].from, units[i+n-1].to
		if r < 0 { // a byte, which may be a part of a letter
			out = append(out, unit{byte(-r - 1), from, to})
		} else {
			for _, b := range utf8.AppendRune(letter[:0], r) {
				out = append(out, unit{b, from, to})
			}
		}
		i, changed = i+n, true
	}
	return out, changed
}

// escapes reports whether an escape may begin here.
func escapes(u unit) bool { return u.b == '%' || u.b == '\\' || u.b == '&' }

// escape reads the escape that a text begins with: what it encodes, a byte as
// its complement, and how long it is; nothing if there is none.
func escape(units []unit) (r rune, length int) {
	const longest = 12
	head := make([]byte, 0, longest)
	for _, u := range units[:min(len(units), longest)] {
		head = append(head, u.b)
	}
	text := string(head)
	number := func(digits string, base int) (rune, bool) {
		n, err := strconv.ParseUint(digits, base, 32)
		return rune(n), err == nil && n <= unicode.MaxRune
	}
	for _, e := range []struct {
		prefix       string
		digits, sign int // a byte is given as its complement
	}{{"%", 2, -1}, {`\u`, 4, 1}, {`\x`, 2, -1}} {
		from, to := len(e.prefix), len(e.prefix)+e.digits
		if !strings.HasPrefix(text, e.prefix) || len(text) < to {
			continue
		}
		switch n, ok := number(text[from:to], 16); {
		case ok && e.sign < 0:
			return -n - 1, to
		case ok:
			return n, to
		}
	}
	switch {
	case strings.HasPrefix(text, `\/`), strings.HasPrefix(text, `\\`), strings.HasPrefix(text, `\"`):
		return rune(text[1]), 2
	case text[0] == '\\' && len(text) >= 2 && strings.ContainsRune("nrtbf", rune(text[1])):
		return ' ', 2
	case text[0] == '&':
		return entity(text, number)
	}
	return 0, 0
}

// entities are the named ones of HTML that programs write.
var entities = map[string]rune{
	"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\'', "nbsp": ' ', "plus": '+', "equals": '=', "sol": '/', "colon": ':',
}

func entity(text string, number func(string, int) (rune, bool)) (rune, int) {
	name, _, ended := strings.Cut(text[1:], ";")
	if !ended {
		return 0, 0
	}
	length := len(name) + 2
	if r, ok := entities[strings.ToLower(name)]; ok {
		return r, length
	}
	digits, numeric := strings.CutPrefix(name, "#")
	if !numeric {
		return 0, 0
	}
	base := 10
	if rest, hexed := strings.CutPrefix(strings.ToLower(digits), "x"); hexed {
		digits, base = rest, 16
	}
	if r, ok := number(digits, base); ok {
		return r, length
	}
	return 0, 0
}

// squeeze drops white space, control characters and marks that can't be seen, and
// makes letters small.
func squeeze(units []unit) []unit {
	out := make([]unit, 0, len(units))
	var letter [utf8.UTFMax]byte
	for i := 0; i < len(units); {
		u := units[i]
		if u.b < utf8.RuneSelf {
			if u.b > ' ' && u.b != 0x7f {
				u.b = byte(unicode.ToLower(rune(u.b)))
				out = append(out, u)
			}
			i++
			continue
		}
		r, n := runeAt(units[i:])
		switch {
		case r == utf8.RuneError && n == 1: // no letter, but a byte of something
			out = append(out, u)
		case unicode.In(r, unicode.C, unicode.Z, unicode.Mn):
		default:
			for _, b := range utf8.AppendRune(letter[:0], unicode.ToLower(r)) {
				out = append(out, unit{b, u.from, units[i+n-1].to})
			}
		}
		i += n
	}
	return out
}

func runeAt(units []unit) (rune, int) {
	var buf [utf8.UTFMax]byte
	n := min(len(units), utf8.UTFMax)
	for i := range n {
		buf[i] = units[i].b
	}
	return utf8.DecodeRune(buf[:n])
}
