package wire_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// TestPlainWords: a refusal that says plainly what is wrong is understood with
// whatever code; one that a table knows keeps that meaning.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	table := wire.Failures{wire.Is(access.KindBadKey, "7")}
	for message, want := range map[string]access.Kind{
		"missing required scopes": access.KindForbidden, "Permission denied.": access.KindForbidden, "Insufficient permissions": access.KindForbidden,
		"Service unavailable from a restricted location": access.KindGeoBlocked, "something else": access.KindNotUnderstood, "": access.KindNotUnderstood,
	} {
		answer := &adapter.Response{Status: http.StatusForbidden}
		assert.Equal(t, want.String(), table.Refusal(answer, "unknown", message).Kind.String(), message)
		assert.Equal(t, access.KindBadKey, table.Refusal(answer, "7", message).Kind, message)
		answer.Status = http.StatusTooManyRequests
		assert.Equal(t, access.KindRateLimited, table.Refusal(answer, "unknown", message).Kind, message)
	}
}
