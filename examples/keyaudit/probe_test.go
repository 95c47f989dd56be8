package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestProbeIsShownBeforehand: with its egress, after what the audit itself sends; and a
// demonstration sends none.
func TestProbeIsShownBeforehand(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`
egress: {lab: {proxy: "http://127.0.0.1:1", ips: [9.9.9.9]}}
keys:
  - {name: bot, exchange: okx, key: 6b1b0b0e-1111-4222-8333-0123456789ab, secret: "env:S", passphrase: "env:P", probe: lab}
`), 0o600))
	env := map[string]string{"S": "0123456789ABCDEF0123456789ABCDEF", "P": "a passphrase"}
	dry := runWith(t.Context(), env, "--keys", path, "--dry-run")
	require.Equal(t, audit.ExitClean, dry.code, dry.stderr)
	assert.Contains(t, dry.stdout, "GET  https://www.okx.com/api/v5/account/config\n")
	assert.Contains(t, dry.stdout, "GET  https://www.okx.com/api/v5/account/config, from lab\n       once, to prove that the IP allowlist refuses this egress; only if the key is restricted")
	parsed := runWith(t.Context(), env, "--keys", path, "--dry-run", "--format", "json")
	assert.Contains(t, parsed.stdout, `"egress": "lab"`)

	demo := runWith(t.Context(), env, "--demo", "--keys", path, "--all")
	assert.Regexp(t, `ip-allowlist-negative.*names no egress`, demo.stdout)
}
