package exchangetest

import (
	"crypto/sha512"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhiteBITClients: a nonce is a number or text; it must grow, or, with the
// window, be close to the time.
func TestWhiteBITClients(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]string{
		`"nonce":"1795000000000","nonceWindow":false`: "main_balance",
		`"nonce":1795000000000`:                       "main_balance",
		`"nonce":1795000000`:                          "Too many requests.",
		`"nonce":1795000000000,"nonceWindow":true`:    "main_balance",
		`"nonce":1795000000,"nonceWindow":true`:       "nonce more than 5 seconds",
		`"nonce":null`:                                "Invalid payload",
	} {
		fake := WhiteBIT()
		fake.keys["key"] = &Issued{ID: "key", Secret: "secret", Nonce: 1794999999000}
		fake.SetClock(func() time.Time { return time.UnixMilli(1795000000000) })
		const path = "/api/v4/main-account/balance"
		body := `{"request":"` + path + `",` + members + `}`
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://whitebit.com"+path, strings.NewReader(body))
		require.NoError(t, err)
		payload := base64.StdEncoding.EncodeToString([]byte(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-TXC-APIKEY", "key")
		r.Header.Set("X-TXC-PAYLOAD", payload)
		r.Header.Set("X-TXC-SIGNATURE", hmacHex(sha512.New, "secret", payload))
		resp, err := fake.RoundTrip(r)
		require.NoError(t, err)
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Contains(t, string(answer), want, members)
	}
}
