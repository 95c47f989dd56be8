package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// plantedKey is a key of OKX's as a bot's variables.
func plantedKey() (text, secret string) {
	secret = strings.Repeat("9F3A7B2C", 4)
	return "OKX_API_KEY=3f2a9c1e-77ab-4c3d-a1b2-9d8e7f6a5b4c\nOKX_API_SECRET=" + secret + "\n", secret
}

// TestFind: what is found is a finding, by text and JSON, and no secret is in either.
func TestFind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text, secret := plantedKey()
	writeFile(t, filepath.Join(folder, ".env"), 0o644, text)
	require.NoError(t, os.Mkdir(filepath.Join(folder, "old"), 0o700))
	writeFile(t, filepath.Join(folder, "old", "keys.txt"), 0o600, strings.ReplaceAll(text, "=", ": "))

	got := runWith(t.Context(), nil, "find", folder)
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	assert.Contains(t, got.stdout, "1 key in 2 places\n\nokx: key 3f2a…5b4c, with its secret\n")
	assert.Contains(t, got.stdout, filepath.Join(folder, ".env")+":2\n")
	assert.Contains(t, got.stdout, "mode 0644: everybody on this machine can read it")
	assert.NotContains(t, got.stdout+got.stderr, secret[:8])

	parsed := runWith(t.Context(), nil, "find", folder, "--format", "json")
	assert.Equal(t, audit.ExitFindings, parsed.code, parsed.stderr)
	var report struct {
		Found []struct {
			Path, Exchange, Commit, Why string
			Line                        int
			KeyID                       string `json:"key_id"`
			Both                        bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(parsed.stdout), &report))
	require.Len(t, report.Found, 2)
	first := report.Found[0]
	assert.Equal(t, ".env", first.Path)
	assert.Equal(t, 2, first.Line)
	assert.Equal(t, "okx", first.Exchange)
	assert.Equal(t, "3f2a…5b4c", first.KeyID)
	assert.True(t, first.Both)
	assert.Contains(t, first.Why, "OKX_API_KEY")
	assert.NotContains(t, parsed.stdout, secret[:8])
}

// TestFindExitCodes: nothing is clean only if everything was read.
func TestFindExitCodes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "notes.txt"), 0o600, "nothing\n")
	clean := runWith(t.Context(), nil, "find", folder)
	assert.Equal(t, audit.ExitClean, clean.code, clean.stderr)
	assert.Contains(t, clean.stdout, "Found no key of an exchange.\nRead 1 file")

	writeFile(t, filepath.Join(folder, "secrets.age"), 0o600, "age-encryption.org/v1\n")
	unread := runWith(t.Context(), nil, "find", folder)
	assert.Equal(t, audit.ExitNotAssessed, unread.code)
	assert.NotContains(t, unread.stdout, "Found no key of an exchange")
	assert.Contains(t, unread.stdout, "Not read: 1, encrypted\n  secrets.age\n")

	require.NoError(t, os.Remove(filepath.Join(folder, "secrets.age")))
	zipped := writeFile(t, filepath.Join(folder, "backup"), 0o600, "PK\x03\x04"+strings.Repeat("\x00\x01", 500))
	picture := writeFile(t, filepath.Join(folder, "logo.png"), 0o600, "\x89PNG\r\n\x1a\n"+strings.Repeat("\x00\x00\x01", 500))
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{folder}, audit.ExitNotAssessed, "Not read: 1, archive, not opened\n  backup\nNot read: 1, binary\n"},
		{[]string{folder, "--leave-archives"}, audit.ExitClean, "Not read: 1, archive, not opened\n  backup\nNot read: 1, binary\n"},
		{[]string{zipped, "--leave-archives"}, audit.ExitNotAssessed, "Not read: 1, archive, not opened\n  backup\n"},
		{[]string{picture}, audit.ExitNotAssessed, "Not read: 1, binary\n  logo.png\n"},
	} {
		got := runWith(t.Context(), nil, append([]string{"find"}, c.args...)...)
		assert.Equal(t, c.code, got.code, "%v: %s", c.args, got.stderr)
		assert.Contains(t, got.stdout, c.want, c.args)
	}

	for want, args := range map[string][]string{
		"name the files or folders":  {"find"},
		"does not exist":             {"find", filepath.Join(folder, "none")},
		"leave out one of --staged":  {"find", "--staged", "--history", folder},
		"without --audit nobody is":  {"find", "--format", "html", folder},
		`unknown format "sarfi"`:     {"find", "--format", "sarfi", folder},
		"is not a duration":          {"find", "--deadline", "1", folder},
		"kernel's, and holds no fil": {"find", "/proc"},
	} {
		got := runWith(t.Context(), nil, args...)
		assert.Equal(t, audit.ExitUsage, got.code, args)
		assert.Contains(t, got.stderr, want, args)
		assert.Empty(t, got.stdout, args)
	}
}

// TestFindOutput: the report goes to a file, which is its owner's alone.
func TestFindOutput(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text, _ := plantedKey()
	writeFile(t, filepath.Join(folder, ".env"), 0o600, text)
	file := filepath.Join(t.TempDir(), "found.json")
	got := runWith(t.Context(), nil, "find", folder, "--format", "json", "--output", file)
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	assert.Empty(t, got.stdout)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// TestFindOverwritesNothing: a report never takes the place of what was searched.
func TestFindOverwritesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	secret := writeFile(t, filepath.Join(folder, ".env"), 0o600, "BYBIT_API_KEY=aB3dE5fG7hJ9kL1mN2\nBYBIT_API_SECRET=aB3dE5fG7hJ9kL1maB3dE5fG7hJ9kL1mN2pQ\n")
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(secret, link))
	for _, args := range [][]string{{folder, "--output", secret}, {secret, "--output", secret}, {folder, "--output", link}} {
		got := runWith(t.Context(), nil, append([]string{"find"}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code, "%v: %s", args, got.stdout)
		assert.Contains(t, got.stderr, "would be overwritten", args)
	}
	text, err := os.ReadFile(secret)
	require.NoError(t, err)
	assert.Contains(t, string(text), "BYBIT_API_SECRET")
	for range 2 {
		got := runWith(t.Context(), nil, "find", folder, "--output", filepath.Join(folder, "report"))
		assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	}
}

// TestNothingIsWrittenIntoGit: no report takes the place of what git keeps, however it is
// named, also where that lies beside what is searched.
func TestNothingIsWrittenIntoGit(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, path := range []string{".git/HEAD", ".git/objects/x", ".git/refs/x", "bare/HEAD", "bare/objects/x", "bare/refs/x", "sub/a"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, path)), 0o700))
		writeFile(t, filepath.Join(folder, path), 0o600, "git's\n")
	}
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(filepath.Join(folder, ".git", "HEAD"), link))
	before := contents(t, folder)
	for _, output := range []string{"sub/../.git/HEAD", ".git/new", "bare/HEAD", "bare/refs/new"} {
		for _, command := range [][]string{{"find", "--history", filepath.Join(folder, "sub"), "--output"}, {"--demo", "--output"}, {"--demo", "--state"}} {
			got := runWith(t.Context(), nil, append(command, filepath.Join(folder, output))...)
			assert.Equal(t, audit.ExitUsage, got.code, "%v %s: %s", command, output, got.stderr)
		}
	}
	got := runWith(t.Context(), nil, "find", "--history", filepath.Join(folder, "sub"), "--output", link)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Equal(t, before, contents(t, folder))
}
