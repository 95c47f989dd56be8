package bitfinex_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitfinex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, bitfinex.Exchange, exchangetest.Bitfinex)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitfinex.Exchange, exchangetest.Bitfinex) }

func inspect(t *testing.T, spec exchangetest.Spec, nonce audit.NoncePolicy) (*audit.Snapshot, error) {
	t.Helper()
	venue := exchangetest.Bitfinex()
	key := audit.Key{Exchange: bitfinex.Exchange, Credentials: venue.Issue(spec), Nonce: nonce}
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: venue, Attempts: 1})
}

// TestMissingScopes: a scope that is missing says nothing, but for the two that
// older answers don't have.
func TestMissingScopes(t *testing.T) {
	t.Parallel()
	carries := map[string][]audit.Capability{
		"account": {audit.Read, audit.Other("account")}, "history": {audit.Read, audit.Other("history")},
		"orders": {audit.Read, audit.TradeSpot, audit.TradeMargin, audit.TradeFutures}, "positions": {audit.Read, audit.TradeMargin, audit.TradeFutures},
		"funding": {audit.Read, audit.Other("lending")}, "settings": {audit.Read, audit.Other("settings")},
		"wallets": {audit.Read, audit.TransferInternal}, "withdraw": {audit.Read, audit.Withdraw},
	}
	for scope, capabilities := range carries {
		s, err := inspect(t, exchangetest.Spec{Options: map[string]string{"without": scope}}, audit.NoncePolicy{})
		require.NoError(t, err)
		for _, c := range capabilities {
			assert.Equal(t, audit.Unknown, s.Grant(c).State, "without %s: %s", scope, c)
		}
		s, err = inspect(t, exchangetest.Spec{Options: map[string]string{"without": scope, "edition": "older"}}, audit.NoncePolicy{})
		require.NoError(t, err)
		assert.Equal(t, audit.Unknown, s.Grant(audit.Withdraw).State, "an older answer without %s", scope)
	}
	s, err := inspect(t, exchangetest.Spec{Options: map[string]string{"edition": "older"}}, audit.NoncePolicy{})
	require.NoError(t, err)
	for _, c := range []audit.Capability{audit.Read, audit.TradeSpot, audit.Withdraw, audit.TransferInternal, audit.Other("ui-withdraw")} {
		assert.Equal(t, audit.Denied, s.Grant(c).State, c)
	}
	s, err = inspect(t, exchangetest.Spec{Permissions: []string{"ui_withdraw:write"}}, audit.NoncePolicy{})
	require.NoError(t, err)
	assert.Equal(t, audit.Unknown, s.Grant(audit.Withdraw).State)
	assert.Equal(t, audit.Granted, s.Grant(audit.Other("ui-withdraw")).State)
}

// TestAdministration: what writing to the account and its settings reaches is not
// documented, so that a key without it can't manage keys, and one with it may.
func TestAdministration(t *testing.T) {
	t.Parallel()
	for scope, want := range map[string]audit.State{"orders:write": audit.Denied, "account:write": audit.Unknown, "settings:write": audit.Unknown} {
		s, err := inspect(t, exchangetest.Spec{Permissions: []string{scope}}, audit.NoncePolicy{})
		require.NoError(t, err, scope)
		for _, c := range []audit.Capability{audit.WithdrawAddresses, audit.SubaccountManage, audit.APIKeyManage} {
			assert.Equal(t, want, s.Grant(c).State, "%s: %s", scope, c)
		}
	}
}

// TestNonce: a client that counts microseconds has made milliseconds useless.
// The audit says so and changes the unit only when its owner does.
func TestNonce(t *testing.T) {
	t.Parallel()
	spec := exchangetest.Spec{Options: map[string]string{"nonce": strconv.FormatInt(time.Now().Add(-time.Minute).UnixMicro(), 10)}}
	_, err := inspect(t, spec, audit.NoncePolicy{})
	require.ErrorIs(t, err, audit.KindNonce)
	_, err = inspect(t, spec, audit.NoncePolicy{Unit: time.Microsecond})
	require.NoError(t, err)
}

// TestRefusals: what no table knows stays as the venue put it, and a refusal in
// the venue's form is never taken for an outage.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]audit.Kind{
		`["error",10999,"something"]`:           audit.KindNotUnderstood,
		`["error",10100,"apikey: ip refused"]`:  audit.KindAmbiguous,
		`["error"]`:                             audit.KindNotUnderstood,
		`["error",null,null]`:                   audit.KindNotUnderstood,
		`["error",10020,"apikey: invalid"]`:     audit.KindNotUnderstood,
		`[["orders",1,1]]`:                      audit.KindUnavailable,
		`{"error":"x","message":"y","code":10}`: audit.KindUnavailable,
	} {
		reply := &exchangetest.Reply{Status: 500, Body: body}
		_, err := inspect(t, exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: reply}}}, audit.NoncePolicy{})
		require.ErrorIs(t, err, want, body)
	}
	for _, body := range []string{
		`[]`, `[1]`, `[["orders",1]]`, `[["orders",1,2]]`, `[["orders",true,false]]`, `[["orders",1,1,0]]`, `[["orders",0,0],["orders",1,1]]`,
		`[[7,1,1]]`, `[["",1,1]]`, `[null]`, `[["orders",1,null]]`, `[["orders",1,0]] x`,
	} {
		_, err := inspect(t, exchangetest.Spec{Answer: []byte(body)}, audit.NoncePolicy{})
		require.ErrorIs(t, err, audit.KindNotUnderstood, body)
	}
}

// TestMaintenance: without the venue's time no nonce is made, so that nothing of
// the key goes out.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	for body, status := range map[string]int{"[0]": 200, "[2]": 200, `["error",20060,"maintenance"]`: 500, "<html>": 200} {
		venue := exchangetest.Bitfinex()
		key := audit.Key{Exchange: bitfinex.Exchange, Credentials: venue.Issue(exchangetest.Spec{})}
		venue.Inject(exchangetest.Fault{Times: -1, Reply: &exchangetest.Reply{Status: status, Body: body}})
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: venue, Attempts: 1})
		require.ErrorIs(t, err, audit.KindUnavailable, body)
		require.Len(t, venue.Requests(), 1)
		assert.Empty(t, venue.Requests()[0].KeyID)
	}
}

// TestCheck: the venue doesn't tell of addresses, so a person has to.
func TestCheck(t *testing.T) {
	t.Parallel()
	venue := exchangetest.Bitfinex()
	key := audit.Key{Name: "bot", Exchange: bitfinex.Exchange, Policy: audit.Trading()}
	spec := exchangetest.Spec{Permissions: []string{"orders:read", "orders:write", "wallets:read"}}
	key.Credentials = venue.Issue(spec)
	require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: venue}), audit.ErrUndetermined)
	now := time.Now()
	key.Policy.Attestations = []audit.Attestation{{
		Rule: "ip-allowlist", Statement: "looked at the key's page", By: "owner", At: now.Add(-time.Hour), Until: now.Add(time.Hour),
	}}
	key.Credentials = venue.Issue(spec) // another one, whose nonces start anew
	require.NoError(t, audit.Check(t.Context(), key, &audit.Options{Transport: venue}))
	spec.Permissions = append(spec.Permissions, "withdraw:write")
	key.Credentials = venue.Issue(spec)
	require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: venue}), audit.ErrUnsafe)
}
