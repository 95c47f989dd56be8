package hyperliquid_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/hyperliquid"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, hyperliquid.Exchange, exchangetest.Hyperliquid)
}

func FuzzParse(f *testing.F) {
	exchangetest.Fuzz(f, hyperliquid.Exchange, exchangetest.Hyperliquid)
}

const account, other = "0x00000000000000000000000000000000000000aa", "0x00000000000000000000000000000000000000bb"

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	t.Helper()
	return exchangetest.TryInspect(t, hyperliquid.Exchange, exchangetest.Hyperliquid(), spec, change...)
}

func acts(owner string) func(*audit.Key) { return func(k *audit.Key) { k.Credentials.Account = owner } }

// TestKeys: the main wallet's key, an agent's, one that has ended, one that the exchange
// doesn't know and one of another account are told apart.
func TestKeys(t *testing.T) {
	t.Parallel()
	agent, err := inspect(t, exchangetest.Spec{Label: "bot"})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, agent.Wallet)
	assert.True(t, agent.Surely(access.Withdraw, access.Denied))
	assert.True(t, agent.Can(access.TransferInternal), "agents move funds between the owner's own accounts")

	main, err := inspect(t, exchangetest.Spec{Permissions: []string{"user"}})
	require.NoError(t, err)
	assert.Equal(t, access.MainWallet, main.Wallet)
	assert.True(t, main.Can(access.Withdraw))

	ended, err := inspect(t, exchangetest.Spec{Label: "bot", Expires: time.Now().Add(-time.Hour)})
	require.ErrorIs(t, err, access.KindExpired)
	assert.Equal(t, access.KeyExpired, ended.KeyState)

	_, err = inspect(t, exchangetest.Spec{}, func(k *audit.Key) {
		k.Credentials.Key, k.Credentials.Secret = "", audit.NewSecret(exchangetest.Hex(64, "nobody's"))
	})
	require.ErrorIs(t, err, access.KindBadKey)

	wrong, err := inspect(t, exchangetest.Spec{}, acts(other))
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, wrong.Wallet)
	require.Len(t, wrong.Contradictions, 1)
	assert.Equal(t, "The key acts for the account 0x00…00aa, and not for the account that was given, 0x00…00bb", wrong.Contradictions[0])
}

// TestAsGiven: clients have one field for the account and none for the agent's address,
// or the private key alone.
func TestAsGiven(t *testing.T) {
	t.Parallel()
	want, err := inspect(t, exchangetest.Spec{})
	require.NoError(t, err)
	for name, change := range map[string]func(*audit.Credentials){
		"no address at all":       func(c *audit.Credentials) { c.Key, c.Account = "", "" },
		"the account, as the key": func(c *audit.Credentials) { c.Key, c.Account = c.Account, "" },
		"the account, and no key": func(c *audit.Credentials) { c.Key = "" },
		"in capitals": func(c *audit.Credentials) {
			c.Key, c.Account = "0x"+strings.ToUpper(c.Key[2:]), "0x"+strings.ToUpper(c.Account[2:])
		},
		"the private key with 0x": func(c *audit.Credentials) { c.Secret = audit.NewSecret("0x" + c.Secret.Reveal()) },
		"white space and quotes": func(c *audit.Credentials) {
			c.Secret, c.Account = audit.NewSecret(" '"+c.Secret.Reveal()+"'\n"), " "+c.Account+" "
		},
		"the agent, and no account": func(c *audit.Credentials) { c.Account = "" },
	} {
		got, err := inspect(t, exchangetest.Spec{}, func(k *audit.Key) { change(&k.Credentials) })
		require.NoError(t, err, name)
		assert.Equal(t, want.Fingerprint, got.Fingerprint, name)
		assert.Equal(t, want.Grants, got.Grants, name)
		assert.Empty(t, got.Contradictions, name)
	}
}

// TestNothingSent: what is no key of a wallet is refused before anything is sent, and
// without its text.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*audit.Credentials)
		says   string
	}{
		"no secret":       {func(c *audit.Credentials) { c.Secret = audit.Secret{} }, "the private key is empty"},
		"half of it":      {func(c *audit.Credentials) { c.Secret = audit.NewSecret(c.Secret.Reveal()[:40]) }, "is not 64 hexadecimal digits"},
		"zero":            {func(c *audit.Credentials) { c.Key, c.Secret = "", audit.NewSecret(strings.Repeat("0", 63)+"0") }, "private key"},
		"a seed phrase":   {func(c *audit.Credentials) { c.Secret = audit.NewSecret(strings.TrimSpace(strings.Repeat("word ", 12))) }, "seed phrase"},
		"another key's":   {func(c *audit.Credentials) { c.Secret = audit.NewSecret(exchangetest.Hex(64, "another")) }, "is not the wallet address of the private key"},
		"no address":      {func(c *audit.Credentials) { c.Account = "0xabc" }, "the account is not a wallet address"},
		"a key as the id": {func(c *audit.Credentials) { c.Key, c.Secret = c.Secret.Reveal(), audit.NewSecret(c.Key) }, "are swapped"},
	} {
		fake := exchangetest.Hyperliquid()
		var secret string
		s, err := exchangetest.TryInspect(t, hyperliquid.Exchange, fake, exchangetest.Spec{}, func(k *audit.Key) {
			secret = k.Credentials.Secret.Reveal()
			c.change(&k.Credentials)
		})
		require.ErrorIs(t, err, access.KindInput, name)
		require.ErrorContains(t, err, c.says, name)
		assert.Empty(t, fake.Requests(), name)
		assert.Empty(t, exchangetest.FindCanaries(err.Error()+s.KeyID, []string{secret}), name)
	}
}

// TestMainWalletBeforeAnyCall: where the address that derives from the private key is the
// account's, the rule fails although the exchange does not answer.
func TestMainWalletBeforeAnyCall(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Hyperliquid()
	key := audit.Key{Exchange: hyperliquid.Exchange, Credentials: fake.Issue(exchangetest.Spec{Permissions: []string{"user"}})}
	fake.Inject(exchangetest.Fault{Drop: true, Times: -1})
	result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
	require.ErrorIs(t, err, access.KindUnavailable)
	found := result.Finding(audit.RuleWalletKey)
	assert.Equal(t, audit.Failed, found.Outcome)
	assert.Equal(t, audit.Critical, found.Severity)
	assert.Contains(t, found.Remedy, "API wallet")
}

// TestAgents: what the list of agents says of the key and of others.
func TestAgents(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Hyperliquid()
	end := time.Now().Add(90 * 24 * time.Hour).Truncate(time.Millisecond).UTC()
	fake.Issue(exchangetest.Spec{Label: "another", Expires: end})
	fake.Issue(exchangetest.Spec{Label: "ended", Expires: time.Now().Add(-time.Hour)})
	s := exchangetest.Inspect(t, hyperliquid.Exchange, fake, exchangetest.Spec{Label: "bot"})
	assert.True(t, s.NeverExpires)
	require.Len(t, s.Siblings, 2)
	assert.Equal(t, []string{"another", "ended"}, []string{s.Siblings[0].Label, s.Siblings[1].Label})
	assert.Equal(t, end, s.Siblings[0].Expires)
	assert.Equal(t, access.KeyExpired, s.Siblings[1].KeyState)
	assert.True(t, s.Siblings[0].Can(access.TradeFutures))
	assert.NotEmpty(t, s.Siblings[0].Fingerprint)

	s = exchangetest.Inspect(t, hyperliquid.Exchange, fake, exchangetest.Spec{Options: map[string]string{"unnamed": "1"}})
	assert.True(t, s.Expires.IsZero())
	assert.False(t, s.NeverExpires, "the list does not have it")
	assert.Len(t, s.Siblings, 3)
	assert.NotEmpty(t, s.Notes)
}

// answering replaces the answers to requests that contain a text.
type answering struct {
	*exchangetest.Fake
	instead map[string]string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := a.Fake.RoundTrip(r)
	for asked, answer := range a.instead {
		if err == nil && strings.Contains(string(body), asked) {
			resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(answer)), int64(len(answer))
		}
	}
	return resp, err
}

// TestAnswers: the account that was given may be a sub-account or a vault, and a list that
// can't be read says nothing.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asked, answer  string
		contradictions int
		notes          string
	}{
		"a sub-account of the agent's account": {other, `{"role":"subAccount","data":{"master":"` + account + `"}}`, 0, ""},
		"a sub-account of another":             {other, `{"role":"subAccount","data":{"master":"` + other + `"}}`, 1, ""},
		"a vault":                              {other, `{"role":"vault"}`, 0, "is a vault"},
		"nobody's":                             {other, `{"role":"missing"}`, 1, ""},
		"another agent":                        {other, `{"role":"agent","data":{"user":"` + account + `"}}`, 1, ""},
		"not understood":                       {other, `{"role":"teleport"}`, 1, ""},
		"no list":                              {"extraAgents", `{"agents":[]}`, 1, ""},
	} {
		fake := exchangetest.Hyperliquid()
		key := audit.Key{Exchange: hyperliquid.Exchange, Credentials: fake.Issue(exchangetest.Spec{Label: "bot"})}
		key.Credentials.Account = other
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: answering{fake, map[string]string{c.asked: c.answer}}, Attempts: 1})
		require.NoError(t, err, name)
		assert.Len(t, s.Contradictions, c.contradictions, name)
		assert.Contains(t, strings.Join(s.Notes, " "), c.notes, name)
		if name == "no list" {
			assert.False(t, s.NeverExpires)
			assert.Equal(t, access.DelegatedWallet, s.Wallet)
		}
	}
	fake := exchangetest.Hyperliquid()
	key := audit.Key{Exchange: hyperliquid.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
	_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: answering{fake, map[string]string{"userRole": `{"role":"vault"}`}}, Attempts: 1})
	require.ErrorIs(t, err, access.KindNotUnderstood)

	key.Credentials.Account = key.Credentials.Key // by mistake
	s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
	require.NoError(t, err)
	assert.Equal(t, access.DelegatedWallet, s.Wallet, "the exchange's word counts")
	assert.Contains(t, strings.Join(s.Notes, " "), "correct it")
}
