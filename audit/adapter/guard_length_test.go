package adapter_test

import (
	"math"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// TestLengthIsAClaim: what an answer says of its length reserves no memory.
func TestLengthIsAClaim(t *testing.T) {
	for _, length := range []int64{-1, 0, 1, 1 << 20, 1 << 40, math.MaxInt64} {
		_, err := inspectToy(t, toyKey(), via(func(*http.Request) (*http.Response, error) {
			resp := reply(http.StatusOK, "ok")
			resp.ContentLength = length
			return resp, nil
		}))
		require.Nil(t, err, length)
	}
}

// TestElsewhereIsSaid: a request that would lead elsewhere is refused by that name.
func TestElsewhereIsSaid(t *testing.T) {
	fake := &toyFake{}
	key := toyKey()
	key.Exchange.Calls[0].Path = "@evil.example/key"
	key.Exchange.Inspect = sends(adapter.Request{Method: http.MethodGet, Path: "@evil.example/key"})
	_, err := inspectToy(t, key, fake)
	require.ErrorIs(t, err, access.KindGuard)
	assert.Contains(t, err.Message, "leads elsewhere")
	assert.Zero(t, fake.count())
}
