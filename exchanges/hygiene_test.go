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

// linked says which third-party modules a package may link, and must. All others link
// the standard library and this module only, so that a bot pays for its own adapter alone.
var linked = map[string][]string{
	"exchanges/binance":           {"github.com/adshao/go-binance/v2"},
	"exchanges/internal/ethereum": ofWallets,
	"exchanges/aster":             ofWallets,
	"exchanges/derive":            ofWallets,
	"exchanges/dydx":              ofWallets,
	"exchanges/injective":         ofWallets,
	"exchanges/internal/stark":    ofStark,
	"exchanges/paradex":           ofStark,
	"exchanges/internal/cosmos":   {"github.com/decred/dcrd/dcrec/secp256k1/v4", "golang.org/x/crypto"},
	"exchanges/hyperliquid":       ofWallets,
	"exchanges/nado":              ofWallets,
}

// ofWallets are those of exchanges whose keys are wallets.
var ofWallets = []string{"github.com/decred/dcrd/dcrec/secp256k1/v4", "golang.org/x/crypto", "golang.org/x/sys"}

// ofStark are those of keys of the Stark curve.
var ofStark = []string{"github.com/consensys/gnark-crypto", "github.com/bits-and-blooms/bitset", "golang.org/x/crypto", "golang.org/x/sys"}

// TestDependencies compares what each package links with what it may.
func TestDependencies(t *testing.T) {
	t.Parallel()
	foreign := func(pkg string) []string {
		return slices.DeleteFunc(golist(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg), func(p string) bool {
			return p == module || strings.HasPrefix(p, module+"/")
		})
	}
	for _, pkg := range golist(t, "./audit/...", "./exchanges/...") {
		own := strings.TrimPrefix(pkg, module+"/")
		may := linked[own]
		if own == "exchanges" || slices.Contains(may, "github.com/adshao/go-binance/v2") { // all of them; and what that one links besides
			assert.Contains(t, strings.Join(foreign(pkg), " "), "github.com/adshao/go-binance/v2")
			continue
		}
		var modules []string
		for _, path := range foreign(pkg) {
			at := slices.IndexFunc(may, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") })
			if assert.GreaterOrEqual(t, at, 0, "%s links %s", pkg, path) && !slices.Contains(modules, may[at]) {
				modules = append(modules, may[at])
			}
		}
		assert.ElementsMatch(t, may, modules, "%s", pkg)
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

// TestRequirements: five direct requirements, no more.
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
	assert.ElementsMatch(t, []string{"github.com/adshao/go-binance/v2", "github.com/consensys/gnark-crypto", "github.com/decred/dcrd/dcrec/secp256k1/v4", "github.com/stretchr/testify", "golang.org/x/crypto"}, direct)
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
