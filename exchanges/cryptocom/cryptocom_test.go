package cryptocom_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/cryptocom"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, cryptocom.Exchange, exchangetest.CryptoCom)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, cryptocom.Exchange, exchangetest.CryptoCom) }

// TestStanding: what is wrong with the account is an alarm, and what is missing
// doesn't count as good.
func TestStanding(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]access.Account{
		`"suspended":false,"terminated":false,"two_fa_enabled":true`:    {Standing: access.StandingGood},
		`"suspended":false,"terminated":false`:                          {Standing: access.StandingUnclear},
		`"suspended":false,"terminated":false,"two_fa_enabled":false`:   {Standing: access.StandingUnclear, Alarms: []string{"two_fa_enabled: false"}},
		`"suspended":"true","terminated":"true","two_fa_enabled":false`: {Standing: access.StandingUnclear, Alarms: []string{"suspended: true", "terminated: true", "two_fa_enabled: false"}},
	} {
		s := exchangetest.Inspect(t, cryptocom.Exchange, exchangetest.CryptoCom(), exchangetest.Spec{Answer: []byte(`{"code":0,"result":{"master_account":{` + flags + `}}}`)})
		assert.Equal(t, want.Standing, s.Account.Standing, flags)
		assert.Equal(t, want.Alarms, s.Account.Alarms, flags)
	}
}

// TestAccount: what the answer says about the account, and what it doesn't.
func TestAccount(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]access.Snapshot{
		`"this_account":{"hierarchy":"SUB_ACCOUNT"},"master_account":{"hierarchy":"MASTER"}`: {Answer: access.Answer{Account: access.Account{Kind: access.SubAccount}, KeyState: access.KeyUnclear}},
		`"this_account":{"hierarchy":"BRANCH"},"master_account":{"hierarchy":"MASTER"}`:      {Answer: access.Answer{KeyState: access.KeyUnclear}},
		`"master_account":{"hierarchy":"MASTER","suspended":true}`:                           {Answer: access.Answer{KeyState: access.KeyLocked}},
		`"master_account":{"suspended":false,"terminated":true}`:                             {Answer: access.Answer{KeyState: access.KeyLocked}},
		`"master_account":{"suspended":null,"terminated":false}`:                             {Answer: access.Answer{KeyState: access.KeyUnclear}},
		`"master_account":{"suspended":true,"terminated":null}`:                              {Answer: access.Answer{KeyState: access.KeyLocked}},
		`"master_account":{"suspended":null,"terminated":true}`:                              {Answer: access.Answer{KeyState: access.KeyLocked}},
	} {
		s := exchangetest.Inspect(t, cryptocom.Exchange, exchangetest.CryptoCom(), exchangetest.Spec{Answer: []byte(`{"code":0,"result":{` + result + `}}`)})
		assert.Equal(t, want.Account.Kind, s.Account.Kind, result)
		assert.Equal(t, want.KeyState, s.KeyState, result)
	}
}
