package exchangetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/exchangekeyaudit/exchangekeyaudit"

// outside makes a module of the made-up exchange in testdata/outside, in a folder of
// its own. It returns the folder, and what runs the go tool there, offline and
// without a workspace. (A go.mod in testdata would keep it out of this module.)
func outside(t *testing.T) (dir string, run func(args ...string) (string, error)) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "outside"))))
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	run = func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off", "UPDATE_GOLDEN=")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("mod", "init", "example.com/acme")
	require.NoError(t, err, out)
	out, err = run("mod", "edit", "-require="+module+"@v0.0.0", "-replace="+module+"="+root)
	require.NoError(t, err, out)
	return dir, run
}

// edit replaces a text, which must be there once, in a file of the copy.
func edit(t *testing.T, path, from, to string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), from), from)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600))
}

// TestOutside: an adapter and a fake in a module of their own, with nothing but the
// public packages, pass the suite.
func TestOutside(t *testing.T) {
	t.Parallel()
	_, run := outside(t)
	out, err := run("test", "-count=1", "-v", "./...")
	require.NoError(t, err, out)
	for _, name := range []string{"TestConformance/definition", "TestConformance/round-trip", "FuzzParse/seed#0"} {
		assert.Contains(t, out, "--- PASS: "+name)
	}

	out, err = run("list", "-f", `{{join .Imports " "}} {{join .TestImports " "}} {{join .XTestImports " "}}`, "./...")
	require.NoError(t, err, out)
	var own []string
	for _, path := range strings.Fields(out) {
		if of, inside := strings.CutPrefix(path, module+"/"); inside {
			own = append(own, of)
		}
	}
	slices.Sort(own)
	assert.Equal(t, []string{"audit/access", "audit/adapter", "exchanges/exchangetest"}, slices.Compact(own))
}

// TestOutsideBroken: what the author of a broken adapter, or of an incomplete fake,
// reads.
func TestOutsideBroken(t *testing.T) {
	t.Parallel()
	dir, run := outside(t)
	fake := filepath.Join(dir, "acmetest", "acmetest.go")

	edit(t, fake, "Identify: func(c *exchangetest.Call) string { return c.Header.Get(\"Acme-Key\") },", "")
	out, err := run("test", "-run=TestConformance", "./...")
	require.Error(t, err)
	assert.Contains(t, out, "Identify is missing: it finds the key's identifier in a request.")
	assert.Contains(t, out, "definition: a fake must be complete before it may judge an adapter")
	assert.Equal(t, 1, strings.Count(out, "--- FAIL: TestConformance/"), "nothing else is checked:\n%s", out)

	out, err = run("test", "-run=FuzzParse", "./...")
	require.Error(t, err)
	assert.Contains(t, out, "Identify is missing: it finds the key's identifier in a request.")
	assert.NotContains(t, out, "panic")

	dir, run = outside(t)
	edit(t, filepath.Join(dir, "acme.go"), "if slices.Contains(held, name) {", "if !slices.Contains(held, name) {")
	edit(t, filepath.Join(dir, "acme.go"), "http.StatusTooManyRequests: access.KindRateLimited, ", "")
	out, err = run("test", "-run=TestConformance", "./...")
	require.Error(t, err)
	assert.Contains(t, out, `429 without Retry-After is read as "not-understood", and should be "rate-limited"`)
	assert.Contains(t, out, "--- FAIL: TestConformance/round-trip")
	assert.Contains(t, out, `withdraw is granted (by ["withdraw"]), and should not be`)
	assert.Contains(t, out, "round-trip: every key that can be created at the exchange must be reported as it was created")
}

// TestOutsideDocumented: the package documentation shows the definition that is
// tested.
func TestOutsideDocumented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("testdata", "outside", "acmetest", "acmetest.go"))
	require.NoError(t, err)
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(doc), "//\tfunc Acme()")
	require.True(t, found)
	shown, _, found := strings.Cut("//\tfunc Acme()"+rest, "//\n// What remains")
	require.True(t, found)
	shown = strings.ReplaceAll(strings.ReplaceAll(shown, "//\t", ""), "//\n", "\n")
	assert.Greater(t, strings.Count(shown, "\n"), 30)
	assert.Contains(t, string(source), shown)
}
