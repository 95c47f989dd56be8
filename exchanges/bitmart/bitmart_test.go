package bitmart_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitmart"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitmart.Exchange, exchangetest.BitMart) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitmart.Exchange, exchangetest.BitMart) }

// TestProbes: an answer shows a right. No refusal shows that it is missing, because
// which right the exchange checks is not confirmed.
func TestProbes(t *testing.T) {
	t.Parallel()
	for refusal, want := range map[string]access.Grant{
		"":                   {State: access.Granted, Evidence: access.Inferred},
		"key not allowed":    {},
		"permission missing": {},
		"something else":     {},
	} {
		fake := exchangetest.BitMart()
		credentials := fake.Issue(exchangetest.Spec{Permissions: []string{"Withdraw", "Future-Trade"}, Options: map[string]string{"refusal": refusal}})
		s, err := audit.Inspect(t.Context(), audit.Key{Exchange: bitmart.Exchange, Credentials: credentials}, &audit.Options{Transport: fake, Attempts: 1})
		require.NoError(t, err, refusal)
		for _, c := range []access.Capability{access.Withdraw, access.TradeFutures} {
			want.Capability = c
			assert.Equal(t, want, s.Grant(c), refusal)
		}
		assert.Equal(t, access.Unknown, s.Grant(access.TradeSpot).State, "nothing shows it")
		assert.Equal(t, refusal != "", len(s.Notes) == 3, "one note per refusal: %q", refusal)
	}
}

// TestNoWithdrawalPass: a refused call is not enough to pass the rule.
func TestNoWithdrawalPass(t *testing.T) {
	t.Parallel()
	fake := exchangetest.BitMart()
	key := audit.Key{Exchange: bitmart.Exchange, Policy: audit.SpotTrading(), Credentials: fake.Issue(exchangetest.Spec{Permissions: []string{"no Withdraw", "no Future-Trade"}})}
	err := audit.Check(t.Context(), key, &audit.Options{Transport: fake})
	require.ErrorIs(t, err, audit.ErrUndetermined)
	assert.ErrorContains(t, err, "undetermined] withdrawal:")
}

// TestOtherRefusals: a refusal because of the key, the IP address or the exchange's
// state fails the whole inspection, whichever call it comes from.
func TestOtherRefusals(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"bad signature", "IP address not allowed", "banned", "rate limited", "maintenance", "the network's page"} {
		fake := exchangetest.BitMart()
		credentials := fake.Issue(exchangetest.Spec{Options: map[string]string{"refusal": refusal}})
		s, err := audit.Inspect(t.Context(), audit.Key{Exchange: bitmart.Exchange, Credentials: credentials}, &audit.Options{Transport: fake, Attempts: 1})
		require.Error(t, err, refusal)
		assert.NotEqual(t, access.Denied, s.Grant(access.Withdraw).State, refusal)
	}
}
