package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Runs in which something happens at the same time as a change of name, of
// key or of environment, and must not hide it.

var firstNight = time.Date(2026, 1, 10, 3, 0, 0, 0, time.UTC)

// tradingKey is a restricted key of a bot, as in the run so many days after the
// first.
func tradingKey(name, fingerprint string, night int, edits ...func(*access.Snapshot)) *audit.Result {
	s := &access.Snapshot{
		Inspection: access.Inspection{
			Schema:      access.SnapshotSchema,
			Exchange:    "x",
			Environment: "live",
			TakenAt:     firstNight.AddDate(0, 0, night),
			Requests:    1,
			KeyID:       fingerprint[:4] + "…" + fingerprint[4:8],
			Fingerprint: fingerprint,
		},
		Answer: access.Answer{
			KeyState:    access.KeyActive,
			IPAllowlist: access.NewIPAllowlist([]string{"203.0.113.7"}),
		},
	}
	s.IPAllowlist.Evidence = access.Reported
	for _, c := range access.Capabilities() {
		s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.StateOf(c == access.Read || c == access.TradeSpot), Evidence: access.Reported})
	}
	for _, edit := range edits {
		edit(s)
	}
	return &audit.Result{Name: name, Exchange: "x", Title: "X", Snapshot: s, JudgedBy: audit.SpotTrading()}
}

func onNight(n int, results ...*audit.Result) *audit.Report {
	at := firstNight.AddDate(0, 0, n)
	return &audit.Report{Schema: audit.ReportSchema, Started: at, Finished: at.Add(time.Minute), Results: results}
}

func granting(c access.Capability, names ...string) func(*access.Snapshot) {
	return func(s *access.Snapshot) {
		i := slices.IndexFunc(s.Grants, func(g access.Grant) bool { return g.Capability == c })
		s.Grants[i].State, s.Grants[i].Names = access.Granted, names
	}
}

func open(s *access.Snapshot) {
	s.IPAllowlist = access.IPAllowlist{State: access.AllowlistOff, Evidence: access.Reported}
}

func seenSince(days int) func(*access.Snapshot) {
	return func(s *access.Snapshot) { s.FirstSeen = firstNight.AddDate(0, 0, -days) }
}

func listing(fingerprints ...string) func(*access.Snapshot) {
	return func(s *access.Snapshot) {
		for _, f := range fingerprints {
			s.Siblings = append(s.Siblings, &access.Snapshot{Inspection: access.Inspection{KeyID: f[:4] + "…" + f[4:8], Fingerprint: f}})
		}
	}
}

func outcome(t *testing.T, r *audit.Report, name, rule string) (string, string) {
	t.Helper()
	i := slices.IndexFunc(r.Results, func(x *audit.Result) bool { return x.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	f := r.Results[i].Finding(rule)
	require.NotNil(t, f, rule)
	return f.Outcome.String() + " " + f.Severity.String(), f.Message
}

const keyA, keyB, keyN, evil = "aaaa1111", "bbbb2222", "nnnn3333", "eeee6666"

// TestOldKeyUnderANewName: a rotation that keeps the old key for a while doesn't
// make that look new.
func TestOldKeyUnderANewName(t *testing.T) {
	t.Parallel()
	was := onNight(0, tradingKey("bot", keyA, 0, seenSince(400)))
	is := onNight(1, tradingKey("bot", keyN, 1), tradingKey("bot-old", keyA, 1, open, granting(access.TransferInternal)))
	c := audit.Compare(was, is, nil)
	for rule, want := range map[string]string{"gained-permission": "failed medium", "allowlist-widened": "failed critical", "key-age": "failed high"} {
		got, message := outcome(t, c, "bot-old", rule)
		assert.Equal(t, want, got, "%s: %s", rule, message)
	}
	got, _ := outcome(t, c, "bot", "rotated")
	assert.Equal(t, "failed info", got)
}

// TestARunInTheWrongEnvironment hides nothing of the key's history.
func TestARunInTheWrongEnvironment(t *testing.T) {
	t.Parallel()
	first := audit.Compare(nil, onNight(0, tradingKey("a", keyA, 0, seenSince(400))), nil)
	wrong := tradingKey("a", keyA, 1, func(s *access.Snapshot) {
		*s = access.Snapshot{
			Inspection: access.Inspection{
				Exchange:    "x",
				Environment: "testnet",
				TakenAt:     s.TakenAt,
				Fingerprint: keyA,
				Requests:    1,
				Failure:     &access.Error{Kind: access.KindBadKey, Status: 401},
			},
		}
	})
	second := audit.Compare(first, onNight(1, wrong), nil)
	third := audit.Compare(second, onNight(2, tradingKey("a", keyA, 2, open, granting(access.TransferInternal))), nil)
	for rule, want := range map[string]string{"gained-permission": "failed medium", "allowlist-widened": "failed critical", "key-age": "failed high"} {
		got, message := outcome(t, third, "a", rule)
		assert.Equal(t, want, got, "%s: %s", rule, message)
	}
}

// TestARenameHidesNoNewKey: what else appeared on the account is more severe.
func TestARenameHidesNoNewKey(t *testing.T) {
	t.Parallel()
	was := onNight(0, tradingKey("a", keyA, 0, listing(keyB)), tradingKey("b", keyB, 0, listing(keyA)))
	is := onNight(1, tradingKey("a2", keyA, 1, listing(keyB, evil)), tradingKey("b", keyB, 1, listing(keyA, evil)))
	got, message := outcome(t, audit.Compare(was, is, nil), "a2", "key-appeared")
	assert.Equal(t, "failed high", got, message)
}

// TestAWaiverSpeaksForItsOwnKey: what is said once is said where somebody wants
// to hear it.
func TestAWaiverSpeaksForItsOwnKey(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"unlisted-key", "key-appeared"} {
		was := onNight(0, tradingKey("a", keyA, 0, listing(keyB)), tradingKey("b", keyB, 0, listing(keyA)))
		deaf := tradingKey("a", keyA, 1, listing(keyB, evil))
		deaf.JudgedBy.Waivers = []audit.Waiver{{Rule: rule, Reason: "known", Until: firstNight.AddDate(0, 1, 0)}}
		c := audit.Compare(was, onNight(1, deaf, tradingKey("b", keyB, 1, listing(keyA, evil))), nil)
		got, message := outcome(t, c, "b", rule)
		assert.Contains(t, got, "failed", "%s: %s", rule, message)
	}
}

// TestAllowlistShownAgain: whether it was widened while the exchange hid it is not
// known.
func TestAllowlistShownAgain(t *testing.T) {
	t.Parallel()
	hidden := func(s *access.Snapshot) {
		s.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported}
	}
	wider := func(s *access.Snapshot) {
		s.IPAllowlist = access.NewIPAllowlist([]string{"203.0.113.7", "198.51.100.66"})
		s.IPAllowlist.Evidence = access.Reported
	}
	first := audit.Compare(nil, onNight(0, tradingKey("a", keyA, 0)), nil)
	second := audit.Compare(first, onNight(1, tradingKey("a", keyA, 1, hidden)), nil)
	got, message := outcome(t, audit.Compare(second, onNight(2, tradingKey("a", keyA, 2, wider)), nil), "a", "allowlist-widened")
	assert.Equal(t, "undetermined medium", got, message)
}

// TestMoreBehindAMask: a list that grew behind the exchange's masks is not the list
// that it was.
func TestMoreBehindAMask(t *testing.T) {
	t.Parallel()
	masked := func(n int) func(*access.Snapshot) {
		return func(s *access.Snapshot) {
			s.IPAllowlist = access.NewIPAllowlist(slices.Repeat([]string{"203.**.154"}, n))
			s.IPAllowlist.Evidence = access.Reported
		}
	}
	two := func(s *access.Snapshot) {
		s.IPAllowlist = access.NewIPAllowlist([]string{"203.0.113.154", "203.9.9.154"})
		s.IPAllowlist.Evidence = access.Reported
	}
	for name, c := range map[string]struct {
		was, is func(*access.Snapshot)
		want    string
	}{
		"one more":   {masked(1), masked(2), "undetermined medium"},
		"unmasked":   {masked(1), two, "undetermined medium"},
		"as it was":  {masked(2), masked(2), "passed unset"},
		"and masked": {two, masked(2), "passed unset"},
	} {
		got, message := outcome(t, audit.Compare(onNight(0, tradingKey("a", keyA, 0, c.was)), onNight(1, tradingKey("a", keyA, 1, c.is)), nil), "a", "allowlist-widened")
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestOneMoreNameOfARight: a right may cover several of the exchange's.
func TestOneMoreNameOfARight(t *testing.T) {
	t.Parallel()
	was := onNight(0, tradingKey("a", keyA, 0, granting(access.TransferInternal, "AccountTransfer")))
	is := onNight(1, tradingKey("a", keyA, 1, granting(access.TransferInternal, "AccountTransfer", "SubMemberTransfer")))
	got, message := outcome(t, audit.Compare(was, is, nil), "a", "gained-permission")
	assert.Equal(t, "failed medium", got)
	assert.Contains(t, message, "SubMemberTransfer")
}

// TestAnotherLimit: a right that reaches elsewhere now is more than it was.
func TestAnotherLimit(t *testing.T) {
	t.Parallel()
	limited := func(to string) func(*access.Snapshot) {
		return func(s *access.Snapshot) {
			granting(access.Withdraw, "withdraw")(s)
			for i := range s.Grants {
				if s.Grants[i].Capability == access.Withdraw {
					s.Grants[i].Qualifier = to
				}
			}
		}
	}
	was := onNight(0, tradingKey("a", keyA, 0, limited("only to registered addresses")))
	is := onNight(1, tradingKey("a", keyA, 1, limited("up to 1000 BTC a day")))
	got, message := outcome(t, audit.Compare(was, is, nil), "a", "gained-permission")
	assert.Equal(t, "failed critical", got, message)
	got, message = outcome(t, audit.Compare(is, onNight(2, tradingKey("a", keyA, 2, limited("up to 1000 BTC a day"))), nil), "a", "gained-permission")
	assert.Equal(t, "passed unset", got, message)
}

// TestReportWithoutAnEnd: one that was cut off is judged as of its last answer.
func TestReportWithoutAnEnd(t *testing.T) {
	t.Parallel()
	r := tradingKey("a", keyA, 0, open, func(s *access.Snapshot) { s.Expires = firstNight.AddDate(0, 0, -100) })
	r.JudgedBy.Waivers = []audit.Waiver{{Rule: "ip-allowlist", Reason: "known", Until: firstNight.AddDate(0, 0, -300)}}
	c := audit.Compare(nil, &audit.Report{Results: []*audit.Result{r}}, nil)
	got, _ := outcome(t, c, "a", "key-expiry")
	assert.Equal(t, "failed high", got)
	assert.Empty(t, c.Results[0].Finding("ip-allowlist").Waived)
}

// TestCompareEachBeforeItsEnd: a summary of keys that nobody has judged yet is
// no clean one; and nothing at all is not either.
func TestCompareEachBeforeItsEnd(t *testing.T) {
	t.Parallel()
	report, results := audit.CompareEach(nil, onNight(0, tradingKey("a", keyA, 0, granting(access.Withdraw))), nil)
	assert.Equal(t, audit.ExitNotAssessed, report.Summary.ExitCode(audit.High))
	for range results {
	}
	assert.Equal(t, audit.ExitFindings, report.Summary.ExitCode(audit.High))
	assert.Zero(t, report.Summary.NotInspected)
	assert.Empty(t, audit.Compare(nil, nil, nil).Results)
}

// TestFindingWithoutSeverity: one that doesn't say how bad it is, is bad.
func TestFindingWithoutSeverity(t *testing.T) {
	t.Parallel()
	r := tradingKey("a", keyA, 0)
	r.Findings = []audit.Finding{{Rule: "withdrawal", Outcome: audit.Failed}}
	require.Error(t, r.Err(audit.High))
	report := onNight(0, r, nil)
	report.Recount()
	assert.Equal(t, audit.ExitFindings, report.Summary.ExitCode(audit.High))
}

// TestEditWithoutANote: an edit that the exchange reports late is one all the same.
func TestEditWithoutANote(t *testing.T) {
	t.Parallel()
	edited := func(days int) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Changed = firstNight.AddDate(0, 0, days) }
	}
	was, is := onNight(0, tradingKey("a", keyA, 0, edited(-50))), onNight(1, tradingKey("a", keyA, 1, edited(-1)))
	got, message := outcome(t, audit.Compare(was, is, nil), "a", "changed-after-creation")
	assert.Equal(t, "failed medium", got, message)
}

// TestAttestationAgainstTheExchange: an attestation doesn't count where the exchange
// says otherwise.
func TestAttestationAgainstTheExchange(t *testing.T) {
	t.Parallel()
	r := tradingKey("a", keyA, 0, func(s *access.Snapshot) {
		i := slices.IndexFunc(s.Grants, func(g access.Grant) bool { return g.Capability == access.TransferExternal })
		s.Grants[i] = access.Grant{Capability: access.TransferExternal}
		s.Grants = append(s.Grants, access.Grant{Capability: "other:pay", State: access.Granted, Evidence: access.Reported})
	})
	policy := audit.SpotTrading()
	policy.Attestations = []audit.Attestation{{
		Rule: "external-transfer", Statement: "seen", By: "m", At: firstNight.AddDate(0, 0, -1), Until: firstNight.AddDate(0, 0, 1),
	}}
	for _, f := range audit.Judge(r.Snapshot, policy, firstNight, nil) {
		if f.Rule == "address-book" {
			assert.NotEqual(t, audit.Passed, f.Outcome, f.Message)
		}
	}
}
