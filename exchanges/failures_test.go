package exchanges_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNoDuplicateCodes reads every adapter's tables of failures: a code in two
// rows would have two meanings, of which only the first counts.
func TestNoDuplicateCodes(t *testing.T) {
	t.Parallel()
	tables := 0
	for _, pattern := range []string{"*/*.go", "internal/*/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, table := range failureTables(t, path) {
				tables++
				seen := map[string]bool{}
				for _, code := range table {
					assert.False(t, seen[code], "%s: %q is in two rows", path, code)
					seen[code] = true
				}
			}
		}
	}
	assert.Greater(t, tables, 35, "where are the tables?")
}

// failureTables lists the codes of every table in a file.
func failureTables(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	constants := map[string]string{}
	var tables []*ast.CompositeLit
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if i < len(n.Values) {
					constants[name.Name], _ = literal(n.Values[i])
				}
			}
		case *ast.CompositeLit:
			if name := lastName(n.Type); name == "Failures" || name == "Words" {
				tables = append(tables, n)
			}
		}
		return true
	})
	codes := make([][]string, len(tables))
	for i, table := range tables {
		for _, row := range table.Elts {
			call, ok := row.(*ast.CallExpr)
			require.True(t, ok, "%s: a row is not a call of Is or For", path)
			args := call.Args
			if name := lastName(call.Fun); name == "Is" {
				args = args[1:]
			} else {
				require.Equal(t, "For", name, path)
			}
			require.NotEmpty(t, args, "%s: a row has no code", path)
			for _, arg := range args {
				code, ok := literal(arg)
				if name, isName := arg.(*ast.Ident); isName {
					code, ok = constants[name.Name]
				}
				require.True(t, ok && code != "", "%s: a code is not a constant of its file", path)
				codes[i] = append(codes[i], code)
			}
		}
	}
	return codes
}

func literal(e ast.Expr) (string, bool) {
	basic, ok := e.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

// lastName is Failures for wire.Failures, and for Failures within package wire.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}
