package audit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// changed is the toy exchange with something different about the key.
func changed(edit func(*access.Snapshot)) audit.Key {
	return toyKey(func(k *audit.Key) {
		k.Exchange.Inspect = withSnapshot(edit)
	})
}

func grant(c access.Capability, state access.State) func(*access.Snapshot) {
	return func(s *access.Snapshot) {
		for i := range s.Grants {
			if g := &s.Grants[i]; g.Capability == c {
				g.State = state
				if state == access.Unknown {
					g.Evidence = access.NoEvidence
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		key  audit.Key
		word string // of the exchange
		is   []error
		says string
	}{
		"good":     {key: toyKey()},
		"unsafe":   {key: changed(grant(access.Withdraw, access.Granted)), is: []error{audit.ErrUnsafe}, says: `key "bot" at Toy must not be used: [critical] withdrawal: The key can withdraw funds`},
		"unproven": {key: changed(grant(access.Withdraw, access.Unknown)), is: []error{audit.ErrUndetermined}, says: "[critical, undetermined] withdrawal"},
		"both": {
			key: changed(func(s *access.Snapshot) {
				grant(access.Withdraw, access.Granted)(s)
				s.IPAllowlist = access.IPAllowlist{}
			}),
			is: []error{audit.ErrUnsafe}, says: "[critical, undetermined] ip-allowlist",
		},
		"not inspected": {key: toyKey(), word: "bad-key", is: []error{audit.ErrNotInspected, access.KindBadKey}, says: `key "bot" at Toy could not be checked: the exchange does not know this key [HTTP 200, code bad-key]; see https://toy.example/keys`},
		"wrong address": {key: toyKey(), word: "ip-not-allowed", is: []error{audit.ErrNotInspected, access.KindIPNotAllowed}, says: "the exchange refused this IP address"},
		"expired":       {key: toyKey(), word: "expired", is: []error{audit.ErrNotInspected, access.KindExpired}, says: "could not be checked: the key has expired"},
		"outage":        {key: toyKey(), word: "unavailable", is: []error{audit.ErrUnreachable, access.KindUnavailable}, says: `key "bot" at Toy could not be checked: the exchange did not answer [HTTP 200, code unavailable]`},
		"slow down":     {key: toyKey(), word: "rate-limited", is: []error{audit.ErrUnreachable, access.KindRateLimited}, says: "the exchange asks to slow down"},
		"banned":        {key: toyKey(), word: "banned", is: []error{audit.ErrNotInspected, access.KindBanned}, says: "has banned this IP address"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &toyFake{}
			if c.word != "" {
				fake.script = []string{c.word}
			}
			err := audit.Check(t.Context(), c.key, &audit.Options{Transport: fake, Attempts: 1})
			if c.is == nil {
				require.NoError(t, err)
				return
			}
			for _, target := range []error{
				audit.ErrInput, audit.ErrUnsafe, audit.ErrUnreachable, audit.ErrNotInspected, audit.ErrUndetermined,
				access.KindBadKey, access.KindIPNotAllowed, access.KindExpired, access.KindUnavailable, access.KindRateLimited, access.KindBanned,
			} {
				want := false
				for _, is := range c.is {
					want = want || is == target //nolint:errorlint // sentinels of the table
				}
				assert.Equal(t, want, errors.Is(err, target), target.Error())
			}
			var failed *audit.CheckError
			require.ErrorAs(t, err, &failed)
			assert.NotNil(t, failed.Result.Finding("withdrawal"))
			assert.NotEmpty(t, failed.Reasons)
			assert.Contains(t, err.Error(), c.says)
			assert.NotContains(t, err.Error(), toySecret)
		})
	}
}

// A rule with a given verdict, whatever the snapshot says.
func verdict(o audit.Outcome, s audit.Severity) []*audit.Rule {
	return []*audit.Rule{{ID: "made-up", Severity: audit.Critical, Run: func(*audit.Pass) audit.Verdict {
		return audit.Verdict{Outcome: o, Severity: s, Message: "made up"}
	}}}
}

func TestThreshold(t *testing.T) {
	for _, outcome := range []audit.Outcome{audit.Failed, audit.Undetermined} {
		for severity := audit.Info; severity <= audit.Critical; severity++ {
			for threshold := audit.Severity(0); threshold <= audit.Critical; threshold++ {
				effective := threshold
				if threshold == 0 {
					effective = audit.High
				}
				err := audit.Check(t.Context(), toyKey(), &audit.Options{Transport: &toyFake{}, Threshold: threshold, Rules: verdict(outcome, severity)})
				assert.Equal(t, severity >= effective, err != nil, "%s %s at %s", outcome, severity, threshold)
			}
		}
	}
	for _, outcome := range []audit.Outcome{audit.Passed, audit.NotApplicable} {
		require.NoError(t, audit.Check(t.Context(), toyKey(), &audit.Options{Transport: &toyFake{}, Threshold: audit.Info, Rules: verdict(outcome, audit.Critical)}))
	}
}

// TestAddressRefused: a refusal because of the IP address proves an allowlist and nothing
// else.
func TestAddressRefused(t *testing.T) {
	key := toyKey(func(k *audit.Key) {
		k.Exchange.Inspect = refusing(&access.Error{Kind: access.KindIPNotAllowed, Message: "your address 203.0.113.7 is not listed"})
	})
	err := audit.Check(t.Context(), key, &audit.Options{Transport: &toyFake{}})
	var failed *audit.CheckError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, audit.ErrNotInspected)
	require.NotErrorIs(t, err, audit.ErrUnsafe)
	for _, f := range failed.Result.Findings {
		switch f.Rule {
		case "ip-allowlist":
			assert.Equal(t, audit.Passed, f.Outcome)
			assert.Equal(t, access.Refused, f.Evidence)
		case "not-inspected":
			assert.Equal(t, audit.Failed, f.Outcome)
			assert.Contains(t, f.Remedy, "203.0.113.7")
			assert.NotContains(t, f.Message, "203.0.113.7")
		case "insecure-transport", "clock": // how and when it was sent is known
			assert.Equal(t, audit.Passed, f.Outcome)
		default:
			assert.Contains(t, []audit.Outcome{audit.Undetermined, audit.NotApplicable}, f.Outcome, f.Rule)
		}
	}
	assert.Contains(t, err.Error(), "[IP address]")
}

func TestRefusalsProveTheStateOfTheKey(t *testing.T) {
	for word, want := range map[string]access.KeyState{
		"expired": access.KeyExpired, "disabled": access.KeyDisabled, "bad-key": access.KeyStateUnknown, "forbidden": access.KeyStateUnknown,
		"ip-not-allowed": access.KeyStateUnknown, "ambiguous:expired,disabled": access.KeyStateUnknown,
	} {
		s, err := inspectToy(t, toyKey(), &toyFake{script: []string{word}})
		require.NotNil(t, err)
		assert.Equal(t, want, s.KeyState, word)
		assert.Equal(t, word == "ip-not-allowed", s.IPAllowlist.State == access.AllowlistRestricted, word)
		assert.Equal(t, access.SharedSecret, s.KeyKind)
	}
}

// TestBadCertificateIsAFinding: a certificate that is not the exchange's is never
// "https to a host of the exchange".
func TestBadCertificateIsAFinding(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	key := toyKey(func(k *audit.Key) {
		k.Exchange.Environments[0].URLs = []string{server.URL} // as if somebody answered in the exchange's place
	})
	err := audit.Check(t.Context(), key, nil)
	require.ErrorIs(t, err, access.KindGuard)
	var failed *audit.CheckError
	require.ErrorAs(t, err, &failed)
	f := failed.Result.Finding("insecure-transport")
	assert.Equal(t, audit.Failed, f.Outcome)
	assert.Equal(t, "The key was sent insecurely: the certificate of "+strings.TrimPrefix(server.URL, "https://")+" is not valid", f.Message)
	assert.NotContains(t, fmt.Sprintf("%+v %v", failed.Result.Findings, err), "signature=")
}

// TestSnapshotIsCompleted: what the core adds to an adapter's snapshot.
func TestSnapshotIsCompleted(t *testing.T) {
	key := toyKey(func(k *audit.Key) {
		k.Environment = "test"
		k.Exchange.Coverage.Absent = []access.Capability{access.Withdraw, access.APIKeyManage, access.TransferExternal}
		k.Exchange.Closing = &access.Deadline{What: "the exchange closes"}
		k.Exchange.Inspect = withSnapshot(func(s *access.Snapshot) {
			s.Exchange, s.KeyID, s.Insecure = "other", toyID, []string{"made up"}
			s.Account.ID, s.Label = "1234567890123456", "bot "+toySecret+"\x1b[2J"
			s.Grants = []access.Grant{
				{Capability: access.TransferExternal, State: access.Unknown},
				{Capability: access.APIKeyManage, State: access.Granted, Evidence: access.Reported},
				{Capability: access.Read, State: access.Granted, Evidence: access.Reported},
			}
		})
	})
	s, err := inspectToy(t, key, &toyFake{})
	require.Nil(t, err)
	assert.Equal(t, "toy", s.Exchange)
	assert.Equal(t, "test", s.Environment)
	assert.True(t, s.Test)
	assert.Equal(t, "toyK…cdef", s.KeyID)
	assert.Equal(t, "1234…3456", s.Account.ID)
	assert.Equal(t, "bot [redacted] [2J", s.Label)
	assert.Empty(t, s.Insecure)
	assert.Equal(t, access.KeyActive, s.KeyState)
	assert.Equal(t, []access.Deadline{{What: "the exchange closes", Closing: true}}, s.Deadlines)
	states := map[access.Capability]access.State{}
	for _, g := range s.Grants {
		assert.NotContains(t, states, g.Capability, "listed once")
		states[g.Capability] = g.State
	}
	assert.Equal(t, map[access.Capability]access.State{
		access.Read: access.Granted, access.Withdraw: access.Denied, access.APIKeyManage: access.Granted, access.TransferExternal: access.Unknown,
	}, states, "what the adapter lists, even as unknown, stays")
	assert.Equal(t, access.Documented, s.Grant(access.Withdraw).Evidence)
}

// TestSiblingsAreMaskedAndClean: what the exchange lists of other keys is shown
// like what it reports about the key itself.
func TestSiblingsAreMaskedAndClean(t *testing.T) {
	key := toyKey(func(k *audit.Key) {
		k.Exchange.Inspect = func(context.Context, *adapter.Session) (*access.Snapshot, error) {
			s := harmless()
			s.Siblings = []*access.Snapshot{{
				Inspection: access.Inspection{
					KeyID: "\x1b[31mab…" + toySecret,
				},
				Answer: access.Answer{
					Label:   toySecret,
					Account: access.Account{ID: "1234567890123456"},
				},
			}}
			return s, nil
		}
	})
	s, err := inspectToy(t, key, &toyFake{})
	require.Nil(t, err)
	require.Len(t, s.Siblings, 1)
	sibling := s.Siblings[0]
	assert.NotContains(t, sibling.KeyID+sibling.Label, toySecret)
	assert.NotContains(t, sibling.KeyID, "\x1b")
	assert.Equal(t, access.MaskID("1234567890123456"), sibling.Account.ID)
	assert.Equal(t, "toy", sibling.Exchange)
}
