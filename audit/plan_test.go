package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestPlan(t *testing.T) {
	key := adapter.Call{Method: "GET", Path: "/key", Why: "what the key may do"}
	for name, c := range map[string]struct {
		environment, base string
		want              []adapter.PlannedCall
	}{
		"live": {"", "", []adapter.PlannedCall{
			{Method: key.Method, URL: "https://api.toy.example/key", Why: key.Why},
			{Method: "GET", URL: "https://api.toy.example/time", Why: "the exchange's time", When: "the timestamp was refused"},
		}},
		"test": {"test", "", []adapter.PlannedCall{
			{Method: key.Method, URL: "https://test.toy.example/key", Why: key.Why},
			{Method: "GET", URL: "https://test.toy.example/time", Why: "the exchange's time", When: "the timestamp was refused"},
			{Method: "POST", URL: "https://test.toy.example/sim", Why: "only for the test network", When: "asked for"},
		}},
		"elsewhere": {"live", "http://[::1]:8080/toy/", []adapter.PlannedCall{
			{Method: key.Method, URL: "http://[::1]:8080/toy/key", Why: key.Why},
			{Method: "GET", URL: "http://[::1]:8080/toy/time", Why: "the exchange's time", When: "the timestamp was refused"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			calls, err := audit.Plan(audit.Key{Exchange: toyExchange(), Environment: c.environment, BaseURL: c.base})
			require.NoError(t, err, "and it needs no credentials")
			assert.Equal(t, c.want, calls)
		})
	}
}

func TestPlanOfBadInput(t *testing.T) {
	_, err := audit.Plan(audit.Key{
		Exchange: toyExchange(), Environment: "mars", Nonce: adapter.NoncePolicy{Unit: 1234}, Policy: audit.Policy{Allows: []access.Capability{"fly"}},
	})
	require.ErrorIs(t, err, access.KindInput)
	for _, want := range []string{"mars", "the nonce unit", "fly", "Toy: "} {
		assert.Contains(t, err.Error(), want)
	}
	_, err = audit.Plan(audit.Key{})
	require.ErrorIs(t, err, access.KindInput)
}

// TestPlanIsKept: what is sent was planned, and what was planned unconditionally is
// sent.
func TestPlanIsKept(t *testing.T) {
	fake := exchangetest.Bybit()
	key := audit.Key{Exchange: bybit.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
	calls, err := audit.Plan(key)
	require.NoError(t, err)
	assert.Empty(t, fake.Requests(), "a plan sends nothing")
	_, err = audit.Inspect(t.Context(), key, &audit.Options{Transport: fake})
	require.NoError(t, err)
	var sent, always []string
	for _, r := range fake.Requests() {
		sent = append(sent, r.Method+" https://"+r.Host+r.Path)
	}
	for _, c := range calls {
		if c.When == "" {
			always = append(always, c.Method+" "+c.URL)
		}
	}
	assert.Equal(t, always, sent)
}
