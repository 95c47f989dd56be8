package gmocoin_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gmocoin"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, gmocoin.Exchange, exchangetest.GMOCoin) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, gmocoin.Exchange, exchangetest.GMOCoin) }
