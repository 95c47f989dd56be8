package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// ofOwner is a key with what a case must not hold.
func ofOwner() exchangetest.Spec {
	s := spotKey
	s.Label, s.IPs = "Quixote's grid", []string{"198.51.100.20", "185.199.108.0/24"}
	s.Created = time.Now().AddDate(0, 0, -40)
	return s
}

// cases are the files in a folder.
func cases(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	return paths
}

// TestRecord: the case is a new file for its owner alone, replays, holds nothing of the
// owner's, and costs the exchange no request more than an audit.
func TestRecord(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	path := s.keyFile(t, s.entry("grid of maria", "spot-trading", ofOwner()), s.entry("other", "spot-trading", spotKey))
	folder := filepath.Join(s.folder, "cases")
	got := runWith(t.Context(), s.env, "record", "--keys", path, "--key", "grid of maria", "--yes", folder)
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	assert.Empty(t, got.stdout)
	require.Len(t, s.Requests(), 1)
	written := cases(t, folder)
	require.Len(t, written, 1)
	text, err := os.ReadFile(written[0])
	require.NoError(t, err)
	assert.Contains(t, got.stderr, string(text), "what is written is shown")
	info, err := os.Stat(written[0])
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	exchangetest.Replay(t, bybit.Exchange, written[0])

	key := s.Requests()[0].KeyID
	for _, original := range []string{key, "Quixote", "grid of maria", "maria", "198.51.100.20", "185.199.108", s.server.URL} {
		assert.NotContains(t, got.stderr, original)
	}
	assert.Empty(t, exchangetest.FindCanaries(got.stderr, append(s.Canaries(), key)))
	var c exchangetest.Case
	require.NoError(t, json.Unmarshal(text, &c))
	assert.Contains(t, string(c.Answers[0].Body), `"SpotTrade"`)
	assert.Contains(t, string(c.Snapshot), `"sub"`)
}

// TestRecordAsks: without a yes nothing is sent, let alone written.
func TestRecordAsks(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	path, folder := s.keyFile(t, s.entry("a", "spot-trading", spotKey)), filepath.Join(s.folder, "cases")
	for _, args := range [][]string{
		{"record", "--keys", path, "--key", "a", folder},
		{"record", "--keys", path, "--yes", folder},
		{"record", "--keys", path, "--key", "a", "--yes"},
		{"record", "--key", "a", "--yes", folder},
		{"record", "--keys", path, "--key", "b", "--yes", folder},
		{"record", "--keys", path, "--key", "a", "--yes", folder, "more"},
	} {
		got := runWith(t.Context(), s.env, args...)
		assert.Equal(t, audit.ExitUsage, got.code, "%q: %s", args, got.stderr)
		assert.NotEmpty(t, got.stderr)
		assert.NoDirExists(t, folder)
	}
	assert.Empty(t, s.Requests())
}

// TestRecordOverwritesNothing: not even a case of the same name.
func TestRecordOverwritesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := writeFile(t, filepath.Join(folder, "there.json"), 0o644, "mine")
	require.Error(t, writeNew(path, []byte("theirs")))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(text))
	link := filepath.Join(folder, "link.json")
	require.NoError(t, os.Symlink(filepath.Join(folder, "nowhere"), link))
	require.Error(t, writeNew(link, []byte("theirs")))
	assert.NoFileExists(t, filepath.Join(folder, "nowhere"))

	s := newTestbed(t)
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	for _, where := range []string{path, filepath.Join(folder, "no", "such")} {
		got := runWith(t.Context(), s.env, "record", "--keys", keys, "--key", "a", "--yes", where)
		assert.Equal(t, exitUnwritten, got.code, got.stderr)
	}
}

// TestRecordRefusal: a refused key is a case too, and an outage is none.
func TestRecordRefusal(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	refused, down := spotKey, spotKey
	refused.Faults = []exchangetest.Fault{{Failure: exchangetest.FailIP, Times: -1}}
	down.Faults = []exchangetest.Fault{{Drop: true, Times: -1}}
	path := s.keyFile(t, s.entry("refused", "spot-trading", refused), s.entry("down", "spot-trading", down))
	folder := filepath.Join(s.folder, "cases")
	got := runWith(t.Context(), s.env, "record", "--keys", path, "--key", "down", "--yes", folder)
	assert.Equal(t, audit.ExitNotAssessed, got.code, got.stderr)
	assert.Contains(t, got.stderr, "nothing was recorded")
	assert.NoDirExists(t, folder)

	got = runWith(t.Context(), s.env, "record", "--keys", path, "--key", "refused", "--yes", folder)
	assert.Equal(t, audit.ExitClean, got.code, got.stderr)
	assert.Contains(t, got.stderr, "the case is about that")
	require.Len(t, cases(t, folder), 1)
	exchangetest.Replay(t, bybit.Exchange, cases(t, folder)[0])
	text, err := os.ReadFile(cases(t, folder)[0])
	require.NoError(t, err)
	assert.Contains(t, string(text), `"kind": "ip-not-allowed"`)
}

// TestRecordDemo: on fakes it needs no key and no network.
func TestRecordDemo(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "cases")
	for _, name := range []string{"hedge-perp-2", "tax-report"} {
		got := runWith(t.Context(), nil, "record", "--demo", "--key", name, "--yes", folder)
		assert.Equal(t, audit.ExitClean, got.code, got.stderr)
	}
	assert.Len(t, cases(t, folder), 2)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	got := runWith(stopped, nil, "record", "--demo", "--key", "tax-report", "--yes", folder)
	assert.Equal(t, exitStopped, got.code, got.stderr)
	assert.Len(t, cases(t, folder), 2)
}

// TestRecordBotsFile: a key of a bot's own file is recorded under its name there.
func TestRecordBotsFile(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	c := s.Issue(spotKey)
	env := map[string]string{"BYBIT_API_KEY": c.Key, "BYBIT_API_SECRET": c.Secret.Reveal()}
	var stderr bytes.Buffer
	a := app{stdout: &bytes.Buffer{}, stderr: &stderr, env: func(name string) string { return env[name] }, now: time.Now}
	for name, value := range env {
		a.environ = append(a.environ, fmt.Sprint(name, "=", value))
	}
	a.stage = func(_ context.Context, f *fleet) error { f.options.Transport = s.server.Transport(); return nil }
	folder := filepath.Join(s.folder, "cases")
	code := a.run(t.Context(), []string{"record", "--from", "env=", "--key", "env/bybit", "--yes", folder})
	if code != audit.ExitClean { // the name is told
		assert.Fail(t, strings.TrimSpace(stderr.String()))
	}
	require.Len(t, cases(t, folder), 1)
}
