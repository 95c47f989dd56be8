//go:build unix

package find

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// checkout is a git repository for tests.
type checkout struct {
	*testing.T
	folder string
	clock  int
}

func newCheckout(t *testing.T) *checkout {
	t.Helper()
	c := &checkout{T: t, folder: t.TempDir()}
	c.git("init", "-q", "-b", "main")
	return c
}

// git runs git with a clock of its own, and none of the user's settings.
func (c *checkout) git(args ...string) string {
	c.Helper()
	c.clock++
	cmd := exec.Command("git", append([]string{"-C", c.folder, "-c", "user.name=maria", "-c", "user.email=maria@firm.example", "-c", "commit.gpgSign=false", "-c", "protocol.file.allow=always"}, args...)...)
	at := fmt.Sprintf("@%d +0000", 1_700_000_000+c.clock)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_COMMITTER_DATE="+at, "GIT_AUTHOR_DATE="+at)
	out, err := cmd.CombinedOutput()
	require.NoError(c, err, "%v: %s", args, out)
	return strings.TrimSpace(string(out))
}

// commit commits a file, and returns the commit.
func (c *checkout) commit(path, text string) string {
	c.Helper()
	write(c.T, c.folder, path, text)
	c.git("add", "-f", path)
	c.git("commit", "-q", "-m", "edit "+path)
	return c.git("rev-parse", "HEAD")
}

func (c *checkout) remove(path string) {
	c.Helper()
	c.git("rm", "-q", path)
	c.git("commit", "-q", "-m", "remove "+path)
}

// of finds the places of the key that env(n) has.
func (r *Report) of(n byte) (out []Found) {
	for _, f := range r.Found {
		if f.ID.Reveal() == "aB3dE5fG7hJ9kL1m"+string(n)+"Q" {
			out = append(out, f)
		}
	}
	return out
}

// TestHistory: keys that were deleted, renamed, amended away, on branches that nobody
// merged, in tags, stashes, merges, messages and packs, each with its first commit and
// path.
func TestHistory(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.commit("README.md", "a bot\n")
	still := c.commit("still.env", env('0'))
	deleted := c.commit("deleted.env", env('1'))
	c.remove("deleted.env")
	renamed := c.commit("old/name.env", env('2'))
	c.git("mv", "old/name.env", "new.env")
	c.git("commit", "-q", "-m", "rename")
	c.commit("amended.env", env('3'))
	amended := c.git("rev-parse", "HEAD")
	write(t, c.folder, "amended.env", "BYBIT_API_KEY=\n")
	c.git("add", "amended.env")
	c.git("commit", "-q", "--amend", "-m", "no key")
	c.git("checkout", "-q", "-b", "unmerged")
	branch := c.commit("branch.env", env('4'))
	c.git("checkout", "-q", "main")
	c.git("checkout", "-q", "-b", "tagged")
	tagged := c.commit("tagged.env", env('5'))
	c.git("tag", "-a", "v1", "-m", "first\n\n"+env('6'))
	c.git("checkout", "-q", "main")
	c.git("branch", "-q", "-D", "tagged")
	for _, n := range []byte("78") { // two stashes: only the newest has a name among the refs
		write(t, c.folder, "README.md", env(n))
		c.git("stash", "-q")
	}
	c.git("gc", "-q") // into packs
	c.git("checkout", "-q", "-b", "side")
	c.commit("side.txt", "x\n")
	c.git("checkout", "-q", "main")
	c.git("merge", "-q", "--no-commit", "--no-ff", "side")
	merged := c.commit("resolved.env", env('9')) // stands in no parent
	c.remove("resolved.env")
	write(t, c.folder, "staged.env", env('a'))
	c.git("add", "staged.env")
	c.git("rm", "-q", "-f", "--cached", "staged.env")
	require.NoError(t, os.Remove(filepath.Join(c.folder, "staged.env")))

	r := look(t, Options{Paths: []string{c.folder}, History: true})
	for n, want := range map[byte]struct {
		path, commit string
		past         bool
	}{
		'0': {"still.env", still, false}, '1': {"deleted.env", deleted, true}, '3': {"amended.env", amended, true}, '4': {"branch.env", branch, true},
		'5': {"tagged.env", tagged, true}, '9': {"resolved.env", merged, true},
	} {
		found := r.of(n)
		if !assert.Len(t, found, 1, string(n)) {
			continue
		}
		assert.Equal(t, want.path, found[0].Path)
		assert.Equal(t, want.commit, found[0].Commit, want.path)
		assert.Equal(t, want.past, found[0].Past, want.path)
		assert.Equal(t, "bybit", found[0].Exchange)
	}
	both := r.of('2')
	require.Len(t, both, 2)
	assert.Equal(t, "new.env", both[0].Path)
	assert.Equal(t, "old/name.env", both[1].Path)
	assert.Equal(t, renamed, both[1].Commit)
	assert.Equal(t, []bool{false, true}, []bool{both[0].Past, both[1].Past})
	require.Len(t, r.of('6'), 1)
	assert.Contains(t, r.of('6')[0].Path, "(message of ")
	for _, n := range []byte("78") {
		require.Len(t, r.of(n), 1, string(n))
		assert.Equal(t, "README.md", r.of(n)[0].Path)
		assert.NotEmpty(t, r.of(n)[0].Commit)
	}
	require.Len(t, r.of('a'), 1, "only staged once")
	assert.Contains(t, r.of('a')[0].Path, "in no commit")
	assert.Equal(t, InGit, r.of('0')[0].Tracked)
	assert.Zero(t, r.Unread())
	assert.Positive(t, r.Objects)
}

// TestHistoryCutOff: what a shallow clone lacks is not said to be clean; the history
// without --history neither; a bare repository, a worktree and a submodule are read.
func TestHistoryCutOff(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.commit("gone.env", env('1'))
	c.remove("gone.env")
	c.commit("more.txt", "x\n")
	assert.Empty(t, look(t, Options{Paths: []string{c.folder}}).Found)
	assert.Equal(t, []string{".git"}, look(t, Options{Paths: []string{c.folder}}).skipped(SkippedGit))

	root := t.TempDir()
	c.git("clone", "-q", "--depth", "1", "file://"+c.folder, filepath.Join(root, "shallow"))
	r := look(t, Options{Paths: []string{root}, History: true})
	assert.Empty(t, r.Found)
	assert.Equal(t, []string{"shallow"}, r.skipped(SkippedHistory))
	assert.Equal(t, 1, r.Unread())

	root = t.TempDir()
	c.git("clone", "-q", "--bare", "file://"+c.folder, filepath.Join(root, "bare.git"))
	r = look(t, Options{Paths: []string{root}, History: true})
	assert.Equal(t, []string{"bare.git/gone.env"}, r.paths())

	root = t.TempDir()
	c.git("worktree", "add", "-q", "-b", "other", filepath.Join(root, "tree"))
	r = look(t, Options{Paths: []string{root}, History: true})
	assert.Equal(t, []string{"tree/gone.env"}, r.paths())

	outer := newCheckout(t)
	outer.git("submodule", "add", "-q", "file://"+c.folder, "sub")
	outer.git("commit", "-q", "-m", "submodule")
	r = look(t, Options{Paths: []string{outer.folder}, History: true})
	require.Len(t, r.Found, 1)
	assert.Equal(t, "bybit", r.Found[0].Exchange)
}

// TestGitRunsNothing: a repository's own settings, hooks and filters start no program.
func TestGitRunsNothing(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.commit("a.env", env('1'))
	mark := filepath.Join(t.TempDir(), "ran")
	program := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\necho \"$0 $@\" >> "+mark+"\ncat\n"), 0o755))
	for _, name := range []string{
		"core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.smudge", "filter.x.clean", "filter.x.process",
		"core.askPass", "credential.helper", "gpg.program", "interactive.diffFilter", "pager.log", "pager.diff", "uploadpack.packObjectsHook", "core.alternateRefsCommand",
	} {
		c.git("config", name, program)
	}
	c.git("config", "log.showSignature", "true")
	write(t, c.folder, ".gitattributes", "* diff=x filter=x\n")
	for _, hook := range []string{"post-index-change", "post-checkout", "pre-commit", "reference-transaction", "fsmonitor-watchman"} {
		require.NoError(t, os.Symlink(program, filepath.Join(c.folder, ".git", "hooks", hook)))
	}
	require.NoError(t, os.RemoveAll(mark)) // what the settings themselves started
	assert.Len(t, look(t, Options{Paths: []string{c.folder}, History: true}).Found, 1)
	_, err := Find(t.Context(), Options{Paths: []string{c.folder}, Staged: true, Exchanges: exchanges.All()})
	require.NoError(t, err)
	ran, _ := os.ReadFile(mark)
	assert.Empty(t, string(ran))
}

// TestStaged: what is to be committed counts, and not what stands in the files.
func TestStaged(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	write(t, c.folder, "first.env", env('0'))
	c.git("add", "-f", "first.env")
	r := look(t, Options{Paths: []string{c.folder}, Staged: true})
	assert.Equal(t, []string{"first.env"}, r.paths(), "also before the first commit")
	c.git("commit", "-q", "-m", "first")
	assert.Empty(t, look(t, Options{Paths: []string{c.folder}, Staged: true}).Found, "it is committed already")

	write(t, c.folder, "in/new.env", env('1'))
	c.git("add", "-f", "in/new.env")
	write(t, c.folder, "in/new.env", "nothing\n")
	write(t, c.folder, "unstaged.env", env('2'))
	r = look(t, Options{Paths: []string{filepath.Join(c.folder, "in")}, Staged: true})
	assert.Equal(t, []string{"in/new.env"}, r.paths())
	_, err := Find(t.Context(), Options{Paths: []string{t.TempDir()}, Staged: true})
	assert.ErrorContains(t, err, "in no git repository")
}

// TestHistoryNotRead: what git has is not wholly read if something in it may hold keys
// that nobody looked at, whether or not it is only to be named.
func TestHistoryNotRead(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"":           "",
		"readme.png": "\x89PNG\r\n\x1a\n\x00\x00",
		"old.zip":    "PK\x03\x04" + strings.Repeat("\x00", 40),
		"bot.sqlite": "SQLite format 3\x00" + strings.Repeat("\x00", 40),
		"vault.yml":  "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
		"conf.yaml":  "bybit_api_key: ENC[AES256_GCM,data:x]\n",
	} {
		c := newCheckout(t)
		c.commit("README.md", "a bot\n")
		if name != "" {
			c.commit(name, text)
			c.remove(name)
		}
		for _, leave := range []bool{false, true} {
			r := look(t, Options{Paths: []string{c.folder}, History: true, LeaveArchives: leave})
			assert.Equal(t, name == "" || name == "readme.png", r.HistoryRead(), "%s: %v", name, r.Skipped)
		}
	}
}
