package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// What is tested here, of several keys and of two runs, could once be broken without any
// test noticing.

// TestSameKeyElsewhere: another key has taken the name of one, which is found again under
// a new name, and only in the environment where it was.
func TestSameKeyElsewhere(t *testing.T) {
	t.Parallel()
	before := reportOf(0, entry{"a", "toy", "live", "f1", nil})
	for environment, want := range map[string]string{"live": `The key was called "a" in the previous report`, "test": "not in the previous report"} {
		after := reportOf(1, entry{"a", "toy", "live", "f2", nil}, entry{"b", "toy", environment, "f1", nil})
		report := audit.Compare(before, after, nil)
		for _, r := range report.Results {
			if r.Name != "b" {
				continue
			}
			f := r.Finding(audit.RuleKeyAppeared)
			require.NotNil(t, f)
			assert.Contains(t, f.Message, want, environment)
		}
	}
}

// TestListsOverTime: a list that let everybody in cannot be widened, and what comes
// after it is no danger.
func TestListsOverTime(t *testing.T) {
	t.Parallel()
	lists := func(entries ...string) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist(entries) }
	}
	for name, c := range map[string]struct {
		was, is func(*access.Snapshot)
		want    string
	}{
		"open to restricted":    {lists(), lists("203.0.113.7"), "failed info"},
		"all to one":            {lists("0.0.0.0/0"), lists("203.0.113.7"), "failed info"},
		"all to more than all":  {lists("0.0.0.0/0"), lists("0.0.0.0/0", "8.8.8.8", "2a00::/64"), "failed info"},
		"one to two":            {lists("203.0.113.7"), lists("203.0.113.7", "8.8.8.8"), "failed high"},
		"two to one":            {lists("203.0.113.7", "8.8.8.8"), lists("203.0.113.7"), "failed info"},
		"the same":              {lists("203.0.113.7"), lists("203.0.113.7"), "passed unset"},
		"one to all":            {lists("203.0.113.7"), lists("0.0.0.0/0"), "failed critical"},
		"one to a wider range":  {lists("203.0.113.7"), lists("203.0.113.0/24"), "failed high"},
		"a range to one of its": {lists("203.0.113.0/24"), lists("203.0.113.7"), "failed info"},
	} {
		got, message := outcome(t, audit.Compare(onNight(0, tradingKey("a", keyA, 0, c.was)), onNight(1, tradingKey("a", keyA, 1, c.is)), nil), "a", audit.RuleAllowlistWidened)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestReportedAsBefore: rights alone, unrecognised ones alone and a list alone are facts
// that the exchange could stop reporting.
func TestReportedAsBefore(t *testing.T) {
	t.Parallel()
	nothing := func(s *access.Snapshot) { s.Answer = access.Answer{} }
	for name, c := range map[string]struct {
		edit func(*access.Snapshot)
		want string
	}{
		"nothing": {nothing, "not-applicable unset"},
		"rights": {func(s *access.Snapshot) {
			nothing(s)
			s.Grants = []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Reported}}
		}, "passed unset"},
		"unrecognised": {func(s *access.Snapshot) { nothing(s); s.Unmapped = []string{"x"} }, "passed unset"},
		"a list":       {func(s *access.Snapshot) { nothing(s); s.IPAllowlist = access.NewIPAllowlist([]string{"8.8.8.8"}) }, "passed unset"},
		"a list, as documented": {func(s *access.Snapshot) {
			nothing(s)
			s.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
		}, "not-applicable unset"},
		"creation": {func(s *access.Snapshot) { nothing(s); s.Created = firstNight }, "passed unset"},
		"account":  {func(s *access.Snapshot) { nothing(s); s.Account.Kind = access.SubAccount }, "passed unset"},
		"expiry":   {func(s *access.Snapshot) { nothing(s); s.NeverExpires = true }, "passed unset"},
		"edit":     {func(s *access.Snapshot) { nothing(s); s.Changed = firstNight }, "passed unset"},
		"use":      {func(s *access.Snapshot) { nothing(s); s.LastUsed = firstNight }, "passed unset"},
	} {
		was, is := tradingKey("a", keyA, 0, c.edit), tradingKey("a", keyA, 1, c.edit)
		got, message := outcome(t, audit.Compare(onNight(0, was), onNight(1, is), nil), "a", audit.RuleFactsLost)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
		got, message = outcome(t, audit.Compare(onNight(0, was), onNight(1, tradingKey("a", keyA, 1, nothing)), nil), "a", audit.RuleFactsLost)
		assert.Equal(t, c.want == "passed unset", got == "failed medium", "%s, lost: %s %s", name, got, message)
	}
}

// TestRotationNeedsBoth: of a key without a fingerprint, nobody can say whether it is
// the same.
func TestRotationNeedsBoth(t *testing.T) {
	t.Parallel()
	nameless := func(s *access.Snapshot) { s.Fingerprint = "" }
	for name, c := range map[string]struct {
		was, is *audit.Result
		want    string
	}{
		"both":    {tradingKey("a", keyA, 0), tradingKey("a", keyA, 1), "passed unset"},
		"neither": {tradingKey("a", keyA, 0, nameless), tradingKey("a", keyA, 1, nameless), "not-applicable unset"},
		"before":  {tradingKey("a", keyA, 0), tradingKey("a", keyA, 1, nameless), "not-applicable unset"},
		"now":     {tradingKey("a", keyA, 0, nameless), tradingKey("a", keyA, 1), "not-applicable unset"},
		"another": {tradingKey("a", keyA, 0), tradingKey("a", keyB, 1), "failed info"},
	} {
		got, message := outcome(t, audit.Compare(onNight(0, c.was), onNight(1, c.is), nil), "a", audit.RuleRotated)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestThreatOfAKey: a key that nobody watches is critical if it may move funds out in
// any way, or is usable from anywhere; not if it can do neither, or has expired.
func TestThreatOfAKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*access.Snapshot)
		want string
	}{
		"restricted, trades":                {func(*access.Snapshot) {}, "failed high"},
		"usable from anywhere":              {func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist(nil) }, "failed critical"},
		"a list unknown":                    {func(s *access.Snapshot) { s.IPAllowlist = access.IPAllowlist{} }, "failed critical"},
		"withdraws":                         {granting(access.Withdraw), "failed critical"},
		"sends to other users":              {granting(access.TransferExternal), "failed critical"},
		"changes withdrawal addresses":      {granting(access.WithdrawAddresses), "failed critical"},
		"manages keys":                      {granting(access.APIKeyManage), "failed critical"},
		"withdraws, and expired":            {func(s *access.Snapshot) { granting(access.Withdraw)(s); s.KeyState = access.KeyExpired }, "failed high"},
		"usable from anywhere, and expired": {func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist(nil); s.KeyState = access.KeyExpired }, "failed high"},
	} {
		sibling := tradingKey("b", evil, 0, c.edit).Snapshot
		own := tradingKey("a", keyA, 0, func(s *access.Snapshot) { s.Siblings = []*access.Snapshot{nil, sibling} })
		got, message := outcome(t, audit.Compare(nil, onNight(0, own), nil), "a", audit.RuleUnlistedKey)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestEditOfANamelessKey: only a key that is known to be another one is taken for new.
func TestEditOfANamelessKey(t *testing.T) {
	t.Parallel()
	edited := func(s *access.Snapshot) { s.Changed = firstNight.Add(-time.Hour) }
	nameless := func(s *access.Snapshot) { edited(s); s.Fingerprint = "" }
	for name, c := range map[string]struct {
		was, is *audit.Result
		want    string
	}{
		"the same":        {tradingKey("a", keyA, 0, edited), tradingKey("a", keyA, 1, edited), "passed unset"},
		"nameless before": {tradingKey("a", keyA, 0, nameless), tradingKey("a", keyA, 1, edited), "passed unset"},
		"nameless now":    {tradingKey("a", keyA, 0, edited), tradingKey("a", keyA, 1, nameless), "passed unset"},
		"another one":     {tradingKey("a", keyA, 0, edited), tradingKey("a", keyB, 1, edited), "not-applicable unset"},
		"never before":    {tradingKey("a", keyA, 0), tradingKey("a", keyA, 1, edited), "not-applicable unset"},
		"created in two steps": {
			tradingKey("a", keyA, 0), tradingKey("a", keyA, 1, func(s *access.Snapshot) {
				s.Created, s.Changed = firstNight.Add(-time.Hour), firstNight.Add(-59*time.Minute)
			}), "passed unset",
		},
		"edited after its creation": {
			tradingKey("a", keyA, 0), tradingKey("a", keyA, 1, func(s *access.Snapshot) {
				s.Created, s.Changed = firstNight.Add(-time.Hour), firstNight.Add(-59*time.Minute+1)
			}), "failed medium",
		},
		"edited in between":  {tradingKey("a", keyA, 0, edited), tradingKey("a", keyA, 1, func(s *access.Snapshot) { s.Changed = firstNight.Add(time.Hour) }), "failed medium"},
		"later than known":   {tradingKey("a", keyA, 0, edited), tradingKey("a", keyA, 1, func(s *access.Snapshot) { s.Changed = firstNight }), "failed medium"},
		"earlier than known": {tradingKey("a", keyA, 0, edited), tradingKey("a", keyA, 1, func(s *access.Snapshot) { s.Changed = firstNight.Add(-2 * time.Hour) }), "not-applicable unset"},
	} {
		got, message := outcome(t, audit.Compare(onNight(0, c.was), onNight(1, c.is), nil), "a", audit.RuleChangedAfterCreation)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestOneOfTheOthers: a rule may stop looking at the other keys.
func TestOneOfTheOthers(t *testing.T) {
	t.Parallel()
	looked := 0
	rules := []*audit.Rule{{ID: "x", Scope: audit.WholeFleet, Run: func(p *audit.Pass) audit.Verdict {
		for range p.Others() {
			looked++
			break
		}
		return audit.Verdict{Outcome: audit.Passed}
	}}}
	audit.Compare(nil, reportOf(0, entry{"a", "toy", "live", "f1", nil}, entry{"b", "toy", "live", "f2", nil}, entry{"c", "toy", "live", "f3", nil}), rules)
	assert.Equal(t, 3, looked)
	rules[0].Run = func(p *audit.Pass) audit.Verdict {
		for r := range p.Others() {
			assert.NotEqual(t, p.Name, r.Name)
			looked++
		}
		return audit.Verdict{Outcome: audit.Passed}
	}
	looked = 0
	audit.Compare(nil, reportOf(0, entry{"a", "toy", "live", "f1", nil}, entry{"b", "toy", "live", "f2", nil}, entry{"c", "toy", "live", "f3", nil}), rules)
	assert.Equal(t, 6, looked, "two others for each")
}

// TestOthersOfOne: where only one key was audited, there are no others.
func TestOthersOfOne(t *testing.T) {
	t.Parallel()
	asked := false
	audit.Judge(&access.Snapshot{}, audit.Policy{}, now, []*audit.Rule{{ID: "x", Run: func(p *audit.Pass) audit.Verdict {
		for range p.Others() {
			assert.Fail(t, "another key")
		}
		was, last := p.Previous()
		assert.Nil(t, was)
		assert.Nil(t, last)
		asked = true
		return audit.Verdict{Outcome: audit.Passed}
	}}})
	assert.True(t, asked)
}

// TestOnlyAWaiverInForceSpeaks: one that ran out moves no finding to another key.
func TestOnlyAWaiverInForceSpeaks(t *testing.T) {
	t.Parallel()
	for until, where := range map[time.Time]string{firstNight.AddDate(0, 1, 0): "b", firstNight: "a"} {
		deaf := tradingKey("a", keyA, 0, listing(keyB, evil))
		deaf.JudgedBy.Waivers = []audit.Waiver{{Rule: audit.RuleUnlistedKey, Reason: "known", Until: until}}
		report := audit.Compare(nil, onNight(0, deaf, tradingKey("b", keyB, 0, listing(keyA, evil))), nil)
		for _, name := range []string{"a", "b"} {
			got, message := outcome(t, report, name, audit.RuleUnlistedKey)
			assert.Equal(t, name == where, got != "not-applicable unset", "%s, until %s: %s %s", name, until, got, message)
		}
	}
}

// TestOnlyUnrecognisedRights: names that nobody knows are rights too, which can be gained
// and lost.
func TestOnlyUnrecognisedRights(t *testing.T) {
	t.Parallel()
	names := func(unmapped ...string) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Grants, s.Unmapped = nil, unmapped }
	}
	for want, edit := range map[string]func(*access.Snapshot){"not-applicable unset": names(), "passed unset": names("x")} {
		report := audit.Compare(onNight(0, tradingKey("a", keyA, 0, edit)), onNight(1, tradingKey("a", keyA, 1, edit)), nil)
		for _, rule := range []string{audit.RuleGainedPermission, audit.RuleLostPermission} {
			got, message := outcome(t, report, "a", rule)
			assert.Equal(t, want, got, "%s: %s", rule, message)
		}
	}
}

// TestAllowlistHiddenNow: a list that was known and is unknown now may have been widened.
func TestAllowlistHiddenNow(t *testing.T) {
	t.Parallel()
	unknown := func(s *access.Snapshot) { s.IPAllowlist = access.IPAllowlist{} }
	hidden := func(s *access.Snapshot) {
		s.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported}
	}
	for name, c := range map[string]struct {
		was, is func(*access.Snapshot)
		want    string
	}{
		"known before":   {func(*access.Snapshot) {}, unknown, "undetermined medium"},
		"open before":    {open, unknown, "undetermined medium"},
		"hidden before":  {hidden, unknown, "undetermined medium"},
		"unknown before": {unknown, unknown, "not-applicable unset"},
	} {
		got, message := outcome(t, audit.Compare(onNight(0, tradingKey("a", keyA, 0, c.was)), onNight(1, tradingKey("a", keyA, 1, c.is)), nil), "a", audit.RuleAllowlistWidened)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestEveryOtherChange: facts that no other rule about change speaks of.
func TestEveryOtherChange(t *testing.T) {
	t.Parallel()
	account := func(kind access.AccountKind, id string) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Account.Kind, s.Account.ID = kind, id }
	}
	deadline := func(what string) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Deadlines = []access.Deadline{{What: what}} }
	}
	ends := func(at time.Time, never bool) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Expires, s.NeverExpires = at, never }
	}
	sibling := func(edits ...func(*access.Snapshot)) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Siblings = []*access.Snapshot{tradingKey("b", evil, 0, edits...).Snapshot} }
	}
	end := firstNight.AddDate(1, 0, 0)
	for name, c := range map[string]struct {
		was, is func(*access.Snapshot)
		want    string
	}{
		"another account":                {account(access.SubAccount, "…42"), account(access.SubAccount, "…43"), "failed medium"},
		"the same account":               {account(access.SubAccount, "…42"), account(access.SubAccount, "…42"), "passed unset"},
		"a main account":                 {account(access.SubAccount, ""), account(access.MainAccount, ""), "failed medium"},
		"an account that is unknown now": {account(access.SubAccount, "…42"), account(access.AccountUnknown, ""), "passed unset"},
		"another deadline":               {deadline("it ends"), deadline("it is deleted"), "failed medium"},
		"the same deadline":              {deadline("it ends"), deadline("it ends"), "passed unset"},
		"an expiry of its own":           {ends(time.Time{}, true), ends(end, false), "failed medium"},
		"no expiry any more":             {ends(end, false), ends(time.Time{}, true), "failed medium"},
		"never before, never now":        {ends(time.Time{}, true), ends(time.Time{}, true), "passed unset"},
		"two days later":                 {ends(end, false), ends(end.Add(2*aDay), false), "passed unset"},
		"more than two days later":       {ends(end, false), ends(end.Add(2*aDay+1), false), "failed medium"},
		"unknown before":                 {ends(time.Time{}, false), ends(end, false), "passed unset"},
		"unknown now":                    {ends(end, false), ends(time.Time{}, false), "passed unset"},
		"another key opened":             {sibling(), sibling(open), "failed high"},
		"another key widened":            {sibling(), sibling(func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist([]string{"203.0.113.7", "8.8.8.8"}) }), "failed high"},
		"another key gained a right":     {sibling(), sibling(granting(access.Withdraw)), "failed high"},
		"another key as before":          {sibling(), sibling(), "passed unset"},
		"another key still open":         {sibling(open), sibling(open), "passed unset"},
		"another key restricted":         {sibling(open), sibling(), "passed unset"},
	} {
		got, message := outcome(t, audit.Compare(onNight(0, tradingKey("a", keyA, 0, c.was)), onNight(1, tradingKey("a", keyA, 1, c.is)), nil), "a", "facts-changed")
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestPerhapsUnlisted: keys that are not audited are named, and beside them those of
// which a mask hides whether they are.
func TestPerhapsUnlisted(t *testing.T) {
	t.Parallel()
	masked := tradingKey("", keyB, 0, func(s *access.Snapshot) { s.KeyID, s.Fingerprint = "bbbb…****", "" }).Snapshot
	other := tradingKey("", evil, 0).Snapshot
	for _, c := range []struct {
		siblings    []*access.Snapshot
		sure, maybe bool
	}{
		{[]*access.Snapshot{other}, true, false},
		{[]*access.Snapshot{other, masked}, true, true},
	} {
		own := tradingKey("a", keyA, 0, func(s *access.Snapshot) { s.Siblings = c.siblings })
		got, message := outcome(t, audit.Compare(nil, onNight(0, own, tradingKey("b", keyB, 0)), nil), "a", audit.RuleUnlistedKey)
		assert.Equal(t, c.sure, got == "failed high", "%s: %s", got, message)
		assert.Contains(t, message, "eeee…6666")
		assert.Equal(t, c.maybe, strings.Contains(message, "perhaps also: "), message)
	}
}

// TestListedInPart: a list that may not be the whole one, or has a key that could be any,
// does not show that every key is audited.
func TestListedInPart(t *testing.T) {
	t.Parallel()
	audited := tradingKey("", keyB, 0).Snapshot
	nameless := tradingKey("", keyB, 0, func(s *access.Snapshot) { s.KeyID, s.Fingerprint = "", "" }).Snapshot
	for name, c := range map[string]struct {
		siblings []*access.Snapshot
		part     bool
		want     string
	}{
		"whole":                        {[]*access.Snapshot{audited}, false, "passed"},
		"in part":                      {[]*access.Snapshot{audited}, true, "undetermined medium"},
		"none of part":                 {nil, true, "undetermined medium"},
		"one has no identifier":        {[]*access.Snapshot{audited, nameless}, false, "undetermined high"},
		"the only one has none either": {[]*access.Snapshot{nameless}, false, "undetermined high"},
	} {
		own := tradingKey("a", keyA, 0, func(s *access.Snapshot) { s.Siblings, s.ListsPart, s.Lists = c.siblings, c.part, true })
		got, message := outcome(t, audit.Compare(nil, onNight(0, own, tradingKey("b", keyB, 0)), nil), "a", audit.RuleUnlistedKey)
		assert.True(t, strings.HasPrefix(got, c.want), "%s: %s: %s", name, got, message)
	}
}
