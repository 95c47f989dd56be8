//go:build unix

package find

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// env is a file with a key of Bybit's, in plaintext.
func env(n byte) string {
	return "BYBIT_API_KEY=aB3dE5fG7hJ9kL1m" + string(n) + "Q\nBYBIT_API_SECRET=" + strings.Repeat("Zy8Xw6Vu4Ts2", 3)[:35] + string(n) + "\n"
}

func write(t *testing.T, root, path, text string) string {
	t.Helper()
	full := filepath.Join(root, path)
	require.NoError(t, os.MkdirAll(filepath.Dir(full), 0o700))
	require.NoError(t, os.WriteFile(full, []byte(text), 0o600))
	return full
}

func look(t *testing.T, o Options) *Report {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	o.Exchanges = exchanges.All()
	r, err := Find(ctx, o)
	require.NoError(t, err)
	require.False(t, r.Stopped)
	return r
}

func (r *Report) paths() (out []string) {
	for _, f := range r.Found {
		out = append(out, f.Path)
	}
	return out
}

func (r *Report) skipped(why Why) (paths []string) {
	for _, s := range r.Skipped {
		if s.Why == why {
			return s.Paths
		}
	}
	return nil
}

// TestWalk: regular files only, each once, none outside the paths, and what is not read
// is counted and named.
func TestWalk(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), t.TempDir()
	write(t, root, "a/.env", env('1'))
	write(t, root, "a/.git/config", env('2'))
	write(t, root, "node_modules/x/.env", env('2'))
	write(t, root, "go.sum", env('2'))
	write(t, root, "backup.zip", env('2'))
	write(t, root, "keys.age", env('2'))
	write(t, root, "vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n"+strings.Repeat("3130", 40))
	write(t, root, "program", "\x7fELF\x00\x00"+env('2'))
	write(t, root, "empty", "")
	write(t, root, "b/.env.old~", env('3'))
	write(t, outside, ".env", env('4'))
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "link")))
	require.NoError(t, os.Symlink(filepath.Join(outside, ".env"), filepath.Join(root, "file-link")))
	require.NoError(t, os.Symlink("..", filepath.Join(root, "a", "loop")))
	require.NoError(t, os.Symlink("/dev/zero", filepath.Join(root, "zero")))
	require.NoError(t, os.Link(filepath.Join(root, "a", ".env"), filepath.Join(root, "a", "hard")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "fifo"), 0o600))
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "unix", filepath.Join(root, "s"))
	require.NoError(t, err)
	defer listener.Close()

	r := look(t, Options{Paths: []string{root}})
	found := r.paths()
	require.Len(t, found, 2)
	assert.Contains(t, []string{"a/.env", "a/hard"}, found[0])
	assert.Equal(t, "b/.env.old~", found[1])
	for why, paths := range map[Why][]string{
		SkippedGit: {"a/.git"}, SkippedPackages: {"node_modules"}, SkippedLock: {"go.sum"}, SkippedArchive: {"backup.zip"},
		SkippedEncrypted: {"keys.age", "vault.yml"}, SkippedBinary: {"program"}, SkippedLink: {"a/loop", "file-link", "link", "zero"}, SkippedSpecial: {"fifo", "s"},
	} {
		assert.Equal(t, paths, r.skipped(why), why)
	}
	assert.Len(t, r.skipped(SkippedAgain), 1)
	assert.Equal(t, 3, r.Unread(), "what is encrypted could not be read, nor the archive")
	assert.Equal(t, 3, r.Files)
}

// TestOverlap: a folder that two paths have is read once; a path may be a file or lead
// to one.
func TestOverlap(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	file := write(t, root, "in/.env", env('1'))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(file, link))
	assert.Equal(t, []string{".env"}, look(t, Options{Paths: []string{file}}).paths())
	assert.Equal(t, []string{".env"}, look(t, Options{Paths: []string{link}}).paths())
	r := look(t, Options{Paths: []string{root, filepath.Join(root, "in")}})
	require.Len(t, r.Keys, 1, "one key, however many paths lead to it")
}

// TestRefusedPaths: what is no file and no folder is refused before anything is read.
func TestRefusedPaths(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	fifo := filepath.Join(root, "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	for path, want := range map[string]string{
		filepath.Join(root, "none"): "does not exist", fifo: "neither a file nor a folder", "/dev/null": "is the kernel's", "/proc/self": "is the kernel's",
	} {
		_, err := Find(t.Context(), Options{Paths: []string{path}})
		assert.ErrorContains(t, err, want, path)
	}
}

// TestNoPermission: a file that cannot be read is named, and makes the answer unknown:
// one that vanished, one whose place a pipe took, and, unless root runs this test, one
// without permission.
func TestNoPermission(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	inner, err := os.OpenRoot(root)
	require.NoError(t, err)
	defer inner.Close()
	r := &reader{names: newNames(exchanges.All()), inner: inner, buffer: make([]byte, window)}
	_, why, _ := r.file(job{path: "vanished"})
	assert.Equal(t, SkippedError, why)
	assert.True(t, why.Unread())
	assert.Equal(t, SkippedPermission, because(&os.PathError{Err: syscall.EACCES}))
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "swapped"), 0o600))
	_, why, _ = r.file(job{path: "swapped"}) // a pipe that took a file's place: nothing waits for its writer
	assert.Equal(t, SkippedError, why)
	if os.Geteuid() == 0 {
		t.Log("run by root, who may read everything: the same for a file of mode 000 is not tried")
		return
	}
	file := write(t, root, "closed", env('1'))
	require.NoError(t, os.Chmod(file, 0))
	report := look(t, Options{Paths: []string{root}})
	assert.Equal(t, []string{"closed"}, report.skipped(SkippedPermission))
	assert.Equal(t, 1, report.Unread())
}

// TestLarge: a file larger than what is held at a time is read in pieces, and lines are
// counted through all of them.
func TestLarge(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	filler := strings.Repeat(strings.Repeat("all is well. ", 7)+"\n", 40_000) // 3.6 MB
	write(t, root, "bot.log", filler+env('1')+filler+env('2'))
	long := strings.Repeat("x ", window) // no line ends
	write(t, root, "long.txt", long+"\n"+env('3'))
	r := look(t, Options{Paths: []string{root}})
	require.Equal(t, []string{"bot.log", "bot.log", "long.txt"}, r.paths())
	assert.Equal(t, 40_002, r.Found[0].Line)
	assert.Equal(t, 80_004, r.Found[1].Line)
	assert.Equal(t, 3, r.Found[2].Line)
	assert.Zero(t, r.Unread())
}

// TestStopped: what was not read when the time was over is no clean answer.
func TestStopped(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, "a/.env", env('1'))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r, err := Find(ctx, Options{Paths: []string{root}, Exchanges: exchanges.All()})
	require.NoError(t, err)
	assert.True(t, r.Stopped)
	var text bytes.Buffer
	require.NoError(t, r.Text(&text))
	assert.Contains(t, text.String(), "Not everything could be")
	assert.NotContains(t, text.String(), "Found no key of an exchange")
}

// TestSecretInName: a secret that a path contains is not shown with it.
func TestSecretInName(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	text := env('1')
	secret := strings.TrimSpace(text[strings.LastIndexByte(text, '=')+1:])
	write(t, root, "old-"+secret+"/.env", text)
	r := look(t, Options{Paths: []string{root}})
	require.Len(t, r.Found, 1)
	assert.Equal(t, "old-…/.env", r.Found[0].Path)
}

// TestCanary: no secret of the whole tree is in anything that is written, also where
// the text is odd.
func TestCanary(t *testing.T) {
	t.Parallel()
	for _, o := range []*tree{plant(t, 7, keyFiles, cleanFiles, 1), plant(t, 8, secondKeys, secondClean, 1)} {
		r := look(t, Options{Paths: []string{o.root}})
		require.Greater(t, len(r.Found), 60)
		var text, json bytes.Buffer
		require.NoError(t, r.Text(&text))
		require.NoError(t, r.JSON(&json, Attached{}))
		assert.Empty(t, o.canariesIn(text.Bytes()))
		assert.Empty(t, o.canariesIn(json.Bytes()))
	}
}

// TestHostile: texts that are made to be hard end, and nothing of them is shown.
func TestHostile(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"brackets.json": strings.Repeat("[", 200_000) + env('1'), "tags.xml": strings.Repeat("<a>", 50_000), "dashes.yml": strings.Repeat("- ", 100_000) + "key: x",
		"quotes.txt": strings.Repeat(`"'`+"`", 50_000), "keys.env": strings.Repeat(env('1'), 3000), "begin.pem": strings.Repeat("-----BEGIN ", 20_000),
		"escapes.json": `{"key": "` + strings.Repeat(`\"`, 50_000), "words.txt": strings.Repeat("api key secret ", 30_000), "colons.yml": strings.Repeat("key:", 50_000),
		"indexes.php": strings.Repeat("$a['key']", 20_000), "table.md": "| key | secret |\n" + strings.Repeat("|a|b|\n", 20_000),
	} {
		write(t, root, name, text+"\napi_key = aB3dE5fG7hJ9kL1mQ\n")
	}
	began := time.Now()
	look(t, Options{Paths: []string{root}})
	t.Log(time.Since(began))
}
