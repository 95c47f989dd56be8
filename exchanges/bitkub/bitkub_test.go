package bitkub_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitkub"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitkub.Exchange, exchangetest.Bitkub) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitkub.Exchange, exchangetest.Bitkub) }

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
		{held: []string{"Withdraw"}, want: access.Granted},
		{held: []string{"no Withdraw"}, want: access.Unknown},
		{held: []string{"Withdraw"}, refusal: "something else", want: access.Unknown},
		{held: []string{"Withdraw"}, refusal: exchangetest.FailIP, kind: access.KindIPNotAllowed},
		{held: []string{"Withdraw"}, refusal: "rate limited", kind: access.KindRateLimited},
	} {
		spec := exchangetest.Spec{Permissions: c.held, Options: map[string]string{"refusal": c.refusal}}
		s, err := exchangetest.TryInspect(t, bitkub.Exchange, exchangetest.Bitkub(), spec)
		if c.kind != 0 {
			require.ErrorIs(t, err, c.kind, c)
			continue
		}
		require.NoError(t, err, c)
		assert.Equal(t, c.want, s.Grant(access.Withdraw).State, c)
		assert.True(t, s.Can(access.Read), c)
	}
}
