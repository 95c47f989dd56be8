package audit_test

import (
	"bytes"
	"encoding/json"
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

// ruleCase is one case of testdata/rules: what one rule must say about a
// snapshot.
type ruleCase struct {
	Name     string           `json:"name"`
	Snapshot *access.Snapshot `json:"snapshot"`
	Record   audit.Record     `json:"record"`
	Policy   casePolicy       `json:"policy"`
	Now      time.Time        `json:"now"`
	Outcome  audit.Outcome    `json:"outcome"`
	Severity audit.Severity   `json:"severity"`
	Evidence *access.Evidence `json:"evidence"` // not compared if missing
	Waived   string           `json:"waived"`   // a part of it; empty means not waived
	Message  string           `json:"message"`  // a part of it
	Silent   string           `json:"silent"`   // no part of it
	advice
}

// advice is a part of what the finding says to do: about a failure, or to find
// out what is undetermined.
type advice struct {
	Remedy  string `json:"remedy"`
	FindOut string `json:"find_out"`
}

// fits: what is undetermined says how to find out, and not how to fix, unless
// its rule says why that is the same.
func (a advice) fits(t *testing.T, name string, rule *audit.Rule, f *audit.Finding) {
	t.Helper()
	assert.Equal(t, bad(f), f.Remedy != "", "%s: advice is for what needs some", name)
	assert.Equal(t, f.Outcome == audit.Undetermined, a.FindOut != "", "%s: a case that is undetermined shows how to find out", name)
	if f.Outcome == audit.Undetermined && rule.NoFindOut == "" {
		assert.NotEqual(t, rule.Remedy, f.Remedy, "%s: the advice for a failure", name)
	}
	assert.Contains(t, f.Remedy, a.FindOut, name)
	assert.Contains(t, f.Remedy, a.Remedy, name)
	if strings.HasPrefix(f.Remedy, "chmod ") {
		return
	}
	assert.Regexp(t, `^$|\.$`, f.Remedy, "%s: whole sentences", name)
}

// casePolicy is a preset with fields laid over it.
type casePolicy struct{ audit.Policy }

func (p *casePolicy) UnmarshalJSON(text []byte) error {
	var named struct {
		Preset string `json:"preset"`
	}
	if err := json.Unmarshal(text, &named); err != nil {
		return err
	}
	fields := struct {
		Preset string `json:"preset"`
		*audit.Policy
	}{Policy: &p.Policy}
	if named.Preset != "" {
		p.Policy = audit.Presets()[named.Preset]
	}
	return strictly(text, &fields)
}

// strictly decodes JSON and refuses members nobody knows, so that a case
// cannot pass for a slip of the pen.
func strictly(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func ruleCases(t *testing.T) map[string][]ruleCase {
	t.Helper()
	files, err := filepath.Glob("testdata/rules/*.json")
	require.NoError(t, err)
	cases := map[string][]ruleCase{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var of []ruleCase
		require.NoError(t, strictly(text, &of), file)
		cases[strings.TrimSuffix(filepath.Base(file), ".json")] = of
	}
	return cases
}

// oneKeyRules are the rules that Judge applies; the others need the whole of a
// report, or two, and are tested with Compare.
func oneKeyRules() []*audit.Rule {
	return slices.DeleteFunc(audit.Rules(), func(r *audit.Rule) bool { return r.Scope != audit.OneKey })
}

func TestRules(t *testing.T) {
	t.Parallel()
	byID := map[string]*audit.Rule{}
	for _, rule := range oneKeyRules() {
		byID[rule.ID] = rule
	}
	for id, cases := range ruleCases(t) {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, byID, id)
			for _, c := range cases {
				result := &audit.Result{Snapshot: c.Snapshot, Record: c.Record}
				findings := result.Rejudge(c.Policy.Policy, c.Now, []*audit.Rule{byID[id]}).Findings
				require.Len(t, findings, 1)
				f := findings[0]
				assert.Equal(t, id, f.Rule)
				assert.Equal(t, c.Outcome.String(), f.Outcome.String(), "%s: %s", c.Name, f.Message)
				assert.Equal(t, c.Severity.String(), f.Severity.String(), c.Name)
				assert.Contains(t, f.Message, c.Message, c.Name)
				assert.LessOrEqual(t, f.Severity, byID[id].Severity, "%s: worse than the rule admits", c.Name)
				if c.Evidence != nil {
					assert.Equal(t, c.Evidence.String(), f.Evidence.String(), c.Name)
				}
				if c.Waived == "" {
					assert.Empty(t, f.Waived, c.Name)
				}
				assert.Contains(t, f.Waived, c.Waived, c.Name)
				if c.Silent != "" {
					assert.NotContains(t, f.Message, c.Silent, c.Name)
				}
				c.fits(t, c.Name, byID[id], &f)
				assert.NotContains(t, f.Message+f.Remedy, "%!", c.Name)
			}
		})
	}
}

// TestEveryRuleHasEveryCase: a rule without a failing, a good and an
// undetermined case is not tested.
func TestEveryRuleHasEveryCase(t *testing.T) {
	t.Parallel()
	cases := ruleCases(t)
	for _, rule := range oneKeyRules() {
		have := map[audit.Outcome]int{}
		for _, c := range cases[rule.ID] {
			have[c.Outcome]++
		}
		assert.Positive(t, have[audit.Failed], "%s: no failing case", rule.ID)
		assert.Positive(t, have[audit.Passed], "%s: no passing case", rule.ID)
		assert.Equal(t, rule.NoFindOut == "", have[audit.Undetermined] > 0, "%s: undetermined cases", rule.ID)
	}
	assert.Len(t, cases, len(oneKeyRules()), "a file for every rule, and no other")
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	rules := audit.Rules()
	require.NoError(t, audit.ValidateRules(rules))
	for _, rule := range rules {
		assert.NotEmpty(t, rule.References, rule.ID)
		for _, text := range append([]string{rule.Title, rule.Why, rule.Remedy, rule.FindOut + rule.NoFindOut}, rule.References...) {
			assert.Equal(t, strings.TrimSpace(text), text, rule.ID)
			assert.NotEmpty(t, text, rule.ID)
		}
		for _, text := range []string{rule.Why, rule.Remedy, rule.FindOut + rule.NoFindOut} {
			assert.True(t, strings.HasSuffix(text, "."), "%s: whole sentences: %s", rule.ID, text)
		}
		assert.NotContains(t, rule.Title, ".", rule.ID)
	}
	rules[0] = nil
	assert.NotNil(t, audit.Rules()[0], "the slice is the caller's to change")
}

// TestNothingIsKnown: of a key of which nothing is known nothing may be said
// but that. The one rule that may answer otherwise is about the policy.
func TestNothingIsKnown(t *testing.T) {
	t.Parallel()
	unknown := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Verified: true}}
	for _, c := range access.Capabilities() {
		unknown.Grants = append(unknown.Grants, access.Grant{Capability: c}, access.Grant{Capability: c, Evidence: access.Reported})
	}
	spokenFor := &access.Snapshot{Inspection: access.Inspection{Failure: &access.Error{Kind: access.KindUnavailable}}}
	for name, s := range map[string]*access.Snapshot{
		"nil": nil, "empty": {}, "failure only": spokenFor, "unknown grants": unknown,
		"restricted, says nobody": {Answer: access.Answer{IPAllowlist: access.IPAllowlist{State: access.AllowlistRestricted, Disclosed: access.EntriesComplete}}},
	} {
		for preset, policy := range audit.Presets() {
			findings := audit.Judge(s, policy, now, nil)
			for _, f := range findings {
				where := name + ", " + preset + ", " + f.Rule + ": " + f.Message
				switch f.Rule {
				case "attestation", "ip-allowlist-expected", "ip-allowlist-negative", "key-scopes", "key-holders", "unexpected-use", "ownership", "key-file-mode", "plain-secret", "secret-in-files": // nothing was attested, expected, recorded or stored
					assert.Equal(t, audit.NotApplicable, f.Outcome, where)
				case "pair-allowlist", "second-channel", "account-state": // whether the exchange has them is not a fact about the key
					assert.NotEqual(t, audit.Passed, f.Outcome, where)
				case "insecure-transport", "not-inspected", "wrong-environment": // a request was sent
					if name == "unknown grants" {
						assert.Equal(t, audit.Passed, f.Outcome, where)
						break
					}
					assert.NotEqual(t, audit.Passed, f.Outcome, where)
				default:
					if pointsOn(findings, &f) { // another rule asks
						break
					}
					assert.Equal(t, audit.Undetermined, f.Outcome, where)
					assert.NotZero(t, f.Severity, where)
				}
			}
		}
	}
}

// TestEveryKindOfFailureHasAdvice: the report says what to do about a key that
// could not be inspected.
func TestEveryKindOfFailureHasAdvice(t *testing.T) {
	t.Parallel()
	general := ""
	for _, rule := range audit.Rules() {
		if rule.ID == "not-inspected" {
			general = rule.Remedy
		}
	}
	for _, kind := range kinds() {
		result := &audit.Result{Snapshot: &access.Snapshot{Inspection: access.Inspection{Failure: &access.Error{Kind: kind}}}}
		f := result.Rejudge(audit.ReadOnly(), now, nil).Finding("not-inspected")
		require.NotNil(t, f, kind)
		assert.NotEmpty(t, f.Remedy, kind)
		assert.NotEqual(t, general, f.Remedy, kind)
	}
	refused := &access.Snapshot{Inspection: access.Inspection{Failure: &access.Error{Kind: access.KindIPNotAllowed, Address: addr("203.0.113.7")}}}
	f := (&audit.Result{Snapshot: refused}).Rejudge(audit.ReadOnly(), now, nil).Finding("not-inspected")
	assert.Contains(t, f.Remedy, "the exchange saw the IP address 203.0.113.7")
}
