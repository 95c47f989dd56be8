package audit_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// result makes a result with the findings given.
func result(name string, findings ...audit.Finding) *audit.Result {
	return &audit.Result{Name: name, Exchange: "toy", Title: "Toy", Policy: "p", Snapshot: &access.Snapshot{Inspection: access.Inspection{Requests: 1}}, Findings: findings}
}

func notInspected(name string, findings ...audit.Finding) *audit.Result {
	r := result(name, append(findings, audit.Finding{Rule: "not-inspected", Outcome: audit.Failed, Severity: audit.High, Message: "no answer"})...)
	r.Snapshot.Failure = &access.Error{Exchange: "Toy", Kind: access.KindUnavailable}
	return r
}

func found(o audit.Outcome, s audit.Severity) audit.Finding {
	return audit.Finding{Rule: "r", Outcome: o, Severity: s, Message: "m"}
}

func waived(f audit.Finding) audit.Finding { f.Waived = "accepted"; return f }

func TestExitCode(t *testing.T) {
	t.Parallel()
	clean := result("a", found(audit.Passed, 0), found(audit.NotApplicable, 0))
	for name, c := range map[string]struct {
		results []*audit.Result
		want    int
	}{
		"nothing":                              {nil, audit.ExitNotAssessed},
		"clean":                                {[]*audit.Result{clean}, audit.ExitClean},
		"failed":                               {[]*audit.Result{clean, result("b", found(audit.Failed, audit.High))}, audit.ExitFindings},
		"failed, worse":                        {[]*audit.Result{result("b", found(audit.Failed, audit.Critical))}, audit.ExitFindings},
		"failed below the threshold":           {[]*audit.Result{result("b", found(audit.Failed, audit.Medium))}, audit.ExitClean},
		"failed and waived":                    {[]*audit.Result{result("b", waived(found(audit.Failed, audit.Critical)))}, audit.ExitClean},
		"undetermined":                         {[]*audit.Result{result("b", found(audit.Undetermined, audit.High))}, audit.ExitNotAssessed},
		"undetermined below the threshold":     {[]*audit.Result{result("b", found(audit.Undetermined, audit.Medium))}, audit.ExitClean},
		"undetermined and waived":              {[]*audit.Result{result("b", waived(found(audit.Undetermined, audit.Critical)))}, audit.ExitClean},
		"not inspected":                        {[]*audit.Result{clean, notInspected("b")}, audit.ExitNotAssessed},
		"not inspected, and waived":            {[]*audit.Result{{Snapshot: notInspected("b").Snapshot, Findings: []audit.Finding{waived(notInspected("b").Findings[0])}}}, audit.ExitClean},
		"not inspected and without findings":   {[]*audit.Result{{Snapshot: notInspected("b").Snapshot}}, audit.ExitNotAssessed},
		"no snapshot at all":                   {[]*audit.Result{{Name: "b"}}, audit.ExitNotAssessed},
		"failed and undetermined":              {[]*audit.Result{result("b", found(audit.Undetermined, audit.Critical), found(audit.Failed, audit.High))}, audit.ExitFindings},
		"one failed and another not inspected": {[]*audit.Result{notInspected("a"), result("b", found(audit.Failed, audit.High))}, audit.ExitFindings},
		"not inspected, and failed all the same": {
			[]*audit.Result{notInspected("b", found(audit.Failed, audit.High))}, audit.ExitFindings,
		},
	} {
		var s audit.Summary
		for _, r := range c.results {
			s.Add(r)
		}
		assert.Equal(t, c.want, s.ExitCode(audit.High), name)
	}
	assert.Equal(t, []int{0, 1, 2, 3}, []int{audit.ExitClean, audit.ExitFindings, audit.ExitUsage, audit.ExitNotAssessed})
}

func TestSummary(t *testing.T) {
	t.Parallel()
	var s audit.Summary
	assert.Equal(t, "no key was audited", s.String())
	s.Add(result("a", found(audit.Failed, audit.High), found(audit.Failed, audit.Low), found(audit.Undetermined, audit.Medium), waived(found(audit.Failed, audit.Critical))))
	s.Add(result("b", found(audit.Failed, audit.Critical), found(audit.Failed, audit.High), found(audit.Passed, 0)))
	assert.Equal(t, "2 keys, findings: 1 critical, 2 high, 1 low", s.String())
	s.Add(notInspected("c", found(audit.Undetermined, audit.Critical)))
	assert.Equal(t, "3 keys, findings: 1 critical, 2 high, 1 low; 1 not inspected", s.String())
	assert.Equal(t, audit.Summary{
		Keys: 3, NotInspected: 1, Waived: 1, Requests: 3,
		Failed:       map[audit.Severity]int{audit.Critical: 1, audit.High: 2, audit.Low: 1},
		Undetermined: map[audit.Severity]int{audit.Medium: 1}, // of a key nobody saw, everything is
	}, s)

	text, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"failed":{"critical":1,"high":2,"low":1}`)
	var back audit.Summary
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, s, back)
}

func TestErr(t *testing.T) {
	t.Parallel()
	r := result("a", found(audit.Failed, audit.Medium), found(audit.Undetermined, audit.High), found(audit.Passed, 0))
	require.NoError(t, r.Err(audit.Critical))
	require.ErrorIs(t, r.Err(audit.High), audit.ErrUndetermined)
	require.NotErrorIs(t, r.Err(audit.High), audit.ErrUnsafe)
	require.ErrorIs(t, r.Err(audit.Medium), audit.ErrUnsafe)
	require.ErrorIs(t, r.Err(0), audit.ErrUnsafe)
	require.NotErrorIs(t, r.Err(0), audit.ErrNotInspected)
	require.ErrorIs(t, result("a", found(audit.Failed, audit.Critical)).Err(200), audit.ErrUnsafe, "no threshold is above critical")
	require.NoError(t, result("a", found(audit.Passed, 0)).Err(0))
	require.NoError(t, result("a", waived(found(audit.Failed, audit.Critical)), waived(found(audit.Undetermined, audit.Critical))).Err(0))
}

// TestAKeyNeverSeenIsNotSafe: not even when the rule that says so was left out,
// passed over by a high threshold, or has nothing else to fail with.
func TestAKeyNeverSeenIsNotSafe(t *testing.T) {
	t.Parallel()
	seen := notInspected("a")
	require.ErrorIs(t, seen.Err(audit.High), audit.ErrUnreachable)
	require.ErrorIs(t, seen.Err(audit.Critical), audit.ErrUnreachable)
	require.ErrorIs(t, seen.Err(200), audit.ErrUnreachable)
	require.ErrorIs(t, seen.Err(audit.Critical), access.KindUnavailable)
	ruleless := &audit.Result{Name: "a", Title: "Toy", Snapshot: seen.Snapshot}
	require.EqualError(t, ruleless.Err(audit.High), `key "a" at Toy could not be checked: the exchange did not answer`)
	require.ErrorIs(t, (&audit.Result{}).Err(audit.High), audit.ErrNotInspected)

	seen.Findings[0].Waived = "the exchange is down"
	require.NoError(t, seen.Err(audit.High), "its owner accepted that")
}

// TestRank: the one order of findings, from the worst to what needs nobody.
func TestRank(t *testing.T) {
	t.Parallel()
	last := 1 << 30
	for _, stops := range []bool{true, false} {
		for _, outcome := range []audit.Outcome{audit.Failed, audit.Undetermined} {
			for severity := audit.Critical; severity >= audit.Info; severity-- {
				if (severity >= audit.High) != stops {
					continue
				}
				n := (&audit.Finding{Outcome: outcome, Severity: severity}).Rank()
				assert.Less(t, n, last, "%s %s", severity, outcome)
				last = n
			}
		}
	}
	assert.Positive(t, last)
	for severity := range audit.Severity(10) {
		assert.Zero(t, (&audit.Finding{Outcome: audit.Passed, Severity: severity}).Rank())
		assert.Zero(t, (&audit.Finding{Outcome: audit.NotApplicable, Severity: severity}).Rank())
	}
	assert.Equal(t, (&audit.Finding{Severity: audit.High}).Rank(), (&audit.Finding{}).Rank(), "what does not say how bad it is")
	assert.Equal(t, (&audit.Finding{Severity: audit.High}).Rank(), (&audit.Finding{Outcome: 9}).Rank(), "what is no outcome")
}

func TestWorst(t *testing.T) {
	t.Parallel()
	f := func(rule string, o audit.Outcome, s audit.Severity) audit.Finding {
		return audit.Finding{Rule: rule, Outcome: o, Severity: s}
	}
	r := result("a",
		f("1", audit.Undetermined, audit.Critical), f("2", audit.Failed, audit.Low), f("3", audit.Passed, 0), f("4", audit.Failed, audit.High),
		f("5", audit.Failed, audit.Low), waived(f("6", audit.Failed, audit.Critical)), f("7", audit.Undetermined, audit.Medium), f("8", audit.NotApplicable, 0))
	var order []string
	for _, f := range r.Worst() {
		order = append(order, f.Rule)
	}
	assert.Equal(t, []string{"4", "1", "2", "5", "7"}, order, "a critical unknown before a low failure")
	assert.Equal(t, audit.High, r.Finding("4").Severity)
	assert.Nil(t, r.Finding("9"))
}

// TestCollectIsSorted: the order of a report depends on what was found and not
// on when, even where names are not unique.
func TestCollectIsSorted(t *testing.T) {
	t.Parallel()
	var all []*audit.Result
	add := func(r *audit.Result, environment, id, policy string) {
		r.Snapshot.Environment, r.Snapshot.KeyID, r.Policy = environment, id, policy
		all = append(all, r)
	}
	for _, name := range []string{"", "a", "b"} {
		for _, environment := range []string{"live", "testnet"} {
			for _, id := range []string{"", "…42"} {
				for _, policy := range []string{"agent", "read-only"} {
					add(result(name, found(audit.Failed, audit.High)), environment, id, policy)
					add(result(name, found(audit.Failed, audit.Low)), environment, id, policy)
					add(result(name, found(audit.Passed, 0)), environment, id, policy)
					add(result(name, found(audit.Undetermined, audit.High)), environment, id, policy)
					add(result(name, audit.Finding{Rule: "r", Outcome: audit.Failed, Severity: audit.High, Message: "another"}), environment, id, policy)
					add(result(name, audit.Finding{Rule: "s", Outcome: audit.Failed, Severity: audit.High, Message: "m"}), environment, id, policy)
					add(notInspected(name), environment, id, policy)
				}
			}
		}
	}
	all = append(all, &audit.Result{Name: "b"}, &audit.Result{Name: "b", Exchange: "another"})
	clock := func() time.Time { return now.In(time.FixedZone("", 3600)) }
	want := audit.Collect(slices.Values(all), clock)
	assert.Len(t, want.Results, len(all))
	assert.Equal(t, len(all), want.Summary.Keys)
	assert.Equal(t, audit.ReportSchema, want.Schema)
	assert.Equal(t, time.UTC, want.Started.Location())
	for seed := range uint64(20) {
		rand.New(rand.NewPCG(seed, 25)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		require.Equal(t, want, audit.Collect(slices.Values(all), clock))
	}
	before := time.Now()
	empty := audit.Collect(slices.Values([]*audit.Result{}), nil)
	assert.False(t, empty.Started.Before(before.Add(-time.Second)), "the clock is the machine's unless another is given")
	text, err := json.Marshal(empty)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"results":[]`)
}

func TestRejudge(t *testing.T) {
	t.Parallel()
	grants := []access.Grant{{Capability: access.TradeSpot, State: access.Granted, Evidence: access.Reported}}
	r := &audit.Result{Name: "bot", Title: "Toy", Policy: "old", Snapshot: &access.Snapshot{Inspection: access.Inspection{Requests: 2}, Answer: access.Answer{Grants: grants, Created: now}}}
	strict := r.Rejudge(audit.ReadOnly(), now, nil)
	assert.Equal(t, "read-only", strict.Policy)
	assert.Equal(t, audit.Failed, strict.Finding("excess-permission").Outcome)
	assert.Equal(t, audit.Passed, strict.Finding("key-age").Outcome)
	assert.Equal(t, "old", r.Policy, "the stored result stays as it is")
	assert.Empty(t, r.Findings)
	later := r.Rejudge(audit.SpotTrading(), now.AddDate(2, 0, 0), nil)
	assert.Equal(t, audit.Undetermined, later.Finding("excess-permission").Outcome)
	assert.Equal(t, audit.Failed, later.Finding("key-age").Outcome)
	assert.Equal(t, "unnamed", r.Rejudge(audit.Policy{Name: "\n"}, now, nil).Policy)

	stored := &audit.Report{Started: now, Finished: now, Results: []*audit.Result{r, nil, {Name: "lost"}}}
	again := stored.Rejudge(func(r *audit.Result) audit.Policy {
		if r.Name == "bot" {
			return audit.SpotTrading()
		}
		return audit.ReadOnly()
	}, now, nil)
	require.Len(t, again.Results, 2)
	assert.Equal(t, "spot-trading", again.Results[0].Policy)
	assert.Equal(t, "read-only", again.Results[1].Policy)
	assert.Equal(t, 2, again.Summary.Keys)
	assert.Equal(t, 1, again.Summary.NotInspected)
	assert.Equal(t, 2, again.Summary.Requests)
	assert.Equal(t, now, again.Started)
	assert.Equal(t, "there is no snapshot", again.Results[1].Rejudge(audit.ReadOnly(), now, nil).Finding("not-inspected").Message[len("the answer could not be understood: "):])
}

// FuzzReport: a stored report that can be read can be judged again, written and
// counted, whatever is missing in it.
func FuzzReport(f *testing.F) {
	report := audit.Collect(slices.Values([]*audit.Result{notInspected("a"), result("b", found(audit.Failed, audit.High))}), func() time.Time { return now })
	report.Results[1].Snapshot = full()
	text, err := json.Marshal(report)
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"results":[null,{},{"snapshot":null},{"snapshot":{"siblings":[null]},"findings":null}],"summary":{"failed":null}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var first audit.Report
		if json.Unmarshal(text, &first) != nil {
			return
		}
		again := first.Rejudge(func(*audit.Result) audit.Policy { return audit.SpotTrading() }, now, nil)
		for _, r := range again.Results {
			if r.Err(audit.High) == nil && !r.Inspected() {
				t.Fatalf("not inspected, and no error")
			}
			_ = r.Err(0)
		}
		once, err := json.Marshal(audit.Collect(slices.Values(again.Results), func() time.Time { return now }))
		if err != nil {
			t.Fatal(err)
		}
		var second audit.Report
		if err := json.Unmarshal(once, &second); err != nil {
			t.Fatal(err)
		}
		if twice, err := json.Marshal(second); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}

// TestJudgedByNoRule: a result without findings, as a stored report that was
// edited may hold, is no clean one.
func TestJudgedByNoRule(t *testing.T) {
	t.Parallel()
	r := &audit.Result{Name: "a", Snapshot: &access.Snapshot{}}
	err := r.Err(audit.Critical)
	require.ErrorIs(t, err, audit.ErrUndetermined)
	assert.Contains(t, err.Error(), "no rule judged the key")
	var summary audit.Summary
	summary.Add(r)
	assert.Equal(t, audit.ExitNotAssessed, summary.ExitCode(audit.Critical))
}

// TestSummaryOfWhatWasNotInspected: nothing is said of keys that nobody looked at.
func TestSummaryOfWhatWasNotInspected(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]audit.Summary{
		"3 keys, findings: none": {Keys: 3},
		"3 keys, findings: none about the 2 inspected; 1 not inspected": {Keys: 3, NotInspected: 1},
		"1 key, findings: unknown; 1 not inspected":                     {Keys: 1, NotInspected: 1},
		"3 keys, findings: 1 low; 1 not inspected":                      {Keys: 3, NotInspected: 1, Failed: map[audit.Severity]int{audit.Low: 1}},
		"no key was audited":                                            {},
	} {
		assert.Equal(t, want, s.String())
	}
}
