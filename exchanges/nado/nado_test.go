package nado_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/nado"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, nado.Exchange, exchangetest.Nado) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, nado.Exchange, exchangetest.Nado) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, nado.Exchange, exchangetest.Nado(), spec, change...)
}

var signer = exchangetest.Spec{Permissions: []string{"linked signer"}}

// TestKeys: a linked signer, the owner's key, one that is not linked and one of another
// account are told apart.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, signer)
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.True(t, s.Can(access.TradeFutures))
	for _, c := range []access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal, access.APIKeyManage} {
		assert.Equal(t, access.Unknown, s.Grant(c).State, c)
	}
	assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)

	main, err := inspect(t, exchangetest.Spec{Permissions: []string{"owner"}})
	require.NoError(t, err)
	assert.Equal(t, access.MainWallet, main.Wallet)
	assert.True(t, main.Can(access.Withdraw))
	assert.Len(t, main.Siblings, 1, "the linked signer")

	for name, c := range map[string]struct {
		change func(*audit.Credentials)
		says   string
	}{
		"replaced":      {func(c *audit.Credentials) { c.Key, c.Secret = "", audit.NewSecret(exchangetest.Hex(64, "nobody's")) }, "linked signer is another"},
		"wrong account": {func(c *audit.Credentials) { c.Account = "0x00000000000000000000000000000000000000bb" }, "has no linked signer"},
	} {
		_, err = inspect(t, signer, func(k *audit.Key) { c.change(&k.Credentials) })
		require.ErrorIs(t, err, access.KindBadKey, name)
		require.ErrorContains(t, err, c.says, name)
	}
}

// TestMainWallet: the owner's key is known to be that before the exchange answers.
func TestMainWallet(t *testing.T) {
	t.Parallel()
	for _, part := range []int{42, 66} { // the wallet address alone, and the whole sub-account
		fake := exchangetest.Nado()
		fake.Inject(exchangetest.Fault{Drop: true, Times: -1})
		key := audit.Key{Exchange: nado.Exchange, Credentials: fake.Issue(exchangetest.Spec{Permissions: []string{"owner"}})}
		key.Credentials.Account = key.Credentials.Account[:part]
		result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
		require.ErrorIs(t, err, access.KindUnavailable)
		found := result.Finding(audit.RuleWalletKey)
		assert.Equal(t, audit.Failed, found.Outcome)
		assert.Equal(t, audit.Critical, found.Severity)
	}
}

// TestAsGiven: clients give the wallet address, or the sub-account with its name.
func TestAsGiven(t *testing.T) {
	t.Parallel()
	want, err := inspect(t, signer)
	require.NoError(t, err)
	for name, change := range map[string]func(*audit.Credentials){
		"no key":                 func(c *audit.Credentials) { c.Key = "" },
		"the owner's address":    func(c *audit.Credentials) { c.Account = "0X" + strings.ToUpper(c.Account[2:42]) },
		"the account as the key": func(c *audit.Credentials) { c.Key, c.Account = c.Account[:42], "" },
		"the sub-account as key": func(c *audit.Credentials) { c.Key, c.Account = c.Account, "" },
	} {
		got, err := inspect(t, signer, func(k *audit.Key) { change(&k.Credentials) })
		require.NoError(t, err, name)
		assert.Equal(t, want.Fingerprint, got.Fingerprint, name)
		assert.Equal(t, want.Account, got.Account, name)
	}
	named := "0x00000000000000000000000000000000000000bb" + hex.EncodeToString([]byte("grid bot\x00\x00\x00\x00"))
	_, err = inspect(t, signer, func(k *audit.Key) { k.Credentials.Account = named })
	require.ErrorContains(t, err, "has no linked signer", "it is asked about")
}

// TestNothingSent: a private key in the place of a sub-account, which has the same length, is
// never sent.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	private := "0x" + exchangetest.Hex(64, "the main wallet's")
	for name, change := range map[string]func(*audit.Credentials){
		"no account":             func(c *audit.Credentials) { c.Account = "" },
		"as the account":         func(c *audit.Credentials) { c.Account = private },
		"as the key":             func(c *audit.Credentials) { c.Key, c.Account = private, "" },
		"its own as the account": func(c *audit.Credentials) { c.Account = "0x" + strings.TrimPrefix(c.Secret.Reveal(), "0x") },
	} {
		fake := exchangetest.Nado()
		key := audit.Key{Exchange: nado.Exchange, Credentials: fake.Issue(signer)}
		change(&key.Credentials)
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindInput, name)
		assert.Empty(t, fake.Requests(), name)
		assert.NotContains(t, err.Error()+s.KeyID+s.Account.ID, private[len(private)-4:], name)
	}
}

// TestAnswers: what the exchange may say about a sub-account.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]access.Kind{
		`{"status":"success","data":{}}`:                               access.KindNotUnderstood,
		`{"status":"success","data":{"linked_signer":null}}`:           access.KindNotUnderstood,
		`{"status":"success","data":{"linked_signer":"0x1"}}`:          access.KindNotUnderstood,
		`{"status":"maybe","data":{"linked_signer":"{key}"}}`:          access.KindNotUnderstood,
		`{"status":"failure","error":"?","error_code":1003}`:           access.KindGeoBlocked,
		`{"data":{"linked_signer":"` + strings.Repeat("0", 42) + `"}}`: access.KindNotUnderstood,
	} {
		_, err := inspect(t, exchangetest.Spec{Permissions: signer.Permissions, Answer: []byte(body)})
		require.ErrorIs(t, err, kind, body)
	}
}
