package access

import (
	"strings"
	"unicode"
)

// MaxText is how much of one text of the exchange is kept, in bytes.
const MaxText = 500

// Printable replaces what a terminal would act on, reorder or hide by spaces
// and shortens what is long.
func Printable(text string) string { return shorten(Flatten(text)) }

// Flatten puts a text on one line, without anything that a terminal would act on.
func Flatten(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= ' ' && r < 0x7f {
			return r
		}
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}

func shorten(text string) string {
	if len(text) > MaxText {
		cut := MaxText
		for cut > 0 && text[cut]&0xc0 == 0x80 {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.TrimSpace(text)
}
