package phemex_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/phemex"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, phemex.Exchange, exchangetest.Phemex) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, phemex.Exchange, exchangetest.Phemex) }
