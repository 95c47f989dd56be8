package bitfinex_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitfinex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, bitfinex.Exchange, exchangetest.Bitfinex)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitfinex.Exchange, exchangetest.Bitfinex) }

func inspect(t *testing.T, spec exchangetest.Spec, nonce adapter.NoncePolicy) (*access.Snapshot, error) {
	t.Helper()
	fake := exchangetest.Bitfinex()
	key := audit.Key{Exchange: bitfinex.Exchange, Credentials: fake.Issue(spec), Nonce: nonce}
	now := time.Now() // a clock that stands still, for which nonces need not become the past
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1, Clock: func() time.Time { return now }})
}

// TestMissingScopes: a missing scope says nothing, except the two that older
// answers don't have.
func TestMissingScopes(t *testing.T) {
	carries := map[string][]access.Capability{
		"account": {access.Read, access.Other("account")}, "history": {access.Read, access.Other("history")},
		"orders": {access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures}, "positions": {access.Read, access.TradeMargin, access.TradeFutures},
		"funding": {access.Read, access.Other("lending")}, "settings": {access.Read, access.Other("settings")},
		"wallets": {access.Read, access.TransferInternal}, "withdraw": {access.Read, access.Withdraw},
	}
	for scope, capabilities := range carries {
		s, err := inspect(t, exchangetest.Spec{Options: map[string]string{"without": scope}}, adapter.NoncePolicy{})
		require.NoError(t, err)
		for _, c := range capabilities {
			assert.Equal(t, access.Unknown, s.Grant(c).State, "without %s: %s", scope, c)
		}
		s, err = inspect(t, exchangetest.Spec{Options: map[string]string{"without": scope, "edition": "older"}}, adapter.NoncePolicy{})
		require.NoError(t, err)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, "an older answer without %s", scope)
	}
	s, err := inspect(t, exchangetest.Spec{Options: map[string]string{"edition": "older"}}, adapter.NoncePolicy{})
	require.NoError(t, err)
	for _, c := range []access.Capability{access.Read, access.TradeSpot, access.Withdraw, access.TransferInternal, access.Other("ui-withdraw")} {
		assert.Equal(t, access.Denied, s.Grant(c).State, c)
	}
	s, err = inspect(t, exchangetest.Spec{Permissions: []string{"ui_withdraw:write"}}, adapter.NoncePolicy{})
	require.NoError(t, err)
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)
	assert.Equal(t, access.Granted, s.Grant(access.Other("ui-withdraw")).State)
}

// TestAdministration: what writing to the account and its settings includes is not
// documented, so a key without it can't manage keys, and a key with it may.
func TestAdministration(t *testing.T) {
	for scope, want := range map[string]access.State{"orders:write": access.Denied, "account:write": access.Unknown, "settings:write": access.Unknown} {
		s, err := inspect(t, exchangetest.Spec{Permissions: []string{scope}}, adapter.NoncePolicy{})
		require.NoError(t, err, scope)
		for _, c := range []access.Capability{access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage} {
			assert.Equal(t, want, s.Grant(c).State, "%s: %s", scope, c)
		}
	}
}

// TestNonce: after a client that counts microseconds, milliseconds are too low. The
// audit says so, and changes the unit only if the owner does.
func TestNonce(t *testing.T) {
	spec := exchangetest.Spec{Options: map[string]string{"nonce": strconv.FormatInt(time.Now().Add(-time.Minute).UnixMicro(), 10)}}
	_, err := inspect(t, spec, adapter.NoncePolicy{})
	require.ErrorIs(t, err, access.KindNonce)
	_, err = inspect(t, spec, adapter.NoncePolicy{Unit: time.Microsecond})
	require.NoError(t, err)
}

// TestRefusals: a code in no table is passed on unchanged, and a refusal in the
// exchange's form never counts as an outage.
func TestRefusals(t *testing.T) {
	for body, want := range map[string]access.Kind{
		`["error",10999,"something"]`:           access.KindNotUnderstood,
		`["error",10100,"apikey: ip refused"]`:  access.KindAmbiguous,
		`["error"]`:                             access.KindNotUnderstood,
		`["error",null,null]`:                   access.KindNotUnderstood,
		`["error",10020,"apikey: invalid"]`:     access.KindNotUnderstood,
		`[["orders",1,1]]`:                      access.KindUnavailable,
		`{"error":"x","message":"y","code":10}`: access.KindUnavailable,
	} {
		reply := &exchangetest.Reply{Status: 500, Body: body}
		_, err := inspect(t, exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: reply}}}, adapter.NoncePolicy{})
		require.ErrorIs(t, err, want, body)
	}
	for _, body := range []string{
		`[]`, `[1]`, `[["orders",1]]`, `[["orders",1,2]]`, `[["orders",true,false]]`, `[["orders",1,1,0]]`, `[["orders",0,0],["orders",1,1]]`,
		`[[7,1,1]]`, `[["",1,1]]`, `[null]`, `[["orders",1,null]]`, `[["orders",1,0]] x`,
	} {
		_, err := inspect(t, exchangetest.Spec{Answer: []byte(body)}, adapter.NoncePolicy{})
		require.ErrorIs(t, err, access.KindNotUnderstood, body)
	}
}

// TestMaintenance: without the exchange's time no nonce is created, so nothing of
// the key is sent.
func TestMaintenance(t *testing.T) {
	for body, status := range map[string]int{"[0]": 200, "[2]": 200, `["error",20060,"maintenance"]`: 500, "<html>": 200} {
		fake := exchangetest.Bitfinex()
		key := audit.Key{Exchange: bitfinex.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
		fake.Inject(exchangetest.Fault{Times: -1, Reply: &exchangetest.Reply{Status: status, Body: body}})
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
		require.ErrorIs(t, err, access.KindUnavailable, body)
		require.Len(t, fake.Requests(), 1)
		assert.Empty(t, fake.Requests()[0].KeyID)
	}
}

// TestCheck: the exchange reports neither the IP allowlist nor the key's dates, so a
// person has to attest them.
func TestCheck(t *testing.T) {
	fake := exchangetest.Bitfinex()
	key := audit.Key{Name: "bot", Exchange: bitfinex.Exchange, Policy: audit.Trading()}
	spec := exchangetest.Spec{Permissions: []string{"orders:read", "orders:write", "wallets:read"}}
	key.Credentials = fake.Issue(spec)
	require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}), audit.ErrUndetermined)
	now := time.Now()
	for _, rule := range []string{audit.RuleIPAllowlist, audit.RuleKeyAge, audit.RuleKeyExpiry} {
		require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}), audit.ErrUndetermined)
		key.Policy.Attestations = append(key.Policy.Attestations, audit.Attestation{
			Rule: rule, Statement: "checked on the key's page", By: "owner", At: now.Add(-time.Hour), Until: now.Add(time.Hour),
		})
		key.Credentials = fake.Issue(spec) // another key, whose nonces start again
	}
	key.Credentials = fake.Issue(spec) // another key, whose nonces start again
	require.NoError(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}))
	spec.Permissions = append(spec.Permissions, "withdraw:write")
	key.Credentials = fake.Issue(spec)
	require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}), audit.ErrUnsafe)
}
