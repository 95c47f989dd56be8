package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDemoOfOwnKeys: on the fakes, a key that is given may read and trade, and the
// next step is the audit of that key, which needs no inventory.
func TestDemoOfOwnKeys(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.WriteFile(file, []byte("KRAKEN_API_KEY="+strings.Repeat("kQ5h", 14)+
		"\nKRAKEN_PRIVATE_KEY="+strings.Repeat("Ab3d", 22)+"\n"), 0o600))
	got := runWith(t.Context(), nil, "--demo", "--from", "env="+file)
	assert.Equal(t, 1, got.code, got.stderr)
	assert.Contains(t, got.stdout, "usable from any IP address")
	assert.NotContains(t, got.stdout, "missing-permission")
	assert.Contains(t, strings.Join(strings.Fields(got.stdout), " "), "To audit these keys at their exchanges, leave out --demo")
	assert.NotContains(t, got.stdout, "keyaudit init")
}
