package binanceus_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binanceus"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, binanceus.Exchange, exchangetest.BinanceUS)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, binanceus.Exchange, exchangetest.BinanceUS) }
