package blofin_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/blofin"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, blofin.Exchange, exchangetest.BloFin) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, blofin.Exchange, exchangetest.BloFin) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, blofin.Exchange, exchangetest.BloFin(), spec)
}

func answer(members string) exchangetest.Spec {
	return exchangetest.Spec{Answer: []byte(`{"code":"0","msg":"success","data":{` + members + `}}`)}
}

// TestReadOnly: only the flag itself, switched on, denies anything.
func TestReadOnly(t *testing.T) {
	for members, want := range map[string]access.State{
		`"readOnly":1`:    access.Denied,
		`"readOnly":"1"`:  access.Denied,
		`"readOnly":0`:    access.Unknown,
		`"readOnly":"0"`:  access.Unknown,
		`"readOnly":null`: access.Unknown,
		``:                access.Unknown,
	} {
		s := inspect(t, answer(members))
		for _, c := range []access.Capability{access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal} {
			assert.Equal(t, want, s.Grant(c).State, "%s: %s", members, c)
		}
		assert.True(t, s.Can(access.Read), members)
	}
}

// TestOptionalFacts: what is missing or empty is not reported.
func TestOptionalFacts(t *testing.T) {
	for _, expire := range []string{`""`, `"0"`, `0`, `null`} {
		s := inspect(t, answer(`"readOnly":1,"expireTime":`+expire))
		assert.True(t, s.Expires.IsZero(), expire)
		assert.False(t, s.NeverExpires, expire)
	}
	for parent, want := range map[string]access.AccountKind{
		`"0"`: access.MainAccount, `0`: access.MainAccount, `"23100000001"`: access.SubAccount, `23100000001`: access.SubAccount,
		`""`: access.AccountUnknown, `null`: access.AccountUnknown, `"7"`: access.AccountUnknown, `"none-at-all"`: access.AccountUnknown,
	} {
		assert.Equal(t, want, inspect(t, answer(`"uid":"23100000007","parentUid":`+parent)).Account.Kind, parent)
	}
	for ips, want := range map[string]access.AllowlistState{
		`[]`: access.AllowlistUnrestricted, `["203.0.113.7"]`: access.AllowlistRestricted, `null`: access.AllowlistUnknown,
	} {
		assert.Equal(t, want, inspect(t, answer(`"ips":`+ips)).IPAllowlist.State, ips)
	}
}

// TestNumbers: the same facts as numbers.
func TestNumbers(t *testing.T) {
	spec := exchangetest.Spec{Permissions: []string{"TRADE"}, Label: "bot", SubAccount: true}
	want := inspect(t, spec)
	spec.Options = map[string]string{"edition": "numbers"}
	got := inspect(t, spec)
	assert.Equal(t, want.Account, got.Account)
	assert.Equal(t, want.Grants, got.Grants)
	assert.Equal(t, want.Created.IsZero(), got.Created.IsZero())
}

// TestThirdParty: such a key may be restricted to IP addresses that aren't the
// owner's.
func TestThirdParty(t *testing.T) {
	s := inspect(t, exchangetest.Spec{IPs: []string{"198.51.100.20"}, Options: map[string]string{"type": "2"}})
	assert.NotEmpty(t, s.IPAllowlist.Vendor)
	assert.Len(t, s.Notes, 1)
}
