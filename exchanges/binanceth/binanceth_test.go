package binanceth_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binanceth"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, binanceth.Exchange, exchangetest.BinanceTH) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, binanceth.Exchange, exchangetest.BinanceTH) }
