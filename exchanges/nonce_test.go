package exchanges_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// client is another client of a key: a bot, whose nonce is the time in this unit.
// request writes what it sends, from the exchange's documentation.
type client struct {
	unit    time.Duration
	request func(c audit.Credentials, nonce int64) (url, body string, header map[string]string)
}

func keyedHash(h func() hash.Hash, key, text string) []byte {
	m := hmac.New(h, []byte(key))
	m.Write([]byte(text))
	return m.Sum(nil)
}

// form is how BTC-e's heirs are asked.
func form(url, method string) func(audit.Credentials, int64) (string, string, map[string]string) {
	return func(c audit.Credentials, nonce int64) (string, string, map[string]string) {
		body := fmt.Sprintf("method=%s&nonce=%d", method, nonce)
		return url, body, map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Key": c.Key, "Sign": hex.EncodeToString(keyedHash(sha512.New, c.Secret.Reveal(), body)),
		}
	}
}

// clients of the exchanges whose requests carry a growing nonce, each with the
// smallest unit that its clients use.
var clients = map[string]client{
	"bitfinex": {time.Millisecond, func(c audit.Credentials, nonce int64) (string, string, map[string]string) {
		text := fmt.Sprintf("/api/v2/auth/r/permissions%d{}", nonce)
		return "https://api.bitfinex.com/v2/auth/r/permissions", "{}", map[string]string{
			"Content-Type": "application/json", "bfx-apikey": c.Key, "bfx-nonce": fmt.Sprint(nonce),
			"bfx-signature": hex.EncodeToString(keyedHash(sha512.New384, c.Secret.Reveal(), text)),
		}
	}},
	"coinspot": {time.Second, func(c audit.Credentials, nonce int64) (string, string, map[string]string) {
		body := fmt.Sprintf(`{"nonce":%d}`, nonce)
		return "https://www.coinspot.com.au/api/v2/ro/status", body, map[string]string{
			"Content-Type": "application/json", "key": c.Key, "sign": hex.EncodeToString(keyedHash(sha512.New, c.Secret.Reveal(), body)),
		}
	}},
	"gemini": {time.Second, func(c audit.Credentials, nonce int64) (string, string, map[string]string) {
		payload := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"request":"/v1/roles","nonce":%d}`, nonce))
		return "https://api.gemini.com/v1/roles", "", map[string]string{
			"Content-Type": "text/plain", "X-GEMINI-APIKEY": c.Key, "X-GEMINI-PAYLOAD": payload,
			"X-GEMINI-SIGNATURE": hex.EncodeToString(keyedHash(sha512.New384, c.Secret.Reveal(), payload)),
		}
	}},
	"kraken": {time.Millisecond, func(c audit.Credentials, nonce int64) (string, string, map[string]string) {
		body, path := fmt.Sprintf("nonce=%d", nonce), "/0/private/GetApiKeyInfo"
		secret, _ := base64.StdEncoding.DecodeString(c.Secret.Reveal())
		inner := sha256.Sum256(fmt.Appendf(nil, "%d%s", nonce, body))
		return "https://api.kraken.com" + path, body, map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "API-Key": c.Key,
			"API-Sign": base64.StdEncoding.EncodeToString(keyedHash(sha512.New, string(secret), path+string(inner[:]))),
		}
	}},
	"yobit": {time.Second, form("https://yobit.net/tapi", "getInfo")},
	"zaif":  {time.Second, form("https://api.zaif.jp/tapi", "get_info2")},
}

// asks sends the client's request at the exchange's own time, and reports what is
// answered; ok is a request like the audit's, which the exchange accepts.
func (c client) asks(t *testing.T, fake *exchangetest.Fake, key audit.Credentials) (answer string, ok bool) {
	t.Helper()
	url, body, header := c.request(key, time.Now().UnixNano()/int64(c.unit))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := fake.RoundTrip(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	refused := resp.StatusCode != http.StatusOK || strings.Contains(strings.ToLower(string(text)), "nonce") && !strings.Contains(string(text), "nonceWindow")
	return string(text), !refused
}

// TestNextClient: what an audit leaves behind never locks a bot out. At every
// exchange whose requests carry a nonce the key's next client succeeds at once after
// one audit, and after four that were begun together, whatever this machine's clock
// says.
func TestNextClient(t *testing.T) {
	for _, e := range exchanges.All() {
		if !e.Needs.Nonce {
			continue
		}
		next, known := clients[e.Name]
		require.True(t, known, "%s carries a nonce: add a client of it", e.Name)
		for _, off := range []time.Duration{0, 1500 * time.Millisecond, -1500 * time.Millisecond} {
			for _, audits := range []int{1, 4} {
				for _, into := range []time.Duration{0, 999 * time.Millisecond} { // how far the second has gone
					t.Run(fmt.Sprintf("%s, %s off, %d at once, %s into a second", e.Name, off, audits, into), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { nextClient(t, e, next, off, audits, into) })
					})
				}
			}
		}
	}
}

func nextClient(t *testing.T, e *adapter.Exchange, next client, off time.Duration, audits int, into time.Duration) {
	t.Helper()
	time.Sleep(into)
	fake := fakeOf(t, e.Name)
	key := audit.Key{Exchange: e, Credentials: fake.Issue(exchangetest.Spec{})}
	answer, ok := next.asks(t, fake, key.Credentials)
	require.True(t, ok, "the client itself is refused: %s", answer)
	time.Sleep(3 * time.Second) // the bot is idle
	var all sync.WaitGroup
	for range audits {
		all.Go(func() {
			_, err := audit.Assess(t.Context(), key, &audit.Options{
				Transport: fake, Attempts: 1, Clock: func() time.Time { return time.Now().Add(off) },
			})
			assert.NoError(t, err)
		})
	}
	all.Wait()
	answer, ok = next.asks(t, fake, key.Credentials)
	assert.True(t, ok, "the key's next client is refused: %s", answer)
}

// TestClientsNotice: a client is refused whose nonce an audit has used.
func TestClientsNotice(t *testing.T) {
	for name, c := range clients {
		fake := fakeOf(t, name)
		key := fake.Issue(exchangetest.Spec{})
		late := c
		late.unit = c.unit / 10 // ten times as large
		_, ok := late.asks(t, fake, key)
		require.True(t, ok || name == "yobit", name) // which has a largest nonce
		if _, again := c.asks(t, fake, key); ok {
			assert.False(t, again, name)
		}
	}
}

func fakeOf(t *testing.T, name string) *exchangetest.Fake {
	t.Helper()
	for _, fake := range exchangetest.All() {
		if fake.Name() == name {
			return fake
		}
	}
	t.Fatal("no fake of " + name)
	return nil
}
