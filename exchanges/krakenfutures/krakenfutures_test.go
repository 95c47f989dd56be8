package krakenfutures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/krakenfutures"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, krakenfutures.Exchange, exchangetest.KrakenFutures)
}

func FuzzParse(f *testing.F) {
	exchangetest.Fuzz(f, krakenfutures.Exchange, exchangetest.KrakenFutures)
}

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, krakenfutures.Exchange, exchangetest.KrakenFutures(), spec)
}

// TestOlderAnswers: an answer without a member for IP addresses says nothing about
// them, and where one with only the older member restricts the key, the other may not.
func TestOlderAnswers(t *testing.T) {
	t.Parallel()
	restricted := []string{"198.51.100.0/24"}
	for _, c := range []struct {
		edition string
		ips     []string
		want    access.AllowlistState
	}{
		{"", nil, access.AllowlistUnrestricted},
		{"", restricted, access.AllowlistRestricted},
		{"single", nil, access.AllowlistUnrestricted},
		{"single", restricted, access.AllowlistUnknown},
		{"none", nil, access.AllowlistUnknown},
		{"none", restricted, access.AllowlistUnknown},
	} {
		s := inspect(t, exchangetest.Spec{IPs: c.ips, Options: map[string]string{"edition": c.edition}})
		assert.Equal(t, c.want, s.IPAllowlist.State, "edition %q, %q", c.edition, c.ips)
	}
}

// TestUnknownAccess: an unknown access may be more than full access.
func TestUnknownAccess(t *testing.T) {
	t.Parallel()
	s := inspect(t, exchangetest.Spec{Permissions: []string{"general:SOME_ACCESS", "transfer:FULL_ACCESS"}})
	assert.Equal(t, []string{"general:SOME_ACCESS"}, s.Unmapped)
	assert.Equal(t, access.Unknown, s.Grant(access.Read).State)
	assert.Equal(t, access.Unknown, s.Grant(access.TradeFutures).State)
	assert.Equal(t, access.Granted, s.Grant(access.TransferInternal).State)
	s = inspect(t, exchangetest.Spec{Permissions: []string{"transfer:SOME_ACCESS"}})
	assert.Equal(t, access.Unknown, s.Grant(access.TransferInternal).State)
	assert.Equal(t, access.Denied, s.Grant(access.TradeFutures).State)
}

// TestUncodedRefusals: the authentication service documents its 401 by the status;
// its message is passed on, whatever it is.
func TestUncodedRefusals(t *testing.T) {
	t.Parallel()
	reply := &exchangetest.Reply{Status: 401, Body: `{"error":"Unauthorized","message":"Some words","suberror":null}`}
	_, err := exchangetest.TryInspect(t, krakenfutures.Exchange, exchangetest.KrakenFutures(), exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: reply}}})
	var failure *access.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, access.KindAmbiguous, failure.Kind)
	assert.Equal(t, "Unauthorized", failure.Code)
	assert.Equal(t, "Some words", failure.Message)
	// A gateway's 401 says nothing about the key.
	_, err = exchangetest.TryInspect(t, krakenfutures.Exchange, exchangetest.KrakenFutures(), exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &exchangetest.Reply{Status: 401, Body: `{"message":"no"}`}}}})
	require.ErrorIs(t, err, access.KindNotUnderstood)
}

// TestCheck: a futures bot with an IP allowlist may move funds between the owner's
// wallets, which its policy has to allow.
func TestCheck(t *testing.T) {
	t.Parallel()
	fake := exchangetest.KrakenFutures()
	policy := audit.FuturesTrading()
	policy.Attestations = []audit.Attestation{{ // the exchange does not report it
		Rule: audit.RuleKeyExpiry, Statement: "checked on the key's page", By: "owner", At: time.Now().Add(-time.Hour), Until: time.Now().Add(time.Hour),
	}}
	key := audit.Key{Name: "bot", Exchange: krakenfutures.Exchange, Policy: policy}
	key.Credentials = fake.Issue(exchangetest.Spec{Permissions: []string{"general:FULL_ACCESS"}, IPs: []string{"198.51.100.20"}})
	require.NoError(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}))
	require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake, Threshold: audit.Medium}), audit.ErrUnsafe)
	key.Credentials = fake.Issue(exchangetest.Spec{Permissions: []string{"general:FULL_ACCESS"}})
	require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}), audit.ErrUnsafe)
}
