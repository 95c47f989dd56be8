package adapter

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
)

// spellings are the forms in which a value could come back, besides those that
// folding makes one.
func spellings(value string) []string {
	out := []string{value, hex.EncodeToString([]byte(value))}
	if strings.Contains(value, " ") { // as forms encode it
		out = append(out, strings.ReplaceAll(value, " ", "+"))
	}
	for piece := range strings.FieldsFuncSeq(value, separates) { // of a list in one text, its items are kept
		if len(piece) >= minPiece {
			out = append(out, piece)
		}
	}
	out = append(out, inBase64(value)...)
	out = append(out, inBase64(hex.EncodeToString([]byte(value)))...) // what some exchanges sign with
	decoded := ""
	for _, decode := range []func(string) ([]byte, error){base64.StdEncoding.DecodeString, base64.URLEncoding.DecodeString, hex.DecodeString} {
		raw, err := decode(strings.TrimSpace(value))
		if err != nil || len(raw) < minDecoded || string(raw) == decoded { // the two alphabets mostly agree
			continue
		}
		decoded = string(raw)
		out = append(out, decoded, string([]rune(decoded)), latin1(raw), hex.EncodeToString(raw))
		out = append(out, inBase64(decoded)...)
		out = append(out, inBase64(hex.EncodeToString(raw))...)
	}
	return out
}

// separates reports whether a letter stands between the items of a list in one text.
func separates(r rune) bool { return r == ',' || unicode.IsSpace(r) }

// minPiece is the length from which a piece of a secret is looked for.
const minPiece = 6

// latin1 are bytes as the letters of that encoding. Decoders that know UTF-8 only put a
// mark in the place of each byte that they can't read, as conversion to runes does.
func latin1(raw []byte) string {
	out := make([]rune, len(raw))
	for i, b := range raw {
		out[i] = rune(b)
	}
	return string(out)
}

// minDecoded is the length from which the bytes that a secret decodes to are
// looked for: most short words are base64 of something.
const minDecoded = 12

// inBase64 lists a value in base64, also as it looks within a longer text that was
// encoded as a whole: there it begins at one of three places of a group.
func inBase64(value string) []string {
	out := []string{base64.RawStdEncoding.EncodeToString([]byte(value))}
	for shift := range 3 {
		if len(value) < minDecoded {
			break
		}
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), value...))
		first, last := (shift*8+5)/6, (shift+len(value))*8/6 // the letters that hold bits of the value alone
		out = append(out, text[first:last])
	}
	for _, text := range out {
		if strings.ContainsAny(text, "+/") { // the URL alphabet differs
			out = append(out, strings.ReplaceAll(strings.ReplaceAll(text, "+", "-"), "/", "_"))
		}
	}
	return out
}
