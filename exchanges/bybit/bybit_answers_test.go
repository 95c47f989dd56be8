package bybit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestMissingPermissions: without the lists the switch alone proves nothing.
func TestMissingPermissions(t *testing.T) {
	t.Parallel()
	for _, result := range []string{`"readOnly":1`, `"readOnly":0`, `"readOnly":1,"permissions":null`} {
		snap := inspect(t, exchangetest.Spec{Answer: []byte(`{"retCode":0,"retMsg":"","result":{"ips":["198.51.100.20"],` + result + `}}`)})
		for _, c := range []access.Capability{access.TradeSpot, access.Withdraw, access.TransferInternal, access.APIKeyManage} {
			assert.Equal(t, access.Unknown, snap.Grant(c).State, "%s: %s", result, c)
		}
		assert.True(t, snap.Can(access.Read), result)
	}
}

// TestNotUnderstood: a member of another type than documented could say anything, so
// the answer is none.
func TestNotUnderstood(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`"result":{"permissions":"Wallet"}`, `"result":{"permissions":{"Wallet":true}}`, `"result":{"permissions":{},"readOnly":"never"}`,
		`"result":{"permissions":{},"ips":"*"}`, `"result":{"permissions":{},"note":[]}`, `"result":{"permissions":{},"type":"app"}`,
		`"result":{"permissions":{},"isMaster":"perhaps"}`, `"result":{"permissions":{},"createdAt":"soon"}`, `"result":[]`, `"result":null`, `"time":1`,
	} {
		_, err := exchangetest.TryInspect(t, bybit.Exchange, exchangetest.Bybit(), exchangetest.Spec{Answer: []byte(`{"retCode":0,"retMsg":"",` + answer + `}`)})
		require.ErrorIs(t, err, access.KindNotUnderstood, answer)
	}
}

// TestUnauthorized: only an empty 401 is the answer for an unknown key.
func TestUnauthorized(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{"": true, "sorry": false, `{"retCode":10010,"retMsg":"Unmatched IP"}`: false} {
		reply := exchangetest.Reply{Status: 401, Body: body}
		_, err := exchangetest.TryInspect(t, bybit.Exchange, exchangetest.Bybit(), exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &reply, Times: -1}}})
		var failure *access.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, want, failure.Kind == access.KindBadKey, "%q: %s", body, failure.Kind)
	}
}

// TestStatus: what looks like an answer counts with the status of one.
func TestStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 206, 400, 500} {
		reply := exchangetest.Reply{Status: status, Body: `{"retCode":0,"retMsg":"","result":{"permissions":{}}}`}
		_, err := exchangetest.TryInspect(t, bybit.Exchange, exchangetest.Bybit(), exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &reply}}})
		require.Error(t, err, status)
	}
}

// TestNoDeadline: a key that is reported never to expire has no deadline, with a list
// or without.
func TestNoDeadline(t *testing.T) {
	t.Parallel()
	for expires, deadlines := range map[string]int{"1970-01-01T00:00:00Z": 0, "2099-01-01T00:00:00Z": 1, "": 1} {
		snap := inspect(t, exchangetest.Spec{Answer: []byte(`{"retCode":0,"retMsg":"","result":{"permissions":{},"ips":["*"],"expiredAt":"` + expires + `"}}`)})
		assert.Len(t, snap.Deadlines, deadlines, expires)
		assert.Equal(t, deadlines == 0, snap.NeverExpires, expires)
	}
	for _, ips := range []string{`["198.51.100.20"]`, `["somewhere"]`, `null`} {
		snap := inspect(t, exchangetest.Spec{Answer: []byte(`{"retCode":0,"retMsg":"","result":{"permissions":{},"ips":` + ips + `,"expiredAt":"2099-01-01T00:00:00Z"}}`)})
		assert.Empty(t, snap.Deadlines, ips)
	}
}

// TestReadOnlyManagesNothing: a read-only key without a Wallet permission manages no
// keys.
func TestReadOnlyManagesNothing(t *testing.T) {
	t.Parallel()
	snap := inspect(t, exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, Options: map[string]string{"readOnly": "1"}})
	assert.Equal(t, access.Denied, snap.Grant(access.APIKeyManage).State)
	assert.Equal(t, access.Denied, snap.Grant(access.SubaccountManage).State)
}

// TestEntryWithoutAName: it may be any permission of its group, and of no other.
func TestEntryWithoutAName(t *testing.T) {
	t.Parallel()
	snap := inspect(t, exchangetest.Spec{Answer: []byte(
		`{"retCode":0,"retMsg":"","result":{"readOnly":0,"ips":["198.51.100.20"],"permissions":{"Wallet":[""],"Spot":["SpotTrade"],"Exchange":[]}}}`,
	)})
	assert.NotEqual(t, access.Denied, snap.Grant(access.Withdraw).State)
	assert.NotEqual(t, access.Denied, snap.Grant(access.TransferInternal).State)
	assert.True(t, snap.Can(access.TradeSpot))
}

// TestNamelessUnderEitherName: an entry without a name may be any right of its group, under
// whichever of the group's two names it stands.
func TestNamelessUnderEitherName(t *testing.T) {
	t.Parallel()
	for _, groups := range []string{
		`"FiatBybitPay":[""],"FiatBitPay":[]`, `"FiatBitPay":[""],"FiatBybitPay":[]`, `"FiatBitPay":[],"FiatBybitPay":[""]`, `"FiatBitPay":[""]`,
	} {
		snap := inspect(t, exchangetest.Spec{Answer: []byte(`{"retCode":0,"retMsg":"","result":{"readOnly":0,"permissions":{"Spot":["SpotTrade"],` + groups + `}}}`)})
		assert.Equal(t, access.Unknown, snap.Grant(access.Other("pay")).State, groups)
	}
}
