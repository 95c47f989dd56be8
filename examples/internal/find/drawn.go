package find

import (
	"math/bits"
	"strings"
)

// digitsOf is a run without the mark of hexadecimal digits, or Bitget's.
func digitsOf[T ~string | ~[]byte](run T) T {
	if len(run) > 2 && run[0] == '0' && run[1] == 'x' {
		return run[2:]
	}
	if len(run) > 3 && run[0] == 'b' && run[1] == 'g' && run[2] == '_' {
		return run[3:]
	}
	return run
}

// drawn reports whether a run of characters may hold a text that was drawn: in
// hexadecimal, in capitals and digits, or one that changes between all of them.
func drawn[T ~string | ~[]byte](run T) bool { //nolint:gocyclo // one pass over a run
	var digits, turns, small, capitals, other int
	var low, high uint64
	hexadecimal, was := true, byte(0)
	for i := range len(run) {
		c := run[i]
		switch classOf[c] {
		case 1:
			digits++
		case 3:
			small++
			hexadecimal = hexadecimal && c <= 'f'
		case 2:
			capitals++
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
	case bits.OnesCount64(low)+bits.OnesCount64(high) < 8:
		return false
	case digits < 2: // as one in five of 18 letters and digits that are drawn
		return 4*capitals >= len(run) && 4*small >= len(run) && 5*turns >= 2*len(run) && !wordy(run)
	case hexadecimal:
		return 5*digits >= len(run)
	case small+other == 0:
		return digits > 2
	case small > 0 && capitals > 0:
		return 10*turns >= 3*len(run) && !wordy(run)
	default:
		return 5*turns >= 2*len(run)
	}
}

// wordy reports whether letters follow each other as in words: of every hundred characters,
// 45 others before them that they often follow. Of a thousand texts that are drawn from
// letters and digits, one is by chance if it has 18 of them, and none if it has 36; of names
// with a digit and capitals, one in two is.
func wordy[T ~string | ~[]byte](run T) bool {
	n := 0
	for i := 1; i < len(run); i++ {
		if classOf[run[i-1]] > 1 && classOf[run[i]] > 1 && following[run[i-1]&31]&(1<<(run[i]&31)) != 0 {
			n++
		}
	}
	return 20*n >= 9*(len(run)-1)
}

// following are the letters that often follow one, from a to z: a sixth of all pairs, and
// seven in ten of those in names.
var following = func() (table [32]uint32) {
	for i, letters := range strings.Split("cdglmnprst - aehklot dei acdflmnrstx io e aeio cdglmnost - e aeilo aeip acdegiost cdlmnprstu aelor - aeinorst eiostu aehiorsy enrst ae - - - -", " ") {
		for _, c := range strings.Trim(letters, "-") {
			table[i+1] |= 1 << (c & 31)
		}
	}
	return table
}()

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
