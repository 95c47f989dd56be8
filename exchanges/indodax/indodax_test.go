package indodax_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/indodax"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, indodax.Exchange, exchangetest.Indodax) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, indodax.Exchange, exchangetest.Indodax) }

// TestWithdraw: an answer proves the right, a refusal of the one call proves nothing,
// and any other ends the audit.
func TestWithdraw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		held    []string
		refusal string
		want    access.State
		kind    access.Kind
	}{
		{held: []string{"withdraw"}, want: access.Granted},
		{held: []string{"no withdraw"}, want: access.Unknown},
		{held: []string{"withdraw"}, refusal: "something else", want: access.Unknown},
		{held: []string{"withdraw"}, refusal: "wrong date", want: access.Unknown},
		{held: []string{"withdraw"}, refusal: "rate limited", kind: access.KindRateLimited},
		{held: []string{"withdraw"}, refusal: exchangetest.FailUnknownKey, kind: access.KindBadKey},
	} {
		spec := exchangetest.Spec{Permissions: c.held, Options: map[string]string{"refusal": c.refusal}}
		s, err := exchangetest.TryInspect(t, indodax.Exchange, exchangetest.Indodax(), spec)
		if c.kind != 0 {
			require.ErrorIs(t, err, c.kind, c)
			continue
		}
		require.NoError(t, err, c)
		for _, right := range []access.Capability{access.Withdraw, access.TransferExternal} {
			assert.Equal(t, c.want, s.Grant(right).State, c)
		}
		assert.True(t, s.Can(access.Read), c)
	}
}
