package coinsph_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinsph"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, coinsph.Exchange, exchangetest.CoinsPH)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, coinsph.Exchange, exchangetest.CoinsPH) }

// TestSiblings: the other keys of the account come out as they were created.
func TestSiblings(t *testing.T) {
	t.Parallel()
	fake := exchangetest.CoinsPH()
	key := audit.Key{Exchange: coinsph.Exchange, Credentials: fake.Issue(exchangetest.Spec{Permissions: []string{"Enable Spot"}})}
	other := fake.Issue(exchangetest.Spec{
		Label: "old", Permissions: []string{"Enable Convert"}, IPs: []string{"203.0.113.7"}, Disabled: true,
	})
	s, err := audit.Inspect(context.Background(), key, &audit.Options{Transport: fake})
	require.NoError(t, err)
	assert.True(t, s.Can(access.TradeSpot))
	require.Len(t, s.Siblings, 1)
	sibling := s.Siblings[0]
	assert.Equal(t, access.MaskID(other.Key), sibling.KeyID)
	assert.Equal(t, "old", sibling.Label)
	assert.Equal(t, access.KeyDisabled, sibling.KeyState)
	assert.Equal(t, access.AllowlistRestricted, sibling.IPAllowlist.State)
	assert.True(t, sibling.Can(access.Other("convert")))
	assert.False(t, sibling.Can(access.TradeSpot))
}

// TestOtherWords: a list of unknown types denies nothing, and neither does an empty
// one.
func TestOtherWords(t *testing.T) {
	t.Parallel()
	for types, want := range map[string]access.State{
		`["Enable Spot"]`: access.Denied, `["Read only"]`: access.Denied, `["Enable Fiat"]`: access.Unknown, `["Enable Spot","ENABLE_WALLET"]`: access.Denied,
		`["ENABLE_SPOT"]`: access.Unknown, `[]`: access.Unknown, `[""]`: access.Unknown, `null`: access.Unknown,
	} {
		s := exchangetest.Inspect(t, coinsph.Exchange, exchangetest.CoinsPH(), exchangetest.Spec{
			Answer: []byte(`[{"apiKey":"{key}","apiType":` + types + `}]`),
		})
		assert.Equal(t, want, s.Grant(access.Withdraw).State, types)
	}
}

// TestSavedAddresses: whether the account withdraws to saved withdrawal addresses only is
// asked of a key that may withdraw, and read from nowhere else.
func TestSavedAddresses(t *testing.T) {
	t.Parallel()
	for permission, may := range map[string]bool{"Enable Crypto Wallet": true, "Enable Fiat": true, "Enable Account": true, "Enable Spot": false, "Read only": false} {
		for says, want := range map[string]access.AddressBook{"yes": access.BookOn, "no": access.BookOff, "": access.BookUnknown} {
			fake := exchangetest.CoinsPH()
			s := exchangetest.Inspect(t, coinsph.Exchange, fake, exchangetest.Spec{Permissions: []string{permission}, Options: map[string]string{"savedOnly": says}})
			g := s.Grant(access.Withdraw)
			if !may {
				assert.Equal(t, access.Denied, g.State, permission)
				assert.Equal(t, 1, s.Requests, permission)
				continue
			}
			assert.Equal(t, access.Unknown, g.State, permission)
			assert.Equal(t, want, g.AddressBook, "%s, %q", permission, says)
			assert.Equal(t, access.BookUnknown, s.Grant(access.TransferExternal).AddressBook, "the list is one of withdrawal addresses")
			assert.Equal(t, 2, s.Requests, permission)
		}
	}
}
