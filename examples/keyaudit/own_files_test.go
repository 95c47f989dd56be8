package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestNothingOfOursIsFound: whatever the program writes about keys, a search finds no key in
// it, and reads all of it; the keys themselves are found.
func TestNothingOfOursIsFound(t *testing.T) {
	t.Parallel()
	folder, kept := t.TempDir(), t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	x := newDemoExchanges()
	var variables strings.Builder
	for _, k := range demoKeys(x, demoPlainURL)[:3] {
		c := k.key().Credentials
		name := strings.ToUpper(k.fake.Name() + "_" + strings.ReplaceAll(k.name, "-", "_"))
		variables.WriteString(name + "_API_KEY=" + c.Key + "\n" + name + "_API_SECRET=" + c.Secret.Reveal() + "\n")
	}
	env := writeFile(t, filepath.Join(kept, ".env"), 0o600, variables.String())
	from := []string{"--from", "env=" + env}

	args := []string{"--output", at("output"), "--all"}
	for _, format := range formatNames() {
		args = append(args, "--report", format+"="+at("report."+format))
	}
	for range 2 {
		runDemo(t, append(args, "--state", at("state.db"))...)
	}
	runDemo(t, append(append([]string{"--output", at("own"), "--format", "json"}, from...), "--report", "ocsf="+at("own.ocsf"))...)
	for _, name := range []string{"tax-report", "maker-asia-1", "desk-hyperliquid", "desk-bitget", "forgotten-bot"} {
		got := runWith(t.Context(), nil, "record", "--demo", "--key", name, "--yes", at("cases"))
		require.Equal(t, audit.ExitClean, got.code, got.stderr)
	}
	for i, command := range [][]string{
		append([]string{"--demo", "--dry-run"}, from...), append([]string{"--demo", "--dry-run", "--format", "json"}, from...),
		append([]string{"init"}, from...),
		{"find", kept},
		{"find", kept, "--format", "json"},
		{"find", kept, "--format", "sarif"},
		{"find", kept, "--format", "junit"},
		{"find", kept, "--audit", "--demo"},
		{"merge", "a=" + at("report.jsonl"), "b=" + at("own"), "--state", at("merged.db")},
		{"judge", at("report.json"), "--policy", "read-only", "--format", "json"},
	} {
		got := runWith(t.Context(), nil, append(command, "--output", at("command"+string(rune('a'+i))))...)
		require.NotEqual(t, audit.ExitUsage, got.code, "%v: %s", command, got.stderr)
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Greater(t, len(entries), len(formatNames())+15)

	got := runWith(t.Context(), nil, "find", folder)
	assert.Equal(t, audit.ExitClean, got.code, got.stdout)
	assert.Contains(t, got.stdout, "Found no key of an exchange.")
	got = runWith(t.Context(), nil, "find", kept, folder)
	assert.Equal(t, audit.ExitFindings, got.code)
	assert.Contains(t, got.stdout, "3 keys in 3 places\n")
}
