package binancetr_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binancetr"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, binancetr.Exchange, exchangetest.BinanceTR)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, binancetr.Exchange, exchangetest.BinanceTR) }
