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
	table := wire.Failures{"7": wire.Is(access.KindBadKey)}
	for name, c := range map[string]struct {
		status  int
		body    string
		success []string
		kind    access.Kind
		ok      bool
	}{
		"success":               {200, `{"code":"0","data":{}}`, []string{"0"}, 0, true},
		"success as a number":   {200, `{"code":0,"data":{}}`, []string{"0"}, 0, true},
		"no code, and none due": {200, `{"data":{}}`, []string{"", "0"}, 0, true},
		"no code, and one due":  {200, `{"data":{}}`, []string{"0"}, access.KindNotUnderstood, false},
		"null code":             {200, `{"code":null,"data":{}}`, []string{"", "0"}, access.KindNotUnderstood, false},
		"empty code":            {200, `{"code":"","data":{}}`, []string{"", "0"}, access.KindNotUnderstood, false},
		"odd code":              {200, `{"code":{},"data":{}}`, []string{"", "0"}, access.KindNotUnderstood, false},
		"known code":            {200, `{"code":7,"msg":"no such key"}`, []string{"0"}, access.KindBadKey, false},
		"success that is none":  {400, `{"code":"0","data":{}}`, []string{"0"}, access.KindNotUnderstood, false},
		"unavailable":           {503, `{"code":"9"}`, []string{"0"}, access.KindUnavailable, false},
		"a page":                {403, `<html>`, []string{"0"}, access.KindAmbiguous, false},
	} {
		_, refusal := table.Open(&adapter.Response{Status: c.status, Body: []byte(c.body)}, "msg", c.success...)
		if c.ok {
			assert.Nil(t, refusal, name)
			continue
		}
		require.NotNil(t, refusal, name)
		assert.Equal(t, c.kind, refusal.Kind, name)
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	table := wire.Failures{}
	data, refusal := table.Data(&adapter.Response{Status: 200, Body: []byte(`{"code":0,"data":{"a":1}}`)}, "msg", "0")
	require.Nil(t, refusal)
	assert.True(t, data.Has("a"))
	for _, body := range []string{`{"code":0}`, `{"code":0,"data":[]}`, `{"code":0,"data":null}`, `{"code":1,"data":{}}`} {
		_, refusal = table.Data(&adapter.Response{Status: 200, Body: []byte(body)}, "msg", "0")
		require.NotNil(t, refusal, body)
		assert.Equal(t, access.KindNotUnderstood, refusal.Kind, body)
	}
}
