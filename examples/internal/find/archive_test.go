//go:build unix

package find

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// archives are files that hold a text which nobody sees, by their names without an end.
func archives(t *testing.T, text string) map[string]string {
	t.Helper()
	var zipped, tarred, packed bytes.Buffer
	z := zip.NewWriter(&zipped)
	in, err := z.Create(".env")
	require.NoError(t, err)
	_, err = in.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	w := tar.NewWriter(&tarred)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: ".env", Mode: 0o600, Size: int64(len(text)), Format: tar.FormatGNU}))
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	g := gzip.NewWriter(&packed)
	_, err = g.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, g.Close())
	rest := "\x00\x01\x02" + strings.Repeat("\x00\xff", 100)
	return map[string]string{
		"zip": zipped.String(), "tar": tarred.String(), "gz": packed.String(), "xz": "\xfd7zXZ\x00" + rest, "seven": "7z\xbc\xaf\x27\x1c" + rest,
		"bz": "BZh91AY&SY" + rest, "zst": "\x28\xb5\x2f\xfd" + rest, "rar": "Rar!\x1a\x07\x00" + rest,
	}
}

const (
	sqlite  = "SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20\x00\x00\x00\x02"
	picture = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00\x00\x00\x02\x00"
)

// TestArchives: what may hold a key and is not opened leaves the answer open, and is named
// by its path, whatever it is called. A picture is counted.
func TestArchives(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	all := archives(t, strings.Repeat("nothing\n", 2000))
	for name, data := range all {
		write(t, root, name, data)
	}
	write(t, root, "by-name.tgz", "anything")
	write(t, root, "bot.db", sqlite+strings.Repeat("\x00", 4000))
	write(t, root, "logo.png", picture+strings.Repeat("\x00\x07", 500))
	r := look(t, Options{Paths: []string{root}})
	assert.Len(t, r.skipped(SkippedArchive), len(all)+1)
	assert.Equal(t, []string{"bot.db"}, r.skipped(SkippedDatabase))
	assert.Equal(t, []string{"logo.png"}, r.skipped(SkippedBinary))
	assert.Equal(t, len(all)+2, r.Unread())
	var text bytes.Buffer
	require.NoError(t, r.Text(&text))
	assert.Contains(t, text.String(), "Not read: 1, database, not opened\n  bot.db\n")
	assert.NotContains(t, text.String(), "logo.png")

	r = look(t, Options{Paths: []string{root}, LeaveArchives: true})
	assert.Zero(t, r.Unread(), "they are left aside")
	text.Reset()
	require.NoError(t, r.Text(&text))
	assert.Contains(t, text.String(), "Not read: 1, database, not opened\n  bot.db\n", "and named all the same")
	assert.Contains(t, text.String(), "Found no key of an exchange")
}

// TestNamedUnread: a file that was named on the command line and not read leaves the
// answer open, whatever it is.
func TestNamedUnread(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, want := range map[string]struct {
		data string
		why  Why
	}{
		"b.zip": {archives(t, "nothing")["zip"], SkippedArchive}, "b.rpm": {"\x00\x01\x02" + strings.Repeat("\x00\xff", 500), SkippedArchive},
		"u.sqlite": {sqlite + strings.Repeat("\x00", 4000), SkippedDatabase}, "p.pkl": {"\x80\x04\x95" + strings.Repeat("\x00\x00\x8c", 500), SkippedBinary},
		"v.kdbx": {"\x03\xd9\xa2\x9a" + strings.Repeat("\x00\xff", 500), SkippedEncrypted},
	} {
		r := look(t, Options{Paths: []string{write(t, root, name, want.data)}, LeaveArchives: true})
		assert.Equal(t, []string{name}, r.skipped(want.why), name)
		assert.Equal(t, 1, r.Unread(), name)
		var text bytes.Buffer
		require.NoError(t, r.Text(&text))
		assert.Contains(t, text.String(), "  "+name+"\n")
		assert.NotContains(t, text.String(), "Found no key of an exchange", name)
	}
	folder := t.TempDir()
	named := write(t, folder, "a.pkl", "\x80\x04\x95"+strings.Repeat("\x00\x00\x8c", 500))
	write(t, folder, "b.pkl", "\x80\x04\x95"+strings.Repeat("\x00\x00\x8c", 500))
	r := look(t, Options{Paths: []string{named, folder}})
	assert.Equal(t, 1, r.Unread(), "the one that was named")
}

// TestTextBeginsLikeAnArchive: a text is searched whatever it begins with.
func TestTextBeginsLikeAnArchive(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, "a.env", "BZh91AY&SY\n"+env('1'))
	write(t, root, "b.env", strings.Repeat("#", 256)+"\nustar\n"+env('2'))
	r := look(t, Options{Paths: []string{root}})
	assert.ElementsMatch(t, []string{"a.env", "b.env"}, r.paths())
}

// TestArchivesInGit: those that git's history has are counted too; what is to be
// committed may be one, and is named.
func TestArchivesInGit(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.commit("data.bin", archives(t, "nothing")["zip"])
	c.remove("data.bin")
	r := look(t, Options{Paths: []string{c.folder}, History: true})
	assert.Equal(t, 1, r.Unread())
	assert.Len(t, r.skipped(SkippedArchive), 1)
	r = look(t, Options{Paths: []string{c.folder}, History: true, LeaveArchives: true})
	assert.Zero(t, r.Unread())
	assert.Len(t, r.skipped(SkippedArchive), 1)

	write(t, c.folder, "data.bin", archives(t, "nothing")["tar"])
	c.git("add", "data.bin")
	r = look(t, Options{Paths: []string{c.folder}, Staged: true})
	assert.Zero(t, r.Unread())
	assert.Equal(t, []string{"data.bin"}, r.skipped(SkippedArchive))
}
