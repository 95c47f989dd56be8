package wazirx_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/wazirx"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, wazirx.Exchange, exchangetest.WazirX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, wazirx.Exchange, exchangetest.WazirX) }
