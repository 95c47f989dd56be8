package audit_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// anyKey is a snapshot such as an inspection could give, of one of a few keys.
func anyKey(r *rand.Rand) *access.Snapshot {
	s := arbitrary(r)
	id := r.IntN(12)
	s.Exchange, s.Environment, s.TakenAt = pick(r, "toy", "toy", "other"), pick(r, "live", "live", "test"), now
	s.KeyID, s.Fingerprint = fmt.Sprintf("Key%d…%04d", id%10, id), fmt.Sprintf("f%d", id)
	s.Account.ID = pick(r, "", "…42", "1234…7890", "4321…0987")
	s.Changed, s.LastUsed = pick(r, time.Time{}, now.AddDate(0, -2, 0)), pick(r, time.Time{}, now.AddDate(0, -4, 0), now.AddDate(0, 0, -1))
	for range r.IntN(4) {
		s.Siblings = append(s.Siblings, anySibling(r, id))
	}
	if s.Failure != nil {
		s.Grants, s.Siblings, s.Unmapped, s.IPAllowlist, s.KeyState = nil, nil, nil, access.IPAllowlist{}, 0
		if r.IntN(3) == 0 {
			s.Fingerprint, s.KeyID = "", ""
		}
	}
	return s
}

// anySibling is another key than id.
func anySibling(r *rand.Rand, id int) *access.Snapshot {
	s := arbitrary(r)
	s.Failure = nil
	other := (id + 1 + r.IntN(15)) % 16
	s.KeyID, s.Fingerprint = fmt.Sprintf("Key%d…%04d", other%10, other), fmt.Sprintf("f%d", other)
	if r.IntN(4) == 0 {
		s.KeyID, s.Fingerprint = fmt.Sprintf("Key%d…****", other%10), ""
	}
	return s
}

// anyReport is what a run could find, with names used twice and keys that
// are under several.
func anyReport(r *rand.Rand) *audit.Report {
	results := make([]*audit.Result, 1+r.IntN(7))
	for i := range results {
		policy, s := arbitraryPolicy(r), anyKey(r)
		result := &audit.Result{Name: pick(r, "", "a", "b", "c", "d", "e"), Exchange: s.Exchange, Title: "Toy", Snapshot: s}
		result.Record.Replaces = pick(r, "", "", "", "a", "b")
		if r.IntN(3) == 0 {
			policy.Waivers = append(policy.Waivers, audit.Waiver{Rule: pick(r, "unlisted-key", "ip-allowlist", "shared-key"), Reason: "known", Until: now.AddDate(0, 1, 0)})
		}
		results[i] = result.Rejudge(policy, now, nil)
	}
	return audit.Collect(slices.Values(results), func() time.Time { return now })
}

func copied(t *testing.T, r *audit.Report) *audit.Report {
	t.Helper()
	text, err := json.Marshal(r)
	require.NoError(t, err)
	back := &audit.Report{}
	require.NoError(t, json.Unmarshal(text, back))
	return back
}

// drifted lists what a report says has changed.
func drifted(r *audit.Report) (out []string) {
	rules := wideRules()
	for _, result := range r.Results {
		for _, f := range result.Findings {
			if rule := rules[f.Rule]; rule != nil && rule.Scope == audit.SinceLast && f.Outcome == audit.Failed {
				out = append(out, f.Rule+": "+f.Message)
			}
		}
	}
	for _, f := range r.Findings {
		out = append(out, f.Rule+": "+f.Message)
	}
	return out
}

// TestCompareWithItself: a report that is compared with itself shows nothing
// new, whatever is in it, and however often.
func TestCompareWithItself(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 31))
		x := anyReport(r)
		for what, y := range map[string]*audit.Report{
			"as collected": x, "as stored": copied(t, x), "compared with nothing": audit.Compare(nil, x, nil), "compared with another": audit.Compare(anyReport(r), x, nil),
		} {
			again := audit.Compare(y, y, nil)
			require.Empty(t, drifted(again), "seed %d, %s", seed, what)
			for _, result := range again.Results {
				require.Empty(t, result.Resolved, "seed %d, %s", seed, what)
				for _, f := range result.Findings {
					require.False(t, f.New, "seed %d, %s: %s: %s", seed, what, f.Rule, f.Message)
				}
			}
			require.False(t, again.Changed(), "seed %d, %s", seed, what)
			require.Equal(t, show(again), show(audit.Compare(y, again, nil)), "seed %d, %s: compared twice is compared once", seed, what)
		}
	}
}

// TestCompareKeepsItsInputs: both reports stay as they are, and neither their
// order nor having been stored makes a difference.
func TestCompareKeepsItsInputs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 32))
		before, after := audit.Compare(anyReport(r), anyReport(r), nil), anyReport(r)
		first, second := show(before), show(after)
		want := show(audit.Compare(before, after, nil))
		require.Equal(t, first, show(before))
		require.Equal(t, second, show(after))
		require.Equal(t, want, show(audit.Compare(copied(t, before), copied(t, after), nil)))
		for _, report := range []*audit.Report{before, after} {
			r.Shuffle(len(report.Results), func(i, j int) { report.Results[i], report.Results[j] = report.Results[j], report.Results[i] })
			report.Results = append(report.Results, nil)
		}
		got := audit.Compare(before, after, nil)
		got.Baseline.Keys-- // the nil one
		require.Equal(t, want, show(got), "seed %d", seed)
	}
}

// unanswered is a snapshot of the same key in a run in which it could not be
// inspected.
func unanswered(r *rand.Rand, s *access.Snapshot) *access.Snapshot {
	out := &access.Snapshot{Inspection: access.Inspection{Exchange: s.Exchange, Environment: s.Environment, TakenAt: s.TakenAt, KeyID: s.KeyID, Fingerprint: s.Fingerprint}}
	out.Failure = &access.Error{Kind: pick(r, kinds()...)}
	switch out.Failure.Kind {
	case access.KindIPNotAllowed:
		out.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Refused}
	case access.KindInput: // the entry has a mistake, or the credentials could not be loaded
		out.KeyID, out.Fingerprint = "", ""
		out.Environment = pick(r, out.Environment, "", "lvie")
	default:
	}
	return out
}

// TestFaultsAreNoChanges: a run in which keys cannot be inspected says so, and
// neither that run nor the next claims that anything else has changed.
func TestFaultsAreNoChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 33))
		first := audit.Compare(nil, anyReport(r), nil)
		names := map[string]int{}
		second := &audit.Report{Started: now, Finished: now}
		for i, result := range first.Results {
			names[result.Name]++
			if names[result.Name] > 1 { // with a mistake in its entry it is unclear which
				first.Results[i].Name += fmt.Sprint(names[result.Name])
			}
			again := *first.Results[i]
			if result.Inspected() && r.IntN(2) == 0 {
				again.Snapshot = unanswered(r, result.Snapshot)
				if again.Snapshot.Failure.Kind == access.KindInput && r.IntN(4) == 0 {
					again.Exchange, again.Snapshot.Exchange = "", ""
				}
			}
			second.Results = append(second.Results, again.Rejudge(again.JudgedBy, now, nil))
		}
		night := audit.Compare(first, second, nil)
		require.Empty(t, night.Findings, "seed %d", seed)
		lost := 0
		for _, result := range night.Results {
			if f := result.Finding("facts-lost"); f.Outcome == audit.Failed {
				require.False(t, result.Inspected())
				require.NotNil(t, result.Last)
				lost++
			}
			if result.Inspected() {
				require.False(t, result.Changed(), "seed %d: %v %s", seed, result.Resolved, show(result.Findings))
			}
		}
		require.Len(t, drifted(night), lost, "seed %d: %s", seed, drifted(night))

		third := audit.Compare(night, first, nil)
		require.Empty(t, drifted(third), "seed %d", seed)
		for _, result := range third.Results {
			for _, rule := range result.Resolved {
				require.Equal(t, "not-inspected", rule, "seed %d", seed)
			}
			for _, f := range result.Findings {
				require.False(t, f.New, "seed %d: %s: %s", seed, f.Rule, f.Message)
			}
		}
		for _, result := range first.Results {
			require.Equal(t, now, of(t, third, result.Name).Snapshot.FirstSeen)
		}
	}
}

// TestNew: what is new and what was resolved, also after a run in which
// nobody could look.
func TestNew(t *testing.T) {
	t.Parallel()
	key := func(ips ...string) *access.Snapshot {
		s := harmless()
		s.TakenAt, s.Created, s.Requests, s.IPAllowlist, s.Fingerprint = now, now, 1, access.NewIPAllowlist(ips), "a1"
		return s
	}
	report := func(s *access.Snapshot) *audit.Report {
		return night(0, audit.ReadOnly(), map[string]*access.Snapshot{"bot": s})
	}
	failed := &access.Snapshot{Inspection: access.Inspection{TakenAt: now, Fingerprint: "a1", Failure: &access.Error{Kind: access.KindUnavailable}}}
	bound, open := report(key("8.8.8.8")), report(key())

	opened := compared(bound, open).Results[0]
	assert.True(t, opened.Finding("ip-allowlist").New)
	assert.True(t, opened.Finding("allowlist-widened").New)
	assert.True(t, opened.Changed())
	assert.Empty(t, opened.Resolved)
	shut := compared(bound, open, bound)
	assert.Equal(t, []string{"ip-allowlist"}, shut.Results[0].Resolved, "that something has changed cannot be resolved")
	assert.True(t, shut.Changed())
	still := compared(bound, open, open)
	assert.False(t, still.Changed())

	silent := compared(open, report(failed)).Results[0]
	assert.Equal(t, open.Results[0].Snapshot.IPAllowlist, silent.Last.IPAllowlist)
	assert.True(t, silent.Finding("not-inspected").New)
	assert.False(t, silent.Finding("ip-allowlist").New)
	assert.Empty(t, silent.Resolved)
	awake := compared(open, report(failed), report(failed), open).Results[0]
	assert.False(t, awake.Finding("ip-allowlist").New, "it was so when somebody last looked")
	assert.Equal(t, []string{"not-inspected"}, awake.Resolved)
	assert.Nil(t, awake.Last)
	assert.True(t, compared(bound, report(failed), open).Results[0].Finding("ip-allowlist").New)

	first := audit.Compare(nil, open, nil)
	assert.False(t, first.Changed())
	assert.Nil(t, first.Baseline)
	assert.False(t, first.Results[0].Finding("ip-allowlist").New, "new means that an earlier report didn't have it")
	assert.True(t, audit.Compare(&audit.Report{}, open, nil).Results[0].Finding("ip-allowlist").New)
}

// TestNewWithTime: what has become so while nobody could look is new as well.
func TestNewWithTime(t *testing.T) {
	t.Parallel()
	key := func() *access.Snapshot {
		s := harmless()
		s.Created, s.Requests, s.Fingerprint = now.AddDate(0, 0, -89), 1, "a1"
		return s
	}
	at := func(day int, s *access.Snapshot) *audit.Report {
		return night(day, audit.ReadOnly(), map[string]*access.Snapshot{"bot": s})
	}
	failed := &access.Snapshot{Inspection: access.Inspection{Fingerprint: "a1", Failure: &access.Error{Kind: access.KindUnavailable}}}
	old := compared(at(0, key()), at(2, failed), at(3, key())).Results[0].Finding("key-age")
	assert.Equal(t, audit.Failed, old.Outcome)
	assert.True(t, old.New)
}

// TestWorse: what was known and gets worse is new, and what was accepted and
// isn't any more.
func TestWorse(t *testing.T) {
	t.Parallel()
	rule := func(f audit.Finding) []*audit.Rule {
		return []*audit.Rule{{ID: "r", Remedy: "do it", Run: func(*audit.Pass) audit.Verdict {
			return audit.Verdict{Outcome: f.Outcome, Severity: f.Severity}
		}}}
	}
	for name, c := range map[string]struct {
		was, is audit.Finding
		want    bool
	}{
		"failed and passed":              {found(audit.Failed, audit.High), found(audit.Passed, 0), false},
		"passed and failed":              {found(audit.Passed, 0), found(audit.Failed, audit.Low), true},
		"does not apply and failed":      {found(audit.NotApplicable, 0), found(audit.Failed, audit.Low), true},
		"passed and undetermined":        {found(audit.Passed, 0), found(audit.Undetermined, audit.Low), true},
		"undetermined and failed":        {found(audit.Undetermined, audit.High), found(audit.Failed, audit.Low), true},
		"failed and undetermined":        {found(audit.Failed, audit.High), found(audit.Undetermined, audit.High), false},
		"failed and undetermined, worse": {found(audit.Failed, audit.Low), found(audit.Undetermined, audit.Critical), true},
		"the same":                       {found(audit.Failed, audit.High), found(audit.Failed, audit.High), false},
		"worse":                          {found(audit.Failed, audit.High), found(audit.Failed, audit.Critical), true},
		"better":                         {found(audit.Failed, audit.High), found(audit.Failed, audit.Low), false},
		"waived before":                  {waived(found(audit.Failed, audit.High)), found(audit.Failed, audit.High), true},
	} {
		before := &audit.Report{Results: []*audit.Result{result("bot", c.was)}, Finished: now}
		after := audit.Compare(before, &audit.Report{Results: []*audit.Result{result("bot")}, Finished: now}, rule(c.is))
		assert.Equal(t, c.want, after.Results[0].Findings[0].New, name)
		assert.Equal(t, c.is.Outcome == audit.Passed && c.was.Outcome == audit.Failed, len(after.Results[0].Resolved) == 1, name)
	}
	// A rule that the previous report does not know is asked about what that found.
	before := &audit.Report{Results: []*audit.Result{result("bot")}, Finished: now}
	assert.False(t, audit.Compare(before, before, rule(found(audit.Failed, audit.High))).Results[0].Findings[0].New)
}
