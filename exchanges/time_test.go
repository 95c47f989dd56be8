package exchanges_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// timeless answers the first request, which is for the time, with a body of its own.
type timeless struct {
	*exchangetest.Fake
	status int
	body   string
	sent   int
}

func (c *timeless) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.sent++; c.sent > 1 {
		return c.Fake.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: c.status, Request: r, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(c.body)),
		ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// TestNoTimeNoNonce: at every exchange whose nonces are times, an answer without the time
// ends the inspection before the key is used: a nonce from a wrong clock could lock its
// bot out.
func TestNoTimeNoNonce(t *testing.T) {
	t.Parallel()
	fakes := map[string]*exchangetest.Fake{}
	for _, f := range exchangetest.All() {
		fakes[f.Name()] = f
	}
	asked := 0
	for _, e := range exchanges.All() {
		if !e.Needs.Nonce || e.ServerTime == nil {
			continue
		}
		asked++
		for _, answer := range []struct {
			status int
			body   string
		}{
			{200, ``},
			{200, `{}`},
			{200, `[]`},
			{200, `null`},
			{200, `{"error":[],"result":{}}`},
			{200, `{"error":[],"result":{"unixtime":"soon"}}`},
			{200, `{"error":[],"result":null}`},
			{200, `{"status":"ok"}`},
			{400, `{"code":-1,"msg":"no"}`},
			{404, ``},
			{200, `<html></html>`},
			{200, `{"timestamp":{}}`},
		} {
			c := &timeless{Fake: fakes[e.Name], status: answer.status, body: answer.body}
			key := audit.Key{Name: e.Name, Exchange: e, Credentials: fakes[e.Name].Issue(exchangetest.Spec{})}
			s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: c, Attempts: 1})
			require.Error(t, err, "%s: %d %s", e.Name, answer.status, answer.body)
			assert.Equal(t, 1, c.sent, "%s: %d %s: the key was used", e.Name, answer.status, answer.body)
			for _, g := range s.Grants {
				assert.NotEqual(t, access.Granted, g.State, e.Name)
			}
		}
	}
	assert.GreaterOrEqual(t, asked, 5)
}
