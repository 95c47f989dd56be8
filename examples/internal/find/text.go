package find

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
)

// text is what a file's bytes mean, with \n at the ends of lines; false if they are no
// text.
func text(data []byte) (string, bool) {
	for mark, order := range map[string]binary.ByteOrder{"\xff\xfe": binary.LittleEndian, "\xfe\xff": binary.BigEndian} {
		if rest, ok := bytes.CutPrefix(data, []byte(mark)); ok {
			units := make([]uint16, len(rest)/2)
			for at := range units {
				units[at] = order.Uint16(rest[2*at:])
			}
			data = []byte(string(utf16.Decode(units)))
			break
		}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data[:min(len(data), 8<<10)], 0) >= 0 {
		return "", false
	}
	out := string(data)
	if strings.IndexByte(out, '\r') >= 0 {
		out = strings.ReplaceAll(strings.ReplaceAll(out, "\r\n", "\n"), "\r", "\n")
	}
	return out, true
}

// How far a word that names a part may be from its value, in bytes.
const (
	wordBefore = 2 << 10
	wordAfter  = 512
)

// mayHold reports whether a text can hold half of a key: a run of characters as long
// as the shortest secret that looks drawn, and near it a word that names one. It looks
// at every sixteenth byte first: a run of 16 covers one of them. A key in a file of its
// own has no word beside it.
func mayHold(data []byte) bool {
	short := len(data) < 2*longestPart
	checked := 0 // up to where no word is
	for at := shortestPart - 1; at < len(data); at += shortestPart {
		if !inKey[data[at]] {
			continue
		}
		from, to := at, at+1
		for from > 0 && inKey[data[from-1]] && at-from < longestPart {
			from--
		}
		for to < len(data) && inKey[data[to]] && to-from < 2*longestPart {
			to++
		}
		at += (to - at - 1) / shortestPart * shortestPart
		if to-from < shortestPart || !drawn(data[from:to]) {
			continue
		}
		until := min(to+wordAfter, len(data))
		if short || hasWord(data[max(checked, from-wordBefore):until]) {
			return true
		}
		checked = max(checked, until-shortestPart)
	}
	return bytes.Contains(data, []byte("PRIVATE KEY-----"))
}

var keyWords = [][]byte{[]byte("key"), []byte("secret"), []byte("passphrase"), []byte("client"), []byte("credential"), []byte("memo"), []byte("_pk"), []byte("ccxt"), []byte("b64"), []byte("config")}

func hasWord(data []byte) bool {
	for i := 0; i+3 <= len(data); i++ {
		switch data[i] | 0x20 {
		case 'k', 's', 'p', 'c', 'm', 'b', 0x7f: // 0x7f is the underscore's
			for _, w := range keyWords {
				if len(data)-i >= len(w) && bytes.EqualFold(data[i:i+len(w)], w) {
					return true
				}
			}
		}
	}
	return false
}

// drawn reports whether a run of characters may hold a text that was drawn: in
// hexadecimal, in capitals and digits, or one that changes between all of them.
func drawn(run []byte) bool {
	var digits, turns, small, other int
	var low, high uint64
	hexadecimal, was := true, byte(0)
	for _, c := range run {
		switch classOf[c] {
		case 1:
			digits++
		case 3:
			small++
			hexadecimal = hexadecimal && c <= 'f'
		case 2:
			hexadecimal = hexadecimal && c <= 'F'
		default:
			hexadecimal = hexadecimal && c == '-'
			if c == '_' {
				other++
			}
		}
		if classOf[c] != was {
			turns++
		}
		was = classOf[c]
		if c < 64 {
			low |= 1 << c
		} else {
			high |= 1 << (c & 63)
		}
	}
	switch {
	case digits < 2 || bits.OnesCount64(low)+bits.OnesCount64(high) < 8:
		return false
	case hexadecimal:
		return 5*digits >= len(run)
	case small+other == 0:
		return digits > 2
	default:
		return 5*turns >= 2*len(run)
	}
}

// classOf is 1 for digits, 2 for capitals, 3 for small letters, and 0 for the rest.
var classOf = func() (table [256]byte) {
	for c := range 256 {
		switch {
		case c >= '0' && c <= '9':
			table[c] = 1
		case c >= 'A' && c <= 'Z':
			table[c] = 2
		case c >= 'a' && c <= 'z':
			table[c] = 3
		}
	}
	return table
}()

var inKey = func() (table [256]bool) {
	for c := range 256 {
		table[c] = isRun(byte(c)) && strings.IndexByte(".$%@~/=", byte(c)) < 0
	}
	return table
}()
