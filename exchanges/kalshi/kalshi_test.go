package kalshi_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kalshi"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, kalshi.Exchange, exchangetest.Kalshi) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, kalshi.Exchange, exchangetest.Kalshi) }

// TestRefusedList: a key that the list of keys refuses is a key that works, if the
// other read answers; then what it may do is unknown.
func TestRefusedList(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Kalshi()
	spec := exchangetest.Spec{Permissions: []string{"read", "write"}, Options: map[string]string{"list": "refused"}}
	s := exchangetest.Inspect(t, kalshi.Exchange, fake, spec)
	assert.Equal(t, access.KeyActive, s.KeyState)
	assert.True(t, s.Surely(access.Read, access.Granted))
	for _, c := range []access.Capability{access.Withdraw, access.TradeOptions, access.APIKeyManage} {
		assert.Equal(t, access.Unknown, s.Grant(c).State, c)
	}
	assert.Len(t, fake.Requests(), 2)
	assert.Len(t, s.Notes, 1)
}

// TestRefusedTwice: what is wrong with the key is what the second read says, unless
// that says nothing about the key.
func TestRefusedTwice(t *testing.T) {
	t.Parallel()
	for refusal, want := range map[string]access.Kind{
		exchangetest.FailUnknownKey: access.KindBadKey, exchangetest.FailBadSignature: access.KindBadSignature,
		"something else": access.KindAmbiguous, "rate limited": access.KindRateLimited,
	} {
		spec := exchangetest.Spec{Options: map[string]string{"list": "refused", "balance": refusal}}
		_, err := exchangetest.TryInspect(t, kalshi.Exchange, exchangetest.Kalshi(), spec)
		require.ErrorIs(t, err, want, refusal)
	}
}

// TestLimited: a key that is limited to one sub-account can't transfer to others. The
// primary account is one, and still the main account.
func TestLimited(t *testing.T) {
	t.Parallel()
	for number, kind := range map[string]access.AccountKind{"0": access.MainAccount, "63": access.SubAccount} {
		spec := exchangetest.Spec{Permissions: []string{"read", "write"}, Options: map[string]string{"subaccount": number}}
		s := exchangetest.Inspect(t, kalshi.Exchange, exchangetest.Kalshi(), spec)
		assert.Equal(t, kind, s.Account.Kind, number)
		assert.True(t, s.Surely(access.TransferInternal, access.Denied), number)
		assert.True(t, s.Surely(access.SubaccountManage, access.Denied), number)
		assert.True(t, s.Surely(access.Withdraw, access.Granted), number)
	}
}

// TestUnlimited: null is documented to mean no limit.
func TestUnlimited(t *testing.T) {
	t.Parallel()
	body := `{"api_keys":[{"api_key_id":"{key}","name":"old","scopes":["read","write"],"subaccount":null}]}`
	s := exchangetest.Inspect(t, kalshi.Exchange, exchangetest.Kalshi(), exchangetest.Spec{Answer: []byte(body)})
	assert.True(t, s.Surely(access.TransferInternal, access.Granted))
	assert.Equal(t, access.AccountUnknown, s.Account.Kind)
}
