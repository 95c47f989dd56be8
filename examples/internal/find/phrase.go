package find

import (
	"crypto/ed25519"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// A wallet's seed phrase is a row of ordinary words, and Solana's key files are a row of
// numbers: neither has a run of drawn characters, so both are looked for by what they are
// made of. No list of words is kept: how many there are, that no word of a sentence is
// among them, and what stands before them decide it, and the report says "looks like".

const (
	fewestWords  = 12
	shortestRow  = fewestWords*4 - 1 // bytes of the shortest row: words of three letters
	keyBytes     = ed25519.PrivateKeySize
	aroundWords  = 40  // bytes around a phrase that say whether it stands by itself
	aroundPhrase = 160 // bytes before a phrase in which something names it
)

// phraseLengths are how many words a phrase has (BIP-39).
var phraseLengths = []int{24, 21, 18, 15, fewestWords}

// isCalm are the characters of words and numbers that stand in a row, and between them.
var isCalm = func() (table [256]bool) {
	for c := range 256 {
		table[c] = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80 || strings.IndexByte(" \t\r\n,;\"'`.)-+*", byte(c)) >= 0
	}
	return table
}()

// rows are the places of a text that have nothing but words in small letters, numbers, and
// what stands between them.
func rows[T ~string | ~[]byte](data T) iter.Seq2[int, int] {
	return stretches(data, &isCalm, shortestRow, len(data))
}

// mayRow reports whether a text may have a phrase or a row of bytes.
func mayRow[T ~string | ~[]byte](data T) bool {
	for from, to := range rows(data) {
		row := data[from:to]
		if countsNumbers(row) {
			return true
		}
		if countsWords(row) {
			begin := max(0, from-aroundWords)
			text := string(data[begin:min(len(data), to+aroundWords)])
			if len(phrases(text, from-begin, to-begin)) > 0 {
				return true
			}
		}
	}
	return false
}

// countsWords reports whether so many words stand in a row as the shortest phrase has.
func countsWords[T ~string | ~[]byte](row T) bool {
	n, length, other := 0, 0, false
	for i := range len(row) {
		switch c := row[i]; {
		case c >= 0x80:
			length++
			other = true
		case c >= 'a' && c <= 'z':
			length++
		case length == 0:
		default:
			if n++; !other && (length < 3 || length > 8) {
				n = 0
			}
			if length, other = 0, false; n >= fewestWords {
				return true
			}
		}
	}
	return n+1 >= fewestWords && length > 0 && (other || length >= 3 && length <= 8)
}

// countsNumbers reports whether so many numbers stand in a row as a key has bytes.
func countsNumbers[T ~string | ~[]byte](row T) bool {
	n := 0
	if len(row) < 2*keyBytes-1 {
		return false
	}
	for i := range len(row) {
		switch c := row[i]; {
		case c == ',':
			if n++; n >= keyBytes-1 {
				return true
			}
		case c >= '0' && c <= '9', c == ' ', c == '\n', c == '\t', c == '\r':
		default:
			n = 0
		}
	}
	return false
}

// word is one of a row, and where it ends.
type word struct {
	from, to int
}

// rowKeys are the seed phrases and the rows of bytes of a file.
func (f *file) rowKeys() (out []key) {
	last := -1
	for from, to := range rows(f.text) {
		row := f.text[from:to]
		if text, sure, ok := bytesKey(row); ok && (sure || f.saysKeyAt(from)) && f.text[max(0, from-1)] == '[' {
			shows := "64 bytes in a row, as in Solana's key files, and their name says the same"
			if sure {
				shows = "64 bytes in a row whose second half is the public key of the first, as in Solana's key files"
			}
			out = append(out, f.rowKey(text, from, shows))
			continue
		}
		if !countsWords(row) {
			continue
		}
		for _, words := range phrases(f.text, from, to) {
			begin, end := words[0].from, words[len(words)-1].to
			if !f.saysPhrase(begin, end) && (last < 0 || begin-last > aroundPhrase) {
				continue
			}
			last = end
			var text []string
			for _, w := range words {
				text = append(text, f.text[w.from:w.to])
			}
			if k := strings.Join(text, " "); !sampled(k) {
				out = append(out, f.rowKey(k, begin, looksLikePhrase(len(words))))
			}
		}
	}
	return out
}

func looksLikePhrase(words int) string {
	return "looks like a seed phrase of " + strconv.Itoa(words) + " words"
}

// rowKey is a key that was found in a row.
func (f *file) rowKey(text string, at int, why string) key {
	h := &half{part: adapter.SecretPart, value: adapter.NewSecret(strings.Clone(text)), size: len(text), line: f.lineAt(at), frame: &frame{kind: 'f'}}
	e, ok := f.walletNear(h.line)
	if !ok {
		e = evidence{"", Unknown, ""}
	}
	if e.why != "" {
		why += "; " + e.why
	}
	e.why = why
	return key{secret: h, evidence: e, wallet: true}
}

// phrases are the rows of words within a row that have the length of a phrase: what is in
// quotes or between empty lines, all of it, or all but a few words before or after.
func phrases(text string, from, to int) (out [][]word) {
	var run []word
	flush := func() {
		if len(run) >= fewestWords {
			out = append(out, cutPhrases(text, run)...)
		}
		run = nil
	}
	for at := from; at < to; {
		if !isLetter(text[at]) {
			at++
			continue
		}
		begin := at
		for at < to && isLetter(text[at]) {
			at++
		}
		if w := text[begin:at]; phraseWord(w) {
			run = append(run, word{begin, at})
		} else {
			flush()
		}
	}
	flush()
	return out
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 0x80 }

// sentences are words of sentences that are in no phrase.
var sentences = []string{
	"the", "and", "for", "with", "from", "your", "are", "was", "not", "but", "our", "his", "her", "its", "has", "had", "were", "been", "which", "who", "why", "how", "than", "does", "did", "per",
	"via", "may", "might", "should", "would", "could", "each", "these", "those", "some", "most", "their", "them", "please", "words", "using", "used", "uses", "set", "get", "new", "value", "data",
	"null", "string", "int", "func", "const", "var", "let", "see", "too", "onto", "without", "because", "while", "more", "many", "nothing", "being", "else",
}

// phraseWord reports whether a word may be of a phrase: English ones have three to eight
// letters.
func phraseWord(w string) bool {
	for _, r := range w {
		if r >= utf8.RuneSelf {
			return len(w) < 40 && strings.IndexFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) || unicode.IsUpper(r) }) < 0
		}
	}
	return len(w) >= 3 && len(w) <= 8 && !slices.Contains(sentences, w)
}

// cutPhrases takes the phrases out of a run of words.
func cutPhrases(text string, run []word) (out [][]word) {
	begin := 0
	for i := 1; i <= len(run); i++ {
		if i < len(run) && !strings.ContainsAny(text[run[i-1].to:run[i].from], "\"'`") && strings.Count(text[run[i-1].to:run[i].from], "\n") < 2 {
			continue
		}
		if part := run[begin:i]; isPhrase(text, part) {
			out = append(out, part)
		}
		begin = i
	}
	if len(out) > 0 {
		return out
	}
	if isPhrase(text, run) {
		return [][]word{run}
	}
	for _, n := range phraseLengths {
		if extra := len(run) - n; extra > 0 && extra < 5 {
			for _, part := range [][]word{run[extra:], run[:n]} {
				if isPhrase(text, part) {
					return [][]word{part}
				}
			}
		}
	}
	return nil
}

// isPhrase reports whether words have the number of a phrase, stand by themselves, and are
// not one of those that everybody uses in tests, of few words.
func isPhrase(text string, words []word) bool {
	if !slices.Contains(phraseLengths, len(words)) {
		return false
	}
	seen := map[string]bool{}
	commas, quotes := 0, 0
	for i, w := range words {
		seen[text[w.from:w.to]] = true
		if i > 0 && strings.Contains(text[words[i-1].to:w.from], ",") {
			commas++
		}
		if i > 0 && strings.ContainsAny(text[words[i-1].to:w.from], "\"'`") {
			quotes++
		}
	}
	if 2*len(seen) <= len(words) || commas != 0 && commas != len(words)-1 {
		return false
	}
	return standsAlone(text, words, quotes > len(words)/2)
}

// standsAlone reports whether words are no part of a sentence, or of a longer list.
func standsAlone(text string, words []word, list bool) bool {
	if list { // of nothing else
		head := strings.TrimRight(text[max(0, words[0].from-aroundWords):words[0].from], " \t\r\n-\"'`")
		return head != "" && strings.IndexByte("[({=:", head[len(head)-1]) >= 0
	}
	head := strings.TrimRight(text[max(0, words[0].from-aroundWords):words[0].from], " \t0123456789.)-*")
	if inList(head, text[words[0].from:words[1].to]) {
		return false
	}
	if said, ok := strings.CutSuffix(head, " is"); ok && isPhraseName(text[max(0, words[0].from-aroundWords):words[0].from]) {
		head = said[:0]
	}
	tail := strings.TrimLeft(text[words[len(words)-1].to:min(len(text), words[len(words)-1].to+aroundWords)], " \t")
	return (head == "" || strings.IndexByte("\n\"'`:=([{|>,;", head[len(head)-1]) >= 0) && (tail == "" || strings.IndexByte("\r\n\"'`)]}|<,;#\\", tail[0]) >= 0)
}

// inList reports whether words, one a line, go on a list of such: right above the first stands
// another one, which may be too long for a phrase, or have a capital, and names none.
func inList(head, first string) bool {
	above, ok := strings.CutSuffix(head, "\n")
	if !ok || !strings.Contains(first, "\n") {
		return false
	}
	above = strings.TrimRight(above[strings.LastIndexByte(above, '\n')+1:], "\r")
	return above != "" && !isPhraseName(above) && strings.IndexFunc(above, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) < 0
}

// phraseNames are words that name a phrase, or where one stands.
var phraseNames = []string{"mnemonic", "seed", "phrase", "recover", "bip39", "bip-39", "hdwallet", "backup", "wallet", "metamask", "trezor", "ledger", "keplr", "phantom"}

// saysPhrase reports whether something near names a phrase: what stands before it or on
// its line, or the path.
func (f *file) saysPhrase(begin, end int) bool {
	line, _, _ := strings.Cut(f.text[end:min(len(f.text), end+aroundPhrase)], "\n")
	for _, near := range []string{f.text[max(0, begin-aroundPhrase):begin], line, f.path} {
		if isPhraseName(near) {
			return true
		}
	}
	base := strings.ToLower(filepath.Base(f.path)) // Hardhat's .secret
	return isBlank(f.text[:begin]) && isBlank(f.text[end:]) && (strings.Contains(base, "secret") || strings.Contains(base, "key") || strings.Contains(base, "words"))
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// isPhraseName reports whether a name says that its value is a phrase.
func isPhraseName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(phraseNames, func(w string) bool { return strings.Contains(name, w) })
}

// takesPhrase takes a phrase in base64, of a Kubernetes Secret.
func (s *scanner) takesPhrase(name string, at argument, in *frame) bool {
	text := decoded(clean(at.text))
	all := phrases(text, 0, len(text))
	if len(all) != 1 || sampled(text) {
		return false
	}
	text = strings.Join(strings.Fields(text), " ")
	s.addPrivate(name, at, in, text, len(all[0]))
	return true
}

// bytesKey is a row of as many bytes as a key has, and whether they surely are one.
func bytesKey(row string) (text string, sure, ok bool) {
	if !countsNumbers(row) {
		return "", false, false
	}
	parts := strings.Split(strings.TrimRight(strings.TrimSpace(row), ", \t\r\n"), ",")
	if len(parts) != keyBytes {
		return "", false, false
	}
	bytes, seen := make([]byte, keyBytes), map[byte]bool{}
	for i, part := range parts {
		n, err := strconv.ParseUint(strings.TrimSpace(part), 10, 8)
		if err != nil {
			return "", false, false
		}
		bytes[i], seen[byte(n)] = byte(n), true
		parts[i] = strings.TrimSpace(part)
	}
	sure = ed25519.PrivateKey(bytes).Equal(ed25519.NewKeyFromSeed(bytes[:ed25519.SeedSize]))
	counted := slices.IsSorted(bytes) // a table
	return "[" + strings.Join(parts, ",") + "]", sure, sure || !counted && len(seen) > keyBytes/2
}

// saysKeyAt reports whether the name of what begins at a place, or the file's, says that
// it is a key.
func (f *file) saysKeyAt(at int) bool {
	before := f.text[max(0, at-aroundPhrase):at]
	before = strings.ToLower(before[strings.LastIndexByte(before, '\n')+1:])
	base := strings.ToLower(filepath.Base(f.path))
	for _, w := range []string{"keypair", "secretkey", "secret_key", "privatekey", "private_key", "wallet", "signer", "solana"} {
		if strings.Contains(before, w) || strings.Contains(base, w) {
			return true
		}
	}
	return base == "id.json" || strings.Contains(strings.ToLower(f.path), "solana")
}
