package bitvavo_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitvavo"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitvavo.Exchange, exchangetest.Bitvavo) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitvavo.Exchange, exchangetest.Bitvavo) }
