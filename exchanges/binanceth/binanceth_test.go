package binanceth_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binanceth"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, binanceth.Exchange, exchangetest.BinanceTH)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, binanceth.Exchange, exchangetest.BinanceTH) }
