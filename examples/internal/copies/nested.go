package copies

import (
	"bytes"
	"encoding/base64"
)

// shortest is how long a run of base64 must be to be decoded. What is in it as it is, is
// found without: only what is in base64 again, or was compressed before, is not.
const shortest = 64

// inBase64 looks into what is in base64, and may itself be in base64, or an archive.
func (f *file) inBase64(text []byte, line func(int) int, member string, depth int) {
	if depth > deepest {
		return
	}
	for at := shortest - 1; at < len(text); at += shortest { // a run of that length covers one of them
		if !digit64(text[at]) {
			continue
		}
		from, to := at, at+1
		for from > 0 && digit64(text[from-1]) {
			from--
		}
		for to < len(text) && digit64(text[to]) {
			to++
		}
		if at = to - 1; to-from < shortest {
			continue
		}
		decoded := decode(text[from:to])
		if packing(decoded) == nil && !hasRun(decoded) {
			continue
		}
		outer, gap := f.line, f.gap
		if outer == 0 {
			f.line = line(from)
		}
		f.stream(bytes.NewReader(decoded), member, depth)
		if f.line = outer; f.gap == Damaged && to < len(text) { // the beginning of one, as documentation has it
			f.gap = gap
		}
	}
}

// digit64 reports whether a byte is a digit of base64, of either alphabet.
func digit64(b byte) bool { return b != '=' && isBase64(rune(b)) }

// hasRun reports whether a text has base64 that is long enough to hold anything.
func hasRun(text []byte) bool {
	n := 0
	for _, b := range text {
		if n++; !digit64(b) {
			n = 0
		}
		if n >= whole {
			return true
		}
	}
	return false
}

// decode is what base64 stands for, of either alphabet and without padding.
func decode(run []byte) []byte {
	run = bytes.ReplaceAll(bytes.ReplaceAll(run, []byte("-"), []byte("+")), []byte("_"), []byte("/"))
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
	n, err := base64.RawStdEncoding.Decode(out, run)
	if err != nil && len(run)%4 == 1 { // it was cut, or one more stands beside it
		n, _ = base64.RawStdEncoding.Decode(out, run[:len(run)-1])
	}
	return out[:n]
}
