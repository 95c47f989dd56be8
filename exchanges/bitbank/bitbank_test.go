package bitbank_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitbank"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitbank.Exchange, exchangetest.Bitbank) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitbank.Exchange, exchangetest.Bitbank) }
