package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// plain makes any text safe to show on one line. Spaces of every sort become
// a space; what a terminal would act on, or would not show, is spelled out.
func plain(text string) string {
	if !strings.ContainsFunc(text, unsafeRune) && utf8.ValidString(text) {
		return text
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
	return b.String()
}

// unsafeRune reports control characters, marks that reorder or join text,
// spaces other than the common one, and what is no character at all.
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

// columns is how many columns of a terminal a text takes: two for the wide
// characters of East Asia and pictures, none for marks that stand on another.
func columns(text string) (n int) {
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
			r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6,
			r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
			n += 2
		default:
			n++
		}
	}
	return n
}

// wrap breaks a text into lines of at most width columns, between words where
// it can. An address of the web stays whole, so that it can be clicked.
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
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return unicode.ToLower(runes[i])
	}
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '"' || r == '_' }
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
		switch {
		case strings.ContainsRune(sigils, r) && word(at(i+1)), // @name, #1
			r == ':' && at(i+1) == '/',                                        // https://
			at(i) == 'w' && at(i-1) == 'w' && at(i+1) == '.',                  // www.
			at(i) == 'h' && at(i-1) == 'g' && at(i+1) == '-' && word(at(i+2)): // GH-1
			b.WriteString(gap)
		}
	}
	return b.String()
}

// link returns an address that may stand in a Markdown link as it is.
func link(address string) (string, bool) {
	u, err := url.Parse(address)
	odd := strings.ContainsFunc(address, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~/?=&%+:#,;", r)
	})
	return address, err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && !odd
}

// encode writes JSON in which everything that a terminal would act on is
// spelled out, so that a stored report can be looked at with cat. It reads
// back as the same text.
func encode(v any, prefix, indent string) ([]byte, error) {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetIndent(prefix, indent)
	if err := encoder.Encode(v); err != nil {
		return nil, errEncode
	}
	raw := buf.Bytes()
	// U+FFFD too, which encoding/json spells out only where a byte was invalid.
	odd := func(r rune) bool { return r != '\n' && (unsafeRune(r) || r == utf8.RuneError) }
	if bytes.IndexFunc(raw, odd) < 0 {
		return raw, nil
	}
	out := make([]byte, 0, len(raw)+len(raw)/16)
	for _, r := range string(raw) { // an odd one can only stand in a string
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
	return out, nil
}
