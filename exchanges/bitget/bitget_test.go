package bitget_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitget"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitget.Exchange, exchangetest.Bitget) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitget.Exchange, exchangetest.Bitget) }

// unpaced is Bitget without its rate limit, so that two calls take no time.
func unpaced() *adapter.Exchange {
	e := *bitget.Exchange
	e.Limit = adapter.Limit{}
	return &e
}

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, unpaced(), exchangetest.Bitget(), spec)
}

// TestEditions: an account answers only one of the two calls.
func TestEditions(t *testing.T) {
	for mode, requests := range map[string]int{"unified": 1, "classic": 2} {
		s := inspect(t, exchangetest.Spec{Options: map[string]string{"account": mode}})
		assert.Equal(t, requests, s.Requests, mode)
		assert.Contains(t, s.Facts, access.Fact{Name: "account mode", Value: mode})
	}
}

// TestDemo: a key works in its own kind of trading only.
func TestDemo(t *testing.T) {
	for environment, own := range map[string]string{"live": "0", "demo": "1"} {
		for _, demo := range []string{"0", "1"} {
			spec := exchangetest.Spec{Options: map[string]string{"demo": demo}}
			s, err := exchangetest.TryInspect(t, unpaced(), exchangetest.Bitget(), spec, exchangetest.At(environment))
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
		_, want := exchangetest.TryInspect(t, unpaced(), exchangetest.Bitget(), exchangetest.Spec{Faults: []exchangetest.Fault{fault}})
		_, got := exchangetest.TryInspect(t, unpaced(), exchangetest.Bitget(), exchangetest.Spec{Options: map[string]string{"account": "classic"}, Faults: []exchangetest.Fault{{}, fault}})
		var first, second *access.Error
		require.ErrorAs(t, want, &first, name)
		require.ErrorAs(t, got, &second, name)
		assert.Equal(t, first.Kind, second.Kind, name)
		assert.Equal(t, first.Candidates, second.Candidates, name)
	}
	// If both calls refuse it, the kind of account is unknown.
	for _, faults := range [][]exchangetest.Fault{{{Failure: "unified account"}}, {{Failure: "classic account", Times: -1}}} {
		_, err := exchangetest.TryInspect(t, unpaced(), exchangetest.Bitget(), exchangetest.Spec{Faults: faults})
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
		s := inspect(t, exchangetest.Spec{
			Permissions: []string{"uta_trade", "withdraw"}, IPs: []string{"198.51.100.20"}, Options: map[string]string{"permType": permType},
		})
		for _, c := range []access.Capability{access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferExternal} {
			assert.Equal(t, want, s.Grant(c).State, "%q: %s", permType, c)
		}
		assert.Equal(t, access.Denied, s.Grant(access.TransferInternal).State, permType)
		assert.True(t, s.Can(access.Read), permType)
		assert.Equal(t, want == access.Granted, s.IPAllowlist.Mandatory, permType)
	}
}

// TestAllowlist: a list or text counts, and nothing else.
func TestAllowlist(t *testing.T) {
	for ips, want := range map[string]access.AllowlistState{
		`"203.0.113.7,203.0.113.8"`: access.AllowlistRestricted, `["203.0.113.7"]`: access.AllowlistRestricted,
		`""`: access.AllowlistUnrestricted, `[]`: access.AllowlistUnrestricted, `null`: access.AllowlistUnrestricted, `{}`: access.AllowlistUnknown,
		`true`: access.AllowlistUnknown, `"any-address"`: access.AllowlistUnknown,
	} {
		for _, member := range []string{`"permissions":[],"permType":"read-only"`, `"authorities":["stor"]`} {
			s := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"00000","data":{` + member + `,"ips":` + ips + `}}`)})
			assert.Equal(t, want, s.IPAllowlist.State, "%s %s", member, ips)
		}
	}
	s := inspect(t, exchangetest.Spec{Permissions: []string{"stow"}, IPs: []string{"198.51.100.20"}, Options: map[string]string{"ips": "text"}})
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
}

// TestUnrestricted: a key that may withdraw from any IP address can't exist, and
// counts as one that can.
func TestUnrestricted(t *testing.T) {
	for _, permission := range []string{"withdraw", "wwow"} {
		s := inspect(t, exchangetest.Spec{Permissions: []string{permission}})
		assert.Len(t, s.Contradictions, 1)
		assert.True(t, s.Can(access.Withdraw))
		assert.Equal(t, access.AllowlistUnrestricted, s.IPAllowlist.State)
	}
}

// TestAccountKind: what isn't an account number says nothing.
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
			s := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"00000","data":{` + rest + `,` + members + `}}`)})
			assert.Equal(t, want, s.Account.Kind, members)
		}
	}
}

// TestIncompleteList: a classic list without the right that the call itself needs
// is incomplete.
func TestIncompleteList(t *testing.T) {
	for authorities, want := range map[string]access.State{
		`["stor"]`: access.Denied, `["stow","xxow"]`: access.Denied, `["trade"]`: access.Unknown, `["readonly"]`: access.Unknown,
		`[]`: access.Unknown, `["smow"]`: access.Unknown, `["STOR"]`: access.Unknown, `null`: access.Unknown,
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"00000","data":{"authorities":` + authorities + `,"ips":""}}`)})
		assert.Equal(t, want, s.Grant(access.Withdraw).State, authorities)
		assert.True(t, s.Can(access.Read), authorities)
	}
	s := inspect(t, exchangetest.Spec{Permissions: []string{"stow", "xxow"}})
	assert.Equal(t, []string{"xxow"}, s.Unmapped)
}
