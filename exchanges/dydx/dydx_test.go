package dydx_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/dydx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, dydx.Exchange, exchangetest.DYDX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, dydx.Exchange, exchangetest.DYDX) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, dydx.Exchange, exchangetest.DYDX(), spec, change...)
}

const order, send = "/dydxprotocol.clob.MsgPlaceOrder", "/cosmos.bank.v1beta1.MsgSend"

// TestKeys: a permissioned key, the account's own, that of another account, one that is
// unknown and one that is given with another account are told apart.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{order}})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.True(t, s.Surely(access.Withdraw, access.Denied))
	assert.True(t, s.NeverExpires)
	require.Len(t, s.Siblings, 1)
	assert.True(t, s.Siblings[0].Can(access.Withdraw))

	s, err = inspect(t, exchangetest.Spec{Permissions: []string{"owner"}})
	require.NoError(t, err)
	assert.Equal(t, access.MainWallet, s.Wallet)
	assert.True(t, s.Can(access.Withdraw))
	assert.True(t, s.Can(access.APIKeyManage))

	nobodys := func(k *audit.Key) {
		k.Credentials.Key, k.Credentials.Secret = "", audit.NewSecret(exchangetest.Hex(64, "nobody's"))
	}
	_, err = inspect(t, exchangetest.Spec{Permissions: []string{order}}, nobodys)
	require.ErrorIs(t, err, access.KindBadKey)
	require.ErrorContains(t, err, "no authenticator of the account has this key")

	elsewhere := func(k *audit.Key) { k.Credentials.Account = exchangetest.DYDXAddress(exchangetest.Hex(64, "another")) }
	_, err = inspect(t, exchangetest.Spec{Permissions: []string{order}}, elsewhere)
	require.ErrorIs(t, err, access.KindBadKey)

	s, err = inspect(t, exchangetest.Spec{Permissions: []string{"owner"}}, elsewhere)
	require.NoError(t, err)
	assert.Equal(t, access.MainWallet, s.Wallet, "it is the key of an account, whatever account was given")
	require.Len(t, s.Contradictions, 1)
	assert.Contains(t, s.Contradictions[0], "and not of the account that was given")

	fake := exchangetest.DYDX()
	_, err = exchangetest.TryInspect(t, dydx.Exchange, fake, exchangetest.Spec{}, func(k *audit.Key) { k.Credentials.Account = "" })
	require.ErrorIs(t, err, access.KindInput)
	assert.Empty(t, fake.Requests())
}

// sample is the public key of the documented sample, for which that of the key is put.
var sample, _ = hex.DecodeString("034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa")

// part writes a part of an authenticator.
func part(kind, config string) string {
	return `{"type":"` + kind + `","config":"` + base64.StdEncoding.EncodeToString([]byte(config)) + `"}`
}

func both(kind string, parts ...string) string { return part(kind, "["+strings.Join(parts, ",")+"]") }

// TestTrees: what each tree of authenticators lets the key do.
func TestTrees(t *testing.T) {
	t.Parallel()
	own, other := part("SignatureVerification", string(sample)), part("SignatureVerification", "\x02"+strings.Repeat("o", 32))
	orders, sends := part("MessageFilter", order), part("MessageFilter", send)
	deep := own
	for range 12 {
		deep = both("AllOf", deep)
	}
	wide := []string{own}
	for range 9 {
		wide = append(wide, both("AnyOf", orders, sends))
	}
	for name, test := range map[string]struct {
		trees           []string
		trade, withdraw access.State
	}{
		"the signature alone":                {[]string{own}, access.Granted, access.Granted},
		"orders only":                        {[]string{both("AllOf", own, orders)}, access.Granted, access.Denied},
		"either message":                     {[]string{both("AllOf", own, both("AnyOf", orders, sends))}, access.Granted, access.Granted},
		"both filters, with nothing in both": {[]string{both("AllOf", own, orders, sends)}, access.Denied, access.Denied},
		"two authenticators":                 {[]string{both("AllOf", own, orders), both("AllOf", own, sends)}, access.Granted, access.Granted},
		"another's withdrawals":              {[]string{both("AllOf", own, orders), both("AllOf", other, sends)}, access.Granted, access.Denied},
		"withdrawals together with another":  {[]string{both("AllOf", own, orders), both("AllOf", own, other, sends)}, access.Granted, access.Unknown},
		"withdrawals by anybody":             {[]string{both("AllOf", own, orders), sends}, access.Granted, access.Granted},
		"any of two signatures":              {[]string{both("AllOf", both("AnyOf", own, other), orders)}, access.Granted, access.Denied},
		"markets, and every message":         {[]string{both("AllOf", own, part("ClobPairIdFilter", "0"))}, access.Granted, access.Unknown},
		"an unknown part":                    {[]string{both("AllOf", own, orders, part("Teleport", "x"))}, access.Unknown, access.Denied},
		"an unknown alternative":             {[]string{both("AnyOf", both("AllOf", own, orders), part("Teleport", "x"))}, access.Granted, access.Unknown},
		"an unknown authenticator":           {[]string{both("AllOf", own, orders), part("Teleport", "x")}, access.Granted, access.Unknown},
		"an empty filter":                    {[]string{both("AllOf", own, part("MessageFilter", ""))}, access.Unknown, access.Unknown},
		"an empty list":                      {[]string{both("AllOf", own, orders), both("AnyOf")}, access.Granted, access.Unknown},
		"too deep":                           {[]string{own, both("AllOf", own, deep)}, access.Granted, access.Granted},
		"too wide":                           {[]string{both("AllOf", own, orders), both("AllOf", wide...)}, access.Granted, access.Unknown},
	} {
		list := make([]string, len(test.trees))
		for i, tree := range test.trees {
			list[i] = `{"id":"1",` + tree[1:]
		}
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"account_authenticators":[` + strings.Join(list, ",") + `]}`)})
		require.NoError(t, err, name)
		assert.Equal(t, test.trade, s.Grant(access.TradeFutures).State, name)
		assert.Equal(t, test.withdraw, s.Grant(access.Withdraw).State, name)
	}
	// A key may be in a part that can't be read.
	_, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"account_authenticators":[{"id":"1",` + part("Teleport", "x")[1:] + `]}`)})
	require.ErrorIs(t, err, access.KindNotUnderstood)
}

// TestMessages: a message of a family counts as that, and one that is unknown is shown.
func TestMessages(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"/cosmos.staking.v1beta1.MsgUndelegate", "/cosmos.authz.v1beta1.MsgExec"}})
	require.NoError(t, err)
	assert.True(t, s.Can(access.Other("staking")))
	assert.Equal(t, []string{"/cosmos.authz.v1beta1.MsgExec"}, s.Unmapped)
	assert.Equal(t, access.Denied, s.Grant(access.TradeFutures).State)
}
