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

// news is what a notification says of a report's results: rules and counts, and a few
// keys. The zero value is ready.
type news struct {
	names, changesOnly bool
	all                tallies
	changed            bool      // any key
	keys               []keyNews // the first ones
	more               int       // keys to name besides
}

// keyNews is a line about a key.
type keyNews struct {
	changed bool
	rank    int
	text    string
}

// mostNamed is more lines than a message has room for.
const mostNamed = 200

func (n *news) add(r *audit.Result) {
	n.all.add(r.Findings, r.Resolved)
	n.changed = n.changed || r.Changed()
	if !n.names {
		return
	}
	key := keyNews{r.Changed(), worstRank(r), keyLine(r, n.changesOnly)}
	if key.text == "" {
		return
	}
	at, _ := slices.BinarySearchFunc(n.keys, key, func(a, b keyNews) int { return cmp.Or(compareNews(a, b), -1) })
	if n.keys = slices.Insert(n.keys, at, key); len(n.keys) > mostNamed {
		n.keys = n.keys[:mostNamed]
		n.more++
	}
}

// compareNews sorts the keys that changed before the others, and then the worst first.
func compareNews(a, b keyNews) int {
	switch {
	case a.changed == b.changed:
		return b.rank - a.rank
	case a.changed:
		return -1
	default:
		return 1
	}
}

// keyLine names a key, with what is severe or has changed about it; empty if nothing.
func keyLine(r *audit.Result, changesOnly bool) string {
	var own tallies
	own.add(r.Findings, r.Resolved)
	text := own.severe.line("")
	if changesOnly {
		parts := []string{own.fresh.line("new "), own.unknown.line("newly unknown "), own.resolved.line("resolved ")}
		text = strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
	}
	if text == "" {
		return ""
	}
	return plain(r.FullName()) + " at " + plain(r.Title) + ": " + text
}

// since reports whether anything changed since the previous report.
func (n *news) since(r *audit.Report) bool {
	return r.Baseline != nil && (len(r.Findings) > 0 || n.changed)
}

// message says in a few lines what was found or, if only that is asked for, what
// has changed: rules and counts, never a key's identifier, and a key's name only
// with --notify-names.
func (n *news) message(r *audit.Report, code int) (title, text string) {
	n.all.add(r.Findings, nil)
	lines := []string{r.Summary.String(), n.all.severe.line("Severe: ")}
	if r.Baseline != nil {
		changes := []string{
			n.all.fresh.line("New since " + stamp(r.Baseline.Started) + ": "), n.all.unknown.line("Newly unknown: "), n.all.resolved.line("Resolved: "),
		}
		if n.changesOnly {
			lines = append(changes, lines[0])
		} else {
			lines = append(lines, changes...)
		}
	}
	if r.Digest != "" {
		lines = append(lines, "Digest of the run: "+r.Digest)
	}
	for _, key := range n.keys {
		lines = append(lines, key.text)
	}
	title = "API key audit: " + headlines[code]
	if n.changesOnly && n.since(r) && code < exitUnwritten {
		title = "API key audit: what has changed"
	}
	if r.Demo {
		title = "DEMO, nothing real: " + title
	}
	return title, clipped(lines, n.more)
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

func (t *tallies) add(findings []audit.Finding, resolved []string) {
	if t.severe == nil {
		*t = tallies{tally{}, tally{}, tally{}, tally{}}
	}
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
// service accepts. It counts the others, and more that are not at hand.
func clipped(lines []string, more int) string {
	const most = 900 // bytes
	var b strings.Builder
	for i, line := range lines {
		if line == "" {
			continue
		}
		if b.Len()+len(line) > most {
			fmt.Fprintf(&b, "and %s: see the report\n", count(len(lines)-i+more, "more line", "more lines"))
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
