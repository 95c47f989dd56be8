package inventory

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// The values that an inventory consists of. Each function reports what it
// cannot read, and the reader goes on.

// report notes a problem at a value.
func (r *reader) report(at *Node, format string, args ...any) {
	r.reportAt(at.Line, at.Column, fmt.Sprintf(format, args...))
}

func (r *reader) reportAt(line, column int, text string) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Column: column, Text: text})
}

// must reports what the value being read must be: `"review" must be text`.
func (r *reader) must(at *Node, format string, args ...any) {
	r.report(at, "%s must %s", r.subject, fmt.Sprintf(format, args...))
}

// subject is what is being read.
type subject struct {
	field string // empty for the whole inventory
	item  bool   // of the list that is the field's value
}

// String names it for messages.
func (s subject) String() string {
	switch {
	case s.field == "":
		return "the inventory"
	case s.item:
		return "each item of " + show(s.field)
	default:
		return show(s.field)
	}
}

// about reads the value of a field.
func (r *reader) about(field string, read func()) {
	outer := r.subject
	r.subject = subject{field: field}
	read()
	r.subject = outer
}

// field is a member of an object and how it is read. Fields are read in the
// order of the file, not in that of the table.
type field struct {
	name string
	read func(*Node)
}

func (r *reader) object(n *Node, what string, known []field, required ...string) {
	if !r.is(n, Object) {
		return
	}
	r.members(n, func(m Member) {
		if i := slices.IndexFunc(known, func(f field) bool { return f.name == m.Name }); i >= 0 {
			known[i].read(m.Value)
			return
		}
		names := make([]string, len(known))
		for i, f := range known {
			names[i] = f.name
		}
		r.reportAt(m.Line, m.Column, unknown("field", m.Name, names))
	})
	for _, name := range required {
		if n.member(name) == nil {
			r.report(n, "%s has no %q", what, name)
		}
	}
}

// members reads each member of an object once.
func (r *reader) members(n *Node, read func(Member)) {
	lines := make(map[string]int, len(n.Members))
	for _, m := range n.Members {
		if m.Value == nil { // a tree built by the caller may have holes
			m.Value = &Node{Line: m.Line, Column: m.Column}
		}
		if line, again := lines[m.Name]; again {
			r.reportAt(m.Line, m.Column, duplicate("field", m.Name, line))
			continue
		}
		lines[m.Name] = m.Line
		r.about(m.Name, func() { read(m) })
	}
}

func (r *reader) is(n *Node, want Kind) bool {
	if n.Kind != want {
		r.must(n, "be %s, not %s", want, n.Kind)
	}
	return n.Kind == want
}

func (r *reader) each(read func(*Node)) func(*Node) {
	return func(n *Node) {
		if !r.is(n, List) {
			return
		}
		r.subject.item = true
		for _, item := range n.Items {
			if item == nil {
				item = &Node{Line: n.Line, Column: n.Column}
			}
			read(item)
		}
		r.subject.item = false
	}
}

// textOf reads a text. It returns "" for one that is empty or cannot be read.
func (r *reader) textOf(n *Node) string {
	if !r.is(n, Text) {
		return ""
	}
	clean, problem := cleanText(n.Text)
	if problem != "" {
		r.must(n, "%s", problem)
	}
	return r.intern(clean)
}

// cleanText returns a text without the spaces around it, or what it must not
// be.
func cleanText(text string) (clean, problem string) {
	clean = strings.TrimSpace(text)
	switch {
	case clean == "":
		return "", "not be empty"
	case strings.ContainsFunc(clean, unicode.IsControl):
		return "", "not contain line breaks or other control characters"
	default:
		return clean, ""
	}
}

// intern keeps equal texts in memory once: most keys of a large inventory
// share their owner, labels and egress with others.
func (r *reader) intern(text string) string {
	if known, ok := r.interned[text]; ok {
		return known
	}
	if len(r.interned) >= 1<<10 { // most of them are names
		clear(r.interned)
	}
	r.interned[text] = text
	return text
}

func (r *reader) text(to *string) func(*Node) { return func(n *Node) { *to = r.textOf(n) } }

func (r *reader) texts(to *[]string) func(*Node) {
	return r.each(func(n *Node) {
		if text := r.textOf(n); text != "" {
			*to = append(*to, text)
		}
	})
}

// oneOf reads one of a list of words.
func (r *reader) oneOf(n *Node, what string, known []string) string {
	word := r.textOf(n)
	if word == "" || slices.Contains(known, word) {
		return word
	}
	r.report(n, "%s", unknown(what, word, known))
	return ""
}

func (r *reader) boolean(to *bool) func(*Node) {
	return func(n *Node) {
		if r.is(n, Boolean) {
			*to = n.Text == "true"
		}
	}
}

// integer reads a whole number from 1 to most. The unit is for the message:
// " of days".
func (r *reader) integer(n *Node, unit string, most int) int {
	if !r.is(n, Number) {
		return 0
	}
	v, err := strconv.Atoi(n.Text)
	if err != nil || v < 1 || v > most {
		r.must(n, "be a whole number%s from 1 to %d", unit, most)
		return 0
	}
	return v
}

func (r *reader) days(to *time.Duration) func(*Node) {
	return func(n *Node) { *to = time.Duration(r.integer(n, " of days", 36500)) * 24 * time.Hour }
}

func (r *reader) date(to *time.Time) func(*Node) {
	return func(n *Node) {
		word := r.textOf(n)
		if word == "" {
			return
		}
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if at, err := time.Parse(layout, word); err == nil {
				*to = at.UTC()
				return
			}
		}
		r.report(n, "%s is not a date: write 2026-11-22 or 2026-11-22T10:00:00Z", show(word))
	}
}

// hours reads times of the day.
func (r *reader) hours(to *[]audit.Hours) func(*Node) {
	return r.each(func(n *Node) {
		word := r.textOf(n)
		if word == "" {
			return
		}
		h, err := audit.ParseHours(word)
		if err != nil {
			r.report(n, "%s is no time of the day: %v", show(word), err)
			return
		}
		*to = append(*to, h)
	})
}

// prefixes reads IP addresses and ranges of them.
func (r *reader) prefixes(to *[]netip.Prefix) func(*Node) {
	return r.each(func(n *Node) {
		word := r.textOf(n)
		if word == "" {
			return
		}
		if addr, err := netip.ParseAddr(word); err == nil && addr.Zone() == "" {
			addr = addr.Unmap()
			*to = append(*to, netip.PrefixFrom(addr, addr.BitLen()))
			return
		}
		p, err := netip.ParsePrefix(word)
		if err != nil {
			r.report(n, "%s is not an IP address or range: write 203.0.113.7 or 203.0.113.0/24", show(word))
			return
		}
		*to = append(*to, p)
	})
}
