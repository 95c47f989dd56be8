package gopax_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gopax"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, gopax.Exchange, exchangetest.GOPAX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, gopax.Exchange, exchangetest.GOPAX) }
