package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// quoted lists texts of the exchange, each in quotes.
func quoted(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = fmt.Sprintf("%q", text)
	}
	return some(out, ", ")
}

// some joins the first ten texts: an exchange may send thousands.
func some(texts []string, separator string) string {
	const most = 10
	if len(texts) <= most {
		return strings.Join(texts, separator)
	}
	return fmt.Sprintf("%s%sand %d more", strings.Join(texts[:most], separator), separator, len(texts)-most)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func days(d time.Duration) string { return count(int(d/day), "day", "days") }

// listed joins words as a sentence has them.
func listed(words []string, and string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return fmt.Sprintf("%s %s %s", some(words[:len(words)-1], ", "), and, words[len(words)-1])
}

// sentence makes one of a finding's message.
func sentence(text string) string {
	text = capital(text)
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

func appendText(texts []string, text string) []string {
	if text == "" {
		return texts
	}
	return append(texts, text)
}

// appendUnique appends the texts that are not there yet.
func appendUnique(to []string, texts ...string) []string {
	seen := map[string]bool{}
	for _, text := range to {
		seen[text] = true
	}
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			to = append(to, text)
		}
	}
	return to
}

// sprintf spares the formatting of plain sentences, which most are.
func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// names are keys named in a sentence, each once and no more than ten.
type names []string

func (n names) and(name string) names {
	if n.full() || slices.Contains(n, name) {
		return n
	}
	return append(n, name)
}

// full reports whether more names would not be shown.
func (n names) full() bool { return len(n) > mostNames }

// String lists the names.
func (n names) String() string {
	if len(n) > mostNames {
		return strings.Join(n[:mostNames], ", ") + " and others"
	}
	return strings.Join(n, ", ")
}

const mostNames = 10

// siblingName is what the exchange calls a key of the account.
func siblingName(s *access.Snapshot) string {
	text := cmp.Or(s.KeyID, "a key without an identifier")
	if s.Label != "" {
		text += fmt.Sprintf(" (%q)", s.Label)
	}
	return text
}

const day = 24 * time.Hour
