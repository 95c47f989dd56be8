package bybit_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestSmoke(t *testing.T) {
	require.NoError(t, bybit.Exchange.Validate())
	venue := exchangetest.Bybit()
	key := audit.Key{
		Name: "bot", Exchange: bybit.Exchange, Policy: audit.SpotTrading(),
		Credentials: venue.Issue(exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}}),
	}
	require.NoError(t, audit.Check(context.Background(), key, &audit.Options{Transport: venue}))
	key.Credentials = venue.Issue(exchangetest.Spec{Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}})
	err := audit.Check(context.Background(), key, &audit.Options{Transport: venue})
	t.Log(err)
	require.ErrorIs(t, err, audit.ErrUnsafe)
}
