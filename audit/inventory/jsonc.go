package inventory

import "bytes"

// stripJSONC turns JSON with comments and trailing commas, which bots accept in
// their files, into JSON of the same length. What it removes becomes spaces and
// line breaks stay, so every offset is still that of the file. JSON comes back
// unchanged. An unterminated comment stays, for the parser to refuse.
func stripJSONC(data []byte) []byte {
	out := bytes.Clone(data)
	if bytes.HasPrefix(out, []byte("\ufeff")) { // which some editors write
		blank(out[:3])
	}
	comma := -1       // where the last comma is, if it may be a trailing one
	last := byte(',') // the last byte outside of spaces and comments
	for at := 0; at < len(out); at++ {
		switch out[at] {
		case ' ', '\t', '\r', '\n':
			continue
		case '/':
			switch n := comment(out[at:]); {
			case n < 0: // all that follows is a part of it; searching it again would be slow
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
		if out[at] == ',' && !bytes.ContainsRune([]byte("[{:,"), rune(last)) { // there was a value before it
			comma = at
		}
		last = out[at]
	}
	return out
}

// closingQuote is the end of the string that begins at a place; the last byte
// if it is unterminated.
func closingQuote(text []byte, at int) int {
	for at++; at < len(text) && text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at, len(text)-1)
}

// comment is the length of the comment that the text begins with; 0 if there
// is none, and negative if it is unterminated.
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

// blank overwrites everything but line breaks with spaces.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' && c != '\r' {
			text[i] = ' '
		}
	}
}
