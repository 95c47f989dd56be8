package audit_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
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

// TestFileOrder: in each of the three rooms a file uses nothing but what is
// in files that the package's doc.go lists before it, so that the package can be
// read from one end to the other.
func TestFileOrder(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"access", "adapter", "."} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			files, uses := fileUses(t, dir)
			order := listedFiles(t, dir)
			require.ElementsMatch(t, files, order, "doc.go lists the package's files, each once")
			for _, use := range uses {
				if use == (fileUse{"exchange.go", "session.go", "Session"}) {
					continue // the functions of an Exchange take a Session
				}
				assert.Less(t, slices.Index(order, use.of), slices.Index(order, use.by), "%s uses %s of %s, which stands after it", use.by, use.name, use.of)
			}
		})
	}
}

// listedFiles are the files that doc.go names, in its order; doc.go itself is not
// among them.
func listedFiles(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "doc.go"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "// # Files\n")
	require.True(t, found, "doc.go has a section # Files")
	section, _, _ = strings.Cut(section, "// # ")
	return regexp.MustCompile(`\b\w+\.go\b`).FindAllString(section, -1)
}

type fileUse struct{ by, of, name string }

// fileUses lists the package's files, and which of them uses what of another.
func fileUses(t *testing.T, dir string) (files []string, uses []fileUse) {
	t.Helper()
	fset := token.NewFileSet()
	var parsed []*ast.File
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		require.NoError(t, err)
		parsed = append(parsed, file)
		if name := filepath.Base(path); name != "doc.go" {
			files = append(files, name)
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", compiled(t, dir))}
	pkg, err := config.Check("room", fset, parsed, info)
	require.NoError(t, err)
	at := func(p token.Pos) string { return filepath.Base(fset.Position(p).Filename) }
	seen := map[fileUse]bool{}
	for ident, object := range info.Uses {
		if object.Pkg() != pkg {
			continue
		}
		use := fileUse{by: at(ident.Pos()), of: at(object.Pos()), name: object.Name()}
		if use.by != use.of && !seen[use] {
			seen[use] = true
			uses = append(uses, use)
		}
	}
	slices.SortFunc(uses, func(a, b fileUse) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return files, uses
}

// compiled finds what the compiler exported of the packages that are imported.
func compiled(t *testing.T, dir string) importer.Lookup {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}", ".")
	command.Dir = dir
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, stderr.String())
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		exports[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
}
