package derive_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/derive"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, derive.Exchange, exchangetest.Derive) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, derive.Exchange, exchangetest.Derive) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, derive.Exchange, exchangetest.Derive(), spec, change...)
}

// TestKeys: a session key, the owner's, one that has ended, one that is unknown and one of
// another account are told apart.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"trade:orderbook:perp"}})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.True(t, s.Can(access.TradeFutures))
	assert.True(t, s.Surely(access.Withdraw, access.Denied))

	s, err = inspect(t, exchangetest.Spec{Options: map[string]string{"owner": "1"}})
	require.NoError(t, err)
	assert.Equal(t, access.MainWallet, s.Wallet, "the exchange takes keys of the list, and the owner's")
	assert.True(t, s.Can(access.Withdraw))
	assert.True(t, s.Can(access.APIKeyManage))

	_, err = inspect(t, exchangetest.Spec{Expires: time.Now().Add(-time.Hour)})
	require.ErrorIs(t, err, access.KindExpired)
	for name, change := range map[string]func(*audit.Credentials){
		"unknown":       func(c *audit.Credentials) { c.Key, c.Secret = "", audit.NewSecret(exchangetest.Hex(64, "nobody's")) },
		"wrong account": func(c *audit.Credentials) { c.Account = "0x00000000000000000000000000000000000000bb" },
	} {
		_, err = inspect(t, exchangetest.Spec{}, func(k *audit.Key) { change(&k.Credentials) })
		require.ErrorIs(t, err, access.KindBadKey, name)
	}
}

// TestMainWallet: the account's own wallet is recognised by its address. It signs nothing,
// and nothing is sent.
func TestMainWallet(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Derive()
	_, err := exchangetest.TryInspect(t, derive.Exchange, fake, exchangetest.Spec{}, func(k *audit.Key) { k.Credentials.Account = k.Credentials.Key })
	require.ErrorIs(t, err, access.KindInput)
	assert.Empty(t, fake.Requests())
}

// TestScopes: a list that is missing denies nothing, and neither does a scope that is unknown.
func TestScopes(t *testing.T) {
	t.Parallel()
	row := func(members string) *access.Snapshot {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"id":"1","result":{"public_session_keys":[{"public_session_key":"{key}",` + members + `}]}}`)})
		require.NoError(t, err, members)
		return s
	}
	for _, members := range []string{`"protocol_scopes":[]`, `"offchain_scopes":[]`, `"label":"x"`, `"protocol_scopes":null,"offchain_scopes":[]`} {
		assert.Equal(t, access.Unknown, row(members).Grant(access.APIKeyManage).State, members)
	}
	for range 20 { // whatever is read first
		moved := row(`"protocol_scopes":[],"offchain_scopes":["admin","account_info"]`)
		assert.NotEqual(t, access.Denied, moved.Grant(access.Withdraw).State, "a scope that stands in the other list is held")
	}
	s := row(`"protocol_scopes":["trade:teleport"],"offchain_scopes":["account_info"],"ip_whitelist":[]`)
	assert.Equal(t, []string{"trade:teleport"}, s.Unmapped)
	assert.Equal(t, access.AllowlistUnrestricted, s.IPAllowlist.State)
	assert.Equal(t, access.AllowlistUnknown, row(`"ip_whitelist":null`).IPAllowlist.State)
}
