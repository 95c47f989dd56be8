package whitebit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/whitebit"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, whitebit.Exchange, exchangetest.WhiteBIT)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, whitebit.Exchange, exchangetest.WhiteBIT) }

// TestSubAccountKeys: types deny what they are not for; endpoints deny nothing, and
// neither does an unknown type.
func TestSubAccountKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		permissions               []string
		trade, withdraw, external access.State
		unmapped                  []string
	}{
		{permissions: []string{"1"}, trade: access.Granted, withdraw: access.Denied, external: access.Denied},
		{permissions: []string{"2"}, trade: access.Granted, withdraw: access.Granted},
		{permissions: []string{"trade"}, trade: access.Granted},
		{permissions: []string{"3"}, unmapped: []string{"type 3"}},
		{permissions: []string{"1", "/api/v4/main-account/withdraw-pay"}, withdraw: access.Granted},
		{permissions: []string{"2", "/api/v4/main-account/codes"}, external: access.Granted},
		{permissions: []string{"2", "/api/v4/order/new", "/api/v4/teleport"}, trade: access.Granted, unmapped: []string{"/api/v4/teleport"}},
	} {
		fake := exchangetest.WhiteBIT()
		used := time.Date(2026, 5, 1, 2, 3, 4, 0, time.UTC)
		other := fake.Issue(exchangetest.Spec{SubAccount: true, Label: "sub", Permissions: c.permissions, LastUsed: used})
		s := exchangetest.Inspect(t, whitebit.Exchange, fake, exchangetest.Spec{})
		require.Len(t, s.Siblings, 1)
		sibling := s.Siblings[0]
		assert.Equal(t, access.MaskID(other.Key), sibling.KeyID)
		assert.Equal(t, "sub", sibling.Label)
		assert.Equal(t, used, sibling.LastUsed)
		assert.Equal(t, access.KeyActive, sibling.KeyState)
		assert.Equal(t, c.trade, sibling.Grant(access.TradeSpot).State, c.permissions)
		assert.Equal(t, c.withdraw, sibling.Grant(access.Withdraw).State, c.permissions)
		assert.Equal(t, c.external, sibling.Grant(access.TransferExternal).State, c.permissions)
		assert.Equal(t, access.AllowlistUnknown, sibling.IPAllowlist.State)
		assert.Equal(t, c.unmapped, sibling.Unmapped, c.permissions)
		assert.Len(t, s.Grants, 1, "only the right to read is known about the key itself")
	}
}

// TestListRefused: the list is optional; but a refusal because of the key or the
// exchange's state fails.
func TestListRefused(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]bool{
		"endpoint not allowed": false, "unknown key": true, "IP address not allowed": true, "nonce refused": true, "rate limited": true, "maintenance": true,
	} {
		s, err := exchangetest.TryInspect(t, whitebit.Exchange, exchangetest.WhiteBIT(), exchangetest.Spec{Options: map[string]string{"refusal": name}})
		assert.Equal(t, fails, err != nil, "%s: %v", name, err)
		assert.Equal(t, !fails, s.Can(access.Read), name)
	}
}

// TestSecrets: according to the documentation, the list leaves the secrets blank.
// If it doesn't, they are dropped and become a finding.
func TestSecrets(t *testing.T) {
	t.Parallel()
	for secret, held := range map[string]bool{"": false, "******": false, "0123456789abcdef": true} {
		s := exchangetest.Inspect(t, whitebit.Exchange, exchangetest.WhiteBIT(), exchangetest.Spec{
			Answer: []byte(`{"data":[{"apiKey":"other-key-of-a-sub","title":"of ` + secret + `","apiSecret":"` + secret + `"},{"apiKey":"{key}","type":2}]}`),
		})
		assert.Equal(t, held, s.Can(access.Other("key-secrets")))
		require.Len(t, s.Siblings, 1)
		assert.Equal(t, secret != "", s.Siblings[0].Label == "of [redacted]", s.Siblings[0].Label)
	}
}
