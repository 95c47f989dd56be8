package exchangetest

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBinancePrimitive: the log-on example of fix-api.md, the exchange's only
// correct Ed25519 sample.
func TestBinancePrimitive(t *testing.T) {
	t.Parallel()
	private, ok := privateFrom(armour("MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u")).(ed25519.PrivateKey)
	require.True(t, ok)
	const signature = "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA=="
	payload := strings.Join([]string{"A", "EXAMPLE", "SPOT", "1", "20240627-11:17:25.223"}, "\x01")
	assert.Equal(t, signature, base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(payload))))
	k := &Issued{PublicKey: publicOf(private)}
	assert.True(t, binanceSigned(k, payload, signature))
	assert.False(t, binanceSigned(k, payload+"1", signature))
}

const binanceStamp = 1767225600000 // 2026-01-01

// askBinance sends a signed query to a fake whose clock is off by so many
// milliseconds, and returns status and body.
func askBinance(t *testing.T, base, query string, off int64) (int, string) {
	t.Helper()
	fake := Binance()
	fake.SetClock(func() time.Time { return time.UnixMilli(binanceStamp + off) })
	fake.keys["key"] = &Issued{ID: "key", Secret: "secret"}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"?"+query, nil)
	require.NoError(t, err)
	r.Header.Set("X-MBX-APIKEY", "key")
	resp, err := fake.RoundTrip(r)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

func binanceQuery(payload string, spell func(string) string) string {
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(payload))
	return payload + "&signature=" + spell(hex.EncodeToString(mac.Sum(nil)))
}

// TestBinanceClock: timestamp < serverTime + 1000 and serverTime − timestamp
// <= recvWindow, at the edges.
func TestBinanceClock(t *testing.T) {
	t.Parallel()
	query := binanceQuery("recvWindow=5000&timestamp=1767225600000", strings.ToLower)
	for off, want := range map[int64]int{0: 200, 5000: 200, 5001: 400, -999: 200, -1000: 400} {
		status, body := askBinance(t, "https://api.binance.com"+binanceIntrospection, query, off)
		assert.Equal(t, want, status, "%d ms: %s", off, body)
	}
}

// TestBinanceVariants: what other clients send is accepted too, and a window
// that is too large is not.
func TestBinanceVariants(t *testing.T) {
	t.Parallel()
	const base = "https://api.binance.com" + binanceIntrospection
	for payload, want := range map[string]int{
		"timestamp=1767225600000":                      200,
		"timestamp=1767225600000000":                   200, // microseconds
		"timestamp=1767225600000&recvWindow=10000.125": 200,
		"timestamp=1767225600000&recvWindow=60001":     400,
		"recvWindow=5000":                              400,
	} {
		status, body := askBinance(t, base, binanceQuery(payload, strings.ToUpper), 0)
		assert.Equal(t, want, status, "%s: %s", payload, body)
	}
}

// TestBinanceHosts: only production reports keys.
func TestBinanceHosts(t *testing.T) {
	t.Parallel()
	query := binanceQuery("timestamp=1767225600000", strings.ToLower)
	for _, host := range binanceLive {
		status, body := askBinance(t, "https://"+host+binanceIntrospection, query, 0)
		assert.Equal(t, http.StatusOK, status, host)
		assert.Contains(t, body, `"enableReading":true`, host)
	}
	for _, host := range binanceTest {
		status, _ := askBinance(t, "https://"+host+binanceIntrospection, query, 0)
		assert.Equal(t, http.StatusNotFound, status, host)
		status, body := askBinance(t, "https://"+host+"/api/v3/account", query, 0)
		assert.Equal(t, http.StatusOK, status, host)
		assert.Contains(t, body, `"canWithdraw":true`, host)
	}
}

// TestBinanceEncodesFirst: a signature of the unencoded text is refused.
func TestBinanceEncodesFirst(t *testing.T) {
	t.Parallel()
	fake := Binance()
	fake.SetClock(func() time.Time { return time.UnixMilli(binanceStamp) })
	fake.keys[binanceKey] = &Issued{ID: binanceKey, Secret: binanceSecret}
	const list = "https://api.binance.com/sapi/v1/sub-account/subAccountApi?email=desk%40example.com&page=1&recvWindow=5000&size=100&timestamp=1767225600000&signature="
	const raw = "89b891f4f07ffa40861c3ac0d2b12abd8f8004bb89ee3040d1efac966d7ba9b8"
	assert.Equal(t, raw, hmacHex(sha256.New, binanceSecret, "email=desk@example.com&page=1&recvWindow=5000&size=100&timestamp=1767225600000"))
	fake.def.Routes["GET /sapi/v1/sub-account/subAccountApi"] = binanceAccount
	assert.Contains(t, answerTo(t, fake, list+raw, binanceHeader), "-1022")
	assert.NotContains(t, answerTo(t, fake, list+"c3a09610dcdce7267c4adcfe7f0f7d1d5339a28a2be0bcdc7325a39ee7a7add3", binanceHeader), "code")
}
