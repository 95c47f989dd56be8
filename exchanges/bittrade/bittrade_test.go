package bittrade_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bittrade"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, bittrade.Exchange, exchangetest.BitTrade)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bittrade.Exchange, exchangetest.BitTrade) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, bittrade.Exchange, exchangetest.BitTrade(), spec)
}

// TestNoList: the exchange's own documentation doesn't have the list, so it may be
// missing. Then the key is active, and nothing else is known.
func TestNoList(t *testing.T) {
	t.Parallel()
	missing := exchangetest.Fault{Reply: exchangetest.HTML(404), Times: -1}
	s := inspect(t, exchangetest.Spec{Permissions: []string{"withdraw"}, Faults: []exchangetest.Fault{{}, missing}})
	require.Len(t, s.Grants, 1)
	assert.Equal(t, access.Grant{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}, s.Grants[0])
	assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)
	require.Len(t, s.Notes, 1)
	assert.Contains(t, s.Notes[0], "404")

	_, err := exchangetest.TryInspect(t, bittrade.Exchange, exchangetest.BitTrade(), exchangetest.Spec{Faults: []exchangetest.Fault{missing}})
	require.ErrorIs(t, err, access.KindNotUnderstood, "the first call proves that the key is active")
}

// TestUnrestricted: the rule of 90 days is HTX's and not confirmed here.
func TestUnrestricted(t *testing.T) {
	t.Parallel()
	s := inspect(t, exchangetest.Spec{Permissions: []string{"trade"}})
	assert.Equal(t, access.AllowlistUnrestricted, s.IPAllowlist.State)
	assert.Empty(t, s.Deadlines)
}
