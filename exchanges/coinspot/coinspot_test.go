package coinspot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinspot"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, coinspot.Exchange, exchangetest.CoinSpot)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, coinspot.Exchange, exchangetest.CoinSpot) }

// TestKinds: only a refusal that is about the key shows that it can't trade.
func TestKinds(t *testing.T) {
	s := exchangetest.Inspect(t, coinspot.Exchange, exchangetest.CoinSpot(), exchangetest.Spec{Permissions: []string{"full access"}})
	assert.Equal(t, access.Inferred, s.Grant(access.TradeSpot).Evidence)
	assert.True(t, s.Can(access.TradeSpot))
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)

	for _, test := range []struct {
		refusal string
		want    access.Grant
	}{
		{"this key may not", access.Grant{Capability: access.TradeSpot, State: access.Denied, Evidence: access.Refused}},
		{"no permission", access.Grant{Capability: access.TradeSpot, State: access.Denied, Evidence: access.Refused}},
		{"too many requests with this key", access.Grant{Capability: access.TradeSpot}},
		{"the rights are checked, try again later", access.Grant{Capability: access.TradeSpot}},
		{"please come again", access.Grant{Capability: access.TradeSpot}},
		{"", access.Grant{Capability: access.TradeSpot}},
	} {
		spec := exchangetest.Spec{Options: map[string]string{"refusal": test.refusal}}
		s := exchangetest.Inspect(t, coinspot.Exchange, exchangetest.CoinSpot(), spec)
		assert.True(t, s.Can(access.Read))
		assert.Equal(t, test.want, s.Grant(access.TradeSpot), test.refusal)
		assert.Equal(t, test.want.State, s.Grant(access.Withdraw).State, test.refusal)
		assert.Equal(t, test.want.State == access.Unknown, len(s.Notes) == 1, test.refusal)
	}

	for refusal, requests := range map[string]int{"nonce too low": 3, "wrong signature": 2} { // neither says anything about the kind of key
		fake := exchangetest.CoinSpot()
		_, err := exchangetest.TryInspect(t, coinspot.Exchange, fake, exchangetest.Spec{Options: map[string]string{"refusal": refusal}})
		require.Error(t, err, refusal)
		assert.Len(t, fake.Requests(), requests, "the exchange's time, one call, and once more with a larger nonce")
	}
}

// TestNonce: the audit uses seconds and nothing else, unless the owner says so.
func TestNonce(t *testing.T) {
	busy := exchangetest.Spec{Options: map[string]string{"nonce": "high"}}
	_, err := exchangetest.TryInspect(t, coinspot.Exchange, exchangetest.CoinSpot(), busy)
	require.ErrorIs(t, err, access.KindNonce)
	fake := exchangetest.CoinSpot()
	fake.SetClock(func() time.Time { return time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC) })
	exchangetest.Inspect(t, coinspot.Exchange, fake, busy, func(key *audit.Key) { key.Nonce.Unit = time.Millisecond })
}
