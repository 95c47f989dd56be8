package bitstamp_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitstamp"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitstamp.Exchange, exchangetest.Bitstamp) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitstamp.Exchange, exchangetest.Bitstamp) }
