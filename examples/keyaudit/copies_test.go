package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// hunted is a firm of three keys, and a tree in which copies of them may lie.
type hunted struct {
	*firm
	tree string
}

func newHunted(t *testing.T) *hunted {
	t.Helper()
	h := &hunted{newEmptyFirm(t), t.TempDir()}
	for _, name := range []string{"grid", "maker", "idle"} {
		h.issue(name, "bybit", "spot-trading", exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, Created: h.now.AddDate(0, 0, -10)})
	}
	return h
}

func (h *hunted) secret(name string) string { return h.held[name].Secret.Reveal() }

func (h *hunted) put(t *testing.T, path, content string) string {
	t.Helper()
	path = filepath.Join(h.tree, filepath.FromSlash(path))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	return writeFile(t, path, 0o600, content)
}

func (h *hunted) git(t *testing.T, folder string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", filepath.Join(h.tree, folder), "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.TrimSpace(string(out))
}

// searched runs the program, and returns what it found of each key.
func (h *hunted) searched(t *testing.T, args ...string) (map[string]*audit.Result, ran) {
	t.Helper()
	got := h.run(t.Context(), t, append([]string{"--format", "json", "--state", filepath.Join(t.TempDir(), "state.db")}, args...)...)
	for _, c := range h.held {
		assert.NotContains(t, got.stdout+got.stderr, c.Secret.Reveal(), "a secret")
		assert.NotContains(t, got.stdout+got.stderr, c.Key, "a key id")
	}
	var report audit.Report
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report), got.stderr)
	out := map[string]*audit.Result{}
	for _, r := range report.Results {
		out[r.Name] = r
	}
	return out, got
}

// ofCopies is what the rule about copies says, in two words.
func ofCopies(r *audit.Result) string {
	f := r.Finding(audit.RuleSecretInFiles)
	if f.Outcome == audit.Passed || f.Outcome == audit.NotApplicable {
		return f.Outcome.String()
	}
	return f.Outcome.String() + " " + f.Severity.String()
}

func TestSearchFindsCopies(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(secret string) (path, content string){
		"plain": func(s string) (string, string) { return "notes.md", "the key:\n" + s + "\n" },
		"base64": func(s string) (string, string) {
			return "k8s.yaml", "data:\n  env: " + base64.StdEncoding.EncodeToString([]byte("A=b\nS="+s))
		},
		"percents":    func(s string) (string, string) { return "access.log", "GET /?s=%" + strings.ToUpper(hexed(s, "%")) },
		"a lock file": func(s string) (string, string) { return "node_modules/x/package-lock.json", s },
		"a zip":       func(s string) (string, string) { return "backup.zip", zipOf(t, ".env", "S="+s) },
		"git's config": func(s string) (string, string) {
			return "repo/.git/config", "[remote \"o\"]\n url = https://u:" + url.QueryEscape(s) + "@x.example/r"
		},
		"its own name":   func(s string) (string, string) { return "keys/" + s + ".txt", "see the name" },
		"a large binary": func(s string) (string, string) { return "core.dump", strings.Repeat("\x00\x01\x7f", 1_000_000) + s },
	} {
		h := newHunted(t)
		path, content := write(h.secret("maker"))
		if strings.Contains(path, ".git/") {
			require.NoError(t, os.Mkdir(filepath.Join(h.tree, "repo"), 0o700))
			h.git(t, "repo", "init", "-q")
		}
		h.put(t, path, content)
		h.put(t, "other.txt", "nothing is here\n")
		got, ran := h.searched(t, "--search", h.tree)
		assert.Equal(t, "failed high", ofCopies(got["maker"]), "%s: %s", name, got["maker"].Finding(audit.RuleSecretInFiles).Message)
		assert.Equal(t, "passed", ofCopies(got["grid"]), name)
		assert.Equal(t, audit.ExitFindings, ran.code, name)
		assert.NotContains(t, ran.stdout, base64.StdEncoding.EncodeToString([]byte(h.secret("maker")))[:20], name)
	}
}

func hexed(s, between string) string {
	var out []string
	for _, b := range []byte(s) {
		out = append(out, string("0123456789abcdef"[b>>4])+string("0123456789abcdef"[b&15]))
	}
	return strings.Join(out, between)
}

func zipOf(t *testing.T, name, content string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	require.NoError(t, err)
	_, err = io.WriteString(w, content)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.String()
}

// TestSearchLooksIntoGit: a secret that git has is critical, also in the file where the
// owner keeps it.
func TestSearchLooksIntoGit(t *testing.T) {
	t.Parallel()
	h := newHunted(t)
	require.NoError(t, os.Mkdir(filepath.Join(h.tree, "repo"), 0o700))
	h.git(t, "repo", "init", "-q", "-b", "main")
	own := h.put(t, "repo/own.secret", h.secret("grid"))
	h.entries["grid"]["secret"] = "file:" + own
	h.put(t, "repo/old.env", "S="+h.secret("maker")+"\n")
	h.git(t, "repo", "add", ".")
	h.git(t, "repo", "commit", "-q", "-m", "first")
	first := h.git(t, "repo", "rev-parse", "HEAD")
	h.git(t, "repo", "rm", "-q", "old.env")
	h.git(t, "repo", "commit", "-q", "-m", "second")
	h.put(t, "repo/loose.env", h.secret("idle"))

	got, _ := h.searched(t, "--search", h.tree)
	assert.Equal(t, "failed critical", ofCopies(got["grid"]))
	assert.Contains(t, got["grid"].Finding(audit.RuleSecretInFiles).Message, "where its owner keeps it, tracked by git")
	assert.Equal(t, "failed critical", ofCopies(got["maker"]))
	require.Len(t, got["maker"].Snapshot.Search.Copies, 1)
	at := got["maker"].Snapshot.Search.Copies[0]
	assert.Equal(t, access.GitPast, at.Git)
	assert.Equal(t, first, at.Commit)
	assert.Equal(t, filepath.Join(h.tree, "repo", "old.env"), at.File)
	assert.Equal(t, "failed high", ofCopies(got["idle"]), "git does not have it")

	h.git(t, "repo", "rm", "-q", "--cached", "own.secret")
	h.git(t, "repo", "commit", "-q", "-m", "third")
	got, _ = h.searched(t, "--search", filepath.Join(h.tree, "repo"))
	assert.Equal(t, "failed critical", ofCopies(got["grid"]), "the history still has it")
}

// TestSearchKnowsWhereTheKeyIsKept: that place is no copy, the same file by another name
// is none either, and another key's file is one.
func TestSearchKnowsWhereTheKeyIsKept(t *testing.T) {
	t.Parallel()
	h := newHunted(t)
	h.entries["grid"]["secret"] = "file:" + h.put(t, "grid.secret", h.secret("grid"))
	both := h.put(t, "both.json", `{"maker": "`+h.secret("maker")+`", "idle": "`+h.secret("idle")+`", "old": "`+h.secret("grid")+`"}`)
	h.entries["maker"]["secret"] = "file:" + both + "#/maker"
	h.entries["idle"]["secret"] = "file:" + both + "#/idle"
	got, _ := h.searched(t, "--search", h.tree)
	assert.Equal(t, "failed high", ofCopies(got["grid"]), "another key's file has it")
	assert.Equal(t, "passed", ofCopies(got["maker"]))
	assert.Equal(t, "passed", ofCopies(got["idle"]))

	h.put(t, "id.txt", h.held["idle"].Key)
	got, _ = h.searched(t, "--search", h.tree)
	assert.Equal(t, "failed low", ofCopies(got["idle"]), "the key id alone")
}

// TestSearchKnowsWhatCommandsRead: a file that the inventory names in a command is no copy,
// and a key that two entries have is where either keeps it.
func TestSearchKnowsWhatCommandsRead(t *testing.T) {
	t.Parallel()
	h := newHunted(t)
	cat, err := exec.LookPath("cat")
	require.NoError(t, err)
	h.entries["grid"]["secret"] = map[string]any{"exec": []string{cat, h.put(t, "grid.secret", h.secret("grid"))}}
	h.entries["maker"]["secret"] = "file:" + h.put(t, "maker.secret", h.secret("maker"))
	again := maps.Clone(h.entries["maker"])
	again["name"], again["secret"] = "again", "file:"+h.put(t, "again.secret", h.secret("maker"))
	h.entries["again"] = again
	got, _ := h.searched(t, "--search", h.tree)
	for _, name := range []string{"grid", "maker", "again"} {
		assert.Equal(t, "passed", ofCopies(got[name]), "%s: %s", name, got[name].Finding(audit.RuleSecretInFiles).Message)
	}
	h.put(t, "copy", h.secret("grid"))
	got, _ = h.searched(t, "--search", h.tree)
	assert.Equal(t, "failed high", ofCopies(got["grid"]))
}

func TestSearchSaysWhatItDidNotRead(t *testing.T) {
	t.Parallel()
	h := newHunted(t)
	h.put(t, "old.7z", "7z\xbc\xaf\x27\x1c"+strings.Repeat("x", 600))
	got, ran := h.searched(t, "--search", h.tree)
	assert.Equal(t, "undetermined critical", ofCopies(got["grid"]))
	assert.Contains(t, got["grid"].Finding(audit.RuleSecretInFiles).Message, "old.7z")
	assert.Contains(t, ran.stderr, "old.7z")
	assert.NotEqual(t, audit.ExitClean, ran.code)

	if runtime.GOOS != "windows" && os.Getuid() != 0 {
		h = newHunted(t)
		require.NoError(t, os.Chmod(h.put(t, "closed.txt", "x"), 0))
		got, _ = h.searched(t, "--search", h.tree)
		assert.Equal(t, "undetermined critical", ofCopies(got["grid"]))
	}
}

// TestSearchComesBeforeAnyRequest: a path that cannot be searched stops the run.
func TestSearchComesBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	h := newHunted(t)
	got := h.run(t.Context(), t, "--search", filepath.Join(h.tree, "missing"))
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "--search")
	assert.Empty(t, h.fakes["bybit"].Requests(), "nothing was sent")
}

// TestSearchOfAKeyWithoutItsSecret: what was not looked for is not called absent.
func TestSearchOfAKeyWithoutItsSecret(t *testing.T) {
	t.Parallel()
	h := newHunted(t)
	h.entries["grid"]["secret"] = "file:" + filepath.Join(h.tree, "missing")
	got, _ := h.searched(t, "--search", h.tree)
	assert.Equal(t, "undetermined critical", ofCopies(got["grid"]))
	assert.Equal(t, "passed", ofCopies(got["maker"]))
	got, _ = h.searched(t)
	assert.Equal(t, "not-applicable", ofCopies(got["maker"]), "nobody searched")
}

// TestWhatASearchFoundStaysKnown until another search does not find it.
func TestWhatASearchFoundStaysKnown(t *testing.T) {
	t.Parallel()
	h := newHunted(t)
	path := h.put(t, "notes.md", h.secret("maker"))
	state := filepath.Join(t.TempDir(), "state.db")
	found := func(args ...string) *audit.Result {
		got := h.run(t.Context(), t, append([]string{"--format", "json", "--state", state}, args...)...)
		var report audit.Report
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &report), got.stderr)
		for _, r := range report.Results {
			if r.Name == "maker" {
				return r
			}
		}
		return nil
	}
	assert.Equal(t, "failed high", ofCopies(found("--state-new", "--search", h.tree)))
	for range 2 {
		later := found()
		assert.Equal(t, "failed high", ofCopies(later))
		assert.Contains(t, later.Finding(audit.RuleSecretInFiles).Message, "nobody has searched there since")
		assert.NotContains(t, later.Resolved, audit.RuleSecretInFiles)
	}
	require.NoError(t, os.Remove(path))
	assert.Equal(t, "passed", ofCopies(found("--search", h.tree)))
	assert.Equal(t, "not-applicable", ofCopies(found()))
}
