package acme_test

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"

	"example.com/acme"
	"example.com/acme/acmetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, acme.Exchange, acmetest.Acme) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, acme.Exchange, acmetest.Acme) }
