package wire_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

func TestParseStrings(t *testing.T) {
	t.Parallel()
	got, err := wire.ParseStrings([]byte(`["a","b"]`))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, got)
	for _, text := range []string{"", "null", "{}", `["a",null]`, `["a",1]`, `["a"`, `["a"]["b"]`} {
		_, err := wire.ParseStrings([]byte(text))
		assert.Error(t, err, text)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	o, err := wire.Parse([]byte(`{"a":1,"b":false,"c":null,"d":"1"}`))
	require.NoError(t, err)
	assert.Equal(t, map[string]access.State{"a": access.Granted, "b": access.Denied, "d": access.Granted}, o.Flags())
	require.NoError(t, o.Err())
	o, err = wire.Parse([]byte(`{"a":1,"b":"maybe"}`))
	require.NoError(t, err)
	o.Flags()
	require.Error(t, o.Err())
}

func TestWords(t *testing.T) {
	t.Parallel()
	words := wire.Words{"key": access.KindBadKey, "nonce": access.KindNonce}
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
	result, refusal := wire.CommonWords.Returned(&adapter.Response{Status: 200, Body: []byte(`{"success":1,"return":{"a":1}}`)})
	require.Nil(t, refusal)
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
		_, refusal := wire.CommonWords.Returned(&adapter.Response{Status: 200, Body: []byte(body)})
		require.NotNil(t, refusal, body)
		assert.Equal(t, kind, refusal.Kind, body)
	}
}

func TestForeign(t *testing.T) {
	t.Parallel()
	assert.Equal(t, access.KindAmbiguous, wire.Foreign(&adapter.Response{Status: 403}, nil).Kind)
	assert.Equal(t, access.KindUnavailable, wire.Foreign(&adapter.Response{Status: 502}, nil).Kind)
	assert.Equal(t, access.KindNotUnderstood, wire.Foreign(&adapter.Response{Status: 200}, nil).Kind)
}

func TestDate(t *testing.T) {
	t.Parallel()
	header := http.Header{"Date": {"Mon, 01 Jun 2026 12:00:00 GMT"}}
	body := []byte("{}")
	at, err := wire.Date(&adapter.Response{Status: 200, Header: header, Body: body})
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC), at.UTC())
	_, err = wire.Date(&adapter.Response{Status: 503, Header: header, Body: body})
	require.ErrorIs(t, err, access.KindUnavailable)
	_, err = wire.Date(&adapter.Response{Status: 200, Body: body})
	require.ErrorIs(t, err, access.KindNotUnderstood)
	_, err = wire.Date(&adapter.Response{Status: 200, Header: header, Body: []byte("<html>")})
	require.ErrorIs(t, err, access.KindNotUnderstood)
}
