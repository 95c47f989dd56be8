package audit

import (
	"maps"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// changes are what has changed since the previous report and takes more than one key to
// see. What several keys show is reported with the first of them, in the order of
// reports.
type changes struct {
	keys  map[*Result]otherKeys
	words map[string]*newWords // by exchange
}

// newWords are names of permissions that no key of the exchange had before.
type newWords struct {
	names map[string]bool
	first *Result
}

// changesSince collects what has changed since the previous report, once all keys
// are known: its results, each key's counterpart among them, and all keys then and
// now.
func changesSince(before []*Result, last map[*Result]*Result, was, all *index, results []*Result) *changes {
	results = willing(results)
	c := &changes{keys: map[*Result]otherKeys{}, words: newWordsSince(before, results)}
	appeared, vanished := map[otherKey]*Result{}, map[otherKey]*Result{}
	for _, listed := range []bool{true, false} { // an empty list proves nothing, so it comes last
		for _, r := range results {
			then := last[r].inspected()
			if then == nil || !r.Inspected() || (len(r.Snapshot.Siblings) > 0) != listed {
				continue
			}
			var o otherKeys
			came, went := siblingsBetween(then.Siblings, r.Snapshot.Siblings)
			for _, s := range came {
				// What was known did not appear, and what is audited has a finding of its own.
				if s.Fingerprint == "" || (!was.knows(s.Fingerprint) && len(all.audited[s.Fingerprint]) == 0) {
					o.appeared, o.appearedWith = report(appeared, r, s, o.appeared, o.appearedWith)
				}
			}
			for _, s := range went {
				// What is known did not vanish, and what was audited has a finding of its own.
				if s.Fingerprint == "" || (!all.knows(s.Fingerprint) && len(was.audited[s.Fingerprint]) == 0) {
					o.vanished, o.vanishedWith = report(vanished, r, s, o.vanished, o.vanishedWith)
				}
			}
			c.keys[r] = o
		}
	}
	return c
}

// willing puts the keys whose owner wants to hear first: what is reported once must
// not be reported where it is waived.
func willing(results []*Result) []*Result {
	out := slices.Clone(results)
	slices.SortStableFunc(out, func(a, b *Result) int { return unwilling(a) - unwilling(b) })
	return out
}

func unwilling(r *Result) int {
	for _, rule := range []string{"key-appeared", RuleKeyVanished, "new-vocabulary"} {
		if r.JudgedBy.speaks(rule, r.facts().TakenAt) {
			return 1
		}
	}
	return 0
}

// report adds a key to what is reported here, or the one that reported it before.
func report(first map[otherKey]*Result, r *Result, s *access.Snapshot, here []string, with names) ([]string, names) {
	key := r.sibling(s)
	if by := first[key]; by != nil && by != r {
		return here, with.and(by.called())
	}
	first[key] = r
	return append(here, siblingName(s)), with
}

// vocabulary compares the permissions that this version doesn't know with what the
// keys of each exchange had in the previous report.
type vocabulary struct {
	known map[string]map[string]bool // by exchange
	words map[string]*newWords       // by exchange
}

func newVocabularies() *vocabulary {
	return &vocabulary{map[string]map[string]bool{}, map[string]*newWords{}}
}

// newWordsSince is what the results of one report have that those of another had not.
func newWordsSince(before, now []*Result) map[string]*newWords {
	v := newVocabularies()
	for _, r := range before {
		v.had(r)
	}
	for _, r := range now {
		v.has(r)
	}
	return v.words
}

// had adds a result of the previous report.
func (v *vocabulary) had(r *Result) {
	if s := r.inspected(); s != nil {
		exchange := r.identity().exchange
		if v.known[exchange] == nil {
			v.known[exchange] = map[string]bool{}
		}
		maps.Copy(v.known[exchange], permissionNames(s))
	}
}

// has adds one of this report, once the previous one was added. They come in the order
// of reports, and what is new is reported with the first whose owner wants to hear.
func (v *vocabulary) has(r *Result) {
	exchange := r.identity().exchange
	if !r.Inspected() || v.known[exchange] == nil {
		return
	}
	for _, name := range r.Snapshot.Unmapped {
		words := v.words[exchange]
		switch {
		case v.known[exchange][name]:
			continue
		case words == nil:
			words = &newWords{map[string]bool{}, r}
			v.words[exchange] = words
		case unwilling(words.first) > unwilling(r):
			words.first = r
		}
		words.names[name] = true
	}
}

func (w *newWords) has(r *Result) bool {
	return slices.ContainsFunc(r.Snapshot.Unmapped, func(name string) bool { return w.names[name] })
}

// said are the names new to the exchange that are reported here, or the key with
// which they are.
func (c *changes) said(r *Result) (here []string, with *Result) {
	words := c.words[r.identity().exchange]
	switch {
	case words == nil:
		return nil, nil
	case words.first == r:
		return slices.Sorted(maps.Keys(words.names)), nil
	case words.has(r):
		return nil, words.first
	default:
		return nil, nil
	}
}
