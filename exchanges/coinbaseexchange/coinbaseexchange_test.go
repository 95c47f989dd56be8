package coinbaseexchange_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinbaseexchange"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, coinbaseexchange.Exchange, exchangetest.CoinbaseExchange)
}

func FuzzParse(f *testing.F) {
	exchangetest.Fuzz(f, coinbaseexchange.Exchange, exchangetest.CoinbaseExchange)
}
