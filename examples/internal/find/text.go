package find

import (
	"bytes"
	"encoding/binary"
	"iter"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// text is what a file's bytes mean, with \n at the ends of lines; false if they are no
// text.
func text(data []byte) (string, bool) {
	if order := order(data); order != nil {
		units := make([]uint16, len(data)/2)
		for at := range units {
			units[at] = order.Uint16(data[2*at:])
		}
		data = []byte(strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff"))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if isBinary(data) {
		return "", false
	}
	out := strings.ReplaceAll(string(data), "\x00", " ")
	if strings.IndexByte(out, '\r') >= 0 {
		out = strings.ReplaceAll(strings.ReplaceAll(out, "\r\n", "\n"), "\r", "\n")
	}
	return out, true
}

// order is that of the bytes of UTF-16, by its mark, or by the zeros that stand in every
// other byte of plain letters; nil for other texts.
func order(data []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return binary.BigEndian
	}
	head := data[:min(len(data), 512)&^1]
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case len(head) < 32:
		return nil
	case zeros[0] == 0 && zeros[1]*10 >= len(head)*4:
		return binary.LittleEndian
	case zeros[1] == 0 && zeros[0]*10 >= len(head)*4:
		return binary.BigEndian
	default:
		return nil
	}
}

// isBinary reports whether data is no text, from its beginning. A few zero bytes make no
// binary of a text: a shell reads on after them.
func isBinary(data []byte) bool {
	data = bytes.TrimLeft(data, "\x00") // as a log has them that was cut while it was written
	head := data[:min(len(data), 8<<10)]
	if bytes.IndexByte(head, 0) < 0 {
		return false
	}
	odd := 0
	for _, r := range string(head) {
		if r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\x1b", r) {
			odd++
		}
	}
	return odd*100 > len(head)+200
}

// How far a word that names a part may be from its value, in bytes.
const (
	wordBefore = 2 << 10
	wordAfter  = 512
)

// mayHold reports whether a text can hold half of a key.
func mayHold(data []byte) bool { return mayScan(data) || mayRow(data) }

// mayScan reports whether it can hold one that the scanner finds.
func mayScan[T ~string | ~[]byte](data T) bool {
	for range hits(data, len(data) < 2*longestPart) {
		return true
	}
	return mayList(data) || bytes.Contains([]byte(data), []byte(privateKey))
}

const privateKey = "PRIVATE KEY-----"

// hits are the places of a text that may be half of a key: a run of characters as long
// as the shortest secret that looks drawn, and near it a word that names one. In a short
// text there need be no word: a key in a file of its own has none.
func hits[T ~string | ~[]byte](data T, short bool) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		checked, word := 0, -1-wordBefore // up to where no word is; where the last one was
		for from, to := range stretches(data, &inKey, shortestPart, 2*longestPart) {
			if !drawn(digitsOf(data[from:to])) || !bounded(data, from, to) {
				continue
			}
			if !short && word < from-wordBefore && !walletRun(data[from:to]) {
				start, until := max(checked, from-wordBefore), min(to+wordAfter, len(data))
				found := -1
				if start < until {
					found = wordIn(data[start:until], keyWords)
				}
				if found < 0 {
					checked = max(checked, until-shortestPart)
					continue
				}
				word = start + found
				checked = word + 1
			}
			if !yield(from, to) {
				return
			}
			word = max(word, from) // a row of a table, whose header is further away
		}
	}
}

// stretches are the places of a text where so many characters of a kind stand in a row, cut
// where they are longer than the longest. Most bytes are never looked at: where the last
// of so many is none, no run is before it.
func stretches[T ~string | ~[]byte](data T, kind *[256]bool, shortest, longest int) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for from := 0; from+shortest <= len(data); {
			at := from + shortest - 1
			for at >= from && kind[data[at]] {
				at--
			}
			if at >= from {
				from = at + 1
				continue
			}
			to := from + shortest
			for to < len(data) && kind[data[to]] && to-from < longest {
				to++
			}
			if !yield(from, to) {
				return
			}
			from = to
		}
	}
}

// bounded reports whether a run of characters may be a value, by what it stands in: a text
// without blanks or quotes that has a character of names, paths and addresses is none, and
// neither is what is called or indexed, unless a word before it says what it is.
func bounded[T ~string | ~[]byte](data T, from, to int) bool {
	begin, end := wholly(data, from, to)
	switch {
	case isLogin(data, begin, end):
		return true
	case begin > 0 && valued[data[begin-1]] == inNames, goesOn(data, end):
		return false
	case end < len(data) && (data[end] == '(' || data[end] == '['):
		line := begin // of prose: the key is …(
		for line > 0 && data[line-1] != '\n' && begin-line < longestName {
			line--
		}
		return mayName(data[line:begin])
	default:
		return true
	}
}

// wholly is where the text without blanks or quotes begins and ends that a run is in.
func wholly[T ~string | ~[]byte](data T, from, to int) (begin, end int) {
	begin, end = from, to
	for ; begin > 0 && from-begin < longestPart && valued[data[begin-1]] == inValue; begin-- {
	}
	for ; end < len(data) && end-to < longestPart && valued[data[end]] == inValue; end++ {
	}
	return begin, end
}

// goesOn reports whether a name, a path or an address goes on at a place: a full stop ends a
// sentence there.
func goesOn[T ~string | ~[]byte](data T, at int) bool {
	if at >= len(data) || valued[data[at]] != inNames {
		return false
	}
	return data[at] != '.' || at+1 < len(data) && valued[data[at+1]] != 0
}

// Characters of values and of names.
const (
	inValue = 1 + iota
	inNames // but in no value
)

// valued says what characters without blanks or quotes stand in. An = is in neither: it
// stands between a name and its value.
var valued = func() (table [256]byte) {
	for c := range 256 {
		switch {
		case strings.IndexByte(".$%@~", byte(c)) >= 0:
			table[c] = inNames
		case isRun(byte(c)) && c != '=':
			table[c] = inValue
		}
	}
	return table
}()

// walletRun reports whether a run has a form of wallets' private keys, whose names say little.
func walletRun[T ~string | ~[]byte](run T) bool {
	return len(run) >= shortestPrivate && len(run) <= longestPart && privateForm(string(run))
}

// keyWords name a part of a key, or what has one; the last are exchanges,
// whose clients' arguments need no other name.
var keyWords = newWordSet(append(labelWords,
	"key", "secret", "passphrase", "client", "credential", "memo", "_pk", "pk=", "ccxt", "b64", "config", "wallet",
	"bg_", "mx0v", "cxakp_", // marks of keys themselves
	"exchange", "alpaca", "ascendex", "binance", "bingx", "bitfinex", "bitflyer", "bitget", "bithumb", "bitmart", "bitmex", "bitrue", "bitstamp", "bitvavo", "blofin", "bybit", "coinbase", "coinex", "coinspot",
	"cryptocom", "deribit", "gateio", "gateapi", "gemini", "huobi", "korbit", "kraken", "kucoin", "lbank", "mexc", "okx", "phemex", "pionex", "poloniex", "toobit", "upbit", "whitebit", "woox", "yobit",
	"bittrade", "coins.ph", "crypto.com", "coinsph", "gate.io", "htx", "swyftx", "tokocrypto", "xt.com", "xtcom", "zaif",
	"asterdex", "bitbank", "bitkub", "btcmarkets", "bytick", "coindcx", "coins.co.th", "coins.xyz", "3ona.co", "derive.xyz", "dydx", "gateeu", "gate.us", "gmocoin", "coin.z.com", "gopax", "hitbtc", "hyperliquid",
	"indodax", "injective.network", "kalshi", "lbkex", "maicoin", "manepa.jp", "miraeasset", "nado.xyz", "orderly.org", "pacifica.fi", "paradex", "polymarket", "robinhood", "valr.com", "wazirx", "woo.org", "zklighter",
)...)

// wordSet are words that are looked for together, in any case.
type wordSet struct {
	from   [256][]string // by the first letter
	second [256]uint32   // by the first letter, a bit for each that may follow it
}

func newWordSet(words ...string) *wordSet {
	s := &wordSet{}
	for _, w := range words {
		s.from[w[0]|0x20] = append(s.from[w[0]|0x20], w)
		s.second[w[0]|0x20] |= 1 << (w[1] & 31)
	}
	return s
}

// wordIn finds one of the words; -1 if there is none.
func wordIn[T ~string | ~[]byte](data T, of *wordSet) int {
	for i := 1; i < len(data); i++ {
		c := data[i-1] | 0x20
		if of.second[c]&(1<<(data[i]&31)) == 0 {
			continue
		}
		for _, w := range of.from[c] {
			if w[1]&31 == data[i]&31 && folds(data, i-1, w) {
				return i - 1
			}
		}
	}
	return -1
}

// folds reports whether a word in small letters stands at a place, in any case.
func folds[T ~string | ~[]byte](data T, at int, word string) bool {
	if len(data)-at < len(word) {
		return false
	}
	for i := range len(word) {
		if c := data[at+i]; c != word[i] && (c|0x20 != word[i] || c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

const (
	whole  = 48 << 10 // bytes of a text that is scanned as a whole
	before = 16 << 10 // bytes before a hit, where the names of what it stands in are
	after  = 4 << 10
)

// spans are the parts of a text that are worth scanning, from line to line.
func spans(text string) (out [][2]int) {
	if len(text) <= whole {
		return [][2]int{{0, len(text)}}
	}
	add := func(from, to int) {
		from, to = max(0, from-before), min(len(text), to+after)
		n, end := len(out), 0
		if n > 0 {
			end = out[n-1][1]
		}
		if to <= end {
			return
		}
		if line := strings.IndexByte(text[to:], '\n'); line >= 0 {
			to += line
		} else {
			to = len(text)
		}
		if n > 0 && from <= end {
			out[n-1][1] = to
			return
		}
		out = append(out, [2]int{end + strings.LastIndexByte(text[end:from], '\n') + 1, to}) // a line may be the whole text
	}
	keys := strings.Index(text, privateKey)
	for from, to := range hits(text, false) {
		for keys >= 0 && keys < from {
			add(keys, keys+longestPEM)
			keys = next(text, privateKey, keys+1)
		}
		add(from, to)
	}
	for ; keys >= 0; keys = next(text, privateKey, keys+1) {
		add(keys, keys+longestPEM)
	}
	return out
}

func next(text, word string, from int) int {
	if at := strings.Index(text[from:], word); at >= 0 {
		return from + at
	}
	return -1
}
