package valr_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/valr"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, valr.Exchange, exchangetest.VALR) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, valr.Exchange, exchangetest.VALR) }

func answered(t *testing.T, body string) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, valr.Exchange, exchangetest.VALR(), exchangetest.Spec{Answer: []byte(body)})
}

// TestMissingMeansNone: that the exchange omits a list means that there is none, if
// the answer is whole; null, or an answer that lacks what all have, means nothing.
func TestMissingMeansNone(t *testing.T) {
	t.Parallel()
	const whole = `"label":"a","permissions":["View access","Withdraw"],"addedAt":"2026-03-02T09:00:00.000Z"`
	for body, want := range map[string]struct {
		list access.AllowlistState
		book access.AddressBook
	}{
		`{` + whole + `}`: {access.AllowlistUnrestricted, access.BookOff},
		`{` + whole + `,"allowedIpAddressCidr":"","allowedWithdrawAddressList":[]}`:                                              {access.AllowlistUnrestricted, access.BookOff},
		`{` + whole + `,"allowedIpAddressCidr":"203.0.113.7/32, 198.51.100.0/24"}`:                                               {access.AllowlistRestricted, access.BookOff},
		`{` + whole + `,"allowedIpAddressCidr":["203.0.113.7"],"allowedWithdrawAddressList":[{"currency":"BTC","address":"b"}]}`: {access.AllowlistRestricted, access.BookOn},
		`{` + whole + `,"allowedIpAddressCidr":null,"allowedWithdrawAddressList":null}`:                                          {access.AllowlistUnknown, access.BookUnknown},
		`{"permissions":["View access","Withdraw"],"label":"a"}`:                                                                 {access.AllowlistUnknown, access.BookUnknown},
	} {
		s := answered(t, body)
		assert.Equal(t, want.list, s.IPAllowlist.State, body)
		assert.Equal(t, want.book, s.Grant(access.Withdraw).AddressBook, body)
	}
}

// TestOnlyWithdrawalsHaveAddresses: the list of addresses says nothing about a key
// that may not withdraw.
func TestOnlyWithdrawalsHaveAddresses(t *testing.T) {
	t.Parallel()
	spec := exchangetest.Spec{Permissions: []string{"View access", "Trade"}, Options: map[string]string{"book": "bc1qa,bc1qb"}}
	s := exchangetest.Inspect(t, valr.Exchange, exchangetest.VALR(), spec)
	assert.Equal(t, access.Grant{Capability: access.Withdraw, State: access.Denied, Evidence: access.Reported}, s.Grant(access.Withdraw))
	spec.Permissions = append(spec.Permissions, "Withdraw")
	s = exchangetest.Inspect(t, valr.Exchange, exchangetest.VALR(), spec)
	assert.Equal(t, access.BookOn, s.Grant(access.Withdraw).AddressBook)
}

// TestMainAccount: its keys reach the sub-accounts, and a key of one doesn't.
func TestMainAccount(t *testing.T) {
	t.Parallel()
	for _, sub := range []bool{true, false} {
		s := exchangetest.Inspect(t, valr.Exchange, exchangetest.VALR(), exchangetest.Spec{Permissions: []string{"View access"}, SubAccount: sub})
		assert.Equal(t, sub, len(s.Notes) == 0)
	}
}
