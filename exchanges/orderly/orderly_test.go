package orderly_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/orderly"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, orderly.Exchange, exchangetest.Orderly)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, orderly.Exchange, exchangetest.Orderly) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, orderly.Exchange, exchangetest.Orderly(), spec, change...)
}

var trading = exchangetest.Spec{Permissions: []string{"read", "trading"}}

// otherSeed is a key that no exchange issued.
const otherSeed = "BbMQkQYZspmkytduTWvXEtc4mMURjsekJDvty2WtKeSb"

// TestKeys: a key, one that has ended, one that the exchange doesn't know and one of
// another account are told apart, although the exchange has one code for the last three.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, trading)
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet)
	assert.True(t, s.Surely(access.Withdraw, access.Denied))
	assert.Equal(t, access.Unknown, s.Grant(access.APIKeyManage).State, "which scope the calls need is not documented")

	ended := trading
	ended.Expires = time.Now().Add(-time.Hour)
	_, err = inspect(t, ended)
	require.ErrorIs(t, err, access.KindExpired)
	require.ErrorContains(t, err, "the key expired on ")

	for name, change := range map[string]func(*audit.Credentials){
		"unknown":       func(c *audit.Credentials) { c.Key, c.Secret = "", audit.NewSecret(otherSeed) },
		"wrong account": func(c *audit.Credentials) { c.Account = "0x" + strings.Repeat("b", 64) },
	} {
		_, err = inspect(t, trading, func(k *audit.Key) { change(&k.Credentials) })
		require.ErrorIs(t, err, access.KindBadKey, name)
		require.ErrorContains(t, err, "the account has no such key", name)
	}

	elsewhere := trading // another IP address, or a right that the read needs
	elsewhere.IPs = []string{"203.0.113.7"}
	_, err = inspect(t, elsewhere)
	require.ErrorIs(t, err, access.KindAmbiguous)
}

// TestMainWallet: the private key of the wallet that owns the account has another form than
// the exchange's keys. It signs nothing, and nothing is sent.
func TestMainWallet(t *testing.T) {
	t.Parallel()
	private := exchangetest.Hex(64, "the main wallet's")
	for name, change := range map[string]func(*audit.Credentials){
		"alone":                func(c *audit.Credentials) { c.Key, c.Account = "", "" },
		"with the account":     func(c *audit.Credentials) { c.Key = "" },
		"with a key":           func(*audit.Credentials) {},
		"with another account": func(c *audit.Credentials) { c.Key, c.Account = "", "0x00000000000000000000000000000000000000bb" },
	} {
		for _, text := range []string{private, "0x" + private, " 0X" + strings.ToUpper(private) + "\n"} {
			fake := exchangetest.Orderly()
			key := audit.Key{Exchange: orderly.Exchange, Credentials: fake.Issue(trading), Policy: audit.FuturesTrading()}
			key.Credentials.Secret = audit.NewSecret(text)
			change(&key.Credentials)
			result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
			require.ErrorIs(t, err, access.KindInput, name)
			assert.NotContains(t, err.Error(), private[:8], name)
			assert.Empty(t, fake.Requests(), name)
			found := result.Finding(audit.RuleWalletKey)
			assert.Equal(t, audit.Failed, found.Outcome, name)
			assert.Equal(t, audit.Critical, found.Severity, name)
		}
	}
}

// TestAsGiven: clients write keys with the prefix and without, and have one field for the
// account or none for the key.
func TestAsGiven(t *testing.T) {
	t.Parallel()
	want, err := inspect(t, trading)
	require.NoError(t, err)
	for name, change := range map[string]func(*audit.Credentials){
		"no key":                func(c *audit.Credentials) { c.Key = "" },
		"without prefixes":      func(c *audit.Credentials) { c.Key = strings.TrimPrefix(c.Key, "ed25519:") },
		"with a prefix":         func(c *audit.Credentials) { c.Secret = audit.NewSecret("ed25519:" + c.Secret.Reveal()) },
		"the account as key":    func(c *audit.Credentials) { c.Key, c.Account = c.Account, "" },
		"the account, capitals": func(c *audit.Credentials) { c.Account = "0X" + strings.ToUpper(c.Account[2:]) },
	} {
		got, err := inspect(t, trading, func(k *audit.Key) { change(&k.Credentials) })
		require.NoError(t, err, name)
		assert.Equal(t, want.Fingerprint, got.Fingerprint, name)
		assert.Equal(t, want.Account, got.Account, name)
	}
}

// TestNothingSent: what is not one key and its account is refused before anything is sent,
// and nothing of a private key is shown: both halves have one form.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*audit.Credentials)
		says   string
	}{
		"swapped":            {func(c *audit.Credentials) { c.Key, c.Secret = otherSeed, audit.NewSecret(c.Key) }, "not the wallet address of the private key"},
		"swapped, no doubt":  {func(c *audit.Credentials) { c.Key, c.Secret = c.Secret.Reveal(), audit.NewSecret(c.Key) }, "put each where the other is"},
		"swapped, alone":     {func(c *audit.Credentials) { c.Key, c.Secret, c.Account = c.Secret.Reveal(), audit.NewSecret(c.Key), "" }, "put each where the other is"},
		"no account":         {func(c *audit.Credentials) { c.Account = "" }, "whose hexadecimal account id is not given"},
		"a wallet's address": {func(c *audit.Credentials) { c.Account = c.Account[:42] }, "the account is not a hexadecimal account id"},
		"the key as account": {func(c *audit.Credentials) { c.Account = c.Secret.Reveal() }, "the private key is in the place of the account"},
	} {
		fake := exchangetest.Orderly()
		key := audit.Key{Exchange: orderly.Exchange, Credentials: fake.Issue(trading)}
		secret := key.Credentials.Secret.Reveal()
		c.change(&key.Credentials)
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindInput, name)
		require.ErrorContains(t, err, c.says, name)
		assert.Empty(t, fake.Requests(), name)
		for _, private := range []string{secret, otherSeed} {
			assert.NotContains(t, err.Error()+s.KeyID, private[len(private)-4:], name)
		}
	}
}

// TestRow: what one row of the list says.
func TestRow(t *testing.T) {
	t.Parallel()
	row := func(members string) *access.Snapshot {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"success":true,"timestamp":1767225600000,"data":{"rows":[{"orderly_key":"{key}",` + members + `}]}}`)})
		require.NoError(t, err, members)
		return s
	}
	for members, want := range map[string]access.AllowlistState{
		`"ip_restriction_status":"ALLOW_ALL_IPS","ip_restriction_list":[]`:                       access.AllowlistUnrestricted,
		`"ip_restriction_status":"ALLOW_ALL_IPS"`:                                                access.AllowlistUnrestricted,
		`"ip_restriction_status":"ALLOW_ALL_IPS","ip_restriction_list":["203.0.113.7"]`:          access.AllowlistUnknown,
		`"ip_restriction_status":"ALLOW_RESTRICTION_LIST","ip_restriction_list":[]`:              access.AllowlistUnknown,
		`"ip_restriction_status":"ALLOW_RESTRICTION_LIST","ip_restriction_list":["203.0.113.7"]`: access.AllowlistRestricted,
		`"ip_restriction_status":"ALLOW_RESTRICTION_LIST","ip_restriction_list":["0.0.0.0/0"]`:   access.AllowlistUnrestricted,
		`"ip_restriction_status":"DISALLOW_ALL_IPS","ip_restriction_list":[]`:                    access.AllowlistUnknown,
		`"ip_restriction_list":["203.0.113.7"]`:                                                  access.AllowlistUnknown,
	} {
		assert.Equal(t, want, row(members).IPAllowlist.State, members)
	}
	for members, want := range map[string]access.KeyState{
		`"key_status":"ACTIVE","expiration":4102444800000`: access.KeyActive, `"key_status":"ACTIVE","expiration":1767225600000`: access.KeyExpired,
		`"key_status":"REMOVING"`: access.KeyUnclear, `"key_status":"REMOVED"`: access.KeyDisabled, `"key_status":"ASLEEP"`: access.KeyUnclear, `"tag":"x"`: access.KeyUnclear,
	} {
		assert.Equal(t, want, row(members).KeyState, members)
	}
	assert.Equal(t, []string{"teleport"}, row(`"scope":"read,teleport"`).Unmapped)
	assert.Equal(t, access.Unknown, row(`"scope":""`).Grant(access.TradeFutures).State, "every key has a scope")
	assert.Equal(t, access.Unknown, row(`"scope":"asset"`).Grant(access.TransferExternal).State, "some accounts may be allowed to")
	assert.True(t, row(`"scope":"asset"`).Can(access.Read), "it has just read")
}
