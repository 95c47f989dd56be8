package exchanges_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

const otherAddress = "0x00000000000000000000000000000000000000bb"

// walletKinds are the exchanges whose keys are wallets, or belong to one.
var walletKinds = []struct {
	exchange string
	main     []string // the rights that make a key that of the account's own wallet; nil: it is told by its form or address, and nothing is asked
	form     string   // of such a key where it is told by its form
	nobodys  string   // a private key that the exchange doesn't know
	other    string   // another account
	ended    string   // the answer about an expired key, where the exchange may as well refuse it
	// noEnd is where the documentation says what keys have, and names no end; empty where they
	// have one.
	noEnd string
}{
	{exchange: "aster", nobodys: exchangetest.Hex(64, "nobody's"), other: otherAddress, ended: `[{"agentAddress":"{key}","canRead":true,"expired":1767225600000}]`},
	{exchange: "derive", nobodys: exchangetest.Hex(64, "nobody's"), other: otherAddress},
	{exchange: "dydx", main: []string{"owner"}, nobodys: exchangetest.Hex(64, "nobody's"), other: exchangetest.DYDXAddress(exchangetest.Hex(64, "other")), noEnd: "authenticators: their kinds and configurations"},
	{exchange: "hyperliquid", main: []string{"user"}, nobodys: exchangetest.Hex(64, "nobody's"), other: otherAddress},
	{exchange: "injective", main: []string{"owner"}, nobodys: exchangetest.Hex(64, "nobody's"), other: exchangetest.InjectiveAddress(exchangetest.Hex(64, "other"))},
	{exchange: "lighter", form: exchangetest.Hex(64, "main"), nobodys: exchangetest.Hex(80, "nobody's"), other: "78", noEnd: "apikeys: the members of a key"},
	{exchange: "nado", main: []string{"owner"}, nobodys: exchangetest.Hex(64, "nobody's"), other: otherAddress, noEnd: "linked_signer: an address alone"},
	{exchange: "orderly", form: exchangetest.Hex(64, "main"), nobodys: "BbMQkQYZspmkytduTWvXEtc4mMURjsekJDvty2WtKeSb", other: "0x" + strings.Repeat("bb", 32)},
	{exchange: "pacifica", nobodys: "BbMQkQYZspmkytduTWvXEtc4mMURjsekJDvty2WtKeSb", other: "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z", noEnd: "bind_agent_wallet: no time in what binds an agent"},
	{exchange: "paradex", main: []string{"main"}, nobodys: "0x" + exchangetest.Hex(60, "nobody's"), other: "0xbb", noEnd: "subkeys: created_at, updated_at and revoked_at alone; tokens end, and are no keys"},
	{exchange: "polymarket", form: exchangetest.Hex(64, "main"), nobodys: strings.Repeat("_", 42) + "8=", other: otherAddress, noEnd: "auth/api-keys: identifiers alone"},
}

// TestWalletsToldApart: the key of the main wallet, a delegated one, an expired one, one that the
// exchange doesn't know and one of another account are five things, or the report names what
// the exchange does not tell apart.
func TestWalletsToldApart(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, w := range walletKinds {
		listed[w.exchange] = true
		e, _ := exchanges.Lookup(w.exchange)
		ask := func(spec exchangetest.Spec, change func(*audit.Credentials)) (*access.Snapshot, string) {
			s, err := exchangetest.TryInspect(t, e, fakeNamed(t, w.exchange), spec, func(k *audit.Key) { change(&k.Credentials) })
			return s, describe(s, err)
		}
		as := func(*audit.Credentials) {}
		rights := spec(t, w.exchange)
		delegated, first := ask(rights, as)
		assert.Equal(t, access.DelegatedWallet, delegated.Wallet, w.exchange)

		main, told := ask(exchangetest.Spec{Permissions: w.main}, func(c *audit.Credentials) {
			switch {
			case w.form != "":
				c.Secret = audit.NewSecret(w.form)
			case w.main == nil:
				c.Account = c.Key
			}
		})
		assert.Equal(t, access.MainWallet, main.Wallet, "%s: %s", w.exchange, told)
		assert.NotEqual(t, first, told, w.exchange)

		if w.noEnd == "" {
			past := rights
			if past.Expires = time.Now().Add(-time.Hour); w.ended != "" {
				past = exchangetest.Spec{Answer: []byte(w.ended)}
			}
			ended, said := ask(past, as)
			assert.True(t, ended.KeyState == access.KeyExpired || ended.Failure != nil && ended.Failure.Kind == access.KindExpired, "%s: %s", w.exchange, said)
			assert.NotEqual(t, first, said, w.exchange)
		}
		assert.Equal(t, w.noEnd == "", e.Coverage.Expires != adapter.Never, "%s: %s", w.exchange, w.noEnd)

		stranger, unknown := ask(rights, func(c *audit.Credentials) {
			if c.Secret = audit.NewSecret(w.nobodys); e.Needs.Wallet != nil {
				c.Key = ""
			}
		})
		wrong, elsewhere := ask(rights, func(c *audit.Credentials) { c.Account = w.other })
		require.NotNil(t, stranger.Failure, w.exchange)
		assert.True(t, wrong.Failure != nil || len(wrong.Contradictions) > 0, w.exchange)
		for _, said := range []string{unknown, elsewhere} {
			assert.NotContains(t, []string{first, told}, said, w.exchange)
		}
		if unknown == elsewhere {
			assert.Regexp(t, `another account|another wallet address|the account is another`, unknown, w.exchange)
		}
	}
	for _, e := range exchanges.All() {
		assert.Equal(t, e.Needs.Wallet != nil || e.Needs.OwnerForm != nil, listed[e.Name], e.Name)
	}
}

// spec is a key with one right of the exchange's, if it has any but that of the owner.
func spec(t *testing.T, name string) exchangetest.Spec {
	t.Helper()
	var s exchangetest.Spec
	for _, r := range fakeNamed(t, name).Rights() {
		if r.Name != "owner" && r.Name != "main" && r.Name != "user" && s.Permissions == nil {
			s.Permissions = []string{r.Name}
		}
	}
	return s
}

func fakeNamed(t *testing.T, name string) *exchangetest.Fake {
	t.Helper()
	for _, f := range exchangetest.All() {
		if f.Name() == name {
			return f
		}
	}
	t.Fatalf("there is no fake of %s", name)
	return nil
}

// describe is what tells one outcome from another.
func describe(s *access.Snapshot, err error) string {
	var typed *access.Error
	if errors.As(err, &typed) {
		return fmt.Sprintf("%s %s %v %s", s.Wallet, typed.Kind, typed.Candidates, typed.Message)
	}
	return fmt.Sprint(s.Wallet, " ", s.KeyState, " ", s.Contradictions)
}
