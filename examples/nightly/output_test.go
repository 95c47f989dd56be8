package main

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
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
	s := newStation(t)
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	folder := t.TempDir()
	file := writeFile(t, filepath.Join(folder, "report.json"), 0o644, "last night's")
	require.NoError(t, os.Symlink("report.json", filepath.Join(folder, "link")))
	for _, name := range []string{"report.json", "link"} {
		got := runWith(t.Context(), s.env, "-keys", keys, "-format", "json", "-output", filepath.Join(folder, name))
		assert.Equal(t, audit.ExitFindings, got.code)
		assert.Empty(t, got.stdout)
		assert.Contains(t, got.stderr, "nightly: 1 key, findings: 1 high")
		assert.Contains(t, got.stderr, "the report is in "+filepath.Join(folder, name))
		assert.Equal(t, []string{"link", "report.json"}, entriesOf(t, folder))
	}
	info, err := os.Lstat(filepath.Join(folder, "link"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink, "a link stays a link")
	info, err = os.Stat(file)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	validate(t, string(text))
}

// TestOutputKept: until the new report is whole, the old one stands, and
// nothing else is left behind.
func TestOutputKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := writeFile(t, filepath.Join(folder, "report"), 0o600, "last night's")
	kept := func() {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, "last night's", string(text))
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
	s := newStation(t)
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	for path, want := range map[string]string{
		s.folder:                              "is not a file",
		os.DevNull:                            "is not a file",
		filepath.Join(s.folder, "no", "file"): "no file can be made in",
	} {
		got := runWith(t.Context(), s.env, "-keys", keys, "-output", path)
		assert.Equal(t, audit.ExitUsage, got.code, path)
		assert.Contains(t, got.stderr, want)
	}
	assert.Empty(t, s.Requests(), "nothing is sent for a report that cannot be written")
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestOutputFails(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		s := newStation(t)
		var stderr bytes.Buffer
		keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey), s.entry("b", "spot-trading", spotKey))
		code := run(t.Context(), []string{"-keys", keys, "-format", format}, full{}, &stderr, func(name string) string { return s.env[name] })
		assert.Equal(t, exitUnwritten, code, format)
		assert.Contains(t, stderr.String(), "nightly: the report could not be written: no space left on device", format)
	}
}

// TestStreaming: a line is written before the next key is waited for.
func TestStreaming(t *testing.T) {
	t.Parallel()
	result := &audit.Result{Snapshot: &audit.Snapshot{Grants: []audit.Grant{}}, Findings: []audit.Finding{}}
	var out bytes.Buffer
	lines := 0
	var results iter.Seq[*audit.Result] = func(yield func(*audit.Result) bool) {
		for range 3 {
			yield(result)
			lines++
			assert.Equal(t, lines, bytes.Count(out.Bytes(), []byte("\n")))
		}
	}
	summary, err := writeReport(&out, settings{format: "jsonl"}, results, render.TextOptions{})
	require.NoError(t, err)
	assert.Equal(t, 3, summary.Keys)
	assert.Equal(t, 4, bytes.Count(out.Bytes(), []byte("\n")))
}

func TestTextOptions(t *testing.T) {
	t.Parallel()
	env := func(name string) string { return map[string]string{"COLUMNS": "72"}[name] }
	assert.Equal(t, render.TextOptions{Width: 72, All: true}, textOptions(settings{all: true, color: "auto"}, io.Discard, env))
	assert.True(t, textOptions(settings{color: "always"}, io.Discard, env).Color)
	assert.False(t, textOptions(settings{color: "never"}, os.Stdout, env).Color)
	assert.Zero(t, textOptions(settings{}, io.Discard, func(string) string { return "wide" }).Width)
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	now := time.Unix(1_800_000_000, 0)
	p := &progress{w: &screen, now: func() time.Time { return now }, total: 100}
	p.draw()
	for range 100 {
		now = now.Add(redraw / 10)
		p.step()
	}
	p.clear()
	draws := bytes.Split(screen.Bytes(), []byte(eraseLine))
	assert.Len(t, draws, 1+1+10+1, "once at the start, then five times a second")
	assert.Equal(t, "auditing: 100 of 100 keys", string(draws[len(draws)-2]))
	assert.Empty(t, draws[len(draws)-1], "the line is gone in the end")
}

// TestProgressElsewhere: nothing is drawn where nobody watches.
func TestProgressElsewhere(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	pipe, err := os.CreateTemp(t.TempDir(), "log")
	require.NoError(t, err)
	for _, w := range []io.Writer{&log, pipe} {
		p := newProgress(w, 3, func(string) string { return "" })
		p.step()
		p.clear()
	}
	assert.Empty(t, log.String())
	info, err := pipe.Stat()
	require.NoError(t, err)
	assert.Zero(t, info.Size())
	require.NoError(t, pipe.Close())
}

func TestPosition(t *testing.T) {
	t.Parallel()
	data := []byte("{\n  \"ä\": [1,\n\t{\"b\": null}]\n}\n")
	root, _ := parseJSON(data)
	require.NotNil(t, root)
	var got [][2]int
	for _, n := range slices.Concat([]*node{root, root.member("ä")}, root.member("ä").items, []*node{root.member("ä").items[1].member("b")}) {
		line, column := position(data, n.at)
		got = append(got, [2]int{line, column})
	}
	assert.Equal(t, [][2]int{{1, 1}, {2, 8}, {2, 9}, {3, 2}, {3, 8}}, got)
	assert.Nil(t, root.member("c"))
}
