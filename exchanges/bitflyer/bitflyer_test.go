package bitflyer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitflyer"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, bitflyer.Exchange, exchangetest.Bitflyer)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitflyer.Exchange, exchangetest.Bitflyer) }

// TestReading: that a key may ask for its rights is not a right to read the
// account. A bot with no other right than to trade is blind.
func TestReading(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]access.State{
		"/v1/me/sendchildorder": access.Denied, "/v1/me/getbalance": access.Granted, "/v1/me/getpositions": access.Granted, "/v1/me/getsomethingnew": access.Granted,
	} {
		s := exchangetest.Inspect(t, bitflyer.Exchange, exchangetest.Bitflyer(), exchangetest.Spec{Permissions: []string{call}})
		assert.Equal(t, want, s.Grant(access.Read).State, call)
		assert.Equal(t, access.Reported, s.Grant(access.Read).Evidence, call)
		assert.Empty(t, s.Unmapped, call)
	}
}

// TestOtherLists: a list without any recognisable call denies nothing.
func TestOtherLists(t *testing.T) {
	t.Parallel()
	for _, list := range []string{`[]`, `[""]`, `["getbalance"]`, `["GET /v1/me/getbalance"]`} {
		s, err := exchangetest.TryInspect(t, bitflyer.Exchange, exchangetest.Bitflyer(), exchangetest.Spec{Answer: []byte(list)})
		require.ErrorIs(t, err, access.KindNotUnderstood, list)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, list)
	}
}
