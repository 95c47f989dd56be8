package tokocrypto_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/tokocrypto"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, tokocrypto.Exchange, exchangetest.Tokocrypto)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, tokocrypto.Exchange, exchangetest.Tokocrypto) }
