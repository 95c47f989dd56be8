package copies

import "bytes"

// join appends a text of which lines that go on are put together, as those of base64 do,
// and stops once it has most bytes; it also returns how many bytes of the text that took.
func join(out, text []byte, most int) ([]byte, int) {
	read := 0
	for read < len(text) && len(out) < most {
		end := lineEnds.in(text[read:])
		if end < 0 {
			end = len(text) - read
		}
		next := read + end
		after := goesOn(text, next)
		if after == 0 {
			next = min(next+1, len(text)) // the end of the line stays
		} else {
			next = bytes.LastIndexFunc(text[:next], isBase64) + 1
		}
		took := min(next-read, most-len(out))
		out = append(out, text[read:read+took]...)
		if read += took; took == next-(read-took) && after > 0 {
			read = after
		}
	}
	return out, read
}

var lineEnds = newBytes("\n\x1e")

// longestEnd is how many bytes may be around the end of a line of a text that goes on:
// spaces, quotes, signs.
const longestEnd = 128

// evenly is how many bytes before the end of a line must be of base64 for it to go on.
const evenly = 16

// goesOn is where a line that ends at a place goes on in a line after it; 0 if it does
// not.
func goesOn(text []byte, end int) int {
	if end >= len(text) {
		return 0
	}
	last := end
	for last > 0 && end-last < longestEnd && around(text[last-1]) {
		last--
	}
	if last < evenly || !all(text[last-evenly:last]) {
		return 0
	}
	next := end + 1
	for next < len(text) && next-end < longestEnd && before(text[next]) {
		next++
	}
	if next+4 > len(text) || !all(text[next:next+4]) {
		return 0
	}
	return next
}

// before reports what may be at the beginning of a line, before what goes on there.
func before(b byte) bool {
	return around(b) || b == '\n' || b == lineEnd || b == '#' || b == '>'
}

func around(b byte) bool {
	switch b {
	case ' ', '\t', '\r', '"', '\'', '`', '\\', ',':
		return true
	default:
		return false
	}
}

func all(text []byte) bool {
	return bytes.IndexFunc(text, func(r rune) bool { return !isBase64(r) }) < 0
}

func isBase64(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '+' || r == '/' || r == '-' || r == '_' || r == '='
}

// goOn reports whether any line goes on in another.
func goOn(text []byte) bool {
	for read := 0; ; read++ {
		end := lineEnds.in(text[read:])
		if end < 0 {
			return false
		}
		if read += end; goesOn(text, read) > 0 {
			return true
		}
	}
}
