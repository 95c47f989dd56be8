package bitget_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitget"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitget.Exchange, exchangetest.Bitget) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitget.Exchange, exchangetest.Bitget) }

// inspect audits a key of a fresh exchange.
func inspect(t *testing.T, spec exchangetest.Spec) (*access.Snapshot, error) {
	t.Helper()
	fake := exchangetest.Bitget()
	unpaced := *bitget.Exchange
	unpaced.Limit = adapter.Limit{}
	key := audit.Key{Exchange: &unpaced, Credentials: fake.Issue(spec)}
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
}

// TestEditions: an account answers one of the two calls only.
func TestEditions(t *testing.T) {
	for mode, requests := range map[string]int{"unified": 1, "classic": 2} {
		s, err := inspect(t, exchangetest.Spec{Options: map[string]string{"account": mode}})
		require.NoError(t, err, mode)
		assert.Equal(t, requests, s.Requests, mode)
		assert.Contains(t, s.Facts, access.Fact{Name: "account mode", Value: mode})
	}
}

// TestDemo: a key works in its own kind of trading only.
func TestDemo(t *testing.T) {
	for environment, own := range map[string]string{"live": "0", "demo": "1"} {
		for _, demo := range []string{"0", "1"} {
			fake := exchangetest.Bitget()
			credentials := fake.Issue(exchangetest.Spec{Options: map[string]string{"demo": demo}})
			key := audit.Key{Exchange: bitget.Exchange, Environment: environment, Credentials: credentials}
			s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
			if demo != own {
				require.ErrorIs(t, err, access.KindWrongEnvironment, environment)
				continue
			}
			require.NoError(t, err, environment)
			assert.Equal(t, environment == "demo", s.Test)
		}
	}
}

// TestClassicFailures: a refusal means the same from either call.
func TestClassicFailures(t *testing.T) {
	for _, name := range exchangetest.Bitget().Failures() {
		if name == "classic account" || name == "unified account" {
			continue
		}
		fault := exchangetest.Fault{Failure: name, Times: -1}
		_, want := inspect(t, exchangetest.Spec{Faults: []exchangetest.Fault{fault}})
		_, got := inspect(t, exchangetest.Spec{Options: map[string]string{"account": "classic"}, Faults: []exchangetest.Fault{{}, fault}})
		var first, second *access.Error
		require.ErrorAs(t, want, &first, name)
		require.ErrorAs(t, got, &second, name)
		assert.Equal(t, first.Kind, second.Kind, name)
		assert.Equal(t, first.Candidates, second.Candidates, name)
	}
	// Refused by both, an account is of no kind that is known.
	for _, faults := range [][]exchangetest.Fault{{{Failure: "unified account"}}, {{Failure: "classic account", Times: -1}}} {
		_, err := inspect(t, exchangetest.Spec{Faults: faults})
		require.ErrorIs(t, err, access.KindNotUnderstood)
	}
}

// TestPermType: its spellings, and what isn't one of them.
func TestPermType(t *testing.T) {
	for permType, want := range map[string]access.State{
		"read-and-write": access.Granted, "read_and_write": access.Granted, "read_write": access.Granted, "READ-WRITE": access.Granted,
		"read-only": access.Denied, "read_only": access.Denied, "readonly": access.Denied,
		"": access.Unknown, "full": access.Unknown, "read": access.Unknown,
	} {
		s, err := inspect(t, exchangetest.Spec{
			Permissions: []string{"uta_trade", "withdraw"}, IPs: []string{"198.51.100.20"}, Options: map[string]string{"permType": permType},
		})
		require.NoError(t, err, permType)
		for _, c := range []access.Capability{access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferExternal} {
			assert.Equal(t, want, s.Grant(c).State, "%q: %s", permType, c)
		}
		assert.Equal(t, access.Denied, s.Grant(access.TransferInternal).State, permType)
		assert.True(t, s.Can(access.Read), permType)
		assert.Equal(t, want == access.Granted, s.IPAllowlist.Mandatory, permType)
	}
}

// TestAddresses: a list and text, and nothing read into what is neither.
func TestAddresses(t *testing.T) {
	for ips, want := range map[string]access.AllowlistState{
		`"203.0.113.7,203.0.113.8"`: access.AllowlistRestricted, `["203.0.113.7"]`: access.AllowlistRestricted,
		`""`: access.AllowlistUnrestricted, `[]`: access.AllowlistUnrestricted, `null`: access.AllowlistUnknown, `{}`: access.AllowlistUnknown,
		`true`: access.AllowlistUnknown, `"any-address"`: access.AllowlistUnknown,
	} {
		for _, member := range []string{`"permissions":[],"permType":"read-only"`, `"authorities":["stor"]`} {
			s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"00000","data":{` + member + `,"ips":` + ips + `}}`)})
			require.NoError(t, err, ips)
			assert.Equal(t, want, s.IPAllowlist.State, "%s %s", member, ips)
		}
	}
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"stow"}, IPs: []string{"198.51.100.20"}, Options: map[string]string{"ips": "text"}})
	require.NoError(t, err)
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
}

// TestUnbound: a key that may withdraw from everywhere can't be, and is taken
// for one that can.
func TestUnbound(t *testing.T) {
	for _, permission := range []string{"withdraw", "wwow"} {
		s, err := inspect(t, exchangetest.Spec{Permissions: []string{permission}})
		require.NoError(t, err)
		assert.Len(t, s.Contradictions, 1)
		assert.True(t, s.Can(access.Withdraw))
		assert.Equal(t, access.AllowlistUnrestricted, s.IPAllowlist.State)
	}
}

// TestAccountKind: what is no number of an account makes none.
func TestAccountKind(t *testing.T) {
	for members, want := range map[string]access.AccountKind{
		`"userId":"1234567890","parentId":""`:           access.MainAccount,
		`"uid":"1234567890","parentId":"0"`:             access.MainAccount,
		`"userId":"1234567890","parentId":1234567890`:   access.MainAccount,
		`"userId":"1234567890","parentId":987654321`:    access.SubAccount,
		`"uid":"1234567890","parentId":"987654321"`:     access.SubAccount,
		`"userId":"1234567890"`:                         access.AccountUnknown,
		`"userId":"1234567890","parentId":null`:         access.AccountUnknown,
		`"parentId":"987654321"`:                        access.AccountUnknown,
		`"userId":"1234567890","parentId":"none"`:       access.AccountUnknown,
		`"userId":"1234567890","parentId":"-1"`:         access.AccountUnknown,
		`"userId":"sub@example.com","parentId":9876543`: access.AccountUnknown,
	} {
		for _, rest := range []string{`"permissions":[]`, `"authorities":[]`} {
			s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"00000","data":{` + rest + `,` + members + `}}`)})
			require.NoError(t, err, members)
			assert.Equal(t, want, s.Account.Kind, members)
		}
	}
}

// TestIncompleteList: a classic list without the right that the call itself
// needs isn't the whole list.
func TestIncompleteList(t *testing.T) {
	for authorities, want := range map[string]access.State{
		`["stor"]`: access.Denied, `["stow","xxow"]`: access.Denied, `["trade"]`: access.Unknown, `["readonly"]`: access.Unknown,
		`[]`: access.Unknown, `["smow"]`: access.Unknown, `["STOR"]`: access.Unknown, `null`: access.Unknown,
	} {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"00000","data":{"authorities":` + authorities + `,"ips":""}}`)})
		require.NoError(t, err, authorities)
		assert.Equal(t, want, s.Grant(access.Withdraw).State, authorities)
		assert.True(t, s.Can(access.Read), authorities)
	}
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"stow", "xxow"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"xxow"}, s.Unmapped)
}
