package hashkey_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/hashkey"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, hashkey.Exchange, exchangetest.HashKey) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, hashkey.Exchange, exchangetest.HashKey) }
