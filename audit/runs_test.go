package audit_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// nightsCase is one case of testdata/compare: what one rule must say about a
// key in the last of some runs, each compared with the one before.
type nightsCase struct {
	Name     string                  `json:"name"`
	Nights   []map[string]seen       `json:"nights"`  // by the keys' names
	Of       string                  `json:"of"`      // "bot" if empty
	Records  map[string]audit.Record `json:"records"` // by the keys' names
	Policy   casePolicy              `json:"policy"`  // of all keys
	Outcome  audit.Outcome           `json:"outcome"`
	Severity audit.Severity          `json:"severity"`
	Message  string                  `json:"message"` // a part of it
	Silent   string                  `json:"silent"`  // what it must not hold
	advice
}

// seen is a snapshot with shorter words for what most cases need.
type seen struct{ *access.Snapshot }

func (s *seen) UnmarshalJSON(text []byte) error {
	s.Snapshot = &access.Snapshot{Inspection: access.Inspection{Exchange: "toy", Environment: "live", Requests: 1, KeyKind: access.SharedSecret}}
	fields := struct {
		Holds  []access.Capability `json:"holds"` // and of the vocabulary nothing else
		Open   []access.Capability `json:"open"`  // but of these nothing is known
		IPs    *[]string           `json:"ips"`   // not reported if missing, everywhere if empty
		Others []seen              `json:"others"`
		Fails  bool                `json:"fails"`
		*access.Snapshot
	}{Snapshot: s.Snapshot}
	if err := strictly(text, &fields); err != nil {
		return err
	}
	if fields.Holds != nil {
		for _, c := range append(access.Capabilities(), fields.Holds...) {
			held := slices.Contains(fields.Holds, c)
			listed := slices.ContainsFunc(s.Grants, func(g access.Grant) bool { return g.Capability == c })
			if !listed && !slices.Contains(fields.Open, c) {
				s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.StateOf(held), Evidence: access.Reported})
			}
		}
	}
	if fields.IPs != nil {
		s.IPAllowlist = access.NewIPAllowlist(*fields.IPs)
	}
	for _, other := range fields.Others {
		s.Siblings = append(s.Siblings, other.Snapshot)
	}
	if fields.Fails {
		s.Failure = &access.Error{Exchange: "Toy", Kind: access.KindUnavailable}
	}
	return nil
}

// night is a report of snapshots by the keys' names.
func night(i int, policy audit.Policy, keys map[string]*access.Snapshot) *audit.Report {
	at := now.AddDate(0, 0, i)
	results := make([]*audit.Result, 0, len(keys))
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		s := keys[name]
		if s.TakenAt.IsZero() {
			s.TakenAt = at
		}
		r := &audit.Result{Name: name, Exchange: s.Exchange, Title: "Toy", JudgedBy: policy, Policy: policy.Name, Snapshot: s}
		results = append(results, r.Rejudge(policy, at, nil))
	}
	return audit.Collect(slices.Values(results), func() time.Time { return at })
}

// compared compares each report with the one before, and gives the last.
func compared(reports ...*audit.Report) *audit.Report {
	var last *audit.Report
	for _, r := range reports {
		last = audit.Compare(last, r, nil)
	}
	return last
}

func of(t *testing.T, r *audit.Report, name string) *audit.Result {
	t.Helper()
	i := slices.IndexFunc(r.Results, func(r *audit.Result) bool { return r.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return r.Results[i]
}

func (c *nightsCase) run(t *testing.T) *audit.Result {
	t.Helper()
	var reports []*audit.Report
	for i, keys := range c.Nights {
		snapshots := map[string]*access.Snapshot{}
		for name, s := range keys {
			snapshots[name] = s.Snapshot
		}
		report := night(i, c.Policy.Policy, snapshots)
		for _, r := range report.Results {
			r.Record = c.Records[r.Name]
		}
		reports = append(reports, report)
	}
	name := c.Of
	if name == "" {
		name = "bot"
	}
	return of(t, compared(reports...), name)
}

func nightsCases(t *testing.T) map[string][]nightsCase {
	t.Helper()
	files, err := filepath.Glob("testdata/compare/*.json")
	require.NoError(t, err)
	cases := map[string][]nightsCase{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var of []nightsCase
		require.NoError(t, strictly(text, &of), file)
		cases[strings.TrimSuffix(filepath.Base(file), ".json")] = of
	}
	return cases
}

// wideRules are the rules that need the whole of a report, or two.
func wideRules() map[string]*audit.Rule {
	out := map[string]*audit.Rule{}
	for _, r := range audit.Rules() {
		if r.Scope != audit.OneKey {
			out[r.ID] = r
		}
	}
	return out
}

func TestRulesOverRuns(t *testing.T) {
	t.Parallel()
	rules := wideRules()
	for id, cases := range nightsCases(t) {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			rule := rules[id]
			require.NotNil(t, rule)
			for _, c := range cases {
				f := c.run(t).Finding(id)
				require.NotNil(t, f, c.Name)
				assert.Equal(t, c.Outcome.String(), f.Outcome.String(), "%s: %s", c.Name, f.Message)
				assert.Equal(t, c.Severity.String(), f.Severity.String(), "%s: %s", c.Name, f.Message)
				assert.LessOrEqual(t, f.Severity, rule.Severity, "%s: worse than the rule admits", c.Name)
				assert.Contains(t, f.Message, c.Message, c.Name)
				if c.Silent != "" {
					assert.NotContains(t, f.Message, c.Silent, c.Name)
				}
				c.fits(t, c.Name, rule, f)
				assert.NotContains(t, f.Message+f.Remedy, "%!", c.Name)
			}
		})
	}
}

// TestEveryWideRuleHasEveryCase: a rule without a failing case and a good one is
// not tested, nor one that may not know without a case in which it doesn't.
func TestEveryWideRuleHasEveryCase(t *testing.T) {
	t.Parallel()
	cases := nightsCases(t)
	for id, rule := range wideRules() {
		have := map[audit.Outcome]int{}
		for _, c := range cases[id] {
			have[c.Outcome]++
		}
		assert.Positive(t, have[audit.Failed], "%s: no failing case", id)
		assert.Positive(t, have[audit.Passed]+have[audit.NotApplicable], "%s: no good case", id)
		assert.Equal(t, rule.NoFindOut == "", have[audit.Undetermined] > 0, "%s: undetermined cases", id)
	}
	assert.Len(t, cases, len(wideRules()), "a file for every rule, and no other")
}

// TestWideRulesStayOut: where the others are not there, nothing is said of them.
func TestWideRulesStayOut(t *testing.T) {
	t.Parallel()
	r := night(0, audit.ReadOnly(), map[string]*access.Snapshot{"bot": harmless()})
	for id, rule := range wideRules() {
		assert.Nil(t, r.Results[0].Finding(id), id)
		found := audit.Compare(nil, r, nil).Results[0].Finding(id)
		assert.Equal(t, rule.Scope == audit.WholeFleet, found != nil, id)
		assert.NotNil(t, audit.Compare(r, r, nil).Results[0].Finding(id), id)
	}
	raw, err := json.Marshal(audit.Compare(r, r, nil))
	require.NoError(t, err)
	assert.NotContains(t, string(raw), `"new":true`)
}

// TestNothingIsKnownOfTheFleet: of keys of which nothing is known nothing is
// said but that: nobody is accused, and nothing is as it was.
func TestNothingIsKnownOfTheFleet(t *testing.T) {
	t.Parallel()
	unknown := func() map[string]*access.Snapshot {
		grants := []access.Grant{{Capability: access.Withdraw}, {Capability: access.Read, Evidence: access.Reported}}
		return map[string]*access.Snapshot{
			"empty": {}, "silent": {Inspection: access.Inspection{Failure: &access.Error{Kind: access.KindUnavailable}}}, "unknown": {Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: grants}},
			"nobody says": {Answer: access.Answer{IPAllowlist: access.IPAllowlist{State: access.AllowlistRestricted}, Account: access.Account{ID: "…"}}},
		}
	}
	again := audit.Compare(night(0, audit.ReadOnly(), unknown()), night(0, audit.ReadOnly(), unknown()), nil)
	for _, r := range append(again.Results, audit.Compare(&audit.Report{Results: []*audit.Result{{}}}, &audit.Report{Results: []*audit.Result{{}}}, nil).Results...) {
		for id := range wideRules() {
			f := r.Finding(id)
			assert.NotEqual(t, audit.Passed, f.Outcome, "%s, %s: %s", r.Name, id, f.Message)
			assert.NotEqual(t, audit.Failed, f.Outcome, "%s, %s: %s", r.Name, id, f.Message)
		}
	}
}
