package btcmarkets_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/btcmarkets"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, btcmarkets.Exchange, exchangetest.BTCMarkets)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, btcmarkets.Exchange, exchangetest.BTCMarkets) }
