package mexc_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/mexc"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, mexc.Exchange, exchangetest.MEXC) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, mexc.Exchange, exchangetest.MEXC) }

// inspect audits a key of a fresh exchange at noon of 1 June 2026.
func inspect(t *testing.T, spec exchangetest.Spec) (*access.Snapshot, error) {
	t.Helper()
	fake := exchangetest.MEXC()
	noon := func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }
	fake.SetClock(noon)
	key := audit.Key{Exchange: mexc.Exchange, Credentials: fake.Issue(spec)}
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Clock: noon, Attempts: 1})
}

// TestReadsOnly: a POST to the same path would rewrite the key's addresses.
func TestReadsOnly(t *testing.T) {
	for _, call := range mexc.Exchange.Calls {
		assert.Equal(t, http.MethodGet, call.Method, call.Path)
	}
}

// TestEditions: what is documented and what was seen differ in spelling only.
func TestEditions(t *testing.T) {
	spec := exchangetest.Spec{
		Permissions: []string{"SPOT_ACCOUNT_READ", "SPOT_DEAL_WRITE", "SPOT_WITHDRAW_WRITE"}, Label: "bot",
		Created: time.Date(2026, 4, 2, 3, 4, 5, 0, time.UTC), IPs: []string{"198.51.100.20"},
	}
	seen, err := inspect(t, spec)
	require.NoError(t, err)
	assert.Equal(t, spec.Created, seen.Created)
	for _, options := range []map[string]string{{"edition": "documented"}, {"short": "1"}} {
		spec.Options = options
		got, err := inspect(t, spec)
		require.NoError(t, err)
		assert.Equal(t, seen, got)
	}
}

// TestMargin: no permission is named for margin orders, so that the one for spot
// orders may or may not reach them.
func TestMargin(t *testing.T) {
	for list, want := range map[string]access.State{"SPOT_ACCOUNT_READ": access.Denied, "SPOT_ACCOUNT_READ,SPOT_DEAL_WRITE": access.Unknown} {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":"` + list + `"}`)})
		require.NoError(t, err, list)
		assert.Equal(t, want, s.Grant(access.TradeMargin).State, list)
	}
}

// TestStatus: only a valid key is active.
func TestStatus(t *testing.T) {
	for status, want := range map[string]access.KeyState{
		"VALID": access.KeyActive, "FROZEN": access.KeyLocked, "DELETE": access.KeyDisabled,
	} {
		s, err := inspect(t, exchangetest.Spec{Options: map[string]string{"status": status}})
		require.NoError(t, err)
		assert.Equal(t, want, s.KeyState)
	}
}

// TestValidity: whole days that are left, or -999 for ever.
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
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":"SPOT_ACCOUNT_READ","ipWhiteList":"","remainingValidity":` + left + `}`)})
		require.NoError(t, err, left)
		assert.Equal(t, want.expires, s.Expires, left)
		assert.Equal(t, want.never, s.NeverExpires, left)
		assert.Equal(t, want.never, len(s.Deadlines) == 0, left)
	}
	for _, left := range []string{`-1`, `36501`, `9000000000000000000`, `1.5`, `"soon"`} {
		_, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":"SPOT_ACCOUNT_READ","remainingValidity":` + left + `}`)})
		require.ErrorIs(t, err, access.KindNotUnderstood, left)
	}
}

// TestNotTheList: an answer about another key says nothing of this one, and a
// list without any known permission denies nothing.
func TestNotTheList(t *testing.T) {
	for _, id := range []string{"accessKey", "apikey"} {
		_, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"` + id + `":"mx0vOTHER0000000001","permissions":"SPOT_ACCOUNT_READ","ipWhiteList":"1.2.3.4"}`)})
		require.ErrorIs(t, err, access.KindNotUnderstood, id)
	}
	for _, list := range []string{"", ",", "SPOT_TELEPORT_WRITE", "spot_account_read"} {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":"` + list + `"}`)})
		require.NoError(t, err, list)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, list)
	}
}
