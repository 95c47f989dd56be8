package bitflyer_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitflyer"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, bitflyer.Exchange, exchangetest.Bitflyer)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitflyer.Exchange, exchangetest.Bitflyer) }
