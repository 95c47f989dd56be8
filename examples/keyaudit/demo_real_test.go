package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestDemoSaysSo: every format of the program, and a dry run, says that it is of a
// demonstration, and a demonstration may replace its own files.
func TestDemoSaysSo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	args := []string{"--output", os.DevNull, "--state", filepath.Join(folder, "state.db")}
	for _, format := range formatNames() {
		args = append(args, "--report", format+"="+filepath.Join(folder, format))
	}
	for range 2 {
		got := runDemo(t, args...)
		require.Equal(t, audit.ExitFindings, got.code, got.stderr)
	}
	for _, name := range append(formatNames(), "state.db", "state.db"+lastSuffix) {
		assert.True(t, isOfDemo(filepath.Join(folder, name)), name)
	}
	assert.True(t, strings.HasPrefix(runDemo(t, "--dry-run").stdout, demoNotice))
	assert.Contains(t, runDemo(t, "--dry-run", "--format", "json").stdout, `"demo": true`)
	file := writeFile(t, filepath.Join(folder, ".env"), 0o600, "FOO_API_KEY=abcdefgh\nFOO_API_SECRET=ijklmnopqrst\n")
	assert.Contains(t, runDemo(t, "--from", "env="+file, "--dry-run", "--format", "json").stdout, `"demo": true`, "of a key that no adapter can audit")

	edit(t, filepath.Join(folder, "state.db"), "UPDATE run SET state='running' WHERE id=(SELECT max(id) FROM run)")
	assert.True(t, isOfDemo(filepath.Join(folder, "state.db")), "what a killed demonstration leaves")
}

// TestDemoTouchesNothingReal: no file of a real run is overwritten by a demonstration,
// none is compared with, and the other way round.
func TestDemoTouchesNothingReal(t *testing.T) {
	t.Parallel()
	s, h := newTestbed(t), newHook(t, http.StatusOK)
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	args := []string{"--keys", keys, "--output", at("output"), "--state", at("state")}
	for _, format := range formatNames() {
		args = append(args, "--report", format+"="+at(format))
	}
	runWith(t.Context(), s.env, args...)
	state, err := os.ReadFile(at("state"))
	require.NoError(t, err)
	writeFile(t, at("killed"), 0o600, string(state))
	edit(t, at("killed"), "UPDATE run SET state='running' WHERE id=(SELECT max(id) FROM run)") // what a killed run left
	before := contents(t, folder)
	env := map[string]string{"PING": h.ping()}
	for _, args := range [][]string{
		{"--state", at("state")},
		{"--state", at("state"), "--state-new"},
		{"--state", at("state"), "--resume"},
		{"--since", at("state")},
		{"--since", at("json")},
		{"--state", at("killed")},
		{"--state", at("killed"), "--resume"},
		{"--ping", "env:PING"},
	} {
		got := runWith(t.Context(), env, append([]string{"--demo"}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code, "%v: %s", args, got.stderr)
		assert.Empty(t, got.stdout, args)
	}
	for _, format := range append(formatNames(), "output") {
		for _, flag := range [][]string{{"--output", at(format)}, {"--report", "json=" + at(format)}} {
			got := runDemo(t, flag...)
			assert.Equal(t, audit.ExitUsage, got.code, "%v: %s", flag, got.stderr)
			assert.Contains(t, got.stderr, "is not of a demonstration", flag)
		}
	}
	assert.Equal(t, before, contents(t, folder))
	assert.Empty(t, h.received())

	// A real run takes nothing from a demonstration.
	require.Equal(t, audit.ExitFindings, runDemo(t, "--state", at("demo"), "--report", "json="+at("demo.json")).code)
	state, err = os.ReadFile(at("demo"))
	require.NoError(t, err)
	writeFile(t, at("cut"), 0o600, string(state))
	edit(t, at("cut"), "UPDATE run SET state='running' WHERE id=(SELECT max(id) FROM run)") // what a killed demonstration left
	for _, args := range [][]string{{"--state", at("demo")}, {"--since", at("demo.json")}, {"--state", at("cut"), "--resume"}} {
		got := runWith(t.Context(), s.env, append([]string{"--keys", keys}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code, args)
		assert.Regexp(t, "the report is of a demonstration|holds a demonstration", got.stderr, args)
	}
	got := runWith(t.Context(), nil, "diff", at("json"), at("demo.json"))
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "one report is of a demonstration")
	assert.Contains(t, runWith(t.Context(), nil, "judge", at("demo.json"), "--format", "json").stdout, `"demo": true`)
}

// TestDemoNotifiesAsDemo: a notification of a demonstration begins with the word, also
// when nothing was audited.
func TestDemoNotifiesAsDemo(t *testing.T) {
	t.Parallel()
	h := newHook(t, http.StatusOK)
	env := map[string]string{"CHAT": h.chat()}
	runWith(t.Context(), env, "--demo", "--notify", "env:CHAT")
	runWith(t.Context(), env, "--demo", "--notify", "env:CHAT", "--since", "/nowhere/report.json")
	require.Len(t, h.received(), 2)
	for _, text := range h.received() {
		assert.Contains(t, text, `{"message":"DEMO, nothing real: API key audit`)
	}
}
