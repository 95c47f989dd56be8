package tokocrypto_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/tokocrypto"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, tokocrypto.Exchange, exchangetest.Tokocrypto)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, tokocrypto.Exchange, exchangetest.Tokocrypto) }

// TestNoAnswer: an answer that says it failed, or has no assets, proves nothing.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"success":false,"msg":"","data":{"accountAssets":[]}}`, `{"code":0,"data":{"accountAssets":null}}`, `{"code":0,"data":{"accountAssets":"none"}}`, `{"code":0,"data":null}`,
		`{"success":"perhaps","data":{"accountAssets":[]}}`,
	} {
		s, err := exchangetest.TryInspect(t, tokocrypto.Exchange, exchangetest.Tokocrypto(), exchangetest.Spec{Answer: []byte(answer)})
		require.ErrorIs(t, err, access.KindNotUnderstood, answer)
		assert.Empty(t, s.Grants, answer)
	}
}

// TestRefusedAddress: a code that may be about another list proves no IP allowlist
// of the key.
func TestRefusedAddress(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"address, by route", "no such address"} {
		s, err := exchangetest.TryInspect(t, tokocrypto.Exchange, exchangetest.Tokocrypto(), exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: refusal}}})
		require.Error(t, err, refusal)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, refusal)
	}
}
