package bittrade_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bittrade"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, bittrade.Exchange, exchangetest.BitTrade)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bittrade.Exchange, exchangetest.BitTrade) }

// inspect audits a key of a fresh exchange.
func inspect(t *testing.T, spec exchangetest.Spec) (*access.Snapshot, error) {
	t.Helper()
	fake := exchangetest.BitTrade()
	key := audit.Key{Exchange: bittrade.Exchange, Credentials: fake.Issue(spec)}
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
}

// TestNoList: no document of the exchange's own has the list, so it may be missing.
// Then the key is alive, and nothing else is known.
func TestNoList(t *testing.T) {
	t.Parallel()
	missing := exchangetest.Fault{Reply: exchangetest.HTML(404), Times: -1}
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"withdraw"}, Faults: []exchangetest.Fault{{}, missing}})
	require.NoError(t, err)
	require.Len(t, s.Grants, 1)
	assert.Equal(t, access.Grant{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}, s.Grants[0])
	assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)
	require.Len(t, s.Notes, 1)
	assert.Contains(t, s.Notes[0], "404")

	_, err = inspect(t, exchangetest.Spec{Faults: []exchangetest.Fault{missing}})
	require.ErrorIs(t, err, access.KindNotUnderstood, "the first call proves that the key is alive")
}

// TestUnbound: the rule of 90 days is HTX's and not confirmed here.
func TestUnbound(t *testing.T) {
	t.Parallel()
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"trade"}})
	require.NoError(t, err)
	assert.Equal(t, access.AllowlistUnrestricted, s.IPAllowlist.State)
	assert.Empty(t, s.Deadlines)
}
