package okx_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/okx"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, okx.Exchange, exchangetest.OKX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, okx.Exchange, exchangetest.OKX) }

// inspect audits a key of a fresh exchange in one environment.
func inspect(t *testing.T, environment string, spec exchangetest.Spec) (*access.Snapshot, error) {
	t.Helper()
	fake := exchangetest.OKX()
	key := audit.Key{Exchange: okx.Exchange, Environment: environment, Credentials: fake.Issue(spec)}
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
}

// TestDemo: a key works in its own kind of trading only, and the exchange lets
// unbound ones of demo trading live.
func TestDemo(t *testing.T) {
	for environment, demo := range map[string]string{"live": "", "demo": "1", "eea": "", "eea-demo": "1", "us": "", "us-demo": "1"} {
		spec := exchangetest.Spec{Permissions: []string{"trade"}, Options: map[string]string{"demo": demo}}
		s, err := inspect(t, environment, spec)
		require.NoError(t, err, environment)
		assert.Equal(t, demo == "1", s.Test, environment)
		assert.Equal(t, demo == "1", len(s.Deadlines) == 0, environment)

		spec.Options = map[string]string{"demo": map[string]string{"": "1", "1": ""}[demo]}
		_, err = inspect(t, environment, spec)
		require.ErrorIs(t, err, access.KindWrongEnvironment, environment)
	}
}

// TestDeadline: the exchange ends keys that can trade or withdraw and are not
// bound, and no others.
func TestDeadline(t *testing.T) {
	bound := []string{"198.51.100.20"}
	for _, c := range []struct {
		permissions, ips []string
		deadlines        int
	}{
		{[]string{"trade"}, nil, 1},
		{[]string{"withdraw"}, nil, 1},
		{nil, nil, 0},
		{[]string{"trade", "withdraw"}, bound, 0},
	} {
		s, err := inspect(t, "", exchangetest.Spec{Permissions: c.permissions, IPs: c.ips})
		require.NoError(t, err)
		require.Len(t, s.Deadlines, c.deadlines, "%q %q", c.permissions, c.ips)
		for _, d := range s.Deadlines {
			assert.True(t, d.At.IsZero(), "the last use isn't told, so the day can't be computed")
		}
	}
}

// TestAccountKind: of two statements that disagree the more dangerous one
// counts, and a missing one doesn't make a sub-account.
func TestAccountKind(t *testing.T) {
	for members, want := range map[string]struct {
		kind     access.AccountKind
		disputed bool
	}{
		`"uid":"1","mainUid":"1","type":"0"`: {access.MainAccount, false},
		`"uid":"2","mainUid":"1","type":"1"`: {access.SubAccount, false},
		`"uid":"2","mainUid":"1","type":"9"`: {access.SubAccount, false},
		`"uid":"2","mainUid":"1"`:            {access.SubAccount, false},
		`"uid":"1","mainUid":"1","type":"1"`: {access.MainAccount, true},
		`"uid":"2","mainUid":"1","type":"0"`: {access.MainAccount, true},
		`"type":"0"`:                         {access.MainAccount, false},
		`"uid":"2","type":"1"`:               {access.AccountUnknown, false},
		`"uid":"2","mainUid":""`:             {access.AccountUnknown, false},
	} {
		answer := `{"code":"0","msg":"","data":[{"perm":"read_only","ip":"",` + members + `}]}`
		s, err := inspect(t, "", exchangetest.Spec{Answer: []byte(answer)})
		require.NoError(t, err, members)
		assert.Equal(t, want.kind, s.Account.Kind, members)
		assert.Equal(t, want.disputed, len(s.Contradictions) == 1, members)
	}
}

// TestIncompleteList: a list without the right that the call itself needs
// isn't the whole list.
func TestIncompleteList(t *testing.T) {
	for _, perm := range []string{`""`, `"trade"`, `"Read_Only"`, `null`} {
		s, err := inspect(t, "", exchangetest.Spec{Answer: []byte(`{"code":"0","msg":"","data":[{"perm":` + perm + `,"ip":""}]}`)})
		require.NoError(t, err, perm)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, perm)
		assert.Equal(t, access.Inferred, s.Grant(access.Read).Evidence, perm)
		assert.True(t, s.Can(access.Read), perm)
	}
}
