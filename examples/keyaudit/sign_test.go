package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// sshKey is a new SSH key in a folder, and its line for a file of signers.
func sshKey(t *testing.T, folder, name string) (path, signer string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	key, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	return writeFile(t, filepath.Join(folder, name), 0o600, string(pem.EncodeToMemory(block))), name + " " + string(ssh.MarshalAuthorizedKey(key))
}

// asks runs the program without a fleet.
func asks(t *testing.T, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := app{stdout: &stdout, stderr: &stderr, env: func(string) string { return "" }, now: time.Now}
	code := a.run(t.Context(), args)
	return ran{code, stdout.String(), stderr.String()}
}

// TestSignedReports: what is wrong with a report or its signature is said in one sentence,
// and no exit code is 0.
func TestSignedReports(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	owner, line := sshKey(t, folder, "owner")
	other, _ := sshKey(t, folder, "other")
	signers := writeFile(t, filepath.Join(folder, "signers"), 0o600, line)
	h := newHunted(t)
	files := map[string]string{}
	var args []string
	for _, format := range []string{"json", "jsonl", "html", "text"} {
		files[format] = filepath.Join(folder, "report."+format)
		args = append(args, "--report", format+"="+files[format])
	}
	signed := h.run(t.Context(), t, append(args, "--sign", owner)...)
	require.Equal(t, audit.ExitFindings, signed.code, signed.stderr)
	for format, path := range files {
		got := asks(t, "verify", path, "--signers", signers)
		assert.Equal(t, audit.ExitClean, got.code, "%s: %s", format, got.stderr)
		assert.Contains(t, got.stdout, `"owner"`, format)
		got = asks(t, "verify", path)
		assert.Equal(t, audit.ExitClean, got.code, format)
		assert.Contains(t, got.stdout, "Anyone can sign", format)
	}
	again := h.run(t.Context(), t, append(args, "--sign", owner)...)
	assert.Equal(t, audit.ExitFindings, again.code, "the key's own signature is replaced: %s", again.stderr)
	refused := h.run(t.Context(), t, append(args, "--sign", other)...)
	assert.Equal(t, audit.ExitUsage, refused.code, "another key's is not")
	assert.Contains(t, refused.stderr, "is not this key's signature")

	text, err := os.ReadFile(files["json"])
	require.NoError(t, err)
	signature, err := os.ReadFile(files["json"] + ".sig")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		report, signature string
		why               string
	}{
		"edited":             {string(bytes.Replace(text, []byte(`"failed"`), []byte(`"passed"`), 1)), string(signature), "is not what was signed"},
		"cut":                {string(text[:len(text)/2]), string(signature), "is not what was signed"},
		"longer":             {string(text) + "\n", string(signature), "is not what was signed"},
		"empty":              {"", string(signature), "is not what was signed"},
		"not signed":         {string(text), "", "is not signed"},
		"a damaged one":      {string(text), string(signature[:len(signature)/2]), "is not signed"},
		"another's":          {string(text), "other", "which is none of the signers"},
		"something else":     {string(text), "a text\n", "is not signed"},
		"of another report":  {string(text), "html", "is not what was signed"},
		"its own, as it was": {string(text), string(signature), ""},
	} {
		path := writeFile(t, filepath.Join(t.TempDir(), "report.json"), 0o600, c.report)
		switch c.signature {
		case "":
		case "other":
			require.Equal(t, audit.ExitClean, asks(t, "sign", "--key", other, path).code)
		case "html":
			foreign, err := os.ReadFile(files["html"] + ".sig")
			require.NoError(t, err)
			writeFile(t, path+".sig", 0o600, string(foreign))
		default:
			writeFile(t, path+".sig", 0o600, c.signature)
		}
		got := asks(t, "verify", path, "--signers", signers)
		if c.why == "" {
			assert.Equal(t, audit.ExitClean, got.code, name)
			continue
		}
		assert.Equal(t, audit.ExitFindings, got.code, name)
		assert.Contains(t, got.stderr, c.why, name)
		assert.Empty(t, got.stdout, name)
		assert.Equal(t, 1, bytes.Count([]byte(got.stderr), []byte("\n")), "%s: one sentence: %s", name, got.stderr)
	}
}

func TestSignIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	owner, _ := sshKey(t, folder, "owner")
	report := writeFile(t, filepath.Join(folder, "report.json"), 0o600, `{"schema": 2, "version": "1", "results": []}`)
	require.Equal(t, audit.ExitClean, asks(t, "sign", "--key", owner, report).code)
	before, err := os.ReadFile(report + ".sig")
	require.NoError(t, err)
	for why, args := range map[string][]string{
		"exists":              {"sign", "--key", owner, report},
		"does not exist":      {"sign", "--key", owner, filepath.Join(folder, "missing")},
		"is not a regular":    {"sign", "--key", owner, folder},
		"is no private key":   {"sign", "--key", report, report},
		"name the key":        {"sign", report},
		"name one report":     {"sign", "--key", owner},
		"cannot be read":      {"verify", report, "--signers", filepath.Join(folder, "missing")},
		"names no key":        {"verify", report, "--signers", writeFile(t, filepath.Join(folder, "none"), 0o600, "# nobody\n")},
		"line 1 has":          {"verify", report, "--signers", writeFile(t, filepath.Join(folder, "bad"), 0o600, "a ssh-ed25519 AAAA\n")},
		"name a file to sign": {"--demo", "--sign", owner},
	} {
		got := asks(t, args...)
		assert.Equal(t, audit.ExitUsage, got.code, "%v: %s", args, got.stderr)
		assert.Contains(t, got.stderr, why)
	}
	after, err := os.ReadFile(report + ".sig")
	require.NoError(t, err)
	assert.Equal(t, before, after, "nothing was overwritten")
}

// TestOutdatedSignature: a report that takes the place of a signed one leaves the signature,
// which may be evidence, and says that it fits no more; so does verify.
func TestOutdatedSignature(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	owner, _ := sshKey(t, s.folder, "owner")
	file := filepath.Join(s.folder, "report.json")
	a, b := s.entry("a", "spot-trading", spotKey), s.entry("b", "read-only", spotKey)
	run := func(keys []string, more ...string) ran {
		return runWith(t.Context(), s.env, append([]string{"--keys", s.keyFile(t, keys...), "--format", "json", "--output", file}, more...)...)
	}
	const outdated = "signs the report that was in "
	require.NotContains(t, run([]string{a}, "--sign", owner).stderr, outdated, "the first")
	require.NotContains(t, run([]string{a, b}, "--sign", owner).stderr, outdated, "it is signed again")
	signature, err := os.ReadFile(file + ".sig")
	require.NoError(t, err)
	earlier := writeFile(t, filepath.Join(s.folder, "earlier.json"), 0o600, demoJSON().stdout)
	for what, write := range map[string]func() ran{
		"run":   func() ran { return run([]string{b}) },
		"judge": func() ran { return asks(t, "judge", earlier, "--format", "json", "--output", file) },
		"find":  func() ran { return asks(t, "find", earlier, "--format", "json", "--output", file) },
	} {
		got := write()
		assert.NotEqual(t, audit.ExitUsage, got.code, "%s: %s", what, got.stderr)
		assert.Equal(t, 1, strings.Count(got.stderr, outdated), "%s: %s", what, got.stderr)
		left, err := os.ReadFile(file + ".sig")
		require.NoError(t, err)
		assert.Equal(t, signature, left, what)
		assert.Contains(t, asks(t, "verify", file).stderr, "replaced by a later run", what)
	}
	writeFile(t, file+".sig", 0o600, "no signature\n")
	assert.NotContains(t, run([]string{a}).stderr, outdated, "somebody's own file")
}
