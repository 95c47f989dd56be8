package copies

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// escapes are the first bytes of what is undone: of URLs, of strings in JSON and in source
// code, of HTML and XML, and of mail.
var escapes = newBytes(`%\&=`)

// byteSet has some of the bytes.
type byteSet [256]bool

func newBytes(all string) *byteSet {
	var set byteSet
	for i := range len(all) {
		set[all[i]] = true
	}
	return &set
}

// in is where the first of the bytes is in a text; -1 if it has none.
func (set *byteSet) in(text []byte) int {
	for i, b := range text {
		if set[b] {
			return i
		}
	}
	return -1
}

// hasEscapes reports whether there is an escape in a text.
func hasEscapes(text []byte) bool {
	for read := 0; ; read++ {
		next := escapes.in(text[read:])
		if next < 0 {
			return false
		}
		read += next
		if _, size := escaped(text[read:]); size > 0 {
			return true
		}
	}
}

// unescape appends a text without its escapes, and stops once it has most bytes; it also
// returns how many bytes of the text that took.
func unescape(out, text []byte, most int) ([]byte, int) {
	read := 0
	for read < len(text) && len(out) < most {
		next := escapes.in(text[read:])
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
			size = 1
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
	switch {
	case text[0] == '%':
		return digits(text, 1, 2)
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
		return digits(text, 2, 4)
	case 'x':
		return digits(text, 2, 2)
	case 'n', 'r':
		return '\n', 2
	case '/', '\\', '"', '\'', '=', '+':
		return rune(text[1]), 2
	default:
		return 0, 0
	}
}

// digits is the character whose number has so many hexadecimal digits from a place on.
func digits(text []byte, from, n int) (rune, int) {
	if len(text) < from+n {
		return 0, 0
	}
	var raw [2]byte
	if _, err := hex.Decode(raw[2-n/2:], text[from:from+n]); err != nil {
		return 0, 0
	}
	return rune(raw[0])<<8 | rune(raw[1]), from + n
}

// entity is a character of HTML or XML: by its number, or by one of a few names.

func entity(text []byte) (rune, int) {
	end := bytes.IndexByte(text[:min(len(text), 10)], ';')
	if end < 3 {
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
	return rune(r), size
}
