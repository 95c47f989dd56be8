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

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, okx.Exchange, exchangetest.OKX(), spec, change...)
}

// TestDemo: a key works in its own kind of trading only, and unrestricted keys of
// demo trading don't expire.
func TestDemo(t *testing.T) {
	for environment, demo := range map[string]string{"live": "", "demo": "1", "eea": "", "eea-demo": "1", "us": "", "us-demo": "1"} {
		spec := exchangetest.Spec{Permissions: []string{"trade"}, Options: map[string]string{"demo": demo}}
		s := inspect(t, spec, exchangetest.At(environment))
		assert.Equal(t, demo == "1", s.Test, environment)
		assert.Equal(t, demo == "1", len(s.Deadlines) == 0, environment)

		spec.Options = map[string]string{"demo": map[string]string{"": "1", "1": ""}[demo]}
		_, err := exchangetest.TryInspect(t, okx.Exchange, exchangetest.OKX(), spec, exchangetest.At(environment))
		require.ErrorIs(t, err, access.KindWrongEnvironment, environment)
	}
}

// TestDeadline: the exchange expires keys without an IP allowlist that can trade or
// withdraw, and no others.
func TestDeadline(t *testing.T) {
	restricted := []string{"198.51.100.20"}
	for _, c := range []struct {
		permissions, ips []string
		deadlines        int
	}{
		{[]string{"trade"}, nil, 1},
		{[]string{"withdraw"}, nil, 1},
		{nil, nil, 0},
		{[]string{"trade", "withdraw"}, restricted, 0},
	} {
		s := inspect(t, exchangetest.Spec{Permissions: c.permissions, IPs: c.ips})
		require.Len(t, s.Deadlines, c.deadlines, "%q %q", c.permissions, c.ips)
		for _, d := range s.Deadlines {
			assert.True(t, d.At.IsZero(), "the last use isn't reported, so the day can't be computed")
		}
	}
}

// TestAccountKind: of two statements that disagree, the more dangerous one counts,
// and a missing one doesn't mean a sub-account.
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
		s := inspect(t, exchangetest.Spec{Answer: []byte(answer)})
		assert.Equal(t, want.kind, s.Account.Kind, members)
		assert.Equal(t, want.disputed, len(s.Contradictions) == 1, members)
	}
}

// TestIncompleteList: a list without the right that the call itself needs is
// incomplete.
func TestIncompleteList(t *testing.T) {
	for _, perm := range []string{`""`, `"trade"`, `"Read_Only"`, `null`} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"0","msg":"","data":[{"perm":` + perm + `,"ip":""}]}`)})
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, perm)
		assert.Equal(t, access.Inferred, s.Grant(access.Read).Evidence, perm)
		assert.True(t, s.Can(access.Read), perm)
	}
}
