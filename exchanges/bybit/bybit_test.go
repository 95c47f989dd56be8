package bybit_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bybit.Exchange, exchangetest.Bybit) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bybit.Exchange, exchangetest.Bybit) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, bybit.Exchange, exchangetest.Bybit(), spec)
}

// TestReadOnly: the switch overrules the lists, which stay filled.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	spec := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}, Options: map[string]string{"readOnly": "1"}}
	snap := inspect(t, spec)
	assert.True(t, snap.Can(access.Read))
	for _, c := range []access.Capability{access.TradeSpot, access.Withdraw, access.TransferExternal, access.TradeFutures} {
		assert.Equal(t, access.Grant{Capability: c, State: access.Denied, Evidence: access.Reported}, snap.Grant(c))
	}
	assert.Equal(t, spec.Permissions, snap.Permissions)
	assert.Len(t, snap.Notes, 2, "and a second note on what a Wallet permission may still allow")

	spec.Permissions = []string{"Spot.SpotTrade"}
	assert.Len(t, inspect(t, spec).Notes, 1)
}

// TestReadOnlyMissing: without the switch the key may have what the lists name, or
// only read it; it has nothing else.
func TestReadOnlyMissing(t *testing.T) {
	t.Parallel()
	snap := inspect(t, exchangetest.Spec{
		Answer: []byte(`{"retCode":0,"retMsg":"","result":{"permissions":{"Wallet":["Withdraw"],"Spot":[]}}}`),
	})
	assert.Equal(t, access.Unknown, snap.Grant(access.Withdraw).State)
	assert.Equal(t, access.Denied, snap.Grant(access.TradeSpot).State)
	assert.Equal(t, access.Unknown, snap.Grant(access.TradeOptions).State, "its group is missing")
	assert.Equal(t, access.AllowlistUnknown, snap.IPAllowlist.State)
}

// TestThirdPartyApp: such keys are restricted to the app's IP addresses.
func TestThirdPartyApp(t *testing.T) {
	t.Parallel()
	snap := inspect(t, exchangetest.Spec{IPs: []string{"198.51.100.20"}, Options: map[string]string{"type": "2"}})
	assert.Equal(t, "a third-party app", snap.IPAllowlist.Vendor)
	assert.Equal(t, access.AllowlistRestricted, snap.IPAllowlist.State)

	snap = inspect(t, exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, Options: map[string]string{"type": "2"}})
	assert.Empty(t, snap.IPAllowlist.Vendor, "it is restricted to no IP addresses")
	assert.Equal(t, access.AllowlistUnrestricted, snap.IPAllowlist.State)
	assert.Equal(t, []string{"The key is connected to a third-party app."}, snap.Notes)
}

// TestAccountKind: of two statements that disagree, the more dangerous one counts,
// and a missing one doesn't mean a sub-account.
func TestAccountKind(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]struct {
		kind     access.AccountKind
		disputed bool
	}{
		`"isMaster":true,"parentUid":"0"`:         {access.MainAccount, false},
		`"isMaster":true`:                         {access.MainAccount, false},
		`"isMaster":false,"parentUid":"31877402"`: {access.SubAccount, false},
		`"isMaster":false`:                        {access.SubAccount, false},
		`"isMaster":false,"parentUid":"0"`:        {access.MainAccount, true},
		`"isMaster":true,"parentUid":"31877402"`:  {access.MainAccount, true},
		`"isMaster":null,"parentUid":"31877402"`:  {access.AccountUnknown, false},
		`"readOnly":0`:                            {access.AccountUnknown, false},
	} {
		snap := inspect(t, exchangetest.Spec{Answer: []byte(`{"retCode":0,"retMsg":"","result":{"permissions":{"Spot":[]},` + members + `}}`)})
		assert.Equal(t, want.kind, snap.Account.Kind, members)
		assert.Equal(t, want.disputed, len(snap.Contradictions) == 1, members)
	}
}

// TestPayGroup: the group's old name counts, whichever of the two names the answer
// has.
func TestPayGroup(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]access.State{
		`{"Spot":["SpotTrade"],"FiatBybitPay":["FaitPayOrder"]}`:                 access.Granted,
		`{"Spot":["SpotTrade"],"FiatBybitPay":["FaitPayOrder"],"FiatBitPay":[]}`: access.Granted,
		`{"Spot":["SpotTrade"],"FiatBitPay":["FaitPayOrder"]}`:                   access.Granted,
		`{"Spot":["SpotTrade"],"FiatBitPay":[],"FiatBybitPay":null}`:             access.Denied,
		`{"Spot":["SpotTrade"],"FiatBitPay":[],"FiatGlobalPay":["Anything"]}`:    access.Granted,
		`{"Spot":["SpotTrade"],"FiatBitPay":[],"FiatGlobalPay":[]}`:              access.Denied,
		`{"Spot":["SpotTrade"],"Wallet":[]}`:                                     access.Unknown,
	} {
		snap := inspect(t, exchangetest.Spec{
			Answer: []byte(`{"retCode":0,"retMsg":"","result":{"readOnly":0,"permissions":` + answer + `}}`),
		})
		assert.Equal(t, want, snap.Grant(access.Other("pay")).State, answer)
		assert.Empty(t, snap.Unmapped, answer)
	}
}

// TestUnrestrictedKeyExpires: the exchange expires keys without an IP allowlist,
// and says when.
func TestUnrestrictedKeyExpires(t *testing.T) {
	t.Parallel()
	expires := time.Now().Add(40 * 24 * time.Hour).UTC().Truncate(time.Second)
	snap := inspect(t, exchangetest.Spec{Expires: expires})
	require.Len(t, snap.Deadlines, 1)
	assert.Equal(t, expires, snap.Deadlines[0].At)

	snap = inspect(t, exchangetest.Spec{IPs: []string{"198.51.100.20"}})
	assert.Empty(t, snap.Deadlines)
	assert.True(t, snap.NeverExpires)
}

// TestServerTime: if the answer that refused the timestamp has no date, the audit
// asks for the exchange's time.
func TestServerTime(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Bybit()
	fake.SetClock(func() time.Time { return time.Now().Add(-time.Hour) })
	key := audit.Key{Exchange: bybit.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
	_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: undated{fake}})
	require.NoError(t, err)
	var paths []string
	for _, r := range fake.Requests() {
		paths = append(paths, r.Path)
	}
	assert.Equal(t, []string{"/v5/user/query-api", "/v5/market/time", "/v5/user/query-api"}, paths)
}

// undated removes the Date header from every answer.
type undated struct{ http.RoundTripper }

func (u undated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Del("Date")
	}
	return resp, err
}

// TestWalletPermissionsManageKeys: a read-write key with one of them creates keys and
// rewrites itself, whatever else it may do.
func TestWalletPermissionsManageKeys(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Wallet.AccountTransfer", "Wallet.SubMemberTransfer", "Wallet.SubMemberTransferList", "Wallet.Withdraw"} {
		snap := exchangetest.Inspect(t, bybit.Exchange, exchangetest.Bybit(), exchangetest.Spec{Permissions: []string{name}})
		for _, c := range []access.Capability{access.APIKeyManage, access.SubaccountManage} {
			assert.Equal(t, access.Granted, snap.Grant(c).State, "%s: %s", name, c)
			assert.Equal(t, []string{name}, snap.Grant(c).Names)
		}
		snap = exchangetest.Inspect(t, bybit.Exchange, exchangetest.Bybit(), exchangetest.Spec{Permissions: []string{name}, SubAccount: true})
		assert.Equal(t, access.Granted, snap.Grant(access.APIKeyManage).State, name)
		assert.Equal(t, "its own key: rights and IP allowlist", snap.Grant(access.APIKeyManage).Qualifier)
		assert.Equal(t, access.Denied, snap.Grant(access.SubaccountManage).State, name)
		snap = exchangetest.Inspect(t, bybit.Exchange, exchangetest.Bybit(), exchangetest.Spec{Permissions: []string{name}, Options: map[string]string{"readOnly": "1"}})
		assert.Equal(t, access.Unknown, snap.Grant(access.APIKeyManage).State, "not documented")
	}
	snap := exchangetest.Inspect(t, bybit.Exchange, exchangetest.Bybit(), exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}})
	assert.Equal(t, access.Denied, snap.Grant(access.APIKeyManage).State)
}

// TestRefusalByIPProvesNothing: 10010 comes for keys without an IP allowlist too.
func TestRefusalByIPProvesNothing(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Bybit()
	key := audit.Key{Exchange: bybit.Exchange, Credentials: fake.Issue(exchangetest.Spec{}), Policy: audit.SpotTrading()}
	fake.Inject(exchangetest.Fault{Failure: exchangetest.FailIP})
	result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
	require.ErrorIs(t, err, access.KindIPNotAllowed)
	assert.Equal(t, access.AllowlistUnknown, result.Snapshot.IPAllowlist.State)
	f := result.Finding(audit.RuleIPAllowlist)
	assert.Equal(t, audit.Undetermined, f.Outcome)
	assert.Contains(t, f.Message, "the exchange refused this IP address, which it does to keys without one too")
}
