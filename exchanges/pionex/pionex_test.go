package pionex_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/pionex"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, pionex.Exchange, exchangetest.Pionex) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, pionex.Exchange, exchangetest.Pionex) }
