package bitget_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitget"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitget.Exchange, exchangetest.Bitget) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitget.Exchange, exchangetest.Bitget) }

// inspect audits a key of a fresh venue.
func inspect(t *testing.T, spec exchangetest.Spec) (*audit.Snapshot, error) {
	t.Helper()
	venue := exchangetest.Bitget()
	unpaced := *bitget.Exchange
	unpaced.Limit = audit.Limit{}
	key := audit.Key{Exchange: &unpaced, Credentials: venue.Issue(spec)}
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: venue, Attempts: 1})
}

// TestEditions: an account answers one of the two calls only.
func TestEditions(t *testing.T) {
	for mode, requests := range map[string]int{"unified": 1, "classic": 2} {
		s, err := inspect(t, exchangetest.Spec{Options: map[string]string{"account": mode}})
		require.NoError(t, err, mode)
		assert.Equal(t, requests, s.Requests, mode)
		assert.Contains(t, s.Facts, audit.Fact{Name: "account mode", Value: mode})
	}
}

// TestDemo: a key works in its own kind of trading only.
func TestDemo(t *testing.T) {
	for environment, own := range map[string]string{"live": "0", "demo": "1"} {
		for _, demo := range []string{"0", "1"} {
			venue := exchangetest.Bitget()
			credentials := venue.Issue(exchangetest.Spec{Options: map[string]string{"demo": demo}})
			key := audit.Key{Exchange: bitget.Exchange, Environment: environment, Credentials: credentials}
			s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: venue, Attempts: 1})
			if demo != own {
				require.ErrorIs(t, err, audit.KindWrongEnvironment, environment)
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
		var first, second *audit.Error
		require.ErrorAs(t, want, &first, name)
		require.ErrorAs(t, got, &second, name)
		assert.Equal(t, first.Kind, second.Kind, name)
		assert.Equal(t, first.Candidates, second.Candidates, name)
	}
	// Refused by both, an account is of no kind that is known.
	for _, faults := range [][]exchangetest.Fault{{{Failure: "unified account"}}, {{Failure: "classic account", Times: -1}}} {
		_, err := inspect(t, exchangetest.Spec{Faults: faults})
		require.ErrorIs(t, err, audit.KindNotUnderstood)
	}
}

// TestPermType: its spellings, and what isn't one of them.
func TestPermType(t *testing.T) {
	for permType, want := range map[string]audit.State{
		"read-and-write": audit.Granted, "read_and_write": audit.Granted, "read_write": audit.Granted, "READ-WRITE": audit.Granted,
		"read-only": audit.Denied, "read_only": audit.Denied, "readonly": audit.Denied,
		"": audit.Unknown, "full": audit.Unknown, "read": audit.Unknown,
	} {
		s, err := inspect(t, exchangetest.Spec{
			Permissions: []string{"uta_trade", "withdraw"}, IPs: []string{"198.51.100.20"}, Options: map[string]string{"permType": permType},
		})
		require.NoError(t, err, permType)
		for _, c := range []audit.Capability{audit.TradeSpot, audit.TradeFutures, audit.Withdraw, audit.TransferExternal} {
			assert.Equal(t, want, s.Grant(c).State, "%q: %s", permType, c)
		}
		assert.Equal(t, audit.Denied, s.Grant(audit.TransferInternal).State, permType)
		assert.True(t, s.Can(audit.Read), permType)
		assert.Equal(t, want == audit.Granted, s.IPAllowlist.Mandatory, permType)
	}
}

// TestAddresses: a list and text, and nothing read into what is neither.
func TestAddresses(t *testing.T) {
	for ips, want := range map[string]audit.AllowlistState{
		`"203.0.113.7,203.0.113.8"`: audit.AllowlistRestricted, `["203.0.113.7"]`: audit.AllowlistRestricted,
		`""`: audit.AllowlistUnrestricted, `[]`: audit.AllowlistUnrestricted, `null`: audit.AllowlistUnknown, `{}`: audit.AllowlistUnknown,
		`true`: audit.AllowlistUnknown, `"any-address"`: audit.AllowlistUnknown,
	} {
		for _, member := range []string{`"permissions":[],"permType":"read-only"`, `"authorities":["stor"]`} {
			s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"00000","data":{` + member + `,"ips":` + ips + `}}`)})
			require.NoError(t, err, ips)
			assert.Equal(t, want, s.IPAllowlist.State, "%s %s", member, ips)
		}
	}
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"stow"}, IPs: []string{"198.51.100.20"}, Options: map[string]string{"ips": "text"}})
	require.NoError(t, err)
	assert.Equal(t, audit.AllowlistRestricted, s.IPAllowlist.State)
}

// TestUnbound: a key that may withdraw from everywhere can't be, and is taken
// for one that can.
func TestUnbound(t *testing.T) {
	for _, permission := range []string{"withdraw", "wwow"} {
		s, err := inspect(t, exchangetest.Spec{Permissions: []string{permission}})
		require.NoError(t, err)
		assert.Len(t, s.Contradictions, 1)
		assert.True(t, s.Can(audit.Withdraw))
		assert.Equal(t, audit.AllowlistUnrestricted, s.IPAllowlist.State)
	}
}

// TestAccountKind: what is no number of an account makes none.
func TestAccountKind(t *testing.T) {
	for members, want := range map[string]audit.AccountKind{
		`"userId":"1234567890","parentId":""`:           audit.MainAccount,
		`"uid":"1234567890","parentId":"0"`:             audit.MainAccount,
		`"userId":"1234567890","parentId":1234567890`:   audit.MainAccount,
		`"userId":"1234567890","parentId":987654321`:    audit.SubAccount,
		`"uid":"1234567890","parentId":"987654321"`:     audit.SubAccount,
		`"userId":"1234567890"`:                         audit.AccountUnknown,
		`"userId":"1234567890","parentId":null`:         audit.AccountUnknown,
		`"parentId":"987654321"`:                        audit.AccountUnknown,
		`"userId":"1234567890","parentId":"none"`:       audit.AccountUnknown,
		`"userId":"1234567890","parentId":"-1"`:         audit.AccountUnknown,
		`"userId":"sub@example.com","parentId":9876543`: audit.AccountUnknown,
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
	for authorities, want := range map[string]audit.State{
		`["stor"]`: audit.Denied, `["stow","xxow"]`: audit.Denied, `["trade"]`: audit.Unknown, `["readonly"]`: audit.Unknown,
		`[]`: audit.Unknown, `["smow"]`: audit.Unknown, `["STOR"]`: audit.Unknown, `null`: audit.Unknown,
	} {
		s, err := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"00000","data":{"authorities":` + authorities + `,"ips":""}}`)})
		require.NoError(t, err, authorities)
		assert.Equal(t, want, s.Grant(audit.Withdraw).State, authorities)
		assert.True(t, s.Can(audit.Read), authorities)
	}
	s, err := inspect(t, exchangetest.Spec{Permissions: []string{"stow", "xxow"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"xxow"}, s.Unmapped)
}
