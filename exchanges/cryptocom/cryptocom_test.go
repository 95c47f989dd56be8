package cryptocom_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/cryptocom"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, cryptocom.Exchange, exchangetest.CryptoCom)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, cryptocom.Exchange, exchangetest.CryptoCom) }
