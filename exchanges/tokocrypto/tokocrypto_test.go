package tokocrypto_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/tokocrypto"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, tokocrypto.Exchange, exchangetest.Tokocrypto)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, tokocrypto.Exchange, exchangetest.Tokocrypto) }

// TestNoAnswer: what says that it failed, or holds no assets, proves no read.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"success":false,"msg":"","data":{"accountAssets":[]}}`, `{"code":0,"data":{"accountAssets":null}}`, `{"code":0,"data":{"accountAssets":"none"}}`, `{"code":0,"data":null}`,
		`{"success":"perhaps","data":{"accountAssets":[]}}`,
	} {
		fake := exchangetest.Tokocrypto()
		key := audit.Key{Exchange: tokocrypto.Exchange, Credentials: fake.Issue(exchangetest.Spec{Answer: []byte(answer)})}
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
		require.ErrorIs(t, err, access.KindNotUnderstood, answer)
		assert.Empty(t, s.Grants, answer)
	}
}

// TestRefusedAddress: a code whose list is not known proves no allowlist.
func TestRefusedAddress(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"address, by route", "no such address"} {
		fake := exchangetest.Tokocrypto()
		key := audit.Key{Exchange: tokocrypto.Exchange, Credentials: fake.Issue(exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: refusal}}})}
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
		require.Error(t, err, refusal)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, refusal)
	}
}
