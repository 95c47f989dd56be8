package coinbaseprime_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinbaseprime"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, coinbaseprime.Exchange, exchangetest.CoinbasePrime)
}

func FuzzParse(f *testing.F) {
	exchangetest.Fuzz(f, coinbaseprime.Exchange, exchangetest.CoinbasePrime)
}
