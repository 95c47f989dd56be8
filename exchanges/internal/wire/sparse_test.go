package wire_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
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
	assert.Equal(t, map[string]audit.State{"a": audit.Granted, "b": audit.Denied, "d": audit.Granted}, o.Flags())
	require.NoError(t, o.Err())
	o, err = wire.Parse([]byte(`{"a":1,"b":"maybe"}`))
	require.NoError(t, err)
	o.Flags()
	require.Error(t, o.Err())
}

func TestWords(t *testing.T) {
	t.Parallel()
	words := wire.Words{"key": audit.KindBadKey, "nonce": audit.KindNonce}
	for _, test := range []struct {
		status     int
		message    string
		kind       audit.Kind
		candidates []audit.Kind
	}{
		{200, "Invalid Key.", audit.KindBadKey, nil},
		{200, "nonce, nonce!", audit.KindNonce, nil},
		{400, "wrong key or nonce", audit.KindAmbiguous, []audit.Kind{audit.KindBadKey, audit.KindNonce}},
		{200, "turkeys", audit.KindNotUnderstood, nil},
		{200, "", audit.KindNotUnderstood, nil},
		{429, "key", audit.KindRateLimited, nil},
		{503, "key", audit.KindUnavailable, nil},
	} {
		e := words.Refusal(&audit.Response{Status: test.status}, test.message)
		assert.Equal(t, test.kind, e.Kind, test.message)
		assert.Equal(t, test.candidates, e.Candidates, test.message)
		assert.Equal(t, test.message, e.Message)
		assert.Equal(t, test.status, e.Status)
	}
}

func TestReturned(t *testing.T) {
	t.Parallel()
	result, refusal := wire.CommonWords.Returned(&audit.Response{Status: 200, Body: []byte(`{"success":1,"return":{"a":1}}`)})
	require.Nil(t, refusal)
	assert.True(t, result.Has("a"))
	for body, kind := range map[string]audit.Kind{
		`{"success":0,"error":"invalid nonce"}`:               audit.KindNonce,
		`{"error":"no permission"}`:                           audit.KindForbidden,
		`{"success":1,"return":{},"error":"signature wrong"}`: audit.KindBadSignature,
		`{"success":1}`:             audit.KindNotUnderstood,
		`{"return":{}}`:             audit.KindNotUnderstood,
		`{"success":1,"return":[]}`: audit.KindNotUnderstood,
		`{"success":1,"success":0,"return":{},"error":"nonce"}`: audit.KindNotUnderstood,
		`<html>`: audit.KindNotUnderstood,
	} {
		_, refusal := wire.CommonWords.Returned(&audit.Response{Status: 200, Body: []byte(body)})
		require.NotNil(t, refusal, body)
		assert.Equal(t, kind, refusal.Kind, body)
	}
}

func TestForeign(t *testing.T) {
	t.Parallel()
	assert.Equal(t, audit.KindAmbiguous, wire.Foreign(&audit.Response{Status: 403}, nil).Kind)
	assert.Equal(t, audit.KindUnavailable, wire.Foreign(&audit.Response{Status: 502}, nil).Kind)
	assert.Equal(t, audit.KindNotUnderstood, wire.Foreign(&audit.Response{Status: 200}, nil).Kind)
}

func TestDate(t *testing.T) {
	t.Parallel()
	header := http.Header{"Date": {"Mon, 01 Jun 2026 12:00:00 GMT"}}
	body := []byte("{}")
	at, err := wire.Date(&audit.Response{Status: 200, Header: header, Body: body})
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC), at.UTC())
	_, err = wire.Date(&audit.Response{Status: 503, Header: header, Body: body})
	require.ErrorIs(t, err, audit.KindUnavailable)
	_, err = wire.Date(&audit.Response{Status: 200, Body: body})
	require.ErrorIs(t, err, audit.KindNotUnderstood)
	_, err = wire.Date(&audit.Response{Status: 200, Header: header, Body: []byte("<html>")})
	require.ErrorIs(t, err, audit.KindNotUnderstood)
}
