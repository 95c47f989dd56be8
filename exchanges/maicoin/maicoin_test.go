package maicoin_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/maicoin"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, maicoin.Exchange, exchangetest.MaiCoin) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, maicoin.Exchange, exchangetest.MaiCoin) }
