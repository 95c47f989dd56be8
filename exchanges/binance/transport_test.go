package binance

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// recorder takes the place of the transport.
type recorder struct{ query string }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.query = req.URL.RawQuery
	return nil, errors.New("recorded")
}

// TestPlaceholder: go-binance signs with the placeholder, and holds no secret.
func TestPlaceholder(t *testing.T) {
	fake := exchangetest.Binance()
	credentials := fake.Issue(exchangetest.Spec{})
	own := *Exchange
	looked := false
	own.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
		through := &transport{session: s}
		client := newClient(s, through)
		assert.Equal(t, placeholder, client.SecretKey)
		assert.Same(t, through, client.HTTPClient.Transport)
		for _, canary := range fake.Canaries() {
			assert.NotContains(t, fmt.Sprintf("%+v %#v", client, client), canary)
		}
		seen := &recorder{}
		client.HTTPClient.Transport = seen
		_, err := client.NewGetAPIKeyPermission().Do(ctx)
		require.Error(t, err)
		query, signature, ok := strings.Cut(seen.query, "&signature=")
		assert.True(t, ok)
		mac := hmac.New(sha256.New, []byte(placeholder))
		mac.Write([]byte(query))
		assert.Equal(t, hex.EncodeToString(mac.Sum(nil)), signature)
		looked = true
		return inspect(ctx, s)
	}
	_, err := audit.Inspect(t.Context(), audit.Key{Exchange: &own, Credentials: credentials}, &audit.Options{Transport: fake})
	require.NoError(t, err)
	assert.True(t, looked)
}
