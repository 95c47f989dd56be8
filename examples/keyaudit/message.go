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

// message says in a few lines what was found or, if only that is asked for, what
// has changed: rules and counts, never a key's identifier, and a key's name only
// with --notify-names.
func message(r *audit.Report, code int, names, changesOnly bool) (title, text string) {
	changesOnly = changesOnly && r.Baseline != nil
	all := newTallies()
	all.add(r.Findings, nil)
	for _, result := range r.Results {
		all.add(result.Findings, result.Resolved)
	}
	lines := []string{r.Summary.String(), all.severe.line("Severe: ")}
	if r.Baseline != nil {
		changes := []string{
			all.fresh.line("New since " + stamp(r.Baseline.Started) + ": "), all.unknown.line("Newly unknown: "), all.resolved.line("Resolved: "),
		}
		if changesOnly {
			lines = append(changes, lines[0])
		} else {
			lines = append(lines, changes...)
		}
	}
	if names {
		lines = append(lines, keyLines(r.Results, changesOnly)...)
	}
	title = "API key audit: " + headlines[code]
	if changesOnly && r.Changed() && code < exitUnwritten {
		title = "API key audit: what has changed"
	}
	if r.Demo {
		title = "DEMO, nothing real: " + title
	}
	return title, clipped(lines)
}

// keyLines name the keys, each with what is severe or has changed about it: those
// that changed first, and then the worst.
func keyLines(results []*audit.Result, changesOnly bool) (lines []string) {
	results = slices.Clone(results)
	slices.SortStableFunc(results, func(a, b *audit.Result) int {
		return cmp.Or(changedFirst(a, b), worstRank(b)-worstRank(a))
	})
	for _, result := range results {
		own := newTallies()
		own.add(result.Findings, result.Resolved)
		text := own.severe.line("")
		if changesOnly {
			parts := []string{own.fresh.line("new "), own.unknown.line("newly unknown "), own.resolved.line("resolved ")}
			text = strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
		}
		if text != "" {
			lines = append(lines, plain(result.Name)+" at "+plain(result.Title)+": "+text)
		}
	}
	return lines
}

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

func worstRank(r *audit.Result) (rank int) {
	for _, f := range r.Findings {
		if f.Waived == "" {
			rank = max(rank, f.Rank())
		}
	}
	return rank
}

// tallies are the rules of what is severe, and of what has changed.
type tallies struct{ severe, fresh, unknown, resolved tally }

func newTallies() tallies { return tallies{tally{}, tally{}, tally{}, tally{}} }

func (t *tallies) add(findings []audit.Finding, resolved []string) {
	for i := range findings {
		f := &findings[i]
		if f.Waived != "" || f.Rank() == 0 {
			continue
		}
		if f.Outcome == audit.Failed && f.Severity >= audit.High {
			t.severe.add(f.Rule, f.Rank())
		}
		switch {
		case !f.New:
		case f.Outcome == audit.Failed:
			t.fresh.add(f.Rule, f.Rank())
		default:
			t.unknown.add(f.Rule, f.Rank())
		}
	}
	for _, rule := range resolved {
		t.resolved.add(rule, 0)
	}
}

// tally counts findings by rule.
type tally map[string]tallied

// tallied is how many findings of a rule there are, and the rank of the worst.
type tallied struct{ n, rank int }

func (t tally) add(rule string, rank int) { t[rule] = tallied{t[rule].n + 1, max(t[rule].rank, rank)} }

// line lists the rules, the worst first; it is empty if there are none.
func (t tally) line(lead string) string {
	const most = 6
	rules := slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		return cmp.Or(t[b].rank-t[a].rank, t[b].n-t[a].n, strings.Compare(a, b))
	})
	var parts []string
	for i, rule := range rules {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more rules", len(rules)-most))
			break
		}
		part := cmp.Or(plain(rule), "(unnamed)")
		if n := t[rule].n; n > 1 {
			part += fmt.Sprintf(" (%d)", n)
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
