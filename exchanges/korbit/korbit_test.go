package korbit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/korbit"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, korbit.Exchange, exchangetest.Korbit) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, korbit.Exchange, exchangetest.Korbit) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, korbit.Exchange, exchangetest.Korbit(), spec)
}

// TestAccounts: a key that may use the main account among others counts as a key of
// the main account.
func TestAccounts(t *testing.T) {
	t.Parallel()
	for accounts, want := range map[string]access.AccountKind{
		"1": access.MainAccount, "1,2": access.MainAccount, "3,1": access.MainAccount, "2": access.SubAccount, "2,11": access.SubAccount, "none": access.AccountUnknown,
	} {
		s := inspect(t, exchangetest.Spec{Options: map[string]string{"accounts": accounts}})
		assert.Equal(t, want, s.Account.Kind, accounts)
	}
}

// TestDeactivated: the exchange's word for the key's state is passed on.
func TestDeactivated(t *testing.T) {
	t.Parallel()
	s := inspect(t, exchangetest.Spec{Options: map[string]string{"status": "deactivated"}})
	assert.Equal(t, access.KeyDisabled, s.KeyState)
}

// TestAddressCodes: the codes for refused IP addresses are not documented. A code
// that sounds like one doesn't prove an IP allowlist.
func TestAddressCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]access.Kind{
		"IP_NOT_ALLOWED": access.KindIPNotAllowed, "INVALID_IP": access.KindAmbiguous, "CLIENT_IP_BLOCKED": access.KindAmbiguous,
		"NOT_IN_WHITELIST": access.KindAmbiguous, "ALLOWLIST_MISMATCH": access.KindAmbiguous,
		"SHIPPING": access.KindNotUnderstood, "FORBIDDEN": access.KindNotUnderstood,
	} {
		reply := &exchangetest.Reply{Status: 403, Body: `{"success":false,"error":{"message":"` + code + `"}}`}
		s, err := exchangetest.TryInspect(t, korbit.Exchange, exchangetest.Korbit(), exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: reply}}})
		var failure *access.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, want, failure.Kind, code)
		assert.Equal(t, want == access.KindIPNotAllowed, s.IPAllowlist.State == access.AllowlistRestricted, code)
	}
}
