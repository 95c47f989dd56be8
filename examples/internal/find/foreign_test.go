package find

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestForeignPlaces: what stands beside a key or within something beside it, and says where
// the key belongs under whatever name, is followed, or the key is left out.
func TestForeignPlaces(t *testing.T) {
	t.Parallel()
	for _, field := range []string{
		`"hostname": "api.bybit.com:8443"`, `"gateway": "https://api.bybit.com:8443"`, `"hostname": "foreign.example"`, `"gateway": "https://foreign.example"`, `"api": "https://foreign.example/v5"`, `"urls": {"private": "https://foreign.example"}`,
		`"urls": {"api": {"private": "https://foreign.example"}}`, `"endpoints": {"rest": "https://foreign.example"}`, `"more": {"deeper": {"server_url": "https://foreign.example"}}`,
		`"testnet": {"enabled": true}`, `"options": {"sandboxMode": true}`, `"config": {"testnet": "true"}`, `"production": false`, `"settings": {"live": false}`,
	} {
		for _, text := range []string{
			`{"bybit": {"apiKey": "{id}", "secret": "{secret}", FIELD}}`,
			`{"bybit": {FIELD, "apiKey": "{id}", "secret": "{secret}"}, "kraken": {"apiKey": "x"}}`,
			`{"exchange": {"name": "bybit", "key": "{id}", "secret": "{secret}", FIELD}}`,
			`{"accounts": [{"exchange": "bybit", "key": "{id}", "secret": "{secret}", FIELD}]}`,
		} {
			text = strings.Replace(text, "FIELD", field, 1)
			got := decided(t, map[string]string{"a.json": text})
			assert.NotEmpty(t, got, text)
			assert.NotContains(t, got, "bybit live", text)
		}
	}
	for _, field := range []string{`"webhook": {"url": "https://foreign.example"}`, `"note": "x"`, `"options": {"adjust": true, "recvWindow": 5}`, `"pairs": ["BTCUSDT"]`} {
		text := `{"bybit": {"apiKey": "{id}", "secret": "{secret}", ` + field + `}}`
		assert.Equal(t, []string{"bybit live"}, decided(t, map[string]string{"a.json": text}), text)
	}
}
