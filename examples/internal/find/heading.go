package find

import (
	"path/filepath"
	"slices"
	"strings"
)

// In notes, an exchange's name stands in a heading, and what is below it is of that exchange,
// up to the next one: "# Bybit", "Gate:", "2. My Kraken Futures account".

// longestHeading is that of a line that is taken for one, in bytes.
const longestHeading = 60

// headingMarks stand around headings in Markdown, Org and plain text.
const headingMarks = "#*=-_>•·`:.()[]|~+!\"' \t"

// heading is the exchange that a line names, if it names nothing else; empty if it does.
func (n *names) heading(row string) string {
	if len(row) > longestHeading || !n.mayMention(row) {
		return ""
	}
	title := strings.TrimLeft(strings.Trim(row, headingMarks), "0123456789.) ")
	is := n.read(strings.ReplaceAll(title, ".", ""))
	if is.Exchange == "" {
		is = n.read(title)
	}
	if is.Exchange == "" || is.Several || n.Ordinary(is.Exchange) && is.Wallet {
		return ""
	}
	var rest []string
	for _, w := range is.Words {
		if known, _ := n.Exchange(w); known == is.Exchange || !n.plainWord(w) && !slices.Contains(partWords, w) && !n.Locates(is.Exchange, w) {
			rest = append(rest, w)
		}
	}
	if n.read(strings.Join(rest, " ")).Lone {
		return is.Exchange
	}
	return ""
}

// longer is the exchange that a word names together with the next, as in Kraken Futures or
// Binance US, and how they are called.
func (n *names) longer(exchange, word, row string) (named, called string) {
	_, rest, _ := strings.Cut(row, word)
	if len(rest) < 3 || strings.IndexByte(" _-.", rest[0]) < 0 {
		return exchange, word
	}
	end := 1
	for end < len(rest) && end < 12 && classOf[rest[end]] > 1 {
		end++
	}
	if end < 3 {
		return exchange, word
	}
	if is := n.read(word + rest[:end]); is.Exchange != "" && !is.Foreign && !is.Several {
		return is.Exchange, word + rest[:end]
	}
	return exchange, word
}

// isNotes reports whether a file is what people write for people.
func isNotes(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case "", ".txt", ".text", ".md", ".markdown", ".org", ".rst", ".adoc", ".asciidoc", ".note", ".notes", ".rtf", ".eml":
		return true
	default:
		return false
	}
}

// mentionAbove is the last name of an exchange before a line: in notes that of the heading, whatever
// the sentences below it mention; nil if there is none.
func (f *file) mentionAbove(line int) (last *mention) {
	notes := isNotes(f.path)
	all := f.mentions()
	for i := range all {
		m := &all[i]
		if m.line > line {
			break
		}
		if last == nil || m.heading || !notes || !last.heading {
			last = m
		}
	}
	return last
}

// headed reports whether a line stands below a heading that names its exchange. Then no form
// speaks against that: those of many exchanges were never confirmed.
func (f *file) headed(line int) bool {
	m := f.mentionAbove(line)
	return m != nil && m.heading && line-m.line <= apart
}
