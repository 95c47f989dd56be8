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

// TestDemoState: a demonstration keeps its own runs and compares them; nothing invented is
// kept about keys that were given, and who asks for it reads what to write in its place.
func TestDemoState(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	state := filepath.Join(folder, "demo.db")
	for _, said := range []string{"", "Nothing has changed since|Changed since"} { // a day may end meanwhile
		got := runWith(t.Context(), nil, "--demo", "--state", state)
		assert.Equal(t, 1, got.code, got.stderr)
		assert.Regexp(t, said, got.stdout)
	}
	file := filepath.Join(folder, ".env")
	require.NoError(t, os.WriteFile(file, []byte("BYBIT_API_KEY=aK7x0Qm3Zr9LpT2wVb8N\nBYBIT_API_SECRET=sA5d1Gh6Jk4Yt0Xc7Mn2\n"), 0o600))
	before := contents(t, folder)
	for _, args := range [][]string{{"--state", state}, {"--state", filepath.Join(folder, "new.db"), "--quiet"}} {
		got := runWith(t.Context(), nil, append([]string{"--demo", "--from", "env=" + file}, args...)...)
		assert.Equal(t, 2, got.code, got.stdout)
		assert.Empty(t, got.stdout)
		assert.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
		for _, way := range []string{"leave --demo out", "keyaudit --demo --state FILE", "leave --state and --quiet out"} {
			assert.Contains(t, got.stderr, way)
		}
	}
	assert.Equal(t, before, contents(t, folder))
}
