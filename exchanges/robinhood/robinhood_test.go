package robinhood_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/robinhood"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, robinhood.Exchange, exchangetest.Robinhood)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, robinhood.Exchange, exchangetest.Robinhood) }

// TestStatus: any status but the good one is an alarm, also one that is unknown today.
func TestStatus(t *testing.T) {
	t.Parallel()
	for status, standing := range map[string]access.Standing{
		"active": access.StandingGood, "deactivated": access.StandingUnclear, "sell_only": access.StandingUnclear, "odd": access.StandingUnclear,
	} {
		s := exchangetest.Inspect(t, robinhood.Exchange, exchangetest.Robinhood(), exchangetest.Spec{Options: map[string]string{"status": status}})
		assert.Equal(t, standing, s.Account.Standing, status)
		assert.Equal(t, standing == access.StandingGood, len(s.Account.Alarms) == 0, status)
	}
}
