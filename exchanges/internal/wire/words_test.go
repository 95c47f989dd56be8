package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

func TestWords(t *testing.T) {
	t.Parallel()
	words := wire.Words{wire.Is(access.KindBadKey, "key"), wire.Is(access.KindNonce, "nonce")}
	for _, test := range []struct {
		status     int
		message    string
		kind       access.Kind
		candidates []access.Kind
	}{
		{200, "Invalid Key.", access.KindBadKey, nil},
		{200, "nonce, nonce!", access.KindNonce, nil},
		{400, "wrong key or nonce", access.KindAmbiguous, []access.Kind{access.KindBadKey, access.KindNonce}},
		{200, "turkeys", access.KindNotUnderstood, nil},
		{200, "", access.KindNotUnderstood, nil},
		{429, "key", access.KindRateLimited, nil},
		{503, "key", access.KindUnavailable, nil},
	} {
		e := words.Refusal(&adapter.Response{Status: test.status}, test.message)
		assert.Equal(t, test.kind, e.Kind, test.message)
		assert.Equal(t, test.candidates, e.Candidates, test.message)
		assert.Equal(t, test.message, e.Message)
		assert.Equal(t, test.status, e.Status)
	}
}

func TestReturned(t *testing.T) {
	t.Parallel()
	result, err := wire.CommonWords.Returned(&adapter.Response{Status: 200, Body: []byte(`{"success":1,"return":{"a":1}}`)})
	require.NoError(t, err)
	assert.True(t, result.Has("a"))
	for body, kind := range map[string]access.Kind{
		`{"success":0,"error":"invalid nonce"}`:               access.KindNonce,
		`{"error":"no permission"}`:                           access.KindForbidden,
		`{"success":1,"return":{},"error":"signature wrong"}`: access.KindBadSignature,
		`{"success":1}`:             access.KindNotUnderstood,
		`{"return":{}}`:             access.KindNotUnderstood,
		`{"success":1,"return":[]}`: access.KindNotUnderstood,
		`{"success":1,"success":0,"return":{},"error":"nonce"}`: access.KindNotUnderstood,
		`<html>`: access.KindNotUnderstood,
	} {
		_, err := wire.CommonWords.Returned(&adapter.Response{Status: 200, Body: []byte(body)})
		require.ErrorIs(t, err, kind, body)
	}
}
