//go:build unix

package find

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// utf16Of is a text as Windows' editors write it.
func utf16Of(text, mark string, big bool) string {
	var b strings.Builder
	b.WriteString(mark)
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b.Write([]byte{byte(u >> 8), byte(u)})
		} else {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
	}
	return b.String()
}

// TestBoundsAreSaid: whatever bound a text exceeds, a key beyond it is found, or the report
// says that not all was looked at.
func TestBoundsAreSaid(t *testing.T) {
	t.Parallel()
	pair := map[string]any{"log": "", "BYBIT_API_KEY": "aB3dE5fG7hJ9kL1m1Q", "BYBIT_API_SECRET": strings.Repeat("Zy8Xw6Vu4Ts2", 3)[:35] + "1"}
	asJSON := func(v any) string {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return string(text)
	}
	lines := func(n int) string { return strings.Repeat("all is well and nothing happens\n", n) }
	longLine := func(words int) string {
		own := map[string]any{}
		for name, value := range pair {
			own[name] = value
		}
		own["A"] = strings.Repeat("w o r d ", words)
		return asJSON(own)
	}
	in := func(text string, depth int) string {
		for range depth {
			text = asJSON(map[string]string{"config": text})
		}
		return text
	}
	for name, text := range map[string]string{
		"one line of a megabyte":      longLine(90_000),
		"one longer line":             longLine(137_500),
		"one line of three megabytes": longLine(400_000),
		"a list before it":            asJSON([]any{strings.Split(strings.Repeat("some words,", 150_000), ","), pair}),
		"UTF-16 with a mark":          utf16Of(lines(70_000)+env('1'), "\xff\xfe", false),
		"UTF-16, the other order":     utf16Of(lines(70_000)+env('1'), "\xfe\xff", true),
		"UTF-16 without a mark":       utf16Of(env('1'), "", false),
		"UTF-16 BE without a mark":    utf16Of(env('1'), "", true),
		"long text in JSON":           asJSON(map[string]string{"config": lines(3200) + env('1')}),
		"long base64":                 "config: " + base64.StdEncoding.EncodeToString([]byte(lines(3200)+env('1'))) + "\n",
		"JSON in JSON in JSON":        in(asJSON(pair), 4),
		"a notebook's output":         asJSON(map[string]any{"cells": []any{map[string]any{"outputs": []any{map[string]any{"text": lines(8000) + env('1')}}}}}),
		"zeros after a megabyte":      lines(33_000) + strings.Repeat("\x00", 9000) + lines(10) + env('1'),
		"zeros before it":             strings.Repeat("\x00", 9000) + env('1'),
		"a seal after many values":    many(4100) + env('1') + lines(40_000) + "x: ENC[AES256_GCM,data:a]\n",
		"a vault in YAML":             "a: 1\nb: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n",
		"a PGP message":               "-----BEGIN PGP MESSAGE-----\n\nhQ\n",
	} {
		root := t.TempDir()
		write(t, root, "file.txt", text)
		r := look(t, Options{Paths: []string{root}})
		assert.True(t, len(r.of('1')) > 0 || r.Unread() > 0, "%s: %v", name, r.Skipped)
	}
}

// TestWhatGitDenies: a folder that git does not take for a repository is not passed over as
// one, and the repository around it is not taken for it.
func TestWhatGitDenies(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.commit("a.txt", "nothing\n")
	look1 := filepath.Join(c.folder, "look")
	for _, part := range []string{"HEAD", "refs/x", "objects/a.env"} {
		write(t, look1, part, env('1'))
	}
	for _, history := range []bool{false, true} {
		assert.NotEmpty(t, look(t, Options{Paths: []string{c.folder}, History: history}).of('1'), "a look-alike is searched")
	}
	require.NoError(t, os.RemoveAll(look1))

	sub := &checkout{T: t, folder: filepath.Join(c.folder, "sub")}
	require.NoError(t, os.Mkdir(sub.folder, 0o700))
	sub.git("init", "-q", "-b", "main")
	sub.commit("gone.env", env('1'))
	sub.remove("gone.env")
	require.NotEmpty(t, look(t, Options{Paths: []string{c.folder}, History: true}).of('1'))
	require.NoError(t, os.Remove(filepath.Join(sub.folder, ".git", "HEAD")))
	for _, path := range []string{c.folder, sub.folder} {
		assert.NotZero(t, look(t, Options{Paths: []string{path}, History: true}).Unread(), path)
	}
}

// TestStagedElsewhere: the index that a hook is told of is that of its own repository, and
// what cannot be looked into is said.
func TestStagedElsewhere(t *testing.T) {
	a, b := newCheckout(t), newCheckout(t)
	a.commit("a.txt", "nothing\n")
	b.commit("b.txt", "nothing\n")
	write(t, b.folder, "new.env", env('1'))
	b.git("add", "-f", "new.env")
	index, err := os.ReadFile(filepath.Join(a.folder, ".git", "index"))
	require.NoError(t, err)
	write(t, a.folder, ".git/next", string(index))
	t.Chdir(a.folder)
	for _, told := range []string{filepath.Join(a.folder, ".git", "next"), ".git/next", ".git/index"} {
		t.Setenv("GIT_INDEX_FILE", told)
		assert.NotEmpty(t, look(t, Options{Paths: []string{".", b.folder}, Staged: true}).of('1'), told)
	}
	write(t, a.folder, "own.env", env('2'))
	a.git("add", "-f", "own.env")
	t.Setenv("GIT_INDEX_FILE", ".git/index") // relative, as git commit -a says it
	assert.NotEmpty(t, look(t, Options{Paths: []string{"."}, Staged: true}).of('2'))

	spaced := &checkout{T: t, folder: filepath.Join(t.TempDir(), "r ")}
	for _, folder := range []string{spaced.folder, strings.TrimSpace(spaced.folder)} {
		require.NoError(t, os.Mkdir(folder, 0o700))
		(&checkout{T: t, folder: folder}).git("init", "-q")
	}
	write(t, spaced.folder, "a.env", env('3'))
	spaced.git("add", "-f", "a.env")
	assert.NotEmpty(t, look(t, Options{Paths: []string{spaced.folder}, Staged: true}).of('3'))
}

// TestPathsHideEverySecret: a secret in any path is hidden, also where another file has it.
func TestPathsHideEverySecret(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("Zy8Xw6Vu4Ts2", 3)[:35] + "1"
	root := t.TempDir()
	write(t, root, secret+"/a.env", env('1'))
	write(t, root, secret+"/b.env", env('2'))
	write(t, root, secret+".env", env('1')+"x: ENC[AES256_GCM,data:a]\n")
	write(t, root, secret+".bin", strings.Repeat("\x01\x00", 50))
	r := look(t, Options{Paths: []string{root}})
	require.NotEmpty(t, r.Found)
	var text, program strings.Builder
	require.NoError(t, r.Text(&text))
	require.NoError(t, r.JSON(&program, Attached{}))
	assert.NotContains(t, text.String()+program.String(), secret[:12])
}

// TestSwappedShowsNothing: of a key and a secret that have each the other's shape, the ends
// of neither are shown.
func TestSwappedShowsNothing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	secret, id := strings.Repeat("9F3A7B2C", 4), "3f2a9c1e-77ab-4c3d-a1b2-9d8e7f6a5b4c"
	write(t, root, "swapped.env", "OKX_API_KEY="+secret+"\nOKX_API_SECRET="+id+"\n")
	write(t, root, "right.env", "OKX_API_KEY="+id+"\nOKX_API_SECRET="+secret+"\n")
	shown := map[string]string{}
	for _, f := range look(t, Options{Paths: []string{root}}).Found {
		shown[f.Path] = f.KeyID
	}
	assert.Equal(t, map[string]string{"swapped.env": "…", "right.env": "3f2a…5b4c"}, shown)
}

// TestUnnamedHalvesThatMayBeSwapped: where no name says which of two alike is the secret, nothing
// of either is shown.
func TestUnnamedHalvesThatMayBeSwapped(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 35))
	id, secret := draw(r, forms["binance"][0]), draw(r, forms["binance"][1])
	for _, text := range []string{"binance:\n  - {sec64}\n  - {id64}\n", "binance: {sec64} / {id64}\n", "BINANCE={sec64},{id64}\n", "x = (\"binance\", \"{sec64}\", \"{id64}\")\n", "## Binance\n{sec64}\n{id64}\n"} {
		folder := t.TempDir()
		write(t, folder, "notes.md", strings.NewReplacer("{sec64}", secret, "{id64}", id).Replace(text))
		report := look(t, Options{Paths: []string{folder}})
		if assert.Len(t, report.Keys, 1, text) {
			assert.Equal(t, "…", report.Keys[0].KeyID, text)
		}
	}
}
