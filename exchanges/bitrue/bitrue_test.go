package bitrue_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitrue"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, bitrue.Exchange, exchangetest.Bitrue)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitrue.Exchange, exchangetest.Bitrue) }
