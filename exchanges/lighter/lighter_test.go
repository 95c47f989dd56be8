package lighter_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/lighter"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, lighter.Exchange, exchangetest.Lighter)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, lighter.Exchange, exchangetest.Lighter) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, lighter.Exchange, exchangetest.Lighter(), spec, change...)
}

// TestDerivation: the public keys of 1,000 random private keys are those that the exchange's
// own Go library derived, whose list has this hash, and those of the fake's code.
func TestDerivation(t *testing.T) {
	t.Parallel()
	wallet := lighter.Exchange.Needs.Wallet
	var all []string
	for i := range 1000 {
		first, rest := sha256.Sum256(fmt.Append(nil, "lighter ", i, " a")), sha256.Sum256(fmt.Append(nil, "lighter ", i, " b"))
		private := append(first[:], rest[:8]...)
		private[39] &= 0x3f
		all = append(all, wallet.Derive(private))
		if i%10 == 0 {
			assert.Equal(t, exchangetest.WalletAddress(hex.EncodeToString(private)), all[i])
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(all, "\n")))
	assert.Equal(t, "07dd117d7ca5efb82eed748c7eb173d2c03af410788a3d411c4ec420762d5f70", hex.EncodeToString(sum[:]))
}

// TestVectors: the public keys of 1 and of 2 (the exchange's Go
// library), and of scalars at the edge. The order of the curve has none.
func TestVectors(t *testing.T) {
	t.Parallel()
	wallet := lighter.Exchange.Needs.Wallet
	for text, want := range map[string]string{
		"01" + strings.Repeat("0", 78):         "04" + strings.Repeat("0", 78),
		"0X02" + strings.Repeat("0", 78):       "384c87fe1213197f4e1b457e9d43548fc00067c00ee5c1d872895e08ab103be54336d3d4b9d5bc8c",
		"10" + strings.Repeat("0", 78):         exchangetest.WalletAddress("10" + strings.Repeat("0", 78)),
		strings.Repeat("f", 80):                exchangetest.WalletAddress(strings.Repeat("f", 80)),
		strings.Repeat("0", 80):                "",
		order:                                  "",
		"e2" + order[2:]:                       "04" + strings.Repeat("0", 78),
		strings.Repeat("0", 79) + "8":          exchangetest.WalletAddress(strings.Repeat("0", 79) + "8"),
		exchangetest.Hex(80, "any", "lighter"): exchangetest.WalletAddress(exchangetest.Hex(80, "any", "lighter")),
	} {
		private, err := wallet.Read(text)
		require.NoError(t, err)
		assert.Equal(t, want, wallet.Derive(private), text)
	}
	assert.Empty(t, wallet.Derive([]byte("short")))
}

// order is that of the curve, as private keys are written.
const order = "e1ff8b9496d90fe89ca024d7395c88e83906b8cfe6ffff7f16000000f1ffff7f07000080fdffff7f"

// TestKeys: a key, one that the exchange doesn't know and one of another account.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.Equal(t, access.MainAccount, s.Account.Kind)
	assert.Equal(t, "index 4", s.Label)
	assert.True(t, s.Surely(access.TransferExternal, access.Denied))
	assert.Equal(t, access.BookAlways, s.Grant(access.Withdraw).AddressBook, "to the wallet that owns the account")
	require.Len(t, s.Siblings, 1)
	assert.Equal(t, "index 3", s.Siblings[0].Label)
	require.Len(t, s.Facts, 1)
	assert.Equal(t, "key of the exchange's own apps, at index 0", s.Facts[0].Name)
	assert.Regexp(t, `^[0-9a-f]{4}…[0-9a-f]{4}$`, s.Facts[0].Value)

	for name, c := range map[string]struct {
		change func(*audit.Credentials)
		says   string
	}{
		"unknown":       {func(c *audit.Credentials) { c.Key, c.Secret = "", audit.NewSecret(exchangetest.Hex(80, "nobody's")) }, "the account has no such key"},
		"wrong account": {func(c *audit.Credentials) { c.Account = "78" }, "account not found"},
	} {
		_, err = inspect(t, exchangetest.Spec{}, func(k *audit.Key) { c.change(&k.Credentials) })
		require.ErrorIs(t, err, access.KindBadKey, name)
		require.ErrorContains(t, err, c.says, name)
	}
}

// TestMainWallet: the private key of the wallet that owns the account is shorter than an API
// key. Nothing is sent.
func TestMainWallet(t *testing.T) {
	t.Parallel()
	private := exchangetest.Hex(64, "the main wallet's")
	for _, account := range []string{"", "77", exchangetest.WalletAddress(private)} {
		fake := exchangetest.Lighter()
		key := audit.Key{Exchange: lighter.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
		key.Credentials.Key, key.Credentials.Account, key.Credentials.Secret = "", account, audit.NewSecret("0x"+private)
		result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindInput)
		assert.Empty(t, fake.Requests())
		found := result.Finding(audit.RuleWalletKey)
		assert.Equal(t, audit.Failed, found.Outcome)
		assert.Equal(t, audit.Critical, found.Severity)
	}
}

// TestNothingSent: what is no key and its account is refused before anything is sent, and
// nothing of a private key or a token is shown.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	token := exchangetest.Hex(64, "a token")
	for name, c := range map[string]struct {
		change func(*audit.Credentials)
		says   string
	}{
		"swapped":           {func(c *audit.Credentials) { c.Key, c.Secret = c.Secret.Reveal(), audit.NewSecret(c.Key) }, "put each where the other is"},
		"no account":        {func(c *audit.Credentials) { c.Account = "" }, "whose numeric account index is not given"},
		"a wallet":          {func(c *audit.Credentials) { c.Account = "0x00000000000000000000000000000000000000bb" }, "the account is not a numeric account index"},
		"a read-only token": {func(c *audit.Credentials) { c.Secret = audit.NewSecret("ro:77:all:1893456000:" + token) }, "it is a read-only token, which ends on 2030-01-01"},
		"an auth token":     {func(c *audit.Credentials) { c.Secret = audit.NewSecret("1767225600:77:4:" + token) }, "it is an auth token, which ends on 2026-01-01"},
		"half of a key":     {func(c *audit.Credentials) { c.Secret = audit.NewSecret(c.Secret.Reveal()[:50]) }, "is not 80 hexadecimal digits"},
	} {
		fake := exchangetest.Lighter()
		key := audit.Key{Exchange: lighter.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
		secret := key.Credentials.Secret.Reveal()
		c.change(&key.Credentials)
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindInput, name)
		require.ErrorContains(t, err, c.says, name)
		assert.Empty(t, fake.Requests(), name)
		for _, private := range []string{secret, token} {
			assert.NotContains(t, err.Error()+s.KeyID, private[len(private)-4:], name)
		}
	}
}

// TestAsGiven: bots give the account index alone, with the private key.
func TestAsGiven(t *testing.T) {
	t.Parallel()
	want, err := inspect(t, exchangetest.Spec{})
	require.NoError(t, err)
	for name, change := range map[string]func(*audit.Credentials){
		"no key":             func(c *audit.Credentials) { c.Key = "" },
		"capitals":           func(c *audit.Credentials) { c.Key = "0X" + strings.ToUpper(c.Key) },
		"the account as key": func(c *audit.Credentials) { c.Key, c.Account = " 077 ", "" },
	} {
		got, err := inspect(t, exchangetest.Spec{}, func(k *audit.Key) { change(&k.Credentials) })
		require.NoError(t, err, name)
		assert.Equal(t, want.Fingerprint, got.Fingerprint, name)
		assert.Equal(t, want.Account, got.Account, name)
	}
}

// TestRows: what the list says.
func TestRows(t *testing.T) {
	t.Parallel()
	row := func(rows string) (*access.Snapshot, error) {
		return inspect(t, exchangetest.Spec{Answer: []byte(`{"code":200,"api_keys":[` + rows + `]}`)})
	}
	s, err := row(`{"api_key_index":7,"public_key":"0x{key}"}`)
	require.NoError(t, err)
	assert.Equal(t, "index 7", s.Label)
	for rows, kind := range map[string]access.Kind{
		``: access.KindBadKey, `{"api_key_index":7,"public_key":"{key}"},{"api_key_index":8,"public_key":"{key}"}`: access.KindNotUnderstood,
		`{"api_key_index":7}`: access.KindNotUnderstood, `{"api_key_index":7,"public_key":"zz"}`: access.KindNotUnderstood,
	} {
		_, err := row(rows)
		require.ErrorIs(t, err, kind, rows)
	}
}
