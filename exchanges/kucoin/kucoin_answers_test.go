package kucoin_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kucoin"
)

// TestNotUnderstood: an answer without its data, or with a member of another type than
// documented, is none.
func TestNotUnderstood(t *testing.T) {
	for _, answer := range []string{
		`"code":"200000"`, `"code":"200000","data":null`, `"code":"200000","data":[]`, `"code":"200000","data":{"permission":true}`,
		`"code":"200000","data":{"ipWhitelist":{}}`, `"code":"200000","data":{"isMaster":"perhaps"}`, `"code":"200000","data":{"createdAt":"soon"}`,
		`"code":"200000","data":{"remark":[]}`, `"code":"200000","data":{"apiVersion":"new"}`, `"code":"200000","data":{"thirdPartyApp":{}}`,
	} {
		_, err := exchangetest.TryInspect(t, kucoin.Exchange, exchangetest.KuCoin(), exchangetest.Spec{Answer: []byte(`{` + answer + `}`)})
		require.ErrorIs(t, err, access.KindNotUnderstood, answer)
	}
}

// TestNoVersion: an answer without a version says nothing about the key's age.
func TestNoVersion(t *testing.T) {
	s := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"200000","data":{"permission":"General","isMaster":false}}`)})
	assert.NotContains(t, s.Notes, "The key has an old version: new keys have version 3.")
}

// TestRetiredVersion: keys of version 1 are retired, others are not.
func TestRetiredVersion(t *testing.T) {
	for version, retired := range map[string]bool{"1": true, "2": false, "3": false} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"200000","data":{"permission":"General","isMaster":false,"apiVersion":` + version + `}}`)})
		assert.Equal(t, retired, s.Retired != "", version)
	}
}

// TestResetHeader: the header comes with every answer, and only a refusal for too many
// requests is about it.
func TestResetHeader(t *testing.T) {
	reply := exchangetest.Reply{Status: 401, Header: map[string]string{"gw-ratelimit-reset": "250"}, Body: `{"code":"400003","msg":"KC-API-KEY not exists"}`}
	_, err := exchangetest.TryInspect(t, kucoin.Exchange, exchangetest.KuCoin(), exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &reply}}})
	var failure *access.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, access.KindBadKey, failure.Kind)
	assert.Zero(t, failure.RetryAfter)
}
