package exchangetest_test

import (
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
