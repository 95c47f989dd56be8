package exchangetest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binance"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kraken"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/okx"
)

// TestAdopt: an exchange verifies an adopted key like one of its own.
func TestAdopt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		exchange *adapter.Exchange
		fake     func() *exchangetest.Fake
		spec     exchangetest.Spec
	}{
		{"shared secret", binance.Exchange, exchangetest.Binance, exchangetest.Spec{Permissions: []string{"enableWithdrawals"}}},
		{"Ed25519", binance.Exchange, exchangetest.Binance, exchangetest.Spec{Permissions: []string{"enableWithdrawals"}, Kind: access.Ed25519Key}},
		{"RSA", binance.Exchange, exchangetest.Binance, exchangetest.Spec{Permissions: []string{"enableWithdrawals"}, Kind: access.RSAKey}},
		{"passphrase", okx.Exchange, exchangetest.OKX, exchangetest.Spec{Permissions: []string{"withdraw"}}},
		{"base64 secret", kraken.Exchange, exchangetest.Kraken, exchangetest.Spec{Permissions: []string{"withdraw-funds"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			issuer, fake := c.fake(), c.fake()
			issuer.Issue(c.spec) // so that the serial numbers differ
			held := issuer.Issue(c.spec)
			key := audit.Key{Exchange: c.exchange, Credentials: held}
			_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
			require.Error(t, err, "not known yet")

			require.NoError(t, fake.Adopt(held, exchangetest.Spec{Permissions: c.spec.Permissions}))
			s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
			require.NoError(t, err)
			assert.True(t, s.Can(access.Withdraw))
			assert.Contains(t, fake.Canaries(), held.Secret.Reveal())

			other := key
			other.Credentials.Secret = c.fake().Issue(exchangetest.Spec{}).Secret
			_, err = audit.Inspect(t.Context(), other, &audit.Options{Transport: fake, Attempts: 1})
			require.Error(t, err, "signed with another key's secret")
		})
	}
	require.Error(t, exchangetest.Binance().Adopt(adapter.Credentials{}, exchangetest.Spec{}))
	require.Error(t, exchangetest.Binance().Adopt(adapter.Credentials{
		Key: "k", Secret: adapter.NewSecret("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
	}, exchangetest.Spec{}))
	err := exchangetest.Coinbase().Adopt(adapter.Credentials{Key: "k", Secret: adapter.NewSecret("not-a-private-key")}, exchangetest.Spec{})
	require.ErrorContains(t, err, "that can be read")
	assert.NotContains(t, err.Error(), "not-a-private-key")
}

// TestAdoptAsHeld: owners hold a key with what files and forms add to it, and the
// exchange never knew of that. What was held under another key still is refused.
func TestAdoptAsHeld(t *testing.T) {
	t.Parallel()
	const bom = "\ufeff"
	same := func(text string) string { return text }
	onLine := func(separator string) func(string) string {
		return func(text string) string { return strings.ReplaceAll(text, "\n", separator) }
	}
	bare := func(text string) string {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		return strings.Join(lines[1:len(lines)-1], "")
	}
	marked := func(text string) string {
		if text == "" {
			return ""
		}
		return bom + text + "\r\n"
	}
	for _, c := range []struct {
		name        string
		exchange    *adapter.Exchange
		fake        func() *exchangetest.Fake
		kind        access.KeyKind
		key, secret func(string) string // key is of the passphrase as well
	}{
		{"mark before both", kraken.Exchange, exchangetest.Kraken, access.SharedSecret, marked, marked},
		{"mark before text", okx.Exchange, exchangetest.OKX, access.SharedSecret, marked, marked},
		{"quotes", binance.Exchange, exchangetest.Binance, access.SharedSecret, same, func(text string) string { return `"` + text + `"` }},
		{"mark before PEM", binance.Exchange, exchangetest.Binance, access.RSAKey, same, marked},
		{"one line", binance.Exchange, exchangetest.Binance, access.Ed25519Key, same, onLine(" ")},
		{"one line, RSA", binance.Exchange, exchangetest.Binance, access.RSAKey, same, onLine(" ")},
		{"escaped", binance.Exchange, exchangetest.Binance, access.Ed25519Key, same, onLine(`\n`)},
		{"escaped twice", binance.Exchange, exchangetest.Binance, access.RSAKey, same, onLine(`\\n`)},
		{"without PEM", binance.Exchange, exchangetest.Binance, access.Ed25519Key, same, bare},
		{"without PEM, RSA", binance.Exchange, exchangetest.Binance, access.RSAKey, same, bare},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			issuer, fake := c.fake(), c.fake()
			issuer.Issue(exchangetest.Spec{Kind: c.kind})
			held, other := issuer.Issue(exchangetest.Spec{Kind: c.kind}), issuer.Issue(exchangetest.Spec{})
			held.Key, held.Secret = c.key(held.Key), adapter.NewSecret(c.secret(held.Secret.Reveal()))
			held.Passphrase = adapter.NewSecret(c.key(held.Passphrase.Reveal()))
			require.NoError(t, fake.Adopt(held, exchangetest.Spec{}))

			key, options := audit.Key{Exchange: c.exchange, Credentials: held}, &audit.Options{Transport: fake, Attempts: 1}
			s, err := audit.Inspect(t.Context(), key, options)
			require.NoError(t, err)
			assert.Equal(t, c.kind, s.KeyKind)

			key.Credentials.Key = other.Key
			_, err = audit.Inspect(t.Context(), key, options)
			require.Error(t, err, "never adopted")
		})
	}
}
