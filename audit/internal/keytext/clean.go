// Package keytext reads the texts that people have for the parts of a key: with
// what editors, shells and forms add to them, as key files of many sorts, and as
// what stands in a key's place and is none. Nothing that it returns as an error
// or a reason contains the text.
package keytext

import (
	"encoding/binary"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Clean returns a key or a secret without what it cannot be made of: invisible
// characters, and around it white space, quotes and the comma of a list. Escapes
// of JSON, shells, URLs and HTML are undone. White space within stays: there it
// may separate two values.
func Clean(text string) string {
	if isBinary(text) { // of which nothing may be lost
		return text
	}
	text = Decode(text)
	for range 4 { // what was escaped twice, between quotes
		if !strings.ContainsFunc(text, damaged) {
			break
		}
		was := text
		text = unescape(strings.Map(visible, text))
		text = strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(quotes+",;", r) })
		if text == was {
			break
		}
	}
	return text
}

// Trim returns a text that a person chose, such as a passphrase, without the
// invisible characters and white space around it.
func Trim(text string) string {
	return strings.TrimFunc(Decode(text), func(r rune) bool { return unicode.IsSpace(r) || visible(r) < 0 })
}

// Compact returns text without white space.
func Compact(text string) string { return strings.Join(strings.Fields(text), "") }

const quotes = "\"'`“”„‘’«»"

// damaged reports whether a character may have been added. Keys and secrets have
// none of them.
func damaged(r rune) bool {
	return r > unicode.MaxASCII || r <= ' ' || strings.ContainsRune("\"'`\\%&,;<", r)
}

// visible is for strings.Map: it drops characters without width, and makes every
// sort of space the plain one.
func visible(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r), r == 0xfe0f, r == 0x34f: // format characters, among them U+FEFF and U+200B
		return -1
	case r > unicode.MaxASCII && unicode.IsSpace(r):
		return ' '
	default:
		return r
	}
}

// Decode returns a text without the mark of UTF-8 or UTF-16 that it begins with, as editors
// and Windows PowerShell write files, in UTF-8.
func Decode(text string) string {
	var order binary.ByteOrder
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		order = binary.LittleEndian
	case strings.HasPrefix(text, "\xfe\xff"):
		order = binary.BigEndian
	default:
		return strings.TrimPrefix(text, "\ufeff")
	}
	data := []byte(text)
	var units []uint16
	for at := 2; at+1 < len(data); at += 2 {
		units = append(units, order.Uint16(data[at:]))
	}
	return string(utf16.Decode(units))
}

var (
	// However many backslashes there are: each program on the way may have doubled
	// them.
	backslashed = regexp.MustCompile(`\\+(?:[nrt"'/=+]|\r?\n|u00[0-9A-Fa-f]{2}|x[0-9A-Fa-f]{2})|\\+$`)
	percented   = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	lineBreak   = regexp.MustCompile(`(?i)<br */?>`)
)

// unescape undoes one layer of escapes.
func unescape(text string) string {
	if strings.Contains(text, `\`) {
		text = backslashed.ReplaceAllStringFunc(text, func(escape string) string {
			switch rest := strings.TrimLeft(escape, `\`); {
			case rest == "n" || rest == "r" || rest == "t" || strings.HasSuffix(rest, "\n"):
				return "\n"
			case len(rest) > 1:
				return character(escape, rest[len(rest)-2:])
			default:
				return rest
			}
		})
	}
	if strings.Contains(text, "%") {
		text = percented.ReplaceAllStringFunc(text, func(escape string) string { return character(escape, escape[1:]) })
	}
	if strings.Contains(text, "&") {
		text = html.UnescapeString(text)
	}
	return lineBreak.ReplaceAllString(text, "\n")
}

// character is the ASCII character of that number in hexadecimal, or the escape
// itself.
func character(escape, number string) string {
	n, err := strconv.ParseUint(number, 16, 8)
	if err != nil || n > unicode.MaxASCII || n < ' ' && !unicode.IsSpace(rune(n)) {
		return escape
	}
	return string(rune(n))
}
