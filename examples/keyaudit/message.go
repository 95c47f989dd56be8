package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// headlines are the titles of notifications, by exit code.
var headlines = map[int]string{
	audit.ExitClean:       "nothing at or above the level",
	audit.ExitFindings:    "findings",
	audit.ExitUsage:       "invalid input, nothing was audited",
	audit.ExitNotAssessed: "not everything could be assessed",
	exitUnwritten:         "the report could not be written",
	exitStopped:           "stopped before the end",
}

// message says in a few lines what was found: counts and rules, never a key's
// identifier, and a key's name only with --notify-names.
func message(r *audit.Report, code int, names bool) (title, text string) {
	severe, fresh, resolved := tally{}, tally{}, tally{}
	var bad []*audit.Result
	for _, result := range r.Results {
		if severe.add(result.Findings, isSevere) {
			bad = append(bad, result)
		}
		fresh.add(result.Findings, isFresh)
		for _, rule := range result.Resolved {
			resolved[rule]++
		}
	}
	severe.add(r.Findings, isSevere)
	fresh.add(r.Findings, isFresh)
	lines := []string{r.Summary.String(), severe.line("Severe: ")}
	if r.Baseline != nil {
		lines = append(lines, fresh.line("New since "+stamp(r.Baseline.Started)+": "), resolved.line("Resolved: "))
	}
	if names {
		slices.SortStableFunc(bad, changedFirst)
		for _, result := range bad {
			own := tally{}
			own.add(result.Findings, isSevere)
			lines = append(lines, plain(result.Name)+" at "+plain(result.Title)+own.line(": "))
		}
	}
	title = "API key audit: " + headlines[code]
	if r.Demo {
		title = "DEMO, nothing real: " + title
	}
	return title, clipped(lines)
}

func isSevere(f *audit.Finding) bool {
	return f.Outcome == audit.Failed && f.Severity >= audit.High && f.Waived == ""
}

func isFresh(f *audit.Finding) bool { return f.New && f.Outcome == audit.Failed && f.Waived == "" }

// changedFirst sorts the keys that changed before the others.
func changedFirst(a, b *audit.Result) int {
	switch {
	case a.Changed() == b.Changed():
		return 0
	case a.Changed():
		return -1
	default:
		return 1
	}
}

// tally counts findings by rule.
type tally map[string]int

// add counts the findings that match, and reports whether any did.
func (t tally) add(findings []audit.Finding, match func(*audit.Finding) bool) (found bool) {
	for i := range findings {
		if match(&findings[i]) {
			t[findings[i].Rule]++
			found = true
		}
	}
	return found
}

// line lists the rules, the most frequent first; it is empty if there are none.
func (t tally) line(lead string) string {
	const most = 6
	rules := slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		return cmp.Or(cmp.Compare(t[b], t[a]), strings.Compare(a, b))
	})
	var parts []string
	for i, rule := range rules {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more rules", len(rules)-most))
			break
		}
		part := plain(rule)
		if t[rule] > 1 {
			part += fmt.Sprintf(" (%d)", t[rule])
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return ""
	}
	return lead + strings.Join(parts, ", ")
}

// clipped joins lines, without the empty ones, up to the length that every
// service accepts.
func clipped(lines []string) string {
	const most = 900 // bytes
	var b strings.Builder
	for i, line := range lines {
		if line == "" {
			continue
		}
		if b.Len()+len(line) > most {
			fmt.Fprintf(&b, "and %s: see the report\n", count(len(lines)-i, "more line", "more lines"))
			break
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// plain is a name without anything that a chat, a mail program or a terminal
// acts upon: mentions, links, markup, line breaks. Not everybody who can name a
// bot's key may post to its owner's chat.
func plain(name string) string {
	const most = 60 // letters
	letters := []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -_/", r) {
			return r
		}
		return '·'
	}, name))
	if len(letters) > most {
		letters = append(letters[:most-1], '…')
	}
	return string(letters)
}
