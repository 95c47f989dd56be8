package copies

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// Values are texts to look for, any number of them at once, in every form in which files
// have them. They are in memory only.
//
// Of each form, eight bytes are in a table, those that the fewest others have there. A text
// is read once: wherever eight of its bytes are in the table, the forms that have them are
// compared.
type Values struct {
	texts   [][]byte
	filter  []uint64 // a bit for each of some hashes of eight bytes
	shift   int
	first   map[uint64]int32 // of the needles that have these bytes; -1 ends a list
	needles []needle
}

// needle is one form of one text.
type needle struct {
	text, next int32
	at         int32 // where the eight bytes are in it
	form       form
}

// gram is how many bytes are looked up together.
const gram = 8

// Shortest is how many bytes a text must have to be looked for. Shorter ones stand in any
// file by chance.
const Shortest = 8

// whole is the length below which a text must stand by itself, for it may be part of a word.
const whole = 16

// New makes a table of texts. Each must have Shortest bytes.
func New(texts [][]byte) *Values {
	v := &Values{texts: texts, first: map[uint64]int32{}}
	seen := map[string]bool{}
	for i, text := range texts {
		clear(seen)
		for f := range forms {
			written := f.write(text)
			if len(written) < gram || seen[string(written)] {
				continue
			}
			seen[string(written)] = true
			v.add(int32(i), f, written)
		}
	}
	bits := 1 << 16
	v.shift = 64 - 16
	for ; bits < 16*len(v.needles); bits *= 2 {
		v.shift--
	}
	v.filter = make([]uint64, bits/64)
	for g := range v.first {
		h := v.hash(g)
		v.filter[h/64] |= 1 << (h % 64)
	}
	return v
}

// Text is one of the texts.
func (v *Values) Text(i int) string { return string(v.texts[i]) }

// add puts one form into the table, by the eight bytes of it that the fewest have.
func (v *Values) add(text int32, f form, written []byte) {
	best, fewest := 0, -1
	for _, at := range []int{len(written) - gram, 0, (len(written) - gram) / 2, (len(written) - gram) / 4} {
		n := 0
		for i := v.at(binary.LittleEndian.Uint64(written[at:])); i >= 0; i = v.needles[i].next {
			n++
		}
		if fewest < 0 || n < fewest {
			best, fewest = at, n
		}
		if n == 0 {
			break
		}
	}
	g := binary.LittleEndian.Uint64(written[best:])
	v.needles = append(v.needles, needle{text: text, next: v.at(g), at: int32(best), form: f})
	v.first[g] = int32(len(v.needles) - 1)
}

func (v *Values) at(g uint64) int32 {
	if i, known := v.first[g]; known {
		return i
	}
	return -1
}

func (v *Values) hash(g uint64) uint64 { return g * 0x9e3779b97f4a7c15 >> v.shift }

// match is a text that was found.
type match struct {
	text int32
	at   int // where it begins in the data
	form form
}

// in calls found for the texts in some data, in their order there, but for those to skip.
func (v *Values) in(data []byte, skip map[int32]bool, found func(match)) {
	for at := 0; at+gram <= len(data); at++ {
		g := binary.LittleEndian.Uint64(data[at:])
		if h := v.hash(g); v.filter[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		for i := v.at(g); i >= 0; i = v.needles[i].next {
			n := &v.needles[i]
			if skip[n.text] {
				continue
			}
			written := n.form.write(v.texts[n.text])
			from := at - int(n.at)
			if from < 0 || !bytes.HasPrefix(data[from:], written) {
				continue
			}
			if len(v.texts[n.text]) < whole && n.form == plain && partOfWord(data, from, from+len(written)) {
				continue
			}
			found(match{n.text, from, n.form})
		}
	}
}

// partOfWord reports whether the word that a text is in goes on before or after it.
func partOfWord(data []byte, from, to int) bool {
	letter := func(b byte) bool { return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z' }
	return from > 0 && letter(data[from-1]) || to < len(data) && letter(data[to])
}

// form is how a text is written.
type form uint8

const (
	plain  form = iota
	little      // UTF-16
	big
	lowerHex
	upperHex
	base64at0 // inside of a longer text in base64, by the number of bytes before it, of three
	base64at1
	base64at2
	urlBase64at0
	urlBase64at1
	urlBase64at2
	wideBase64at0 // of UTF-16
	wideBase64at1
	wideBase64at2
	forms
)

// String is the form in words; empty if the text is as it is.
func (f form) String() string {
	switch f {
	case plain:
		return ""
	case little, big:
		return "UTF-16"
	case lowerHex, upperHex:
		return "hexadecimal"
	default:
		return "base64"
	}
}

// write writes a text in a form; of base64, what does not depend on what is around it.
func (f form) write(text []byte) []byte {
	switch f {
	case plain:
		return text
	case little:
		return wide(binary.LittleEndian, text)
	case big:
		return wide(binary.BigEndian, text)
	case lowerHex:
		return hex.AppendEncode(nil, text)
	case upperHex:
		return bytes.ToUpper(hex.AppendEncode(nil, text))
	case base64at0, base64at1, base64at2:
		return inside(base64.RawStdEncoding, text, int(f-base64at0))
	case urlBase64at0, urlBase64at1, urlBase64at2:
		return inside(base64.RawURLEncoding, text, int(f-urlBase64at0))
	default:
		return inside(base64.RawStdEncoding, wide(binary.LittleEndian, text), int(f-wideBase64at0))
	}
}

// wide is a text in UTF-16; nothing of bytes that are no text.
func wide(order binary.AppendByteOrder, text []byte) []byte {
	if !utf8.Valid(text) {
		return nil
	}
	out := make([]byte, 0, 2*len(text))
	for _, unit := range utf16.Encode([]rune(string(text))) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// inside is a text in base64 after so many bytes that are not known, without the
// characters that have bits of what is before or after it.
func inside(encoding *base64.Encoding, text []byte, before int) []byte {
	if len(text) == 0 {
		return nil
	}
	padded := slices.Concat(make([]byte, before), text)
	out := encoding.AppendEncode(nil, padded)
	return out[(8*before+5)/6 : 8*len(padded)/6]
}
