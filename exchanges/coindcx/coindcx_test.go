package coindcx_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coindcx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, coindcx.Exchange, exchangetest.CoinDCX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, coindcx.Exchange, exchangetest.CoinDCX) }
