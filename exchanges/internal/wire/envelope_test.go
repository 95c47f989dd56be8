package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	table := wire.Failures{wire.Is(access.KindBadKey, "7")}
	for name, c := range map[string]struct {
		status  int
		body    string
		success []string
		kind    access.Kind
		ok      bool
	}{
		"success":                 {200, `{"code":"0","data":{}}`, []string{"0"}, 0, true},
		"success as a number":     {200, `{"code":0,"data":{}}`, []string{"0"}, 0, true},
		"no code, none expected":  {200, `{"data":{}}`, []string{"", "0"}, 0, true},
		"no code, one expected":   {200, `{"data":{}}`, []string{"0"}, access.KindNotUnderstood, false},
		"null code":               {200, `{"code":null,"data":{}}`, []string{"", "0"}, access.KindNotUnderstood, false},
		"empty code":              {200, `{"code":"","data":{}}`, []string{"", "0"}, access.KindNotUnderstood, false},
		"odd code":                {200, `{"code":{},"data":{}}`, []string{"", "0"}, access.KindNotUnderstood, false},
		"known code":              {200, `{"code":7,"msg":"no such key"}`, []string{"0"}, access.KindBadKey, false},
		"success with status 400": {400, `{"code":"0","data":{}}`, []string{"0"}, access.KindNotUnderstood, false},
		"unavailable":             {503, `{"code":"9"}`, []string{"0"}, access.KindUnavailable, false},
		"a page":                  {403, `<html>`, []string{"0"}, access.KindAmbiguous, false},
	} {
		_, err := table.Open(&adapter.Response{Status: c.status, Body: []byte(c.body)}, "msg", c.success...)
		if c.ok {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, c.kind, name)
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	table := wire.Failures{}
	data, err := table.Data(&adapter.Response{Status: 200, Body: []byte(`{"code":0,"data":{"a":1}}`)}, "msg", "0")
	require.NoError(t, err)
	assert.True(t, data.Has("a"))
	for _, body := range []string{`{"code":0}`, `{"code":0,"data":[]}`, `{"code":0,"data":null}`, `{"code":1,"data":{}}`} {
		_, err = table.Data(&adapter.Response{Status: 200, Body: []byte(body)}, "msg", "0")
		require.ErrorIs(t, err, access.KindNotUnderstood, body)
	}
}
