package audit_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// judgedBy judges a snapshot by some rules of the catalogue, in their order
// here.
func judgedBy(t *testing.T, s *access.Snapshot, policy audit.Policy, ids ...string) map[string]audit.Finding {
	t.Helper()
	var rules []*audit.Rule
	for _, id := range ids {
		rules = append(rules, ruleByID(t, id)...)
	}
	found := map[string]audit.Finding{}
	for _, f := range audit.Judge(s, policy, now, rules) {
		found[f.Rule] = f
	}
	return found
}

func attesting(policy audit.Policy, rules ...string) audit.Policy {
	for _, rule := range rules {
		policy.Attestations = append(policy.Attestations, audit.Attestation{
			Rule: rule, Statement: "seen", By: "Ada", At: now.AddDate(0, -1, 0), Until: now.AddDate(0, 1, 0),
		})
	}
	return policy
}

func waiving(policy audit.Policy, rules ...string) audit.Policy {
	for _, rule := range rules {
		policy.Waivers = append(policy.Waivers, audit.Waiver{Rule: rule, Reason: "known", Until: now.AddDate(0, 1, 0)})
	}
	return policy
}

// TestOneMissingFactIsOneQuestion: a rule points to those that ask for the fact
// it lacks, as long as they all do, whatever the order of the rules. Otherwise it
// asks itself.
func TestOneMissingFactIsOneQuestion(t *testing.T) {
	t.Parallel()
	answered := func(edit func(*access.Snapshot)) *access.Snapshot {
		s := harmless()
		s.Requests = 1
		edit(s)
		return s
	}
	trading := answered(func(s *access.Snapshot) {
		grant(access.TradeSpot, access.Granted)(s)
		s.IPAllowlist = access.IPAllowlist{}
	})
	expected := audit.SpotTrading()
	expected.ExpectedIPs = append(expected.ExpectedIPs, netip.MustParsePrefix("198.51.100.20/32"))
	down := &access.Error{Kind: access.KindUnavailable}
	refused := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: down}}
	noEnd := answered(func(s *access.Snapshot) { s.NeverExpires = false })
	noRights := answered(func(s *access.Snapshot) { s.Grants = nil })
	noTransfer := answered(grant(access.TransferExternal, access.Unknown))
	for _, c := range []struct {
		rule     string
		snapshot *access.Snapshot
		policy   audit.Policy
		see      []string
	}{
		{"ip-allowlist-width", trading, audit.SpotTrading(), []string{"ip-allowlist"}},
		{"ip-allowlist-entries", trading, audit.SpotTrading(), []string{"ip-allowlist"}},
		{"ip-allowlist-expected", trading, expected, []string{"ip-allowlist"}},
		{"exchange-expiry", trading, audit.SpotTrading(), []string{"ip-allowlist"}},
		{"never-expires", noEnd, audit.ReadOnly(), []string{"key-expiry"}},
		{"contradiction", noRights, audit.ReadOnly(), []string{"unknown-permission"}},
		{"blind-trading", answered(func(s *access.Snapshot) {
			grant(access.TradeSpot, access.Granted)(s)
			grant(access.Read, access.Unknown)(s)
		}), audit.SpotTrading(), []string{"missing-permission"}},
		{"address-book", answered(grant(access.Withdraw, access.Unknown)), audit.ReadOnly(), []string{"withdrawal"}},
		{"address-book", noTransfer, audit.ReadOnly(), []string{"external-transfer"}},
		{"address-book", answered(func(s *access.Snapshot) {
			grant(access.Withdraw, access.Unknown)(s)
			grant(access.TransferExternal, access.Unknown)(s)
		}), audit.ReadOnly(), []string{"withdrawal", "external-transfer"}},
		{"address-book", answered(func(s *access.Snapshot) {
			i := slices.IndexFunc(s.Grants, func(g access.Grant) bool { return g.Capability == access.Withdraw })
			s.Grants[i].State, s.Grants[i].AddressBook = access.Granted, access.BookOn
			grant(access.WithdrawAddresses, access.Unknown)(s)
		}), audit.Treasury(), []string{"withdrawal-addresses"}},
		{"insecure-transport", &access.Snapshot{}, audit.ReadOnly(), []string{"not-inspected"}},
		{"wrong-environment", &access.Snapshot{}, audit.ReadOnly(), []string{"not-inspected"}},
		{"key-state", refused, audit.ReadOnly(), []string{"not-inspected"}},
		{"main-account", refused, audit.SpotTrading(), []string{"not-inspected"}},
		{"account-state", refused, audit.SpotTrading(), []string{"not-inspected"}},
	} {
		where := c.rule + " see " + strings.Join(c.see, " and ")
		alone := judgedBy(t, c.snapshot, c.policy, c.rule)[c.rule]
		require.Equal(t, audit.Undetermined, alone.Outcome, "%s: %s", where, alone.Message)
		for _, order := range [][]string{append([]string{c.rule}, c.see...), append(slices.Clone(c.see), c.rule)} {
			f := judgedBy(t, c.snapshot, c.policy, order...)[c.rule]
			assert.Equal(t, audit.NotApplicable, f.Outcome, where)
			assert.Equal(t, alone.Message+": see "+strings.Join(c.see, " and "), f.Message)
			assert.Equal(t, strings.Join(c.see, ", "), f.See)
			assert.Zero(t, f.Severity, where)
			assert.Empty(t, f.Remedy, where)
		}
		for i, id := range c.see {
			all := append([]string{c.rule}, c.see...)
			without := slices.Delete(slices.Clone(all), i+1, i+2)
			assert.Equal(t, alone, judgedBy(t, c.snapshot, c.policy, without...)[c.rule], "%s: %s is left out", where, id)
			waived := waiving(c.policy, id)
			assert.Equal(t, alone, judgedBy(t, c.snapshot, waived, all...)[c.rule], "%s: %s is waived", where, id)
			switch f := judgedBy(t, c.snapshot, attesting(c.policy, id), all...); {
			case f[id].Outcome != audit.Passed:
			case id == "ip-allowlist" && c.rule != "ip-allowlist-expected": // whoever looked has seen that too
				assert.Equal(t, audit.NotApplicable, f[c.rule].Outcome, where)
			default:
				assert.NotContains(t, strings.Split(f[c.rule].See, ", "), id, "%s: %s is attested", where, id)
				assert.True(t, f[c.rule].Outcome != audit.NotApplicable || f[c.rule].See != "", where)
			}
			own := judgedBy(t, c.snapshot, attesting(c.policy, c.rule, id), append(all, "attestation")...)
			assert.Equal(t, access.Attested, own[c.rule].Evidence, "%s: it is attested itself", where)
			assert.NotContains(t, own["attestation"].Message, "of "+c.rule+" is not used", where)
		}
	}
}

// TestWorseQuestionsAreAsked: a rule that could fail at a higher severity than
// the other asks itself, and so does one that lacks another fact.
func TestWorseQuestionsAreAsked(t *testing.T) {
	t.Parallel()
	reads := harmless()
	reads.IPAllowlist = access.IPAllowlist{}
	found := judgedBy(t, reads, audit.ReadOnly(), "ip-allowlist", "ip-allowlist-width", "ip-allowlist-entries")
	assert.Equal(t, audit.Low, found["ip-allowlist"].Severity)
	assert.Equal(t, audit.Undetermined, found["ip-allowlist-width"].Outcome, "it may be high")
	assert.Equal(t, audit.Undetermined, found["ip-allowlist-entries"].Outcome, "so may it")

	refused := &access.Snapshot{Inspection: access.Inspection{
		Failure: &access.Error{Kind: access.KindUnavailable}, KeyKind: access.RSAKey,
		Storage: []access.Storage{{Part: "secret", File: "/a"}},
	}}
	for _, f := range audit.Judge(refused, audit.Agent(), now, nil) {
		rule := ruleByID(t, f.Rule)[0]
		switch {
		case f.Rule == "address-book":
			assert.Equal(t, "withdrawal, external-transfer", f.See, "as bad, and they are asked")
		case f.Rule == "other-keys-secrets":
			assert.Equal(t, "withdrawal", f.See, "as bad, and it is asked")
		case f.Rule == "ip-allowlist-negative":
			assert.Equal(t, audit.NotApplicable, f.Outcome, "no probe is wanted")
		case f.Rule == "secret-in-files":
			assert.Equal(t, audit.NotApplicable, f.Outcome, "nobody searched")
		case f.Rule == "wallet-key":
			assert.Equal(t, audit.NotApplicable, f.Outcome, "an RSA key is no wallet's")
		case f.Rule == "weak-key", f.Rule == "key-file-mode", rule.Severity == audit.Critical:
			assert.Equal(t, audit.Undetermined, f.Outcome, "%s: %s", f.Rule, f.Message)
		case f.Outcome != audit.Passed && f.Rule != "not-inspected":
			assert.Equal(t, audit.NotApplicable, f.Outcome, "%s: %s", f.Rule, f.Message)
		}
	}
	err := (&audit.Result{Snapshot: refused}).Rejudge(audit.Agent(), now, nil).Err(audit.Critical)
	meansOnly(t, err, audit.ErrUnreachable)
	accepted := (&audit.Result{Snapshot: refused}).Rejudge(waiving(audit.Agent(), "not-inspected"), now, nil)
	for _, f := range accepted.Findings {
		assert.NotContains(t, f.See, "not-inspected", "%s: it asks nobody now", f.Rule)
	}
	meansOnly(t, accepted.Err(audit.High), audit.ErrUnreachable)
}

// TestQuestionsInACircle: of rules that point to one another, one asks.
func TestQuestionsInACircle(t *testing.T) {
	t.Parallel()
	points := func(id, see string, severity audit.Severity) *audit.Rule {
		return &audit.Rule{ID: id, Severity: severity, Run: func(*audit.Pass) audit.Verdict {
			return audit.Verdict{Message: id, See: []string{see}}
		}}
	}
	for name, rules := range map[string][]*audit.Rule{
		"two":           {points("a", "b", audit.High), points("b", "a", audit.High)},
		"three":         {points("a", "b", audit.High), points("b", "c", audit.High), points("c", "a", audit.High)},
		"itself":        {points("a", "a", audit.High)},
		"no severity":   {points("a", "b", 0), points("b", "a", 0)},
		"none such":     {points("a", "x", audit.Low)},
		"a worse one":   {points("a", "b", audit.Critical), points("b", "x", audit.High)},
		"a milder one":  {points("a", "b", audit.Low), points("b", "x", audit.High)},
		"one of itself": {points("a", "b", audit.Low), points("b", "b", audit.High)},
	} {
		worst, open := audit.Severity(0), audit.Severity(0)
		for i, f := range audit.Judge(&access.Snapshot{}, audit.Policy{}, now, rules) {
			worst = max(worst, rules[i].Severity)
			if f.Outcome == audit.Undetermined {
				open = max(open, f.Severity)
			}
		}
		assert.GreaterOrEqual(t, open, worst, name)
		assert.NotZero(t, open, name)
	}
}

// causeWords are in the advice about one kind of failure and no other.
var causeWords = map[access.Kind]string{
	access.KindInput:            "message names",
	access.KindBadKey:           "was copied whole",
	access.KindBadSignature:     "passphrase",
	access.KindIPNotAllowed:     "allowlist",
	access.KindClockSkew:        "NTP",
	access.KindNonce:            "nonce_unit",
	access.KindSecondFactor:     "second factor",
	access.KindExpired:          "Create a new key",
	access.KindDisabled:         "switched off or locked",
	access.KindForbidden:        "may not ask about itself",
	access.KindAmbiguous:        "gives no reason",
	access.KindRateLimited:      "fewer keys",
	access.KindBanned:           "Stop every client",
	access.KindWrongEnvironment: "environment",
	access.KindGeoBlocked:       "serves",
	access.KindUnavailable:      "again later.",
	access.KindNotUnderstood:    "report the change",
	access.KindGuard:            "base_url",
	access.KindCanceled:         "time limit",
}

func refusalAdvice(f *access.Error) string {
	s := &access.Snapshot{Inspection: access.Inspection{Environment: "live", Failure: f}}
	return (&audit.Result{Snapshot: s}).Rejudge(audit.ReadOnly(), now, nil).Finding("not-inspected").Remedy
}

// TestAdviceNamesTheCauses: what each of the possible causes calls for is
// advised, and nothing else.
func TestAdviceNamesTheCauses(t *testing.T) {
	t.Parallel()
	check := func(advice string, causes ...access.Kind) {
		t.Helper()
		for kind, words := range causeWords {
			wanted := slices.Contains(causes, kind)
			assert.Equal(t, wanted, strings.Contains(advice, words), "%s, of %v: %s", kind, causes, advice)
		}
		assert.True(t, strings.HasSuffix(advice, "."), advice)
		assert.NotContains(t, advice, "..")
	}
	for _, a := range kinds() {
		check(refusalAdvice(&access.Error{Kind: a}), a)
		for _, b := range kinds() {
			advice := refusalAdvice(&access.Error{Kind: access.KindAmbiguous, Candidates: []access.Kind{a, b, b}})
			check(advice, a, b)
			assert.Equal(t, a != b, strings.Contains(advice, "(2)"), advice)
			assert.NotContains(t, advice, "(3)")
		}
	}
	elsewhere := []string{"testnet"}
	unknown := refusalAdvice(&access.Error{Kind: access.KindBadKey, Environments: elsewhere})
	check(unknown, access.KindBadKey, access.KindWrongEnvironment)
	check(refusalAdvice(&access.Error{
		Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindExpired, access.KindBadKey}, Environments: elsewhere,
	}), access.KindExpired, access.KindBadKey, access.KindWrongEnvironment)
	check(refusalAdvice(&access.Error{Kind: access.KindBadSignature, Environments: elsewhere}), access.KindBadSignature)
}

// TestAdviceNamesWhatTheExchangeSaid: the IP address it saw, that it is an IPv6
// one, and the other sites where the key may belong.
func TestAdviceNamesWhatTheExchangeSaid(t *testing.T) {
	t.Parallel()
	four, six := addr("203.0.113.7"), addr("2001:db8::9")
	ip, elsewhere := access.KindIPNotAllowed, access.KindWrongEnvironment
	ambiguous := func(edit func(*access.Error)) *access.Error {
		e := &access.Error{Kind: access.KindAmbiguous, Candidates: []access.Kind{ip, elsewhere}}
		edit(e)
		return e
	}
	sites := []string{"eu", "testnet"}
	for _, c := range []struct {
		failure     *access.Error
		says, never string
	}{
		{&access.Error{Kind: ip}, "through its proxy.", "saw"},
		{&access.Error{Kind: ip}, "if the key's page shows none", "saw"}, // a refusal that proves nothing
		{&access.Error{Kind: access.KindBadSignature, Address: four}, "The exchange named the IP address 203.0.113.7.", "allowlist"},
		{&access.Error{Kind: access.KindNotUnderstood, Address: six}, "The exchange named the IP address 2001:db8::9.", "IPv6"},
		{
			&access.Error{Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBadKey, access.KindBanned}, Address: four},
			"prolong it. The exchange named the IP address 203.0.113.7.", "allowlist",
		},
		{&access.Error{Kind: ip, Address: four}, "the exchange saw the IP address 203.0.113.7 (IPv4).", "IPv6"},
		{&access.Error{Kind: ip, Address: six}, "add the entry 2001:db8::9 to the key's allowlist. Allowlists usually contain IPv4", "203.0"},
		{ambiguous(func(e *access.Error) { e.Address = four }), "203.0.113.7", "IPv6"},
		{ambiguous(func(e *access.Error) { e.Environments = sites }), `the exchange also has "eu", "testnet".`, "saw"},
		{&access.Error{Kind: elsewhere}, `this run asked "live".`, "also has"},
		{&access.Error{Kind: access.KindBadKey, Environments: sites}, `also has "eu", "testnet".`, "saw"},
	} {
		advice := refusalAdvice(c.failure)
		assert.Contains(t, advice, c.says)
		assert.NotContains(t, advice, c.never)
	}
	refusal := &access.Error{Kind: elsewhere, Environments: sites}
	foreign := &access.Snapshot{Inspection: access.Inspection{Environment: "live", Failure: refusal}}
	found := judgedBy(t, foreign, audit.ReadOnly(), "wrong-environment")
	assert.Contains(t, found["wrong-environment"].Remedy, `also has "eu"`)
}

// TestOtherSitesOfAForeignKey: a key that an environment does not know may
// belong to another one; other refusals say nothing of that.
func TestOtherSitesOfAForeignKey(t *testing.T) {
	t.Parallel()
	var others []string
	key := toyKey()
	for _, e := range key.Exchange.Environments[1:] {
		others = append(others, e.Name)
	}
	require.NotEmpty(t, others)
	ambiguous := func(k ...access.Kind) *access.Error { return &access.Error{Kind: access.KindAmbiguous, Candidates: k} }
	for _, c := range []struct {
		refusal *access.Error
		want    []string
	}{
		{&access.Error{Kind: access.KindBadKey}, others},
		{&access.Error{Kind: access.KindWrongEnvironment}, others},
		{ambiguous(access.KindExpired, access.KindBadKey), others},
		{ambiguous(access.KindExpired, access.KindBadSignature), nil},
		{&access.Error{Kind: access.KindBadSignature}, nil},
		{&access.Error{Kind: access.KindUnavailable}, nil},
	} {
		key := toyKey(func(k *audit.Key) { k.Exchange.Inspect = refusing(c.refusal) })
		s, err := inspectToy(t, key, &toyFake{})
		require.NotNil(t, err)
		assert.Equal(t, c.want, s.Failure.Environments, c.refusal)
	}
}

// TestNoRemedyRepairsAKeyOfAClosingExchange: it is deleted.
func TestNoRemedyRepairsAKeyOfAClosingExchange(t *testing.T) {
	t.Parallel()
	old := func(closing bool) *access.Snapshot {
		s := harmless()
		s.Created, s.Expires, s.ExpiryOffered = now.AddDate(-2, 0, 0), now.AddDate(0, 0, 2), true
		s.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported}
		s.Deadlines = []access.Deadline{{What: "it ends", Closing: closing}}
		return s
	}
	for _, id := range []string{"ip-allowlist", "key-age", "key-expiry", "exchange-expiry"} {
		closing, other := judgedBy(t, old(true), audit.ReadOnly(), id)[id], judgedBy(t, old(false), audit.ReadOnly(), id)[id]
		require.Equal(t, audit.Failed, closing.Outcome, id)
		assert.Contains(t, closing.Remedy, "delete the key", id)
		assert.NotRegexp(t, "restrict|new key", closing.Remedy, id)
		assert.Equal(t, other.Message, closing.Message, id)
		assert.NotEqual(t, other.Remedy, closing.Remedy, id)
	}
}

// texts is every text of the catalogue and every message and advice of the
// cases, each with its rule.
func texts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	byID := map[string]*audit.Rule{}
	for _, r := range audit.Rules() {
		byID[r.ID] = r
		for _, text := range []string{r.Title, r.Why, r.Remedy, r.FindOut, r.NoFindOut} {
			out[text] = r.ID
		}
	}
	for id, cases := range ruleCases(t) {
		for _, c := range cases {
			r := &audit.Result{Snapshot: c.Snapshot, Record: c.Record}
			for _, f := range r.Rejudge(c.Policy.Policy, c.Now, []*audit.Rule{byID[id]}).Findings {
				if out[f.Remedy] = id; id != "not-inspected" { // that says the failure's own words
					out[f.Message] = id
				}
			}
		}
	}
	for id, cases := range nightsCases(t) {
		for _, c := range cases {
			f := c.run(t).Finding(id)
			out[f.Message], out[f.Remedy] = id, id
		}
	}
	for _, kind := range kinds() {
		out[refusalAdvice(&access.Error{Kind: kind})] = "not-inspected"
	}
	return out
}
