package injective_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/injective"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, injective.Exchange, exchangetest.Injective)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, injective.Exchange, exchangetest.Injective) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, injective.Exchange, exchangetest.Injective(), spec, change...)
}

const orders = "/injective.exchange.v1beta1.MsgBatchUpdateOrders"

// TestKeys: a wallet with grants, the account's own, one whose grants have ended, one that
// is unknown and one of another account are told apart.
func TestKeys(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(time.Hour).Truncate(time.Second)
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{orders}, Expires: end})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.True(t, s.Can(access.TradeSpot))
	assert.True(t, s.Surely(access.Withdraw, access.Denied))
	assert.True(t, s.Expires.Equal(end))
	require.Len(t, s.Siblings, 1)
	assert.True(t, s.Siblings[0].Can(access.Withdraw))
	assert.True(t, s.Siblings[0].NeverExpires)

	s, err = inspect(t, exchangetest.Spec{Permissions: []string{"owner"}})
	require.NoError(t, err)
	assert.Equal(t, access.MainWallet, s.Wallet)
	assert.True(t, s.Can(access.Withdraw))
	assert.True(t, s.Can(access.APIKeyManage))

	s, err = inspect(t, exchangetest.Spec{Permissions: []string{orders}, Expires: time.Now().Add(-time.Hour)})
	require.ErrorIs(t, err, access.KindExpired)
	assert.Equal(t, access.KeyExpired, s.KeyState)

	_, err = inspect(t, exchangetest.Spec{}, func(k *audit.Key) {
		k.Credentials.Key, k.Credentials.Secret = "", audit.NewSecret(exchangetest.Hex(64, "nobody's"))
	})
	require.ErrorIs(t, err, access.KindBadKey)
	require.ErrorContains(t, err, "ended or were revoked")

	_, err = inspect(t, exchangetest.Spec{Options: map[string]string{"others": "1"}})
	require.ErrorIs(t, err, access.KindBadKey)
	require.ErrorContains(t, err, "another account did")
}

// TestGrants: what an answer says of the key's grants.
func TestGrants(t *testing.T) {
	t.Parallel()
	const generic = `"authorization":{"@type":"/cosmos.authz.v1beta1.GenericAuthorization","msg":"`
	row := func(message, end string) string {
		return `{"granter":"inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d","grantee":"{key}",` + generic + message + `"},"expiration":` + end + `}`
	}
	answer := func(rows, next string) *access.Snapshot {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"grants":[` + rows + `],"pagination":{"next_key":` + next + `}}`)})
		require.NoError(t, err, rows)
		return s
	}
	s := answer(row("/injective.exchange.v2.MsgCreateDerivativeMarketOrder", "null")+","+row("/cosmos.bank.v1beta1.MsgSend", `"2020-01-01T00:00:00Z"`), "null")
	assert.True(t, s.Can(access.TradeFutures))
	assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State, "that grant has ended")
	assert.True(t, s.NeverExpires)

	s = answer(row("/injective.exchange.v2.MsgTeleport", `"2099-01-01T00:00:00Z"`), "null")
	assert.Equal(t, []string{"/injective.exchange.v2.MsgTeleport"}, s.Unmapped)

	s = answer(row(orders, "null"), `"AAAA"`)
	assert.True(t, s.ListsPart)
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, "the list goes on")

	s = answer(row("/cosmos.authz.v1beta1.MsgExec", "null"), "null")
	assert.True(t, s.Can(access.APIKeyManage))
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, "it sends what others granted")

	s = answer(row(orders, `"2099-01-01T00:00:00Z"`)+`,{"grantee":"",`+generic+`/cosmos.bank.v1beta1.MsgSend"},"expiration":null}`, "null")
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, "a grant to nobody in particular may be one to it")
	assert.True(t, s.Expires.IsZero())
}
