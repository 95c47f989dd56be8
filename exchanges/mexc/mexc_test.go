package mexc_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/mexc"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, mexc.Exchange, exchangetest.MEXC) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, mexc.Exchange, exchangetest.MEXC) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	fake := exchangetest.MEXC()
	fake.SetClock(func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) })
	return exchangetest.Inspect(t, mexc.Exchange, fake, spec)
}

// TestReadsOnly: a POST to the same path would replace the key's IP allowlist.
func TestReadsOnly(t *testing.T) {
	for _, call := range mexc.Exchange.Calls {
		assert.Equal(t, http.MethodGet, call.Method, call.Path)
	}
}

// TestSpellings: what is documented and what was seen differ only in spelling.
func TestSpellings(t *testing.T) {
	spec := exchangetest.Spec{
		Permissions: []string{"SPOT_ACCOUNT_READ", "SPOT_DEAL_WRITE", "SPOT_WITHDRAW_WRITE"}, Label: "bot",
		Created: time.Date(2026, 4, 2, 3, 4, 5, 0, time.UTC), IPs: []string{"198.51.100.20"},
	}
	seen := inspect(t, spec)
	assert.Equal(t, spec.Created, seen.Created)
	for _, options := range []map[string]string{{"edition": "documented"}, {"short": "1"}} {
		spec.Options = options
		got := inspect(t, spec)
		assert.Equal(t, seen, got)
	}
}

// TestMargin: no permission is named for margin orders, so the one for spot orders
// may or may not include them.
func TestMargin(t *testing.T) {
	for list, want := range map[string]access.State{"SPOT_ACCOUNT_READ": access.Denied, "SPOT_ACCOUNT_READ,SPOT_DEAL_WRITE": access.Unknown} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":"` + list + `"}`)})
		assert.Equal(t, want, s.Grant(access.TradeMargin).State, list)
	}
}

// TestStatus: only a valid key is active.
func TestStatus(t *testing.T) {
	for status, want := range map[string]access.KeyState{
		"VALID": access.KeyActive, "FROZEN": access.KeyLocked, "DELETE": access.KeyDisabled,
	} {
		s := inspect(t, exchangetest.Spec{Options: map[string]string{"status": status}})
		assert.Equal(t, want, s.KeyState)
	}
}

// TestValidity: whole days that are left, or -999 for never.
func TestValidity(t *testing.T) {
	for left, want := range map[string]struct {
		expires time.Time
		never   bool
	}{
		`0`:     {expires: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
		`61`:    {expires: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)},
		`"61"`:  {expires: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)},
		`-999`:  {never: true},
		`null`:  {},
		`36500`: {expires: time.Date(2126, 5, 8, 0, 0, 0, 0, time.UTC)},
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":"SPOT_ACCOUNT_READ","ipWhiteList":"","remainingValidity":` + left + `}`)})
		assert.Equal(t, want.expires, s.Expires, left)
		assert.Equal(t, want.never, s.NeverExpires, left)
		assert.Equal(t, want.never, len(s.Deadlines) == 0, left)
	}
	for _, left := range []string{`-1`, `36501`, `9000000000000000000`, `1.5`, `"soon"`} {
		_, err := exchangetest.TryInspect(t, mexc.Exchange, exchangetest.MEXC(), exchangetest.Spec{Answer: []byte(`{"permissions":"SPOT_ACCOUNT_READ","remainingValidity":` + left + `}`)})
		require.ErrorIs(t, err, access.KindNotUnderstood, left)
	}
}

// TestNotTheList: an answer about another key says nothing about this one, and a
// list without any known permission denies nothing.
func TestNotTheList(t *testing.T) {
	for _, id := range []string{"accessKey", "apikey"} {
		_, err := exchangetest.TryInspect(t, mexc.Exchange, exchangetest.MEXC(), exchangetest.Spec{Answer: []byte(`{"` + id + `":"mx0vOTHER0000000001","permissions":"SPOT_ACCOUNT_READ","ipWhiteList":"1.2.3.4"}`)})
		require.ErrorIs(t, err, access.KindNotUnderstood, id)
	}
	for _, list := range []string{"", ",", "SPOT_TELEPORT_WRITE", "spot_account_read"} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":"` + list + `"}`)})
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, list)
	}
}
