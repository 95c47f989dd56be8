package coinex_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, coinex.Exchange, exchangetest.CoinEx) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, coinex.Exchange, exchangetest.CoinEx) }

// TestOtherKeysSecrets: according to the documentation, keys of a main account can
// read the secrets of others, but not with which right. Only a sub-account's key is
// known not to.
func TestOtherKeysSecrets(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]access.AccountKind{
		"NORMAL": access.MainAccount, "SUB_ACCOUNT": access.SubAccount, "BROKER": access.AccountUnknown, "": access.AccountUnknown,
	} {
		fake := exchangetest.CoinEx()
		key := audit.Key{Exchange: coinex.Exchange, Policy: audit.ReadOnly(), Credentials: fake.Issue(exchangetest.Spec{
			Answer: []byte(`{"code":0,"data":{"sub_user_name":null,"user_type":"` + kind + `"},"message":"OK"}`),
		})}
		snap, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
		require.NoError(t, err, kind)
		assert.Equal(t, want, snap.Account.Kind, kind)
		assert.Equal(t, want == access.SubAccount, len(snap.Grants) == 1, kind)
		assert.Equal(t, want == access.AccountUnknown, len(snap.Facts) == 1, kind)
		require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}), audit.ErrUndetermined, "nothing of the rights is known")
	}
}
