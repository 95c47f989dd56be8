package paradex_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/paradex"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, paradex.Exchange, exchangetest.Paradex)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, paradex.Exchange, exchangetest.Paradex) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, paradex.Exchange, exchangetest.Paradex(), spec, change...)
}

// TestKeys: a subkey, the account's own key, one that is unknown and one of another account
// are told apart. A subkey that has ended is none: the exchange knows only revoked ones.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.True(t, s.Can(access.TradeFutures))
	assert.True(t, s.Surely(access.Withdraw, access.Denied))
	assert.True(t, s.ListsPart, "tokens are not listed")

	s, err = inspect(t, exchangetest.Spec{Permissions: []string{"main"}})
	require.NoError(t, err)
	assert.Equal(t, access.MainWallet, s.Wallet)
	assert.True(t, s.Can(access.Withdraw))

	for name, change := range map[string]func(*audit.Credentials){
		"unknown": func(c *audit.Credentials) {
			c.Key, c.Secret = "", audit.NewSecret("0x"+exchangetest.Hex(60, "nobody's"))
		},
		"wrong account": func(c *audit.Credentials) { c.Account = "0xbb" },
	} {
		_, err = inspect(t, exchangetest.Spec{}, func(k *audit.Key) { change(&k.Credentials) })
		require.ErrorIs(t, err, access.KindBadKey, name)
	}
	fake := exchangetest.Paradex()
	_, err = exchangetest.TryInspect(t, paradex.Exchange, fake, exchangetest.Spec{}, func(k *audit.Key) {
		k.Credentials.Key, k.Credentials.Secret = "", audit.NewSecret("0xff"+exchangetest.Hex(62, "an Ethereum wallet's"))
	})
	require.ErrorIs(t, err, access.KindInput)
	assert.Empty(t, fake.Requests(), "no key of the curve is so large")
}

// TestSubkeys: what the list says of a key, and what it doesn't.
func TestSubkeys(t *testing.T) {
	t.Parallel()
	answer := func(rows string) *access.Snapshot {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"results":[` + rows + `]}`)})
		require.NoError(t, err, rows)
		return s
	}
	s := answer(``)
	assert.Equal(t, access.WalletUnknown, s.Wallet, "it is neither the account's own nor a subkey")
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)

	s = answer(`{"public_key":"{key}","state":"active","allowed_cidrs":[],"created_at":1767225600,"revoked_at":0}`)
	assert.Equal(t, access.AllowlistUnrestricted, s.IPAllowlist.State)
	assert.Equal(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), s.Created.UTC(), "in seconds")
	assert.Equal(t, access.KeyActive, s.KeyState)

	assert.Equal(t, access.KeyUnclear, answer(`{"public_key":"{key}","state":"active"}`).KeyState)
	assert.Equal(t, access.KeyDisabled, answer(`{"public_key":"{key}","state":"active","revoked_at":1767225600000000000}`).KeyState)
	assert.Equal(t, access.WalletUnknown, answer(`{"public_key":"{key}"},{"public_key":"{key}"}`).Wallet, "which of two rows counts is unknown")
}

// TestToken: a read-only token says itself when it ends. Nothing is sent, and nothing of it shown.
func TestToken(t *testing.T) {
	t.Parallel()
	for claims, says := range map[string]string{
		`{"typ":"token","exp":1893456000}`: "it is a token, which ends on 2030-01-01, and what it may do",
		`{"typ":"token"}`:                  "it is a token, and what it may do",
		`[]`:                               "it is a token, and what it may do",
	} {
		fake, token := exchangetest.Paradex(), "eyJhbGciOiJFUzI1NiJ9."+base64.RawURLEncoding.EncodeToString([]byte(claims))+".c2lnbmF0dXJl"
		_, err := exchangetest.TryInspect(t, paradex.Exchange, fake, exchangetest.Spec{}, func(k *audit.Key) {
			k.Credentials.Key, k.Credentials.Secret = "", audit.NewSecret(token)
		})
		require.ErrorIs(t, err, access.KindInput)
		require.ErrorContains(t, err, says)
		assert.NotContains(t, err.Error(), "c2lnbm")
		assert.Empty(t, fake.Requests())
	}
}
