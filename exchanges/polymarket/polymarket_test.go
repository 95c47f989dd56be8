package polymarket_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/polymarket"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, polymarket.Exchange, exchangetest.Polymarket)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, polymarket.Exchange, exchangetest.Polymarket) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, polymarket.Exchange, exchangetest.Polymarket(), spec, change...)
}

// TestKeys: an API key can neither trade nor move funds, and what the exchange refuses has
// one answer, whichever part is wrong.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	for _, c := range []access.Capability{access.TradeSpot, access.Withdraw, access.TransferExternal} {
		assert.True(t, s.Surely(c, access.Denied), c)
	}
	assert.True(t, s.Can(access.APIKeyManage), "keys that read")
	assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)

	for name, change := range map[string]func(*audit.Credentials){
		"unknown":       func(c *audit.Credentials) { c.Key = "00000000-0000-4000-8000-000000000000" },
		"wrong account": func(c *audit.Credentials) { c.Account = "0x00000000000000000000000000000000000000bb" },
		"wrong secret":  func(c *audit.Credentials) { c.Secret = audit.NewSecret(strings.Repeat("_", 42) + "8=") },
	} {
		_, err = inspect(t, exchangetest.Spec{}, func(k *audit.Key) { change(&k.Credentials) })
		require.ErrorIs(t, err, access.KindAmbiguous, name)
		for _, may := range []string{"the API key is unknown", "its secret or passphrase is another's", "it belongs to another wallet address", "Unauthorized/Invalid api key"} {
			require.ErrorContains(t, err, may, name)
		}
	}
}

// TestMainWallet: the private key of the wallet is recognised by its form. It signs nothing,
// and nothing is sent, whatever else is given.
func TestMainWallet(t *testing.T) {
	t.Parallel()
	private := exchangetest.Hex(64, "the wallet's")
	for name, change := range map[string]func(*audit.Credentials){
		"alone":             func(c *audit.Credentials) { *c = audit.Credentials{} },
		"with its wallet":   func(c *audit.Credentials) { *c = audit.Credentials{Account: exchangetest.WalletAddress(private)} },
		"with the contract": func(c *audit.Credentials) { *c = audit.Credentials{Account: c.Account} },
		"with an API key":   func(*audit.Credentials) {},
	} {
		for _, text := range []string{private, "0x" + private} {
			fake := exchangetest.Polymarket()
			key := audit.Key{Exchange: polymarket.Exchange, Credentials: fake.Issue(exchangetest.Spec{}), Policy: audit.SpotTrading()}
			change(&key.Credentials)
			key.Credentials.Secret = audit.NewSecret(text)
			result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
			require.ErrorIs(t, err, access.KindInput, name)
			assert.NotContains(t, err.Error(), private[:8], name)
			assert.Empty(t, fake.Requests(), name)
			found := result.Finding(audit.RuleWalletKey)
			assert.Equal(t, audit.Failed, found.Outcome, name)
			assert.Equal(t, audit.Critical, found.Severity, name)
			assert.Contains(t, found.Remedy, "new wallet", name)
		}
	}
}

// TestAsGiven: secrets are in either alphabet of base64, and lose their padding.
func TestAsGiven(t *testing.T) {
	t.Parallel()
	want, err := inspect(t, exchangetest.Spec{})
	require.NoError(t, err)
	for name, change := range map[string]func(*audit.Credentials){
		"the other alphabet": func(c *audit.Credentials) {
			c.Secret = audit.NewSecret(strings.NewReplacer("-", "+", "_", "/").Replace(c.Secret.Reveal()))
		},
		"no padding": func(c *audit.Credentials) { c.Secret = audit.NewSecret(strings.TrimRight(c.Secret.Reveal(), "=")) },
		"capitals":   func(c *audit.Credentials) { c.Account = " 0x" + strings.ToUpper(c.Account[2:]) + "\n" },
	} {
		got, err := inspect(t, exchangetest.Spec{}, func(k *audit.Key) { change(&k.Credentials) })
		require.NoError(t, err, name)
		assert.Equal(t, want.Fingerprint, got.Fingerprint, name)
	}
}

// TestNothingSent: what is no API key of a wallet is refused before anything is sent.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*audit.Credentials)
		says   string
	}{
		"no account":     {func(c *audit.Credentials) { c.Account = "" }, "whose wallet address is not given"},
		"a private key":  {func(c *audit.Credentials) { c.Account = "0x" + exchangetest.Hex(64, "x") }, "what is given as the account has the form of a private key"},
		"no passphrase":  {func(c *audit.Credentials) { c.Passphrase = audit.Secret{} }, "passphrase"},
		"no base64":      {func(c *audit.Credentials) { c.Secret = audit.NewSecret("not-base64-at-all.") }, "not base64"},
		"swapped halves": {func(c *audit.Credentials) { c.Key, c.Secret = c.Secret.Reveal(), audit.NewSecret(c.Key) }, "swapped"},
	} {
		fake := exchangetest.Polymarket()
		key := audit.Key{Exchange: polymarket.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
		c.change(&key.Credentials)
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindInput, name)
		require.ErrorContains(t, err, c.says, name)
		assert.Empty(t, fake.Requests(), name)
	}
}

// TestOwnKeyNotListed: the exchange took the key, and its list doesn't have it.
func TestOwnKeyNotListed(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"apiKeys":["00000000-0000-4000-8000-000000000001"]}`)})
	require.NoError(t, err)
	assert.Equal(t, access.KeyUnclear, s.KeyState)
	assert.Len(t, s.Siblings, 1)
	for _, answer := range []string{`{"apiKeys":null}`, `{"apiKeys":[{}]}`, `{"apiKeys":[""]}`, `{}`} {
		_, err = inspect(t, exchangetest.Spec{Answer: []byte(answer)})
		require.ErrorIs(t, err, access.KindNotUnderstood, answer)
	}
}
