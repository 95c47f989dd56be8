package htx_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/htx"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, htx.Exchange, exchangetest.HTX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, htx.Exchange, exchangetest.HTX) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, htx.Exchange, exchangetest.HTX(), spec)
}

// TestSubUser: however the list is refused, rights and IP allowlist stay unknown.
func TestSubUser(t *testing.T) {
	for _, refusal := range []string{"forbidden", "forbidden, other code", "no permission", "parameter invalid"} {
		s := inspect(t, exchangetest.Spec{SubAccount: true, Permissions: []string{"trade"}, Options: map[string]string{"refusal": refusal}})
		assert.Equal(t, access.AccountUnknown, s.Account.Kind, refusal)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, refusal)
		assert.Equal(t, access.Grant{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}, s.Grant(access.Read), refusal)
		for _, c := range htx.Exchange.Coverage.Reports[1:] {
			assert.Equal(t, access.Unknown, s.Grant(c).State, "%s: %s", refusal, c)
		}
		assert.Len(t, s.Notes, 1, refusal)
	}
	for _, refusal := range []string{"unknown key", "rate limited", "maintenance", "signature, second edition"} {
		_, err := exchangetest.TryInspect(t, htx.Exchange, exchangetest.HTX(), exchangetest.Spec{Options: map[string]string{"refusal": refusal}})
		require.Error(t, err, refusal)
	}
}

// answer is the list with one key in it.
func answer(members string) exchangetest.Spec {
	return exchangetest.Spec{Answer: []byte(`{"code":200,"data":[{"accessKey":"{key}",` + members + `}]}`)}
}

// TestPermission: various spellings; a list without the right that the call itself
// needs is incomplete.
func TestPermission(t *testing.T) {
	for permission, want := range map[string][2]access.State{ // trading, withdrawing
		`"readOnly"`:               {access.Denied, access.Denied},
		`"readOnly,trade"`:         {access.Granted, access.Denied},
		`"TRADE , readonly"`:       {access.Granted, access.Denied},
		`"readOnly,Withdraw"`:      {access.Denied, access.Granted},
		`"readOnly,withdrawal"`:    {access.Denied, access.Granted},
		`"trade"`:                  {access.Granted, access.Unknown},
		`"withdraw"`:               {access.Unknown, access.Granted},
		`""`:                       {access.Unknown, access.Unknown},
		`null`:                     {access.Unknown, access.Unknown},
		`"readOnly trade"`:         {access.Unknown, access.Unknown},
		`"readOnly,trade,leverup"`: {access.Granted, access.Denied},
	} {
		s := inspect(t, answer(`"permission":`+permission))
		for _, c := range []access.Capability{access.TradeSpot, access.TradeFutures, access.TradeOptions, access.TransferInternal} {
			assert.Equal(t, want[0], s.Grant(c).State, "%s: %s", permission, c)
		}
		assert.Equal(t, want[1], s.Grant(access.Withdraw).State, permission)
		assert.Equal(t, access.Unknown, s.Grant(access.TransferExternal).State, permission)
		assert.True(t, s.Can(access.Read), permission)
	}
}

// TestAllowlist: an empty member means unrestricted, and a missing one means
// nothing.
func TestAllowlist(t *testing.T) {
	for members, want := range map[string]access.AllowlistState{
		`"ipAddresses":""`: access.AllowlistUnrestricted, `"ipAddresses":null`: access.AllowlistUnknown, `"note":""`: access.AllowlistUnknown,
		`"ipAddresses":"203.0.113.0/24, 2001:db8::1"`: access.AllowlistRestricted,
	} {
		s := inspect(t, answer(members))
		assert.Equal(t, want, s.IPAllowlist.State, members)
	}
}

// TestDaysLeft: how long the key is valid, and why.
func TestDaysLeft(t *testing.T) {
	const trading, reading = `"permission":"readOnly,trade","ipAddresses":""`, `"permission":"readOnly","ipAddresses":""`
	const restricted = `"permission":"readOnly,trade","ipAddresses":"198.51.100.20"`
	const normal, expired = `,"status":"normal"`, `,"status":"expired"`
	for _, c := range []struct {
		members   string
		days      int // -1 for no expiry
		never     bool
		deadlines int
	}{
		{trading + normal + `,"validDays":80`, 80, false, 1},
		{trading + normal + `,"validDays":"0"`, 1, false, 1},
		{trading + normal + `,"validDays":-1`, -1, true, 1},
		{trading + normal, -1, false, 1},
		{trading + expired + `,"validDays":0`, -1, false, 1},
		{trading + normal + `,"validDays":99999999999`, -1, false, 1},
		{reading + normal + `,"validDays":80`, 80, false, 0},
		{restricted + normal + `,"validDays":-1`, -1, true, 0},
	} {
		s := inspect(t, answer(c.members))
		assert.Equal(t, c.never, s.NeverExpires, c.members)
		assert.Equal(t, c.days >= 0, !s.Expires.IsZero(), c.members)
		if c.days >= 0 {
			assert.Equal(t, s.TakenAt.Add(time.Duration(c.days)*24*time.Hour).Truncate(24*time.Hour), s.Expires, c.members)
		}
		require.Len(t, s.Deadlines, c.deadlines, c.members)
		for _, d := range s.Deadlines {
			assert.Equal(t, s.Expires, d.At, c.members)
		}
	}
}

// TestSiblings: other keys are listed masked, and an entry without a key may be
// the calling one.
func TestSiblings(t *testing.T) {
	fake := exchangetest.HTX()
	own := fake.Issue(exchangetest.Spec{Label: "own"})
	other := fake.Issue(exchangetest.Spec{Label: "other", Permissions: []string{"withdraw"}})
	s, err := audit.Inspect(t.Context(), audit.Key{Exchange: htx.Exchange, Credentials: own}, &audit.Options{Transport: fake})
	require.NoError(t, err)
	assert.Equal(t, "own", s.Label)
	require.Len(t, s.Siblings, 1)
	assert.Equal(t, "other", s.Siblings[0].Label)
	assert.Equal(t, access.MaskID(other.Key), s.Siblings[0].KeyID)
	assert.True(t, s.Siblings[0].Can(access.Withdraw))
	assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State)

	s = inspect(t, exchangetest.Spec{Answer: []byte(`{"code":200,"data":[{"accessKey":"{key}","permission":"readOnly"},{"permission":"withdraw"}]}`)})
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)
}
