package find

import (
	"bytes"
	"encoding/binary"
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

// mayHold reports whether a text can hold half of a key: a run of characters as long
// as the shortest secret, with a digit, and a word that names one.
func mayHold(data []byte) bool {
	return longRun(data) && (len(data) < 2*longestPart || hasWord(data)) // a key in a file of its own has no word beside it
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

// longRun looks at every sixteenth byte first: a run of 16 covers one of them.
func longRun(data []byte) bool {
	for at := shortestPart - 1; at < len(data); at += shortestPart {
		if !inKey[data[at]] {
			continue
		}
		from, to := at, at+1
		for from > 0 && inKey[data[from-1]] && at-from < shortestPart {
			from--
		}
		digits := false
		for to < len(data) && inKey[data[to]] && to-from < 2*shortestPart {
			to++
		}
		for _, c := range data[from:to] {
			digits = digits || c >= '0' && c <= '9'
		}
		if digits && to-from >= shortestPart {
			return true
		}
	}
	return bytes.Contains(data, []byte("PRIVATE KEY-----"))
}

var inKey = func() (table [256]bool) {
	for c := range 256 {
		table[c] = isRun(byte(c)) && strings.IndexByte(".$%@~", byte(c)) < 0
	}
	return table
}()
