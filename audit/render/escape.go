package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// plain makes any text safe to show on one line. Every kind of white space
// becomes a space; what a terminal or the log of a build would act on, or not
// show, is escaped.
func plain(text string) string {
	if !strings.ContainsFunc(text, unsafeRune) && utf8.ValidString(text) {
		return inert(text)
	}
	var b strings.Builder
	for _, r := range text { // an invalid byte comes as U+FFFD
		switch {
		case !unsafeRune(r):
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return inert(b.String())
}

// unsafeRune reports control characters, marks that reorder or join text,
// spaces other than the common one, and what is not a character.
func unsafeRune(r rune) bool { return !unicode.IsPrint(r) }

// shorten cuts a text after n characters.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return strings.TrimSpace(text[:i]) + "…"
		}
		n--
	}
	return text
}

// fit cuts a text to a number of columns.
func fit(text string, width int) string {
	lines := wrap(text, width)
	if len(lines) == 1 {
		return text
	}
	return wrap(text, width-1)[0] + "…"
}

// wideRunes are the ranges of characters that take two columns: those of East
// Asia, and pictures.
var wideRunes = [][2]rune{
	{0x1100, 0x115f},
	{0x2e80, 0xa4cf},
	{0xac00, 0xd7a3},
	{0xf900, 0xfaff},
	{0xfe30, 0xfe6f},
	{0xff00, 0xff60},
	{0xffe0, 0xffe6},
	{0x1f300, 0x1faff},
	{0x20000, 0x3fffd},
}

// columns is how many columns of a terminal a text takes. Combining marks take
// none.
func columns(text string) (n int) {
	for _, r := range text {
		switch {
		case r < 0x300: // most text
			n++
		case unicode.In(r, unicode.Mn, unicode.Me):
		case slices.ContainsFunc(wideRunes, func(wide [2]rune) bool { return r >= wide[0] && r <= wide[1] }):
			n += 2
		default:
			n++
		}
	}
	return n
}

// wrap breaks a text into lines of at most width columns, between words where
// it can. A URL stays whole, so that it can be clicked.
func wrap(text string, width int) []string {
	width = max(width, 2) // one wide character must fit
	var lines []string
	line, used := "", 0
	flush := func() {
		lines = append(lines, line)
		line, used = "", 0
	}
	for word := range strings.FieldsSeq(text) {
		n := columns(word)
		if used > 0 && used+1+n > width {
			flush()
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		if n > width && !strings.HasPrefix(word, "https://") {
			for _, r := range word {
				c := columns(string(r))
				if used+c > width {
					flush()
				}
				line, used = line+string(r), used+c
			}
			continue
		}
		line, used = line+word, used+n
	}
	if line != "" || len(lines) == 0 {
		flush()
	}
	return lines
}

const (
	// asEntity are characters that mean something to HTML, to tables, or to
	// Markdown even after a backslash.
	asEntity = "&<>|`\\"
	// withBackslash are the other ones that Markdown acts on inside a line.
	withBackslash = "*_[]~#$!"
	// sigils make a reference of the word after them on GitHub or GitLab.
	sigils = "@#!~%$&"
	// gap is a space of no width. Entities alone don't stop references: they
	// are looked for in what the entities have become.
	gap = "&#8203;"
)

// markdown makes any text safe inside a line, a heading or a table cell.
func markdown(text string) string {
	runes := []rune(plain(text))
	var b strings.Builder
	for i, r := range runes {
		switch {
		case strings.ContainsRune(asEntity, r):
			fmt.Fprintf(&b, "&#%d;", r)
		case strings.ContainsRune(withBackslash, r):
			b.WriteByte('\\')
			fallthrough
		default:
			b.WriteRune(r)
		}
		if beginsReference(runes, i) {
			b.WriteString(gap)
		}
	}
	return b.String()
}

// beginsReference reports whether GitHub or GitLab would make a link of what
// follows a character.
func beginsReference(runes []rune, i int) bool {
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return unicode.ToLower(runes[i])
	}
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '"' || r == '_' }
	switch r := at(i); {
	case strings.ContainsRune(sigils, r): // @name, #1
		return word(at(i + 1))
	case r == ':': // https://
		return at(i+1) == '/'
	case r == 'w': // www.
		return at(i-1) == 'w' && at(i+1) == '.'
	case r == 'h': // GH-1
		return at(i-1) == 'g' && at(i+1) == '-' && word(at(i+2))
	default:
		return false
	}
}

// link returns a URL that may stand in a Markdown link as it is.
func link(text string) (string, bool) {
	u, err := url.Parse(text)
	odd := strings.ContainsFunc(text, func(r rune) bool {
		letter := r|0x20 >= 'a' && r|0x20 <= 'z'
		return !letter && (r < '0' || r > '9') && !strings.ContainsRune("-._~/?=&%+:#,;", r)
	})
	return text, err == nil && strings.HasPrefix(text, "https://") && u.Host != "" && u.User == nil && !odd
}

var errEncode = errors.New("render: the report has a value that JSON cannot represent")

// encode writes JSON in which everything that a terminal or the log of a build
// would act on is escaped, so that a stored report can be shown with cat. It reads back as the
// same text.
func encode(v any, prefix, indent string) ([]byte, error) {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetIndent(prefix, indent)
	if err := encoder.Encode(v); err != nil {
		return nil, errEncode
	}
	return escapeJSON(buf.Bytes()), nil
}

// escapeJSON escapes in JSON what a terminal or the log of a build would act on.
func escapeJSON(raw []byte) []byte {
	if bytes.Contains(raw, []byte("##")) {
		raw = []byte(escaped(string(raw), "##"))
	}
	// U+FFFD too, which encoding/json escapes only where a byte was invalid.
	odd := func(r rune) bool { return r != '\n' && (unsafeRune(r) || r == utf8.RuneError) }
	if bytes.IndexFunc(raw, odd) < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw)+len(raw)/16)
	for _, r := range string(raw) { // an odd one can only be in a string
		switch {
		case !odd(r):
			out = utf8.AppendRune(out, r)
		case r <= 0xffff:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
	}
	return out
}
