package inventory

import "bytes"

// stripJSONC turns JSON with comments and trailing commas, as bots' files are
// written, into JSON of the same length: what is too much becomes spaces, and
// line breaks stay, so that every offset still is the file's. JSON comes back
// as it is. A comment that doesn't end stays, for the parser to refuse.
func stripJSONC(data []byte) []byte {
	out := bytes.Clone(data)
	if bytes.HasPrefix(out, []byte("\ufeff")) { // which some editors put first
		blank(out[:3])
	}
	comma := -1       // a comma that may turn out to be trailing
	last := byte(',') // the last byte that means something
	for at := 0; at < len(out); at++ {
		switch out[at] {
		case ' ', '\t', '\r', '\n':
			continue
		case '/':
			switch n := comment(out[at:]); {
			case n < 0: // what follows is a part of it, and looking for its end again takes its time
				return out
			case n > 0:
				blank(out[at : at+n])
				at += n - 1
				continue
			}
		case '"':
			at = closingQuote(out, at)
		case ']', '}':
			if comma >= 0 {
				out[comma] = ' '
			}
		}
		comma = -1
		if out[at] == ',' && !bytes.ContainsRune([]byte("[{:,"), rune(last)) { // only after a value
			comma = at
		}
		last = out[at]
	}
	return out
}

// closingQuote is where the string that begins at a place ends; the last byte
// if it doesn't.
func closingQuote(text []byte, at int) int {
	for at++; at < len(text) && text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at, len(text)-1)
}

// comment is the length of the comment that text begins with; 0 if there is
// none, and negative if it has no end.
func comment(text []byte) int {
	switch {
	case bytes.HasPrefix(text, []byte("//")):
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			return end
		}
		return len(text)
	case bytes.HasPrefix(text, []byte("/*")):
		if end := bytes.Index(text[2:], []byte("*/")); end >= 0 {
			return end + 4
		}
		return -1
	}
	return 0
}

// blank overwrites all but line breaks.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' && c != '\r' {
			text[i] = ' '
		}
	}
}
