package find

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// mention is a place in a file that names an exchange.
type mention struct {
	exchange, word string
	line           int
	heading        bool // its line names nothing else
}

// packages are clients of one exchange whose names don't have the exchange's.
var packages = map[string]string{
	"pybit": "bybit", "gateapi": "gate", "bfxapi": "bitfinex", "krakenex": "kraken", "pykrakenapi": "kraken", "cbpro": "coinbaseexchange", "binancer": "binance", "lbkex": "lbank",
	"upbitpy": "upbit", "pyupbit": "upbit", "pybithumb": "bithumb", "pybitflyer": "bitflyer", "pybitget": "bitget", "hbdm": "htx", "cdp": "coinbase", "alpacahq": "alpaca",
}

var piece = regexp.MustCompile(`[A-Za-z0-9]+`)

// longestWord is that of a host, a package or a class.
const longestWord = 62

// mentions finds the names of exchanges in the text, which is only done for keys whose
// own names say none.
func (f *file) mentions() []mention {
	if f.mentioned {
		return f.all
	}
	f.mentioned = true
	line := f.skipped
	for row := range strings.SplitSeq(f.text, "\n") {
		line++
		if exchange := f.names.heading(row); exchange != "" {
			f.all = append(f.all, mention{exchange, strings.Trim(row, headingMarks), line, true})
			continue
		}
		for word := range wordsIn(row[:min(len(row), 20<<10)]) {
			if exchange := f.names.exchangeIn(word); exchange != "" && len(f.all) < mostHalves && !f.drawnAt(word, line, exchange) {
				exchange, called := f.names.longer(exchange, word, row)
				f.all = append(f.all, mention{exchange, called, line, false})
			}
		}
	}
	return f.all
}

// drawnAt reports whether a word is part of a key, or was drawn otherwise, and has an exchange's
// short name by chance, as HlZ has Hyperliquid's.
func (f *file) drawnAt(word string, line int, exchange string) bool {
	if len(word) >= shortestPart && drawn(digitsOf(word)) && (len(exchange) < 5 || !strings.Contains(adapter.Fold(word), exchange)) {
		return true
	}
	return slices.ContainsFunc(f.halves, func(h *half) bool { return abs(h.line-line) <= above && strings.Contains(h.value.Reveal(), word) })
}

// wordsIn are the words of a text, with what stands within hosts and paths of packages.
func wordsIn(row string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for from := 0; from < len(row); {
			end := from
			if classOf[row[from]] > 1 {
				for end = from + 1; end < len(row) && end-from < longestWord && inWord[row[end]]; end++ {
				}
				for end > from && classOf[row[end-1]] == 0 {
					end--
				}
			}
			if end-from < 3 {
				from++
				continue
			}
			if !yield(row[from:end]) {
				return
			}
			from = end
		}
	}
}

var inWord = func() (table [256]bool) {
	for c := range 256 {
		table[c] = classOf[c] != 0 || strings.IndexByte("_.-", byte(c)) >= 0
	}
	return table
}()

// exchangeMarks are what a word has that names an exchange, without its separators.
func exchangeMarks(n *inventory.Names) *wordSet {
	marks := slices.Concat(n.Marks(), unsupported, slices.Collect(maps.Keys(packages)))
	for _, h := range headers {
		marks = append(marks, adapter.Fold(h.prefix))
	}
	return newWordSet(marks...)
}

// mayMention rules out most words before they are read.
func (n *names) mayMention(word string) bool {
	var folded [longestName]byte
	end := 0
	for i := range len(word) {
		if c := word[i]; classOf[c] != 0 && end < len(folded) {
			folded[end] = c | 0x20
			end++
		}
	}
	return wordIn(folded[:end], n.marks) >= 0
}

// exchangeIn is the exchange that a word of a text names: a host, a package, a class.
func (n *names) exchangeIn(word string) string {
	if !n.mayMention(word) {
		return ""
	}
	return n.exchangeOf(word)
}

func (n *names) exchangeOf(word string) string {
	if strings.Contains(word, ".") {
		if at := n.At(word); at != "" {
			return at
		}
	}
	if exchange, known := n.Exchange(word); known && (!n.Ordinary(exchange) || !strings.EqualFold(word, exchange)) {
		return exchange
	}
	for _, p := range piece.FindAllString(strings.ToLower(word), -1) {
		if packages[p] != "" {
			return packages[p]
		}
	}
	if is := n.read(word); is.Exchange != "" && !is.Foreign && !is.Several && (!n.Ordinary(is.Exchange) || len(is.Words) > 1) {
		return is.Exchange
	}
	return ""
}
