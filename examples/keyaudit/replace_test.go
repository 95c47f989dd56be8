package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestReportsReplaceReportsOnly: a report of any format takes the place of an earlier one,
// and of no other file.
func TestReportsReplaceReportsOnly(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	for _, format := range formatNames() {
		file := filepath.Join(t.TempDir(), "report")
		for _, more := range [][]string{{"--color", "always"}, {"--all"}, {"--only", "name=a"}} {
			got := runWith(t.Context(), s.env, append([]string{"--keys", keys, "--format", format, "--output", file}, more...)...)
			assert.Equal(t, audit.ExitFindings, got.code, "%s: %s", format, got.stderr)
		}
	}
	json := filepath.Join(t.TempDir(), "night.json")
	runWith(t.Context(), s.env, "--keys", keys, "--format", "json", "--output", json)
	next := filepath.Join(t.TempDir(), "next.json")
	runWith(t.Context(), s.env, "--keys", keys, "--format", "json", "--output", next)
	for _, args := range [][]string{{"diff", json, next}, {"diff", json, next, "--all"}, {"judge", json}, {"merge", json}, {"find", "--format", "text", t.TempDir()}, {"find", "--format", "json", filepath.Dir(keys)}, {"find", filepath.Dir(keys)}} {
		file := filepath.Join(t.TempDir(), "report")
		for range 2 {
			got := runWith(t.Context(), s.env, append(args, "--output", file)...)
			assert.NotEqual(t, audit.ExitUsage, got.code, "%s: %s", args, got.stderr)
		}
	}
	for name, text := range map[string]string{
		"a note":         "remember the milk\n",
		"an inventory":   `{"keys":[{"name":"a","exchange":"okx"}]}`,
		"JSON":           `{"schema": 2}`,
		"a table":        "name,exchange\na,okx\n",
		"spaces":         " \n",
		"a key file":     "-----BEGIN PRIVATE KEY-----\n",
		"a web page":     "<!doctype html><title>Notes</title>",
		"other metrics":  "# HELP node_cpu_seconds_total\n",
		"minutes":        "# Minutes\n\nWe looked at it:\n100 keys, findings: 31 high\n",
		"a package":      `{"name": "exchangekeyaudit", "version": "1.0.0"}`,
		"a page of ours": "<!doctype html><p>An API key audit of exchangekeyaudit",
		"a binary":       "\x7fELF\x00\x01",
	} {
		file := writeFile(t, filepath.Join(t.TempDir(), "report"), 0o600, text)
		for _, args := range [][]string{{"--keys", keys, "--output", file}, {"--keys", keys, "--report", "json=" + file}, {"judge", json, "--output", file}, {"find", "--output", file, t.TempDir()}} {
			got := runWith(t.Context(), s.env, args...)
			assert.Equal(t, audit.ExitUsage, got.code, "%s: %s", name, got.stderr)
			assert.Contains(t, got.stderr, "is no report of this program", name)
		}
		kept, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, text, string(kept), name)
	}
}
