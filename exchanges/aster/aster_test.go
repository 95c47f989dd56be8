package aster_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/aster"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, aster.Exchange, exchangetest.Aster) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, aster.Exchange, exchangetest.Aster) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, aster.Exchange, exchangetest.Aster(), spec, change...)
}

// TestKeys: an agent, one that has ended, one that the exchange doesn't know and one of
// another account are told apart.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"canRead", "canPerpTrade"}, Expires: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.True(t, s.Surely(access.Withdraw, access.Denied))
	assert.Equal(t, access.Unknown, s.Grant(access.TransferInternal).State, "which flag governs transfers is not documented")

	s, err = inspect(t, exchangetest.Spec{Answer: []byte(`[{"agentAddress":"{key}","canRead":true,"expired":1767225600000}]`)})
	require.NoError(t, err)
	assert.Equal(t, access.KeyExpired, s.KeyState)
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, "a missing flag")
	assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)

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
	fake := exchangetest.Aster()
	key := audit.Key{Exchange: aster.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
	key.Credentials.Account = key.Credentials.Key
	result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
	require.ErrorIs(t, err, access.KindInput)
	assert.Empty(t, fake.Requests())
	found := result.Finding(audit.RuleWalletKey)
	assert.Equal(t, audit.Failed, found.Outcome)
	assert.Equal(t, audit.Critical, found.Severity)
}

// TestNoAccount: without its account an agent can't be asked about.
func TestNoAccount(t *testing.T) {
	t.Parallel()
	_, err := inspect(t, exchangetest.Spec{}, func(k *audit.Key) { k.Credentials.Account = "" })
	require.ErrorIs(t, err, access.KindInput)
	require.ErrorContains(t, err, "whose wallet address is not given")
	_, err = inspect(t, exchangetest.Spec{}, func(k *audit.Key) { // a key of version 1
		k.Credentials.Key, k.Credentials.Account = exchangetest.Hex(64, "v1"), ""
	})
	require.ErrorIs(t, err, access.KindInput)
}

// TestRow: what one row of the list says.
func TestRow(t *testing.T) {
	t.Parallel()
	row := func(members string) *access.Snapshot {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`[{"agentAddress":"{key}",` + members + `}]`)})
		require.NoError(t, err, members)
		return s
	}
	for text, want := range map[string]access.AllowlistState{
		`""`: access.AllowlistUnrestricted, `" "`: access.AllowlistUnrestricted, `null`: access.AllowlistUnknown, `"203.0.113.7,198.51.100.0/24"`: access.AllowlistRestricted,
		`"203.0.113.7 198.51.100.0/24"`: access.AllowlistRestricted, `"0.0.0.0/0"`: access.AllowlistUnrestricted, `"somewhere"`: access.AllowlistUnknown,
	} {
		assert.Equal(t, want, row(`"ipWhitelist":`+text).IPAllowlist.State, text)
	}
	assert.Equal(t, []string{"canTeleport"}, row(`"canTeleport":true`).Unmapped)
	assert.True(t, row(`"canWithdraw":true`).Can(access.TransferExternal))

	s, err := inspect(t, exchangetest.Spec{Answer: []byte(`[{"agentAddress":"0x1111111111111111111111111111111111111111","canRead":true}]`)})
	require.NoError(t, err)
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, "the key is not in the list")
	assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)
	assert.Equal(t, access.WalletUnknown, s.Wallet, "nothing reported that it is an agent's")
	assert.NotEmpty(t, s.Notes)
}

// TestRequest: the exchange reads the wallets with their checksums, and a signature is not
// printed.
func TestRequest(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{Options: map[string]string{"capitals": "no"}}, func(k *audit.Key) {
		k.Credentials.Key, k.Credentials.Account = "0x"+strings.ToUpper(k.Credentials.Key[2:]), "0x"+strings.ToUpper(k.Credentials.Account[2:])
	})
	require.NoError(t, err)
	assert.Equal(t, access.AllowlistUnrestricted, s.IPAllowlist.State)
}
