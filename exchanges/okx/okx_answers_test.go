package okx_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/okx"
)

// TestNotUnderstood: a member of another type than documented could say anything, so
// the answer is none.
func TestNotUnderstood(t *testing.T) {
	for _, member := range []string{
		`"perm":["trade"],"ip":""`, `"perm":"read_only","ip":["198.51.100.20"]`, `"perm":"read_only","ip":"","mainUid":{}`,
		`"perm":"read_only","ip":"","type":true`, `"perm":"read_only","ip":"","label":[]`, `"perm":"read_only","ip":"","uid":{}`,
	} {
		spec := exchangetest.Spec{Answer: []byte(`{"code":"0","msg":"","data":[{` + member + `}]}`)}
		_, err := exchangetest.TryInspect(t, okx.Exchange, exchangetest.OKX(), spec)
		require.ErrorIs(t, err, access.KindNotUnderstood, member)
	}
	for _, data := range []string{`[]`, `[{"perm":"read_only"},{"perm":"withdraw"}]`, `null`, `{}`} {
		spec := exchangetest.Spec{Answer: []byte(`{"code":"0","msg":"","data":` + data + `}`)}
		_, err := exchangetest.TryInspect(t, okx.Exchange, exchangetest.OKX(), spec)
		require.ErrorIs(t, err, access.KindNotUnderstood, data)
	}
}

// TestHalfAnAccount: without the account's own number there is nothing to compare.
func TestHalfAnAccount(t *testing.T) {
	s := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"0","msg":"","data":[{"perm":"read_only","ip":"","mainUid":"1","type":"1"}]}`)})
	assert.Equal(t, access.AccountUnknown, s.Account.Kind)
	assert.Empty(t, s.Contradictions)
	s = inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"0","msg":"","data":[{"perm":"read_only","ip":"","uid":"1","mainUid":"1"}]}`)})
	assert.Equal(t, access.MainAccount, s.Account.Kind)
	assert.Empty(t, s.Contradictions, "the type is missing, and disagrees with nothing")
	s = inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"0","msg":"","data":[{"perm":"read_only","ip":"","uid":"1","type":"0"}]}`)})
	assert.Equal(t, access.MainAccount, s.Account.Kind)
	assert.Empty(t, s.Contradictions, "there is no other number to disagree")
}

// TestTimeZone: the timestamp is in UTC, wherever the program runs.
func TestTimeZone(t *testing.T) {
	fake := exchangetest.OKX()
	fake.SetClock(func() time.Time { return time.Now().In(time.FixedZone("far", 9*60*60)) })
	exchangetest.Inspect(t, okx.Exchange, fake, exchangetest.Spec{})
}
