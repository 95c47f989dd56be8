package bitvavo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitvavo"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitvavo.Exchange, exchangetest.Bitvavo) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitvavo.Exchange, exchangetest.Bitvavo) }

// TestCapabilities: they may be those of the account, so they neither grant nor
// deny.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	for _, able := range []string{`"buy","sell","withdrawCrypto"`, `"depositCrypto"`, ``} {
		fake := exchangetest.Bitvavo()
		credentials := fake.Issue(exchangetest.Spec{Answer: []byte(`{"capabilities":[` + able + `]}`)})
		s, err := audit.Inspect(t.Context(), audit.Key{Exchange: bitvavo.Exchange, Credentials: credentials}, &audit.Options{Transport: fake, Attempts: 1})
		require.NoError(t, err, able)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, able)
		assert.Equal(t, access.Unknown, s.Grant(access.TradeSpot).State, able)
		assert.Len(t, s.Facts, 1, able)
	}
}
