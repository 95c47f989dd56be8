package audit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// entry is one key of a report: name@exchange/environment and fingerprint; a
// kind of failure if it could not be inspected.
type entry struct {
	name, exchange, environment, fingerprint string
	failed                                   *access.Error
}

var (
	down    = &access.Error{Kind: access.KindUnavailable}
	mistake = &access.Error{Kind: access.KindInput}
)

func reportOf(i int, entries ...entry) *audit.Report {
	at := now.AddDate(0, 0, i)
	var results []*audit.Result
	for _, e := range entries {
		s := &access.Snapshot{Inspection: access.Inspection{Exchange: e.exchange, Environment: e.environment, Fingerprint: e.fingerprint, Failure: e.failed, TakenAt: at, Requests: 1}}
		r := &audit.Result{Name: e.name, Exchange: e.exchange, Title: "Toy", Snapshot: s}
		results = append(results, r.Rejudge(audit.ReadOnly(), at, nil))
	}
	return audit.Collect(slices.Values(results), func() time.Time { return at })
}

// TestKeysAreMatched: which key of the previous report is which of this one, what is
// new and what is missing.
func TestKeysAreMatched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after []entry
		appeared      []string // what key-appeared says of each key of the second, in order; "" if nothing
		missing       []string // a part of each finding of the report
	}{
		"the same": {
			before: []entry{{"a", "toy", "live", "f1", nil}, {"b", "toy", "live", "f2", nil}}, after: []entry{{"b", "toy", "live", "f2", nil}, {"a", "toy", "live", "f1", nil}},
			appeared: []string{"", ""},
		},
		"one more and one less": {
			before: []entry{{"a", "toy", "live", "f1", nil}, {"b", "toy", "live", "f2", nil}}, after: []entry{{"b", "toy", "live", "f2", nil}, {"c", "toy", "live", "f3", nil}},
			appeared: []string{"", "not in the previous report"}, missing: []string{`"a" (Toy live) was in the previous report and is not in this one: it is no longer audited`},
		},
		"another environment": {
			before: []entry{{"a", "toy", "test", "f1", nil}}, after: []entry{{"a", "toy", "live", "f2", nil}},
			appeared: []string{"not in the previous report"}, missing: []string{`"a" (Toy test)`},
		},
		"another key under the name": {
			before: []entry{{"a", "toy", "live", "f1", nil}}, after: []entry{{"a", "toy", "live", "f2", nil}}, appeared: []string{""},
		},
		"renamed": {
			before: []entry{{"a", "toy", "live", "f1", nil}}, after: []entry{{"z", "toy", "live", "f1", nil}}, appeared: []string{`was called "a"`},
		},
		"names swapped": {
			before: []entry{{"a", "toy", "live", "f1", nil}, {"b", "toy", "live", "f2", nil}}, after: []entry{{"a", "toy", "live", "f2", nil}, {"b", "toy", "live", "f1", nil}},
			appeared: []string{"", ""},
		},
		"an entry that was double": {
			before: []entry{{"a", "toy", "live", "f1", nil}, {"b", "toy", "live", "f1", nil}}, after: []entry{{"b", "toy", "live", "f1", nil}},
			appeared: []string{""}, missing: []string{`its key is still audited, as "b" (Toy live)`},
		},
		"without names": {
			before: []entry{{"", "toy", "live", "f1", nil}, {"", "toy", "live", "f2", nil}, {"", "toy", "live", "f3", nil}},
			after:  []entry{{"", "toy", "live", "f3", nil}, {"", "toy", "live", "f2", nil}}, appeared: []string{"", ""}, missing: []string{`no longer audited`},
		},
		"a name used twice, and neither key known": {
			before: []entry{{"a", "toy", "live", "", nil}, {"a", "toy", "live", "", nil}}, after: []entry{{"a", "toy", "live", "", nil}, {"a", "toy", "live", "", nil}},
			appeared: []string{"", ""},
		},
		"credentials that could not be loaded": {
			before: []entry{{"a", "toy", "live", "f1", nil}}, after: []entry{{"a", "toy", "live", "", mistake}}, appeared: []string{""},
		},
		"an environment that is a slip of the pen": {
			before: []entry{{"a", "toy", "live", "f1", nil}, {"b", "toy", "live", "f2", nil}}, after: []entry{{"a", "toy", "lvie", "", mistake}, {"b", "toy", "live", "f2", nil}},
			appeared: []string{"", ""},
		},
		"an exchange that is not named": {
			before: []entry{{"a", "toy", "live", "f1", nil}}, after: []entry{{"a", "", "", "", mistake}}, appeared: []string{""},
		},
		"a typing mistake that was fixed": {
			before: []entry{{"a", "toy", "lvie", "", mistake}}, after: []entry{{"a", "toy", "live", "f1", nil}}, appeared: []string{""},
		},
		"no report at all": {after: []entry{{"a", "toy", "live", "f1", down}}, appeared: []string{"not in the previous report"}},
	} {
		again := audit.Compare(reportOf(0, c.before...), reportOf(1, c.after...), nil)
		require.Len(t, again.Results, len(c.appeared), name)
		for i, r := range again.Results {
			f := r.Finding("key-appeared")
			if c.appeared[i] == "" {
				assert.NotEqual(t, audit.Failed, f.Outcome, "%s: %s", name, f.Message)
				continue
			}
			assert.Equal(t, audit.Failed, f.Outcome, "%s: %s", name, f.Message)
			assert.Contains(t, f.Message, c.appeared[i], name)
		}
		require.Len(t, again.Findings, len(c.missing), name)
		for i, f := range again.Findings {
			assert.Equal(t, "key-vanished", f.Rule)
			assert.True(t, f.New)
			assert.NotEmpty(t, f.Remedy)
			assert.Contains(t, f.Message, c.missing[i], name)
		}
		assert.Equal(t, len(c.before), again.Baseline.Keys, name)
		assert.Equal(t, again.Changed(), len(c.missing) > 0 || slices.ContainsFunc(again.Results, (*audit.Result).Changed))
	}
}

// TestMissingKeysCount: what is about no key of the report is in its summary.
func TestMissingKeysCount(t *testing.T) {
	t.Parallel()
	before := reportOf(0, entry{"a", "toy", "live", "f1", nil}, entry{"b", "toy", "live", "f2", nil})
	again := audit.Compare(before, reportOf(1), nil)
	require.Len(t, again.Findings, 2)
	assert.Contains(t, again.Findings[0].Message, `"a"`, "in the order of names")
	assert.Equal(t, 2, again.Summary.Failed[audit.Medium])
	assert.Zero(t, again.Summary.Keys)
	assert.True(t, again.Changed())
}

// TestFirstSeen: a key is at least as old as the first report that knows it, and
// another key under its name is not.
func TestFirstSeen(t *testing.T) {
	t.Parallel()
	a, a2 := entry{"a", "toy", "live", "f1", nil}, entry{"a", "toy", "live", "f2", nil}
	silent, unread, unknown := entry{"a", "toy", "live", "f1", down}, entry{"a", "toy", "live", "", mistake}, entry{"a", "toy", "live", "", nil}
	for name, c := range map[string]struct {
		nights []entry
		day    int // of the first sight
	}{
		"first run":                            {[]entry{a}, 0},
		"third run":                            {[]entry{a, a, a}, 0},
		"after a run without an answer":        {[]entry{a, silent, a}, 0},
		"in a run without an answer":           {[]entry{a, silent}, 0},
		"first seen without an answer":         {[]entry{silent, a}, 0},
		"in a run in which it was not read":    {[]entry{a, unread}, 0},
		"after two in which it was not read":   {[]entry{a, unread, unread, a}, 0},
		"replaced":                             {[]entry{a, a2}, 1},
		"replaced, after it was not read":      {[]entry{a, unread, a2}, 2},
		"replaced long ago":                    {[]entry{a, a2, a2, a2}, 1},
		"replaced, and the old one again":      {[]entry{a, a2, a}, 2},
		"never read":                           {[]entry{unknown, unknown}, 0},
		"not read in the first run":            {[]entry{unread, a}, 1},
		"renamed":                              {[]entry{{"z", "toy", "live", "f1", nil}, a}, 0},
		"another environment is another thing": {[]entry{{"a", "toy", "test", "f3", nil}, a}, 1},
	} {
		var last *audit.Report
		for i, e := range c.nights {
			last = audit.Compare(last, reportOf(i, e), nil)
		}
		assert.Equal(t, now.AddDate(0, 0, c.day), last.Results[0].Snapshot.FirstSeen, name)
	}
	// The previous report may be one that was never compared, as of an older version.
	again := audit.Compare(reportOf(0, a), reportOf(5, a), nil)
	assert.Equal(t, now, again.Results[0].Snapshot.FirstSeen)
}

// TestLastIsKept: what was found last stays with a key for as long as nobody can
// look.
func TestLastIsKept(t *testing.T) {
	t.Parallel()
	last := reportOf(0, entry{"a", "toy", "live", "f1", nil})
	for i := range 3 {
		last = audit.Compare(last, reportOf(1+i, entry{"a", "toy", "live", "f1", down}), nil)
		require.NotNil(t, last.Results[0].Last, fmt.Sprint(i))
		assert.Equal(t, now, last.Results[0].Last.TakenAt)
		assert.NotNil(t, audit.Compare(nil, last, nil).Results[0].Last, "judging again forgets nothing")
	}
	odd := reportOf(4, entry{"a", "toy", "live", "f1", nil})
	odd.Results[0].Last = odd.Results[0].Snapshot
	assert.Nil(t, audit.Compare(nil, odd, nil).Results[0].Last, "what was found in this run is the last")
	last = audit.Compare(last, reportOf(4, entry{"a", "toy", "live", "f1", nil}), nil)
	assert.Nil(t, last.Results[0].Last)
	assert.Nil(t, audit.Compare(reportOf(0, entry{"a", "toy", "live", "f1", down}), reportOf(1, entry{"a", "toy", "live", "f1", down}), nil).Results[0].Last)
}
