package cryptocom_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/cryptocom"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, cryptocom.Exchange, exchangetest.CryptoCom)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, cryptocom.Exchange, exchangetest.CryptoCom) }

// TestStanding: what is wrong with the account is an alarm, and what is left out
// is not taken for good.
func TestStanding(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]audit.Account{
		`"suspended":false,"terminated":false,"two_fa_enabled":true`:    {Standing: audit.StandingGood},
		`"suspended":false,"terminated":false`:                          {Standing: audit.StandingUnclear},
		`"suspended":false,"terminated":false,"two_fa_enabled":false`:   {Standing: audit.StandingUnclear, Alarms: []string{"two_fa_enabled: false"}},
		`"suspended":"true","terminated":"true","two_fa_enabled":false`: {Standing: audit.StandingUnclear, Alarms: []string{"suspended: true", "terminated: true", "two_fa_enabled: false"}},
	} {
		venue := exchangetest.CryptoCom()
		key := audit.Key{Exchange: cryptocom.Exchange, Credentials: venue.Issue(exchangetest.Spec{Answer: []byte(`{"code":0,"result":{"master_account":{` + flags + `}}}`)})}
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: venue, Attempts: 1})
		require.NoError(t, err, flags)
		assert.Equal(t, want.Standing, s.Account.Standing, flags)
		assert.Equal(t, want.Alarms, s.Account.Alarms, flags)
	}
}

// TestAccount: what the answer says of the account, and what it doesn't.
func TestAccount(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]audit.Snapshot{
		`"this_account":{"hierarchy":"SUB_ACCOUNT"},"master_account":{"hierarchy":"MASTER"}`: {Account: audit.Account{Kind: audit.SubAccount}, KeyState: audit.KeyActive},
		`"this_account":{"hierarchy":"BRANCH"},"master_account":{"hierarchy":"MASTER"}`:      {KeyState: audit.KeyActive},
		`"master_account":{"hierarchy":"MASTER","suspended":true}`:                           {KeyState: audit.KeyLocked},
		`"master_account":{"suspended":false,"terminated":true}`:                             {KeyState: audit.KeyLocked},
		`"master_account":{"suspended":null,"terminated":false}`:                             {KeyState: audit.KeyUnclear},
		`"master_account":{"suspended":true,"terminated":null}`:                              {KeyState: audit.KeyLocked},
		`"master_account":{"suspended":null,"terminated":true}`:                              {KeyState: audit.KeyLocked},
	} {
		venue := exchangetest.CryptoCom()
		key := audit.Key{Exchange: cryptocom.Exchange, Credentials: venue.Issue(exchangetest.Spec{Answer: []byte(`{"code":0,"result":{` + result + `}}`)})}
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: venue, Attempts: 1})
		require.NoError(t, err, result)
		assert.Equal(t, want.Account.Kind, s.Account.Kind, result)
		assert.Equal(t, want.KeyState, s.KeyState, result)
	}
}
