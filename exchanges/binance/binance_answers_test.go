package binance

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestWrongTypes: a member of another type than documented could say anything, so the
// answer is none.
func TestWrongTypes(t *testing.T) {
	for _, member := range []string{`"createTime":"soon"`, `"tradingAuthorityExpirationTime":true`, `"ipRestrict":"perhaps"`, `"enableReading":"yes"`} {
		answer := `{"enableWithdrawals":false,"enableInternalTransfer":false,"permitsUniversalTransfer":false,` + member + `}`
		_, err := exchangetest.TryInspect(t, Exchange, exchangetest.Binance(), exchangetest.Spec{Answer: []byte(answer)})
		require.ErrorIs(t, err, access.KindNotUnderstood, member)
	}
}

// TestNoPermissionReported: an answer that names none of them is not about a key.
func TestNoPermissionReported(t *testing.T) {
	for _, answer := range []string{`{}`, `{"ipRestrict":true}`, `{"ipRestrict":true,"enableTeleport":true}`} {
		_, err := exchangetest.TryInspect(t, Exchange, exchangetest.Binance(), exchangetest.Spec{Answer: []byte(answer)})
		require.ErrorIs(t, err, access.KindNotUnderstood, answer)
	}
}

// TestReadsAnyway: the answer itself proves the right to read, whatever it says of it.
func TestReadsAnyway(t *testing.T) {
	for _, flag := range []string{`"enableReading":false,`, `"enableReading":null,`, ``, `"enableReading":true,`} {
		s := exchangetest.Inspect(t, Exchange, exchangetest.Binance(), exchangetest.Spec{Answer: []byte(`{` + flag + `"enableWithdrawals":false,"ipRestrict":true}`)})
		assert.True(t, s.Can(access.Read), flag)
	}
}

// TestForbidden: a 403 with an answer of the exchange says no more than that; a 418 is a
// ban, whatever it says.
func TestForbidden(t *testing.T) {
	for body, status := range map[string]int{`{"code":-2014,"msg":"API-key format invalid."}`: 403, `{"code":-1002}`: 403, `{"code":-1003}`: 418, "no": 418} {
		reply := exchangetest.Reply{Status: status, Body: body}
		_, err := exchangetest.TryInspect(t, Exchange, exchangetest.Binance(), exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &reply, Times: -1}}})
		var failure *access.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, status == 418, failure.Kind == access.KindBanned, "%s: %s", body, failure.Kind)
	}
}
