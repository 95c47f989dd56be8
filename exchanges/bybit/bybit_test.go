package bybit_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bybit.Exchange, exchangetest.Bybit) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bybit.Exchange, exchangetest.Bybit) }
