package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// selection is which keys a run is about: those that fit every condition. Without any
// it is all of them.
type selection []condition

// condition is one condition of a selection: a field of a key, and the pattern that it fits.
type condition struct {
	field   string
	pattern *regexp.Regexp
}

// fields are what keys can be selected by.
var fields = []struct {
	name string
	of   func(k *audit.Key) string
}{
	{"name", func(k *audit.Key) string { return k.Name }},
	{"exchange", func(k *audit.Key) string { return k.Exchange.Name }},
	{"environment", environmentOf},
	{"owner", func(k *audit.Key) string { return k.Record.Owner }},
	{"stage", func(k *audit.Key) string { return string(k.Record.Stage) }},
	{"policy", func(k *audit.Key) string { return k.Policy.Name }},
	{"egress", func(k *audit.Key) string { return k.Egress }},
}

func fieldNames() []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].name
	}
	return names
}

// only is the flag that selects keys.
func (c *command) only(to *selection) {
	const text = "audit only the keys that fit every FIELD=PATTERN, for instance 'exchange=bybit,name=grid-*'; fields: "
	c.takes("only", text+joined(fieldNames()), func(word string) {
		for one := range strings.SplitSeq(word, ",") {
			field, pattern, ok := strings.Cut(strings.TrimSpace(one), "=")
			switch {
			case !ok || pattern == "":
				c.problem("--only: write FIELD=PATTERN, where FIELD is one of %s", joined(fieldNames()))
			case !slices.Contains(fieldNames(), field):
				c.problem("--only: %s", unknown("field", field, fieldNames()))
			default:
				*to = append(*to, condition{field, wildcard(pattern)})
			}
		}
	})
}

// wildcard is a pattern in which * stands for any text and ? for any character,
// without regard to case.
func wildcard(pattern string) *regexp.Regexp {
	text := regexp.QuoteMeta(pattern)
	text = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(text)
	return regexp.MustCompile("(?is)^" + text + "$")
}

func (s selection) fits(k *audit.Key) bool {
	return !slices.ContainsFunc(s, func(t condition) bool {
		i := slices.Index(fieldNames(), t.field)
		return !t.pattern.MatchString(fields[i].of(k))
	})
}

// mayFit reports whether a key of which only the name is known may be one of the
// selection: it is named rather than lost.
func (s selection) mayFit(name string) bool {
	return !slices.ContainsFunc(s, func(t condition) bool { return t.field == "name" && !t.pattern.MatchString(name) })
}

// only leaves the keys of a selection in the fleet.
func (f *fleet) only(s selection) (problem string) {
	if len(s) == 0 {
		return ""
	}
	all := f.count() + len(f.skipped)
	for i := range f.large {
		f.large[i].only(s, f.keys)
	}
	f.keys = slices.DeleteFunc(f.keys, func(k audit.Key) bool { return !s.fits(&k) })
	f.skipped = slices.DeleteFunc(f.skipped, func(r *audit.Result) bool { return !s.mayFit(r.Name) })
	if err := f.err(); err != nil {
		return err.Error()
	}
	f.others = all - f.count() - len(f.skipped)
	if f.count()+len(f.skipped) == 0 {
		return "--only: none of " + count(all, "key", "keys") + " fits: keyaudit run --dry-run lists their names and exchanges"
	}
	return ""
}

// only leaves the keys of a selection in a large inventory, of a fleet with held keys.
func (l *largeInventory) only(s selection, held []audit.Key) {
	each := l.keys
	l.keys = func(yield func(audit.Key) bool) {
		for k := range each {
			if s.fits(&k) && !yield(k) {
				return
			}
		}
	}
	l.n = 0
	for range l.keys {
		l.n++
	}
	l.after -= len(slices.DeleteFunc(slices.Clone(held[:l.after]), func(k audit.Key) bool { return s.fits(&k) }))
}

// environmentOf is the environment that a key is asked in.
func environmentOf(k *audit.Key) string {
	if k.Environment == "" && len(k.Exchange.Environments) > 0 {
		return k.Exchange.Environments[0].Name
	}
	return k.Environment
}
