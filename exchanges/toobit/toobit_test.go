package toobit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/toobit"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, toobit.Exchange, exchangetest.Toobit) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, toobit.Exchange, exchangetest.Toobit) }

// TestKinds: a kind that nobody knows is shown as it is, and is neither. What
// the key may do stays unknown.
func TestKinds(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]audit.AccountKind{
		"master": audit.MainAccount, "spot": audit.SubAccount, "contract": audit.SubAccount, "MASTER": audit.AccountUnknown, "broker": audit.AccountUnknown,
	} {
		venue := exchangetest.Toobit()
		key := audit.Key{Exchange: toobit.Exchange, Credentials: venue.Issue(exchangetest.Spec{Options: map[string]string{"type": kind}})}
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: venue, Attempts: 1})
		require.NoError(t, err, kind)
		assert.Equal(t, want, s.Account.Kind, kind)
		assert.Equal(t, []audit.Fact{{Name: "accountType", Value: kind}}, s.Facts)
		assert.Equal(t, audit.Unknown, s.Grant(audit.Withdraw).State)
		assert.Equal(t, audit.AllowlistUnknown, s.IPAllowlist.State)
	}
}
