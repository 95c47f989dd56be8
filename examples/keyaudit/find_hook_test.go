//go:build unix

package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPreCommit: the hook refuses a commit with a key, and only that; without the
// program it lets nothing pass as checked.
func TestPreCommit(t *testing.T) {
	t.Parallel()
	programs, folder := t.TempDir(), t.TempDir()
	own, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(own, filepath.Join(programs, "keyaudit")))
	git := func(path string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", folder, "-c", "user.name=maria", "-c", "user.email=maria@firm.example"}, args...)...)
		for _, v := range os.Environ() {
			if !strings.HasPrefix(v, "GIT_") && !strings.HasPrefix(v, "PATH=") {
				cmd.Env = append(cmd.Env, v)
			}
		}
		cmd.Env = append(cmd.Env, "PATH="+path, "NIGHTLY_CHILD=main", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	with := programs + ":" + os.Getenv("PATH")
	must := func(args ...string) {
		out, err := git(with, args...)
		require.NoError(t, err, out)
	}
	must("init", "-q", "-b", "main")
	hook, err := os.ReadFile("find/pre-commit")
	require.NoError(t, err)
	hooks := filepath.Join(folder, ".git", "hooks")
	require.NoError(t, os.MkdirAll(hooks, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(hooks, "pre-commit"), hook, 0o700))

	writeFile(t, filepath.Join(folder, "README.md"), 0o600, "a bot\n")
	must("add", "README.md")
	must("commit", "-q", "-m", "first")

	text, secret := plantedKey()
	writeFile(t, filepath.Join(folder, ".env"), 0o600, text)
	must("commit", "-q", "--allow-empty", "-m", "the key is not staged")
	must("add", "-f", ".env")
	out, err := git(with, "commit", "-q", "-m", "a key")
	require.Error(t, err)
	assert.Contains(t, out, "pre-commit: refused")
	assert.Contains(t, out, "okx: key 3f2a…5b4c, with its secret")
	assert.NotContains(t, out, secret[:8])

	must("rm", "-q", "--cached", "-f", ".env")
	writeFile(t, filepath.Join(folder, "vault.age"), 0o600, "age-encryption.org/v1\n")
	must("add", "vault.age")
	must("commit", "-q", "-m", "an encrypted file passes")
	writeFile(t, filepath.Join(folder, "data.zip"), 0o600, "PK\x03\x04"+strings.Repeat("\x00\x01", 500))
	must("add", "data.zip")
	out, err = git(with, "commit", "-q", "-m", "an archive passes")
	require.NoError(t, err, out)
	assert.Contains(t, out, "Not read: 1, archive, not opened\n  data.zip\n", "and is named")

	writeFile(t, filepath.Join(folder, "keys.txt"), 0o600, manySecrets())
	must("add", "keys.txt")
	out, err = git(with, "commit", "-q", "-m", "more than is looked at")
	require.Error(t, err, out)
	assert.Contains(t, out, "not all that is staged could be looked into")
	must("rm", "-q", "--cached", "-f", "keys.txt")

	out, err = git(os.Getenv("PATH"), "commit", "-q", "--allow-empty", "-m", "no program")
	require.Error(t, err)
	assert.Contains(t, out, "keyaudit is not installed")
}

// manySecrets are so many secrets of other services that not all of a file is looked at.
func manySecrets() string {
	var b strings.Builder
	for i := range 5000 {
		sum := sha256.Sum256(fmt.Append(nil, i))
		fmt.Fprintf(&b, "AWS_SECRET_ACCESS_KEY=%s\n", base64.RawURLEncoding.EncodeToString(sum[:])[:40])
	}
	return b.String()
}
