package hitbtc_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/hitbtc"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, hitbtc.Exchange, exchangetest.HitBTC) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, hitbtc.Exchange, exchangetest.HitBTC) }
