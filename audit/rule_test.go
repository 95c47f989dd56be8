package audit_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// capabilities are those of the fixed vocabulary and one of every family
// outside it.
var capabilities = append(access.Capabilities(), "other:fiat-withdraw", "other:pay", "other:convert", "other:earn", "other:key-secrets", "other:deposit", "other:post")

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// arbitrary is a snapshot such as an adapter could make: no fact twice, and
// none that another one excludes.
func arbitrary(r *rand.Rand) *access.Snapshot {
	s := &access.Snapshot{Inspection: access.Inspection{Requests: r.IntN(3)}, Answer: access.Answer{Account: access.Account{Kind: access.AccountKind(r.IntN(3))}, ExpiryOffered: r.IntN(2) == 0}}
	often := r.IntN(3) // 0: an exchange that reports little
	for _, c := range capabilities {
		if r.IntN(3) > often {
			continue
		}
		g := access.Grant{Capability: c, State: pick(r, access.Granted, access.Denied, access.Denied, access.Unknown)}
		if g.State != access.Unknown {
			g.Evidence = pick(r, access.Reported, access.Reported, access.Reported, access.Inferred, access.Documented, access.NoEvidence)
		}
		if g.State == access.Granted {
			g.Names = slices.Clone(pick(r, nil, []string{"Trade"}, []string{"Trade", "All"}, []string{"All"}))
			g.Implied = pick(r, access.NotImplied, access.ImpliedAlways, access.ImpliedOnMain)
		}
		s.Grants = append(s.Grants, g)
	}
	s.IPAllowlist = access.NewIPAllowlist(pick(r, nil, []string{"198.51.100.20"}, []string{"203.0.113.0/24", "10.0.0.1"}, []string{"0.0.0.0/0"},
		[]string{"2001:db8::/40"}, []string{"203.**.154"}, []string{"garbage"}, []string{"0.0.0.0/1", "128.0.0.0/1"}))
	s.IPAllowlist.State = pick(r, s.IPAllowlist.State, s.IPAllowlist.State, s.IPAllowlist.State, access.AllowlistState(r.IntN(5)))
	s.IPAllowlist.Evidence = pick(r, access.Reported, access.Reported, access.Refused, access.Documented, access.NoEvidence)
	s.IPAllowlist.Disclosed = pick(r, s.IPAllowlist.Disclosed, s.IPAllowlist.Disclosed, access.Disclosure(r.IntN(3)))
	s.Created = pick(r, time.Time{}, now.AddDate(0, 0, -r.IntN(800)), now.AddDate(0, 1, 0))
	switch r.IntN(4) {
	case 0:
		s.Expires = now.AddDate(0, 0, r.IntN(90)-20)
	case 1:
		s.NeverExpires = true
	case 2:
		s.KeyState = access.KeyExpired
	}
	if s.KeyState == access.KeyStateUnknown {
		s.KeyState = access.KeyState(r.IntN(5))
	}
	s.Unmapped = pick(r, nil, nil, []string{"Quotes"}, []string{"PayOut"})
	s.Contradictions = pick(r, nil, nil, []string{"the flag says no and the list says yes"})
	s.Deadlines = pick(r, nil, nil, []access.Deadline{{What: "the exchange deletes idle keys", At: now.AddDate(0, 0, r.IntN(30))}})
	s.Insecure = pick(r, nil, nil, []string{"certificate checks are off"})
	s.Clock = access.Clock{Known: r.IntN(2) == 0, Offset: time.Duration(r.IntN(20)-10) * time.Second, Window: pick(r, 0, 5*time.Second)}
	if r.IntN(6) == 0 {
		s.Failure = &access.Error{Kind: access.Kind(r.IntN(int(access.KindCanceled) + 1))}
	}
	return s
}

func arbitraryPolicy(r *rand.Rand) audit.Policy {
	p := pick(r, audit.Policy{}, audit.ReadOnly(), audit.SpotTrading(), audit.FuturesTrading(), audit.Trading(), audit.Treasury(), audit.Agent())
	for _, c := range capabilities {
		if r.IntN(12) == 0 {
			p.Allows = append(p.Allows, c)
		}
	}
	p.ExpectedIPs = pick(r, nil, []netip.Prefix{netip.MustParsePrefix("198.51.100.20/32")}, []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")})
	return p
}

// forgetting lists ways to know less, by what is forgotten.
func forgetting(s *access.Snapshot) map[string]func(*access.Snapshot) {
	ways := map[string]func(*access.Snapshot){
		"the evidence of the allowlist": func(s *access.Snapshot) { s.IPAllowlist.Evidence = access.NoEvidence },
		"the state of the allowlist":    func(s *access.Snapshot) { s.IPAllowlist.State = access.AllowlistUnknown },
		"the allowlist":                 func(s *access.Snapshot) { s.IPAllowlist = access.IPAllowlist{} },
		"all rights":                    func(s *access.Snapshot) { s.Grants = nil },
		"the creation":                  func(s *access.Snapshot) { s.Created = time.Time{} },
		"the expiry":                    func(s *access.Snapshot) { s.Expires, s.NeverExpires = time.Time{}, false },
		"the account":                   func(s *access.Snapshot) { s.Account = access.Account{} },
		"the state of the key":          func(s *access.Snapshot) { s.KeyState = access.KeyStateUnknown },
		"the clock":                     func(s *access.Snapshot) { s.Clock = access.Clock{} },
		"the requests":                  func(s *access.Snapshot) { s.Requests = 0 },
	}
	for i, g := range s.Grants {
		name := string(g.Capability)
		ways["whether "+name] = func(s *access.Snapshot) { s.Grants[i].State, s.Grants[i].Evidence = access.Unknown, access.NoEvidence }
		ways["whether, with its evidence, "+name] = func(s *access.Snapshot) { s.Grants[i].State = access.Unknown }
		ways["the evidence of "+name] = func(s *access.Snapshot) { s.Grants[i].Evidence = access.NoEvidence }
		if slices.Contains(access.Capabilities(), g.Capability) { // others are known by being listed
			ways["the entry of "+name] = func(s *access.Snapshot) { s.Grants = slices.Delete(s.Grants, i, i+1) }
		}
		if g.State == access.Granted || g.State == access.Denied {
			ways["whether to believe "+name] = func(s *access.Snapshot) {
				other := s.Grants[i]
				other.State = access.StateOf(other.State != access.Granted)
				s.Grants = append(s.Grants, other)
			}
		}
	}
	return ways
}

func clone(t *testing.T, s *access.Snapshot) *access.Snapshot {
	t.Helper()
	text, err := json.Marshal(s)
	require.NoError(t, err)
	back := &access.Snapshot{}
	require.NoError(t, json.Unmarshal(text, back))
	return back
}

// pointsOn reports whether a finding points to other rules that still ask for
// the fact it lacks, at no lower severity than its own rule could fail with.
func pointsOn(findings []audit.Finding, f *audit.Finding) bool {
	if f.Outcome != audit.NotApplicable || f.See == "" {
		return false
	}
	rules := audit.Rules()
	rule := rules[slices.IndexFunc(rules, func(r *audit.Rule) bool { return r.ID == f.Rule })]
	for id := range strings.SplitSeq(f.See, ", ") {
		i := slices.IndexFunc(findings, func(other audit.Finding) bool { return other.Rule == id })
		if i < 0 {
			return false
		}
		open := findings[i].Outcome == audit.Undetermined || (id == "not-inspected" && findings[i].Outcome == audit.Failed)
		if !open || findings[i].Waived != "" || findings[i].Severity < rule.Severity {
			return false
		}
	}
	return true
}

// TestPointsToTheEnd: a rule points to the one that asks, also where the
// rule that it leaves the question to leaves it to another.
func TestPointsToTheEnd(t *testing.T) {
	t.Parallel()
	s := harmless()
	s.Grants = nil
	for _, f := range audit.Judge(s, audit.SpotTrading(), now, nil) {
		switch f.Rule {
		case audit.RuleUnknownPermission, audit.RuleContradiction, audit.RuleOtherKeysSecrets:
			assert.Equal(t, audit.NotApplicable.String(), f.Outcome.String(), f.Rule)
			assert.Equal(t, audit.RuleWithdrawal, f.See, f.Rule)
		}
	}
}

func bad(f *audit.Finding) bool { return f.Outcome == audit.Failed || f.Outcome == audit.Undetermined }

// lessKnowledge holds the promise the whole library rests on: who knows less
// never sees a better answer. Severities may differ where they say so.
func lessKnowledge(t *testing.T, seed uint64) {
	t.Helper()
	again := func() (*access.Snapshot, audit.Policy) {
		r := rand.New(rand.NewPCG(seed, 22))
		return arbitrary(r), arbitraryPolicy(r)
	}
	s, policy := again()
	before := &audit.Result{Snapshot: s, Findings: audit.Judge(s, policy, now, nil)}
	for what, forget := range forgetting(s) {
		less, _ := again()
		forget(less)
		after := &audit.Result{Snapshot: less, Findings: audit.Judge(less, policy, now, nil)}
		for i := range before.Findings {
			b, a := &before.Findings[i], &after.Findings[i]
			if bad(b) && !bad(a) && !pointsOn(after.Findings, a) {
				t.Fatalf("seed %d: forgetting %s turns %s from %q (%s) into %q (%s)\n%s", seed, what, b.Rule, b.Outcome, b.Message, a.Outcome, a.Message, show(s))
			}
		}
		if _, right := rightOf(what); right && before.Err(audit.High) != nil && after.Err(audit.High) == nil {
			t.Fatalf("seed %d: forgetting %s opens the door that was shut by %v\n%s", seed, what, before.Err(audit.High), show(s))
		}
	}
}

// rightOf finds the capability a way of forgetting is about.
func rightOf(what string) (access.Capability, bool) {
	for _, c := range capabilities {
		if len(what) > len(c) && what[len(what)-len(c):] == string(c) {
			return c, true
		}
	}
	return "", false
}

func show(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	return fmt.Sprint(string(text), err)
}

func TestLessKnowledgeIsNeverBetter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		lessKnowledge(t, seed)
	}
}

func FuzzLessKnowledge(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(seed + 1_000_000)
	}
	f.Fuzz(lessKnowledge)
}

// TestJudgement: what holds for every finding of every snapshot.
func TestJudgement(t *testing.T) {
	t.Parallel()
	rules := oneKeyRules()
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 23))
		s, policy := arbitrary(r), arbitraryPolicy(r)
		findings := audit.Judge(s, policy, now, nil)
		require.Len(t, findings, len(rules))
		for i, f := range findings {
			require.Equal(t, rules[i].ID, f.Rule)
			require.NotEmpty(t, f.Message)
			require.LessOrEqual(t, f.Severity, rules[i].Severity, f.Message)
			require.Equal(t, bad(&f), f.Severity > 0, f.Message)
			require.Equal(t, bad(&f), f.Remedy != "", f.Message)
			require.Equal(t, f.See != "", pointsOn(findings, &f), "%s points to %q", f.Rule, f.See)
		}
		require.Equal(t, findings, audit.Judge(clone(t, s), policy, now, nil), "a stored snapshot is judged alike")

		shuffled := clone(t, s)
		r.Shuffle(len(s.Grants), func(i, j int) {
			shuffled.Grants[i], shuffled.Grants[j] = shuffled.Grants[j], shuffled.Grants[i]
		})
		for i, f := range audit.Judge(shuffled, policy, now, nil) {
			require.Equal(t, findings[i].Outcome, f.Outcome, "%s depends on the order of the grants", f.Rule)
			require.Equal(t, findings[i].Severity, f.Severity, "%s depends on the order of the grants", f.Rule)
		}

		// An attestation fills gaps and overrules nothing.
		for _, rule := range rules {
			policy.Attestations = append(policy.Attestations, audit.Attestation{
				Rule: rule.ID, Statement: "looked", By: "Ada", At: now.AddDate(0, -1, 0), Until: now.AddDate(0, 1, 0), Covers: s.Unmapped,
			})
			policy.Waivers = append(policy.Waivers, audit.Waiver{Rule: rule.ID, Reason: "known", Until: now.AddDate(0, 1, 0)})
		}
		for i, f := range audit.Judge(s, policy, now, nil) {
			switch before := findings[i]; before.Outcome {
			case audit.Failed:
				require.Equal(t, audit.Failed, f.Outcome, f.Rule)
				require.Equal(t, before.Severity, f.Severity, f.Rule)
				require.Equal(t, "accepted until 2026-12-22: known", f.Waived)
			case audit.Undetermined:
				require.Equal(t, audit.Passed, f.Outcome, f.Rule)
				require.Equal(t, access.Attested, f.Evidence, f.Rule)
			case audit.Passed, audit.NotApplicable:
				if before.See != "" { // nobody else asks any more
					require.Equal(t, audit.Passed, f.Outcome, f.Rule)
					require.Equal(t, access.Attested, f.Evidence, f.Rule)
				} else if f.Rule != "attestation" { // there are some now
					require.Equal(t, before, f)
				}
			}
		}
	}
}

func TestOwnRules(t *testing.T) {
	t.Parallel()
	says := func(v audit.Verdict) func(*audit.Pass) audit.Verdict {
		return func(*audit.Pass) audit.Verdict { return v }
	}
	findings := audit.Judge(&access.Snapshot{}, audit.Policy{}, now, []*audit.Rule{
		{ID: "silent"},
		{ID: "failed", Severity: audit.Low, Remedy: "the rule's own", Run: says(audit.Verdict{Outcome: audit.Failed})},
		{ID: "worse", Severity: audit.Low, Remedy: "the rule's own", Run: says(audit.Verdict{Outcome: audit.Failed, Severity: audit.Critical, Remedy: "another"})},
		{ID: "unweighed", Run: says(audit.Verdict{Outcome: audit.Failed})},
		{ID: "no outcome at all", Severity: audit.Critical, Remedy: "fix it", FindOut: "look it up", Run: says(audit.Verdict{Outcome: 99, Message: "?"})},
		{ID: "unknown", Severity: audit.Low, Remedy: "fix it", FindOut: "look it up", Run: says(audit.Verdict{})},
		{ID: "unknown, with advice", Severity: audit.Low, Remedy: "fix it", FindOut: "look it up", Run: says(audit.Verdict{Remedy: "another"})},
		{ID: "unknown in one step", Severity: audit.Low, Remedy: "fix it", NoFindOut: "looking fixes it", Run: says(audit.Verdict{})},
		{ID: "passed", Severity: audit.Low, Run: says(audit.Verdict{Outcome: audit.Passed, Severity: audit.High, Remedy: "none"})},
	})
	const none = "The rule gave no reason"
	assert.Equal(t, []audit.Finding{
		{Rule: "silent", Outcome: audit.Undetermined, Severity: audit.High, Message: "The rule gave no answer"},
		{Rule: "failed", Outcome: audit.Failed, Severity: audit.Low, Message: none, Remedy: "the rule's own"},
		{Rule: "worse", Outcome: audit.Failed, Severity: audit.Critical, Message: none, Remedy: "another"},
		{Rule: "unweighed", Outcome: audit.Failed, Severity: audit.High, Message: none},
		{Rule: "no outcome at all", Outcome: audit.Undetermined, Severity: audit.Critical, Message: "?", Remedy: "look it up"},
		{Rule: "unknown", Outcome: audit.Undetermined, Severity: audit.Low, Message: none, Remedy: "look it up"},
		{Rule: "unknown, with advice", Outcome: audit.Undetermined, Severity: audit.Low, Message: none, Remedy: "another"},
		{Rule: "unknown in one step", Outcome: audit.Undetermined, Severity: audit.Low, Message: none, Remedy: "fix it"},
		{Rule: "passed", Outcome: audit.Passed, Message: none},
	}, findings)

	ids := func(findings []audit.Finding) (out []string) {
		for _, f := range findings {
			out = append(out, f.Rule)
		}
		return out
	}
	all := ids(audit.Judge(&access.Snapshot{}, audit.Policy{}, now, nil))
	assert.Equal(t, all, ids(audit.Judge(&access.Snapshot{}, audit.Policy{}, now, []*audit.Rule{})), "no rules would mean no findings, and that would look clean")
}

func TestPassSeesPolicyAndTime(t *testing.T) {
	t.Parallel()
	var seen *audit.Pass
	s := &access.Snapshot{Answer: access.Answer{Label: "bot"}}
	audit.Judge(s, audit.SpotTrading(), now, []*audit.Rule{{ID: "x", Run: func(p *audit.Pass) audit.Verdict { seen = p; return audit.Verdict{} }}})
	assert.Same(t, s, seen.Snapshot)
	assert.Equal(t, "spot-trading", seen.Policy.Name)
	assert.Equal(t, now, seen.Now)
}

func TestValidateRules(t *testing.T) {
	t.Parallel()
	whole := func(edit func(*audit.Rule)) *audit.Rule {
		r := &audit.Rule{
			ID: "my-rule", Title: "T", Why: "W", Remedy: "R", FindOut: "F", Severity: audit.Low, Since: "v1",
			Run: func(*audit.Pass) audit.Verdict { return audit.Verdict{} },
		}
		edit(r)
		return r
	}
	require.NoError(t, audit.ValidateRules(nil))
	require.NoError(t, audit.ValidateRules([]*audit.Rule{whole(func(*audit.Rule) {})}))
	require.NoError(t, audit.ValidateRules([]*audit.Rule{whole(func(r *audit.Rule) { r.FindOut, r.NoFindOut = "", "looking fixes it" })}))
	noAdvice := `rule "my-rule": missing or malformed FindOut`
	for what, edit := range map[string]func(*audit.Rule){
		"none":               func(r *audit.Rule) { r.FindOut = "" },
		"that for a failure": func(r *audit.Rule) { r.FindOut = r.Remedy },
		"some, and why not":  func(r *audit.Rule) { r.NoFindOut = "looking fixes it" },
	} {
		require.EqualError(t, audit.ValidateRules([]*audit.Rule{whole(edit)}), "audit: "+noAdvice, what)
	}
	for want, edit := range map[string]func(*audit.Rule){
		`rule "": missing or malformed ID`:              func(r *audit.Rule) { r.ID = "" },
		`rule "My-rule": missing or malformed ID`:       func(r *audit.Rule) { r.ID = "My-rule" },
		`rule "my rule": missing or malformed ID`:       func(r *audit.Rule) { r.ID = "my rule" },
		`rule "my-rule": missing or malformed Title`:    func(r *audit.Rule) { r.Title = "" },
		`rule "my-rule": missing or malformed Why`:      func(r *audit.Rule) { r.Why = "" },
		`rule "my-rule": missing or malformed Remedy`:   func(r *audit.Rule) { r.Remedy = "" },
		`rule "my-rule": missing or malformed Severity`: func(r *audit.Rule) { r.Severity = 0 },
		`rule "my-rule": missing or malformed Run, Since`: func(r *audit.Rule) {
			r.Since, r.Run = "", nil
		},
	} {
		require.EqualError(t, audit.ValidateRules([]*audit.Rule{whole(edit)}), "audit: "+want)
	}
	twice := whole(func(*audit.Rule) {})
	require.EqualError(t, audit.ValidateRules([]*audit.Rule{twice, twice}), `audit: duplicate rule ID "my-rule"`)
}
