//go:build unix

package find

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHistoryFromAnywhere: whatever way a repository is named, its history is read, or the
// report says that it was not.
func TestHistoryFromAnywhere(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.commit("in/gone.env", env('1'))
	c.commit("kept.txt", "nothing\n")
	c.remove("in/gone.env")
	c.commit("in/kept.txt", "nothing\n")
	other := t.TempDir()
	bare, named, tree := filepath.Join(other, "bare"), filepath.Join(other, "named.git"), filepath.Join(other, "tree")
	c.git("clone", "-q", "--bare", c.folder, bare)
	c.git("clone", "-q", "--bare", c.folder, named)
	c.git("worktree", "add", "-q", tree)
	around := t.TempDir()
	require.NoError(t, os.Rename(bare, filepath.Join(around, "inner")))
	bare = filepath.Join(around, "inner")
	for name, path := range map[string]string{
		"checkout": c.folder, "folder in it": filepath.Join(c.folder, "in"), "file in it": filepath.Join(c.folder, "kept.txt"),
		"git's own folder": filepath.Join(c.folder, ".git"), "bare": bare, "bare, by its name": named, "around a bare one": around, "worktree": tree,
	} {
		r := look(t, Options{Paths: []string{path}, History: true})
		found := r.of('1')
		if assert.NotEmpty(t, found, name) {
			assert.NotEmpty(t, found[0].Commit, name)
			assert.Contains(t, found[0].Path, "in/gone.env", name)
		}
		assert.Zero(t, r.Unread(), "%s: %v", name, r.Skipped)
	}

	linked := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(c.folder, ".git"), filepath.Join(linked, ".git")))
	for name, path := range map[string]string{"a link may lead anywhere": linked, "no repository": t.TempDir()} {
		r := look(t, Options{Paths: []string{path}, History: true})
		assert.True(t, len(r.of('1')) > 0 || r.Unread() > 0, name)
	}
	for _, path := range []string{named, filepath.Join(c.folder, ".git")} {
		_, err := Find(t.Context(), Options{Paths: []string{path}})
		require.ErrorContains(t, err, "add --history")
	}
}

// many are so many secrets of another service.
func many(n int, line ...string) string {
	form := strings.Join(append(line, "AWS_SECRET_ACCESS_KEY=%s\n")[:1], "")
	var b strings.Builder
	for i := range n {
		sum := sha256.Sum256(fmt.Append(nil, i))
		fmt.Fprintf(&b, form, base64.RawURLEncoding.EncodeToString(sum[:])[:40])
	}
	return b.String()
}

// TestNothingIsDropped: a key among very many values is found, or the report says that not
// all was looked at.
func TestNothingIsDropped(t *testing.T) {
	t.Parallel()
	for _, form := range []struct{ line, key string }{
		{"AWS_SECRET_ACCESS_KEY=%s\n", env('1')},
		{`{"secret": "%s"},` + "\n", `{"bybit": {"apiKey": "aB3dE5fG7hJ9kL1m1Q", "secret": "` + strings.Repeat("Zy8Xw6Vu4Ts2", 3)[:35] + `1"}}`},
	} {
		for _, n := range []int{0, mostHalves - 1, mostHalves, mostHalves + 1, 3 * mostHalves} {
			root := t.TempDir()
			write(t, root, "many.txt", many(n, form.line)+form.key)
			r := look(t, Options{Paths: []string{root}})
			assert.True(t, len(r.of('1')) > 0 || r.Unread() > 0, "%d, %s", n, form.line)
			if n == 0 {
				assert.NotEmpty(t, r.of('1'))
			}
		}
	}
}

// TestStagedTwice: two staged files of one content are both looked at, also if the name of
// one says that it is not read.
func TestStagedTwice(t *testing.T) {
	t.Parallel()
	for _, other := range []string{"a.lock", "z.lock", "prod.env.map"} {
		c := newCheckout(t)
		write(t, c.folder, "prod.env", env('1'))
		write(t, c.folder, other, env('1'))
		c.git("add", "-f", ".")
		assert.Equal(t, []string{"prod.env"}, look(t, Options{Paths: []string{c.folder}, Staged: true}).paths(), other)
	}
	c := newCheckout(t)
	write(t, c.folder, "a.env", env('1'))
	write(t, c.folder, "b.env", env('1'))
	c.git("add", "-f", ".")
	assert.Equal(t, []string{"a.env", "b.env"}, look(t, Options{Paths: []string{c.folder}, Staged: true}).paths())
}

// TestFewZeroBytes: a text with a few zero bytes is read, wherever they stand.
func TestFewZeroBytes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"# \x00\n" + env('1'), "\x00" + env('1'), env('1') + "\x00", "# schlüssel 密钥 \x00\x00\n" + env('1')} {
		root := t.TempDir()
		write(t, root, "a.env", text)
		assert.Equal(t, []string{"a.env"}, look(t, Options{Paths: []string{root}}).paths(), "%q", text)
	}
	program, err := os.ReadFile("/proc/self/exe")
	require.NoError(t, err)
	assert.True(t, isBinary(program))
}

// TestSealedIsNamed: what only its owner can open is named, and what stands beside it in
// plaintext is found.
func TestSealedIsNamed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"bybit_api_key: 7b22" + strings.Repeat("0a1b", 20) + "\n", `{"secret": "THORS-HAMMERaaaa"}`, "data: ENC[AES256_GCM,data:aaaa,type:str]\n",
		"apiVersion: v1\nkind: SealedSecret\n", "key: |\n  -----BEGIN AGE ENCRYPTED FILE-----\n",
	} {
		root := t.TempDir()
		write(t, root, "conf.yml", text)
		assert.NotZero(t, look(t, Options{Paths: []string{root}}).Unread(), text)
		write(t, root, "conf.yml", text+"\n"+env('1'))
		r := look(t, Options{Paths: []string{root}})
		assert.NotEmpty(t, r.of('1'), text)
		assert.NotZero(t, r.Unread(), text)
	}
}
