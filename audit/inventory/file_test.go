package inventory

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestFileModes: a file that others can read is a fact to report, not a mistake.
func TestFileModes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, mode := range []os.FileMode{0o400, 0o600, 0o640, 0o644, 0o666, 0o700} {
		path := put(t, filepath.Join(folder, mode.String()), mode, canary)
		data, storage, err := readFile(path, maxSecret)
		require.NoError(t, err)
		assert.Equal(t, canary, string(data))
		assert.Equal(t, access.Storage{In: "file", File: path, Mode: uint32(mode)}, storage)
	}
}

// TestFolders: a file of mode 0600 can be replaced by those who may write to a folder on
// the way to it, unless that folder is sticky.
func TestFolders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outer, inner os.FileMode
		shared       string
	}{
		{0o755, 0o700, ""}, {0o755, 0o777, "inner"}, {0o777, 0o755, "outer"}, {0o755, 0o775, "inner"}, {0o755, 0o777 | os.ModeSticky, ""},
	} {
		root := t.TempDir()
		folders := map[string]string{"outer": filepath.Join(root, "outer"), "inner": filepath.Join(root, "outer", "inner")}
		require.NoError(t, os.MkdirAll(folders["inner"], 0o700))
		path := put(t, filepath.Join(folders["inner"], "k"), 0o600, "x")
		link := filepath.Join(root, "link")
		require.NoError(t, os.Symlink(path, link))
		require.NoError(t, os.Chmod(folders["inner"], c.inner))
		require.NoError(t, os.Chmod(folders["outer"], c.outer))
		for _, name := range []string{path, link} {
			_, storage, err := readFile(name, maxSecret)
			require.NoError(t, err)
			assert.Equal(t, folders[c.shared], storage.Folder, "%o %o %s", c.outer, c.inner, name)
			mode := map[string]os.FileMode{"outer": c.outer, "inner": c.inner}[c.shared]
			assert.Equal(t, uint32(mode), storage.FolderMode, "%o %o %s", c.outer, c.inner, name)
		}
	}
}

// TestFolderOfALink: those who may write to the folder of a symbolic link can replace
// the link, wherever it leads.
func TestFolderOfALink(t *testing.T) {
	t.Parallel()
	shared := filepath.Join(t.TempDir(), "shared")
	require.NoError(t, os.Mkdir(shared, 0o700))
	link := filepath.Join(shared, "link")
	require.NoError(t, os.Symlink(put(t, filepath.Join(t.TempDir(), "k"), 0o600, "x"), link))
	require.NoError(t, os.Chmod(shared, 0o777))
	_, storage, err := readFile(link, maxSecret)
	require.NoError(t, err)
	assert.Equal(t, shared, storage.Folder)
}

// TestForeign: a file of another user is recognised, unlike the program's own
// and root's.
func TestForeign(t *testing.T) {
	t.Parallel()
	path := put(t, filepath.Join(t.TempDir(), "k"), 0o644, "x")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.False(t, foreign(info))
	root, err := os.Stat("/")
	require.NoError(t, err)
	assert.False(t, foreign(root))
	if os.Chown(path, 12345, 12345) == nil { // root may
		_, storage, err := readFile(path, maxSecret)
		require.NoError(t, err)
		assert.True(t, storage.Foreign)
	}
	folder := t.TempDir()
	own := put(t, filepath.Join(folder, "k"), 0o600, "x")
	if os.Chown(folder, 12345, 12345) == nil { // its owner can replace the file
		_, storage, err := readFile(own, maxSecret)
		require.NoError(t, err)
		assert.False(t, storage.Foreign)
		assert.Equal(t, folder, storage.Folder)
	}
}

// TestKubernetes reads a secret as a pod finds it: the name is a link into a
// linked folder, which is replaced when the secret changes.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put(t, filepath.Join(folder, "..2026_11_22_10_00_00.1", "secret"), 0o440, "first\n")
	put(t, filepath.Join(folder, "..2026_11_22_11_00_00.2", "secret"), 0o400, "second\n")
	require.NoError(t, os.Symlink("..2026_11_22_10_00_00.1", filepath.Join(folder, "..data")))
	require.NoError(t, os.Symlink(filepath.Join("..data", "secret"), filepath.Join(folder, "secret")))
	k := one(t, goodKey("secret", `"file:`+filepath.Join(folder, "secret")+`"`), Options{})
	c, err := k.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "first", c.Secret.Reveal())
	assert.Equal(t, access.Storage{Part: "secret", In: "file", File: filepath.Join(folder, "secret"), Mode: 0o440}, stored(c))

	require.NoError(t, os.Symlink("..2026_11_22_11_00_00.2", filepath.Join(folder, "..new")))
	require.NoError(t, os.Rename(filepath.Join(folder, "..new"), filepath.Join(folder, "..data")))
	c, err = k.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "second", c.Secret.Reveal())
}

func TestNoFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	socket, err := net.Listen("unix", filepath.Join(folder, "socket"))
	require.NoError(t, err)
	defer socket.Close()
	require.NoError(t, os.Symlink("loop", filepath.Join(folder, "loop")))
	big := put(t, filepath.Join(folder, "big"), 0o600, strings.Repeat("x", maxSecret+1))
	for path, want := range map[string]string{
		folder: "is not a file", filepath.Join(folder, "socket"): `socket" is not a file`, "/dev/zero": `"/dev/zero" is not a file`,
		filepath.Join(folder, "loop"): "cannot be opened by this user", filepath.Join(folder, "gone"): "does not exist",
		put(t, filepath.Join(folder, "empty"), 0o600, ""): "is empty", big: "is larger than the limit of 64 KiB",
	} {
		_, _, err := readFile(path, maxSecret)
		require.ErrorContains(t, err, want)
	}
	data, _, err := readFile(big, maxConfig)
	require.NoError(t, err)
	assert.Len(t, data, maxSecret+1)
}
