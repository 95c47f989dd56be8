package copies

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// escapes are the first bytes of what is undone: of URLs, of strings in JSON and in source
// code, of HTML and XML, and of mail.
const escapes = `%\&=`

func hasEscapes(text []byte) bool { return bytes.IndexAny(text, escapes) >= 0 }

// unescape appends a text without its escapes, and stops once it has most bytes; it also
// returns how many bytes of the text that took.
func unescape(out, text []byte, most int) ([]byte, int) {
	read := 0
	for read < len(text) && len(out) < most {
		next := bytes.IndexAny(text[read:], escapes)
		if next < 0 {
			next = len(text) - read
		}
		if next > 0 {
			next = min(next, most-len(out))
			out = append(out, text[read:read+next]...)
			read += next
			continue
		}
		r, size := escaped(text[read:])
		switch {
		case size == 0:
			r, size = rune(text[read]), 1
			out = append(out, text[read])
		case r == '\n' || r == '\r': // which are no lines of the file
			out = append(out, lineEnd)
		case r < 0: // a cut that the encoding made
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		default:
			out = utf8.AppendRune(out, r)
		}
		read += size
	}
	return out, read
}

// lineEnd stands for an end of a line within a string.
const lineEnd = 0x1e

// escaped is the character that an escape at the beginning of a text stands for, and how
// long the escape is; 0 if there is none.
func escaped(text []byte) (rune, int) {
	digits := func(from, n, base int) (rune, int) {
		if len(text) < from+n {
			return 0, 0
		}
		r, err := strconv.ParseUint(string(text[from:from+n]), base, 21)
		if err != nil {
			return 0, 0
		}
		return rune(r), from + n
	}
	switch {
	case text[0] == '%':
		return digits(1, 2, 16)
	case text[0] == '&':
		return entity(text)
	case text[0] == '=':
		if bytes.HasPrefix(text, []byte("=\n")) {
			return -1, 2
		} else if bytes.HasPrefix(text, []byte("=\r\n")) {
			return -1, 3
		}
		return 0, 0
	case len(text) < 2:
		return 0, 0
	}
	switch text[1] {
	case 'u':
		return digits(2, 4, 16)
	case 'x':
		return digits(2, 2, 16)
	case 'n', 'r':
		return '\n', 2
	case '/', '\\', '"', '\'', '=', '+':
		return rune(text[1]), 2
	default:
		return 0, 0
	}
}

// entity is a character of HTML or XML: by its number, or by one of the five names that XML
// has.
func entity(text []byte) (rune, int) {
	end := bytes.IndexByte(text[:min(len(text), 10)], ';')
	if end < 2 {
		return 0, 0
	}
	switch name := string(text[1:end]); {
	case name[0] == '#' && len(name) > 2 && name[1]|0x20 == 'x':
		r, err := strconv.ParseUint(name[2:], 16, 21)
		return number(r, err, end+1)
	case name[0] == '#' && len(name) > 1:
		r, err := strconv.ParseUint(name[1:], 10, 21)
		return number(r, err, end+1)
	default:
		for i, known := range []string{"amp", "lt", "gt", "quot", "apos", "plus", "sol", "equals"} {
			if name == known {
				return rune(`&<>"'+/=`[i]), end + 1
			}
		}
		return 0, 0
	}
}

func number(r uint64, err error, size int) (rune, int) {
	if err != nil {
		return 0, 0
	}
	return rune(r), size //nolint:gosec // of 21 bits
}
