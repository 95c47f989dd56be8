package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestPortsInEveryFile: a URL with a port is that of a proxy, or of something else on the
// exchange's host. Its key does not go to the exchange as if the port were not there, and
// the reason names it.
func TestPortsInEveryFile(t *testing.T) {
	t.Parallel()
	fields := []string{"url", "api_url", "baseUrl", "host", "hostname", "endpoint", "rest-url"}
	for i := range fieldFiles {
		for _, field := range fields {
			for _, value := range []string{
				"https://api.bybit.com:8443", "http://localhost:8080", "http://127.0.0.1:8080/bybit", "https://api.bybit.com:8443/v5?x=1", "api.bybit.com:8443", "https://api.bybit.com:80", "HTTPS://API.BYBIT.COM:4430",
				"https://[::1]:8443", "http://api.bybit.com:443",
			} {
				format, name, text := withField(i, "bybit", field, value)
				for _, got := range decided(t, format, name, text) {
					require.NotRegexp(t, `^bybit [a-z]+`, got, "%s: %s", format, text)
				}
			}
		}
		for _, value := range []string{"https://api.bybit.com:443", "https://api.bybit.com:", "https://api.bybit.com./v5", "api.bybit.com:443"} {
			format, name, text := withField(i, "bybit", "apiUrl", value)
			got := decided(t, format, name, text)
			assert.Equal(t, []string{"bybit live"}, got, "%s: %s", format, text)
		}
	}
	got := variablePlan(t, "env", "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nBYBIT_API_URL=https://api.bybit.com:8443\n")
	assert.Contains(t, got[0], "the URL in \"BYBIT_API_URL\" is none of Bybit that is known here")
	in := decided(t, "ccxt", "keys.json", `{"bybit": {"apiKey": "$A", "secret": "$a", "urls": {"api": "https://api.bybit.com:8443"}}}`)
	assert.Contains(t, in[0], `its file names the host "api.bybit.com:8443", which is unknown`)
	in = decided(t, "ccxt", "keys.json", `{"okx": {"apiKey": "$A", "secret": "$a", "password": "p", "urls": {"ws": "wss://ws.okx.com:8443/ws/v5/public"}}}`)
	assert.True(t, strings.HasPrefix(in[0], "okx live"), "the exchange's own stream: %s", in[0])
}

// TestNamesAtPorts: a key beside such a URL is still the exchange's by name, and nothing
// says that the URL is its first environment's.
func TestNamesAtPorts(t *testing.T) {
	t.Parallel()
	n := NewNames(exchanges.All())
	for _, address := range []string{"https://api.bybit.com", "https://api.bybit.com:443", "https://api.bybit.com:8443/v5"} {
		assert.Equal(t, "bybit", n.At(address), address)
		known, first := n.Default("bybit", address)
		assert.Equal(t, !strings.Contains(address, "8443"), known && first, address)
	}
}
