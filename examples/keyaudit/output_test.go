package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// entriesOf lists a folder: a temporary file left behind would be among them.
func entriesOf(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestOutputFile(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	folder := t.TempDir()
	file := writeFile(t, filepath.Join(folder, "report.json"), 0o644, "")
	require.NoError(t, os.Symlink("report.json", filepath.Join(folder, "link")))
	for _, name := range []string{"report.json", "link"} {
		got := runWith(t.Context(), s.env, "--keys", keys, "--format", "json", "--output", filepath.Join(folder, name))
		assert.Equal(t, audit.ExitFindings, got.code)
		assert.Empty(t, got.stdout)
		assert.Contains(t, got.stderr, "keyaudit: 1 key, findings: 1 high")
		assert.Contains(t, got.stderr, "the report is in "+filepath.Join(folder, name))
		assert.Equal(t, []string{"link", "report.json"}, entriesOf(t, folder))
	}
	info, err := os.Lstat(filepath.Join(folder, "link"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink, "a link remains a link")
	info, err = os.Stat(file)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	validate(t, string(text))
}

// TestOutputKept: until the new report is complete, the old one is kept, and no
// temporary file is left behind.
func TestOutputKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := writeFile(t, filepath.Join(folder, "report"), 0o600, "the previous report")
	kept := func() {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, "the previous report", string(text))
	}

	out, err := openOutput(file, io.Discard)
	require.NoError(t, err)
	_, err = out.Write(bytes.Repeat([]byte("half a report "), 10_000))
	require.NoError(t, err)
	kept()
	out.discard()
	kept()
	assert.Equal(t, []string{"report"}, entriesOf(t, folder))

	// The disk fails while the report is written.
	out, err = openOutput(file, io.Discard)
	require.NoError(t, err)
	_, err = out.Write([]byte("half a report"))
	require.NoError(t, err)
	require.NoError(t, out.file.Close())
	require.Error(t, out.commit())
	out.discard()
	kept()
	assert.Equal(t, []string{"report"}, entriesOf(t, folder))
}

func TestOutputRefused(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	for path, want := range map[string]string{
		s.folder:                              "is not a regular file",
		filepath.Join(s.folder, "no", "file"): "cannot create a file in",
	} {
		got := runWith(t.Context(), s.env, "--keys", keys, "--output", path)
		assert.Equal(t, audit.ExitUsage, got.code, path)
		assert.Contains(t, got.stderr, want)
	}
	assert.Empty(t, s.Requests(), "nothing is sent for a report that cannot be written")
}

// full is a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestOutputFails(t *testing.T) {
	t.Parallel()
	for _, format := range formatNames() {
		s := newTestbed(t)
		var stderr bytes.Buffer
		keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey), s.entry("b", "spot-trading", spotKey))
		a := app{stdout: full{}, stderr: &stderr, env: func(name string) string { return s.env[name] }, now: time.Now}
		code := a.run(t.Context(), []string{"--keys", keys, "--format", format})
		assert.Equal(t, exitUnwritten, code, format)
		assert.Contains(t, stderr.String(), "keyaudit: the report could not be written: no space left on device", format)
	}
}

func TestTextOptions(t *testing.T) {
	t.Parallel()
	env := func(name string) string { return map[string]string{"COLUMNS": "72"}[name] }
	in := func(r reporting) render.TextOptions {
		return renderOptions{reporting: r, env: env}.text()
	}
	assert.Equal(t, render.TextOptions{Width: 72, All: true}, in(reporting{all: true, color: "auto"}))
	assert.True(t, in(reporting{color: "always"}).Color)
	assert.False(t, renderOptions{reporting: reporting{color: "never"}, terminal: os.Stdout, env: env}.text().Color)
	assert.Equal(t, leastColumns, renderOptions{env: func(string) string { return "wide" }}.text().Width)
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	now := time.Unix(1_800_000_000, 0)
	p := &progress{w: &screen, terminal: true, now: func() time.Time { return now }, started: now, total: 100}
	p.draw()
	bad := &audit.Result{
		Snapshot: &access.Snapshot{Inspection: access.Inspection{Failure: &access.Error{Kind: access.KindUnavailable}}},
		Findings: []audit.Finding{{Rule: "withdrawal", Outcome: audit.Failed, Severity: audit.Critical}},
	}
	for range 50 {
		now = now.Add(redraw / 2)
		p.step(bad)
	}
	draws := bytes.Split(screen.Bytes(), []byte(eraseLine))
	assert.Len(t, draws, 1+1+25, "once at the start, then five times a second")
	assert.Equal(t, "50 of 100 keys, 50 severe findings, 50 not inspected, about 5s left", string(draws[len(draws)-1]))
	p.done()
	assert.True(t, bytes.HasSuffix(screen.Bytes(), []byte(eraseLine)), "the line is removed at the end")
}

// TestProgressInALog: a log gets one plain line a minute, and none of a shorter
// run.
func TestProgressInALog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	now := time.Unix(1_800_000_000, 0)
	p := newProgress(&log, 300, func(string) string { return "" })
	p.now, p.started, p.drawn = func() time.Time { return now }, now, now
	clean := &audit.Result{Snapshot: &access.Snapshot{}, Findings: []audit.Finding{{Rule: "withdrawal", Outcome: audit.Passed}}}
	for range 59 {
		now = now.Add(time.Second)
		p.step(clean)
	}
	assert.Empty(t, log.String())
	for range 61 {
		now = now.Add(time.Second)
		p.step(clean)
	}
	p.done()
	assert.Equal(t, "keyaudit: 60 of 300 keys, about 4m left\nkeyaudit: 120 of 300 keys, about 3m left\n", log.String())
}

// TestReportMode: those who read a report can, and nobody else.
func TestReportMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return
	}
	mode := func(format, asked string, existing os.FileMode) os.FileMode {
		path := filepath.Join(t.TempDir(), "report")
		if existing != 0 {
			writeFile(t, path, existing, "")
		}
		args := []string{"--report", format + "=" + path}
		if asked != "" {
			args = append(args, "--report-mode", asked)
		}
		s := newTestbed(t)
		got := runWith(t.Context(), s.env, append(args, "--keys", s.keyFile(t, s.entry("a", "spot-trading", spotKey)))...)
		assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Mode().Perm()
	}
	for format, usual := range map[string]os.FileMode{"json": 0o600, "text": 0o600, "prometheus": 0o644, "prometheus-keys": 0o640, "html": 0o640} {
		assert.Equal(t, usual, mode(format, "", 0), format)
	}
	assert.Equal(t, os.FileMode(0o604), mode("html", "", 0o604), "its owner chose it")
	assert.Equal(t, os.FileMode(0o600), mode("json", "", 0o644), "it names what keys may do")
	assert.Equal(t, os.FileMode(0o644), mode("json", "0644", 0o600))
	assert.Equal(t, os.FileMode(0o640), mode("prometheus", "640", 0o644))

	for _, bad := range []string{"", "rw", "0", "0444", "0666", "0755", "4644", "0o644", "420", "-0644", "0648", "99999999999"} {
		got := runWith(t.Context(), nil, "--demo", "--report-mode", bad)
		assert.Equal(t, audit.ExitUsage, got.code, bad)
		assert.Contains(t, got.stderr, "keyaudit: --report-mode: ", bad)
	}
}
