package coinspot_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinspot"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, coinspot.Exchange, exchangetest.CoinSpot)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, coinspot.Exchange, exchangetest.CoinSpot) }

func ask(spec exchangetest.Spec, unit time.Duration) (*access.Snapshot, *exchangetest.Fake, error) {
	fake := exchangetest.CoinSpot()
	key := audit.Key{Exchange: coinspot.Exchange, Credentials: fake.Issue(spec), Nonce: adapter.NoncePolicy{Unit: unit}}
	s, err := audit.Inspect(context.Background(), key, &audit.Options{Transport: fake, Attempts: 1})
	return s, fake, err
}

// TestKinds: only a refusal that is about the key shows that it can't trade.
func TestKinds(t *testing.T) {
	t.Parallel()
	s, _, err := ask(exchangetest.Spec{Permissions: []string{"full access"}}, 0)
	require.NoError(t, err)
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
		s, _, err := ask(exchangetest.Spec{Options: map[string]string{"refusal": test.refusal}}, 0)
		require.NoError(t, err, test.refusal)
		assert.True(t, s.Can(access.Read))
		assert.Equal(t, test.want, s.Grant(access.TradeSpot), test.refusal)
		assert.Equal(t, test.want.State, s.Grant(access.Withdraw).State, test.refusal)
		assert.Equal(t, test.want.State == access.Unknown, len(s.Notes) == 1, test.refusal)
	}

	for _, refusal := range []string{"nonce too low", "wrong signature"} { // says nothing about the kind of key
		_, fake, err := ask(exchangetest.Spec{Options: map[string]string{"refusal": refusal}}, 0)
		require.Error(t, err, refusal)
		assert.Len(t, fake.Requests(), 2, "the exchange's clock, and one question")
	}
}

// TestNonce: seconds are tried and nothing else, unless the owner says so.
func TestNonce(t *testing.T) {
	t.Parallel()
	busy := exchangetest.Spec{Options: map[string]string{"nonce": "high"}}
	_, _, err := ask(busy, 0)
	require.ErrorIs(t, err, access.KindNonce)
	fake := exchangetest.CoinSpot()
	noon := func() time.Time { return time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC) }
	fake.SetClock(noon)
	key := audit.Key{Exchange: coinspot.Exchange, Credentials: fake.Issue(busy), Nonce: adapter.NoncePolicy{Unit: time.Millisecond}}
	_, err = audit.Inspect(context.Background(), key, &audit.Options{Transport: fake, Clock: noon})
	require.NoError(t, err)
}
