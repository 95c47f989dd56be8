package pacifica_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/pacifica"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, pacifica.Exchange, exchangetest.Pacifica)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, pacifica.Exchange, exchangetest.Pacifica) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, pacifica.Exchange, exchangetest.Pacifica(), spec, change...)
}

// seed and address are those of the first test of RFC 8032.
const seed, address = "BbMQkQYZspmkytduTWvXEtc4mMURjsekJDvty2WtKeSb", "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"

// TestKeys: an agent, one that the exchange doesn't know and one of another account.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{IPs: []string{"198.51.100.20"}})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.Equal(t, []string{"The agent's IP allowlist holds 198.51.100.20. Whether it is switched on is not reported."}, s.Notes)
	assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, "whether the list is switched on is not reported")
	assert.True(t, s.Can(access.TradeFutures))
	for _, c := range []access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal, access.APIKeyManage, access.SubaccountManage} {
		assert.Equal(t, access.Unknown, s.Grant(c).State, c)
	}

	for name, change := range map[string]func(*audit.Credentials){
		"unknown":       func(c *audit.Credentials) { c.Key, c.Secret = "", audit.NewSecret(seed) },
		"wrong account": func(c *audit.Credentials) { c.Account = address },
	} {
		_, err = inspect(t, exchangetest.Spec{}, func(k *audit.Key) { change(&k.Credentials) })
		require.ErrorIs(t, err, access.KindBadKey, name)
	}
}

// TestMainWallet: the account's own wallet is recognised by its wallet address. It signs
// nothing, and nothing is sent.
func TestMainWallet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]audit.Credentials{
		"both":           {Key: address, Account: address, Secret: audit.NewSecret(seed)},
		"the account":    {Account: " " + address + "\n", Secret: audit.NewSecret(seed)},
		"the whole pair": {Account: address, Secret: audit.NewSecret("49W385L4rePHy6PAaQUovbD2aacgN4HsKXSMeUzRg4fmwXszN91JuMFrQRj3vMDpZuRF3ZknQBuRBoWQJEfXstMw")},
	} {
		fake := exchangetest.Pacifica()
		result, err := audit.Assess(t.Context(), audit.Key{Exchange: pacifica.Exchange, Credentials: c}, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindInput, name)
		assert.Empty(t, fake.Requests(), name)
		found := result.Finding(audit.RuleWalletKey)
		assert.Equal(t, audit.Failed, found.Outcome, name)
		assert.Equal(t, audit.Critical, found.Severity, name)
	}
}

// TestNothingSent: a private key in the place of a wallet address is never sent.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given audit.Credentials
		says  string
	}{
		"no account":          {audit.Credentials{Secret: audit.NewSecret(seed)}, "whose wallet address is not given"},
		"swapped, no account": {audit.Credentials{Key: seed, Secret: audit.NewSecret(address)}, "put each where the other is"},
		"swapped":             {audit.Credentials{Key: seed, Account: "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF", Secret: audit.NewSecret(address)}, "put each where the other is"},
		"twice":               {audit.Credentials{Account: seed, Secret: audit.NewSecret(seed)}, "the private key is in the place of the account"},
		"twice, as the key":   {audit.Credentials{Key: seed, Secret: audit.NewSecret(seed)}, "the private key is in the place of the API key"},
		"of Ethereum's form":  {audit.Credentials{Account: address, Secret: audit.NewSecret(exchangetest.Hex(64, "x"))}, "is not base58"},
	} {
		fake := exchangetest.Pacifica()
		s, err := audit.Inspect(t.Context(), audit.Key{Exchange: pacifica.Exchange, Credentials: c.given}, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindInput, name)
		require.ErrorContains(t, err, c.says, name)
		assert.Empty(t, fake.Requests(), name)
		assert.NotContains(t, err.Error()+s.KeyID, seed[len(seed)-4:], name)
	}
}

// TestShapes: the forms of the lists are not documented. What can't be read says nothing,
// and the agent's signature is taken all the same.
func TestShapes(t *testing.T) {
	t.Parallel()
	for data, others := range map[string]int{
		`["{key}","` + address + `"]`: 1, `[{"agent_wallet":"{key}"},{"agent_wallet":"` + address + `"}]`: 1, `["{key}"]`: 0, `[]`: 0, `null`: 0, `{"agents":[]}`: 0,
		`[{"name":"bot"}]`: 0, `["no address","{key}"]`: 0, `7`: 0,
	} {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"success":true,"data":` + data + `,"error":null,"code":null}`)})
		require.NoError(t, err, data)
		assert.Equal(t, access.DelegatedWallet, s.Wallet, data)
		assert.Len(t, s.Siblings, others, data)
		assert.Equal(t, !strings.Contains(data, "{key}"), len(s.Notes) == 1, data)
	}
}
