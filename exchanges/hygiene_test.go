package exchanges_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/exchangekeyaudit/exchangekeyaudit"

// golist runs go list in the root of the module and returns its lines.
func golist(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return strings.Fields(string(out))
}

// TestDependencies: the audit and every adapter but Binance's link the
// standard library and this module only.
func TestDependencies(t *testing.T) {
	t.Parallel()
	foreign := func(pkg string) []string {
		return slices.DeleteFunc(golist(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg), func(p string) bool {
			return p == module || strings.HasPrefix(p, module+"/")
		})
	}
	for _, pkg := range golist(t, "./audit/...", "./exchanges/...") {
		switch strings.TrimPrefix(pkg, module+"/") {
		case "exchanges": // the list of all
		case "exchanges/binance":
			assert.Contains(t, strings.Join(foreign(pkg), " "), "github.com/adshao/go-binance/v2")
		default:
			assert.Empty(t, foreign(pkg), "%s links third-party packages", pkg)
		}
	}
}

// rooms says what each package of the module may import of the module: facts
// below asking, asking below judging, and what checks a signature apart from what
// creates it. The first pattern that matches counts.
var rooms = []struct{ pkg, imports string }{
	{`audit/access`, `none`},
	{`audit/internal/keytext`, `none`},
	{`audit/adapter`, `audit/access|audit/internal/keytext`},
	{`audit`, `audit/access|audit/adapter`},
	{`audit/inventory`, `audit|audit/access|audit/adapter|audit/internal/keytext`},
	{`audit/render`, `audit|audit/access|audit/adapter`},
	{`exchanges`, `audit/adapter|exchanges/[a-z]+`},
	{`exchanges/exchangetest`, `audit|audit/access|audit/adapter`},
	{`exchanges/internal/[a-z]+`, `audit/access|audit/adapter|exchanges/internal/[a-z]+`},
	{`exchanges/[a-z]+`, `audit/access|audit/adapter|exchanges/internal/[a-z]+`},
}

// TestImports checks the imports of every package against its room.
func TestImports(t *testing.T) {
	t.Parallel()
	whole := func(pattern, text string) bool { return regexp.MustCompile(`^(` + pattern + `)$`).MatchString(text) }
	for _, line := range strings.Split(strings.Join(golist(t, "-f", "{{.ImportPath}};{{join .Imports `;`}}", "./audit/...", "./exchanges/..."), "\n"), "\n") {
		imports := strings.Split(line, ";")
		pkg := strings.TrimPrefix(imports[0], module+"/")
		at := slices.IndexFunc(rooms, func(r struct{ pkg, imports string }) bool { return whole(r.pkg, pkg) })
		if !assert.GreaterOrEqual(t, at, 0, "%s is in no room", pkg) {
			continue
		}
		for _, path := range imports[1:] {
			if own, inside := strings.CutPrefix(path, module+"/"); inside {
				assert.True(t, whole(rooms[at].imports, own), "%s may not import %s", pkg, own)
			}
		}
	}
}

// TestRequirements: two direct requirements, no more.
func TestRequirements(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	var direct []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && strings.HasPrefix(fields[1], "v") && !strings.Contains(line, "// indirect") {
			direct = append(direct, fields[0])
		}
	}
	assert.ElementsMatch(t, []string{"github.com/adshao/go-binance/v2", "github.com/stretchr/testify"}, direct)
}

// TestLayout: only the agreed folders at the top, and no file too long to read at
// once.
func TestLayout(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("..")
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			assert.Contains(t, []string{"audit", "exchanges", "examples"}, e.Name())
		}
	}
	require.NoError(t, filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		limit := 400
		rel := filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
		if parts := strings.Split(rel, "/"); len(parts) == 3 && parts[0] == "exchanges" && parts[1] != "exchangetest" && !strings.HasSuffix(rel, "_test.go") {
			limit = 250
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines := 0
		for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
			lines++
		}
		assert.LessOrEqual(t, lines, limit, "%s is too long", rel)
		return nil
	}))
}
