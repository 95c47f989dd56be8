package exchanges_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestWalletsSwapped: a private key in the place of what everybody may see is refused in a
// sentence that says what to do, and nothing of it is sent or shown.
func TestWalletsSwapped(t *testing.T) {
	t.Parallel()
	issuedFor(t, func(t *testing.T, e *adapter.Exchange, fake *exchangetest.Fake, kind access.KeyKind) {
		t.Helper()
		if !kind.IsWallet() {
			return
		}
		spec, secret := exchangetest.Spec{Kind: kind}, adapter.NewSecret
		whole := fake.Issue(spec)
		private := whole.Secret.Reveal()
		mistakes := map[string]adapter.Credentials{
			"key and secret":             {Key: private, Account: whole.Account, Secret: secret(whole.Key)},
			"key and secret, no account": {Key: private, Secret: secret(whole.Key)},
			"account and secret":         {Key: whole.Key, Account: private, Secret: secret(whole.Account)},
			"the key's as the secret":    {Account: private, Secret: secret(whole.Key)},
			"private twice":              {Account: private, Secret: secret(private)},
			"private twice, as the key":  {Key: private, Account: whole.Account, Secret: secret(private)},
			"the key's twice":            {Key: whole.Key, Account: whole.Account, Secret: secret(whole.Key)},
			"account twice":              {Account: whole.Account, Secret: secret(whole.Account)},
		}
		if e.Name != "pacifica" && e.Name != "paradex" { // where an account and a private key have one form, and none derives from the other
			mistakes["account and secret, no key"] = adapter.Credentials{Account: private, Secret: secret(whole.Account)}
			mistakes["account as the secret, secret as the key"] = adapter.Credentials{Key: private, Secret: secret(whole.Account)}
		}
		for about, c := range mistakes {
			s, err := audit.Inspect(t.Context(), audit.Key{Exchange: e, Credentials: c}, &audit.Options{Transport: fake})
			require.ErrorIs(t, err, access.KindInput, about)
			assert.Regexp(t, "put each where the other is|leave that out|put the .* there|copy it again|correct one of them|give a delegated key", err.Error(), about)
			assert.Empty(t, exchangetest.FindCanaries(err.Error()+s.KeyID+s.Account.ID, []string{private}), about)
			assert.Empty(t, fake.Requests(), about)
		}
	})
}
