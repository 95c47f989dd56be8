package inventory

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The values that an inventory is made of. Each reader complains where it
// can't read, and goes on.

// complain notes a mistake at a place in the file.
func (r *reader) complain(at *Node, format string, args ...any) {
	r.say(at.Line, at.Column, fmt.Sprintf(format, args...))
}

func (r *reader) say(line, column int, text string) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Column: column, Text: text})
}

// field says how one member of an object is read. The order is that of the
// file, not of the table.
type field struct {
	name string
	read func(*Node)
}

func (r *reader) object(n *Node, what string, known []field, required ...string) {
	if !r.is(n, Object) {
		return
	}
	r.members(n, func(m Member) {
		for _, f := range known {
			if f.name == m.Name {
				f.read(m.Value)
				return
			}
		}
		names := make([]string, len(known))
		for i, f := range known {
			names[i] = f.name
		}
		r.say(m.Line, m.Column, unknown("field", m.Name, names))
	})
	for _, name := range required {
		if n.member(name) == nil {
			r.complain(n, "%s has no %q", what, name)
		}
	}
}

// members reads each member of an object once.
func (r *reader) members(n *Node, read func(Member)) {
	seen := make(map[string]bool, len(n.Members))
	for _, m := range n.Members {
		if m.Value == nil { // a tree made by hand
			m.Value = &Node{Line: m.Line, Column: m.Column}
		}
		if seen[m.Name] {
			r.say(m.Line, m.Column, fmt.Sprintf("the field %s stands twice", show(m.Name)))
			continue
		}
		seen[m.Name] = true
		read(m)
	}
}

func (r *reader) is(n *Node, want Kind) bool {
	if n.Kind != want {
		r.complain(n, "must be %s, not %s", want, n.Kind)
	}
	return n.Kind == want
}

func (r *reader) each(read func(*Node)) func(*Node) {
	return func(n *Node) {
		if !r.is(n, List) {
			return
		}
		for _, item := range n.Items {
			if item == nil {
				item = &Node{Line: n.Line, Column: n.Column}
			}
			read(item)
		}
	}
}

// word reads a text that is not empty; what can't be read is.
func (r *reader) word(n *Node) string {
	if !r.is(n, Text) {
		return ""
	}
	word := strings.TrimSpace(n.Text)
	switch {
	case word == "":
		r.complain(n, "must not be empty")
	case strings.ContainsFunc(word, unicode.IsControl):
		r.complain(n, "must not hold line breaks or other control characters")
		return ""
	}
	return r.shared(word)
}

// shared gives equal texts the same memory: most keys of a large inventory
// have their owner, labels and egress in common with others.
func (r *reader) shared(word string) string {
	if known, ok := r.words[word]; ok {
		return known
	}
	r.words[word] = word
	return word
}

func (r *reader) text(to *string) func(*Node) { return func(n *Node) { *to = r.word(n) } }

// oneOf reads a word of a list.
func (r *reader) oneOf(n *Node, what string, known []string) string {
	word := r.word(n)
	for _, k := range known {
		if k == word {
			return k
		}
	}
	if word != "" {
		r.complain(n, "%s", unknown(what, word, known))
	}
	return ""
}

func (r *reader) boolean(to *bool) func(*Node) {
	return func(n *Node) {
		if r.is(n, Boolean) {
			*to = n.Text == "true"
		}
	}
}

// whole reads a whole number from 1 to most.
func (r *reader) whole(n *Node, what string, most int) int {
	if !r.is(n, Number) {
		return 0
	}
	v, err := strconv.Atoi(n.Text)
	if err != nil || v < 1 || v > most {
		r.complain(n, "must be a whole number%s, from 1 to %d", what, most)
		return 0
	}
	return v
}

func (r *reader) days(to *time.Duration) func(*Node) {
	return func(n *Node) { *to = time.Duration(r.whole(n, " of days", 36500)) * 24 * time.Hour }
}

func (r *reader) date(to *time.Time) func(*Node) {
	return func(n *Node) {
		word := r.word(n)
		if word == "" {
			return
		}
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if at, err := time.Parse(layout, word); err == nil {
				*to = at.UTC()
				return
			}
		}
		r.complain(n, "%s is not a date: write 2026-11-22 or 2026-11-22T10:00:00Z", show(word))
	}
}

// prefixes reads addresses and ranges of addresses.
func (r *reader) prefixes(to *[]netip.Prefix) func(*Node) {
	return r.each(func(n *Node) {
		word := r.word(n)
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
			r.complain(n, "%s is not an IP address or range", show(word))
			return
		}
		*to = append(*to, p)
	})
}
