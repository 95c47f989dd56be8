package sources

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// TestForeignFields: fields and variables for a place that bbgo and hummingbot do not know
// are followed, or cost the key, and no other.
func TestForeignFields(t *testing.T) {
	t.Parallel()
	fields := []string{
		"host: foreign.example", "baseUrl: https://foreign.example", "gateway: https://foreign.example", "urls: {api: {private: https://foreign.example}}", "endpoints: [foreign.example]",
		"baseUrl: https://api.bybit.com:8443", "host: api.bybit.com:8443", "testnet: true", "sandboxMode: yes", "production: false", "environment: testnet", "<<: *place",
	}
	for _, field := range fields {
		folder := t.TempDir()
		text := "defaults: &place {hostname: foreign.example}\nsessions:\n  a:\n    exchange: bybit\n    key: the-key\n    secret: s\n    " + field + "\n  b: {exchange: kraken, key: the-key, secret: s}\n"
		write(t, filepath.Join(folder, "bbgo.yaml"), 0o600, text)
		in, err := inventory.From("bbgo-yaml", folder, options(nil))
		require.NoError(t, err, text)
		assert.Equal(t, "bbgo-yaml/b: kraken live, spot-trading, bbgo.yaml:8:6  bbgo-yaml/a skipped", strings.Join(listed(in), " "), text)
	}
	for _, line := range []string{"GRID_HOST=foreign.example", "GRID_API_URL=https://foreign.example", "GRID_API_URL=https://api.bybit.com:8443", "GRID_TESTNET=true", "GRID_ENV=testnet"} {
		folder := t.TempDir()
		write(t, filepath.Join(folder, "bbgo.yaml"), 0o600, "sessions:\n  a: {exchange: bybit, envVarPrefix: GRID}\n  b: {exchange: bybit, key: the-key, secret: s}\n")
		keys := "GRID_API_KEY=k\nGRID_API_SECRET=s\n"
		write(t, filepath.Join(folder, ".env.local"), 0o600, keys+line+"\n")
		in, err := inventory.From("bbgo-yaml", folder, options(nil))
		require.NoError(t, err)
		assert.Equal(t, "bbgo-yaml/b: bybit live, spot-trading, bbgo.yaml:3:6  bbgo-yaml/a skipped", strings.Join(listed(in), " "), line)
	}
	for _, field := range []string{"bybit_gateway: https://foreign.example", "bybit_gateway: https://api.bybit.com:8443", "bybit_servers: [https://foreign.example]", "bybit_sandbox_mode: true", "bybit_production: false", "bybit_mainnet: no"} {
		folder := t.TempDir()
		write(t, filepath.Join(folder, "conf", "connectors", "bybit.yml"), 0o600, "connector: bybit\nbybit_api_key: 00\nbybit_api_secret: 00\n"+field+"\n")
		in, err := inventory.From("hummingbot", folder, options(nil))
		require.NoError(t, err)
		assert.Empty(t, in.Keys, field)
		assert.Len(t, in.Skipped, 1, field)
	}
	path := write(t, filepath.Join(t.TempDir(), "bbgo.yaml"), 0o600, "BYBIT_API_KEY=the-key\nBYBIT_API_SECRET=the-secret\n")
	_, err := inventory.From("bbgo-yaml", path, options(nil))
	require.ErrorContains(t, err, "the file is a list of variables (NAME=value), not YAML: --from env=FILE reads it")
}
