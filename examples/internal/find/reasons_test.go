package find

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReasonsSayWhatToDo: every reason for which a key is left out, of a search as of the
// importers, says in its sentence what to do. The reasons are those of the source: whatever
// is put where a reason belongs, and what the functions return that are called there.
func TestReasonsSayWhatToDo(t *testing.T) {
	t.Parallel()
	total := 0
	for _, folder := range []string{".", "../sources", "../../../audit/inventory"} {
		s := newReasons(t, folder)
		for _, text := range s.all() {
			total++
			assert.Regexp(t, nextStep, text, "%s: a reason without a next step", folder)
			said := map[string]bool{}
			for clause := range strings.SplitSeq(text, ": ") {
				assert.False(t, said[clause], "%s says %q twice", text, clause)
				said[clause] = true
			}
		}
	}
	assert.Greater(t, total, 60)
}

// nextStep is what to do, as the end of a reason.
var nextStep = regexp.MustCompile(`(?:[:;,]|, and|, or| or)\s+(?:add|audit|choose|copy|decrypt|delete|enter|fill|give|keep|list|look|name|put|read|run|say|select|set|unset|write|keyaudit|--from) `)

// reasonFields are what holds reasons, and reasonResults the results of functions that do.
var (
	reasonFields  = []string{"Skip", "skip", "Not", "unfit", "doubt", "uncertain"}
	reasonResults = []string{"skip", "why"}
)

// reasons are those in the source of a package.
type reasons struct {
	texts     map[string]ast.Expr // constants
	functions map[string]*ast.FuncDecl
	found     []string
	followed  map[string]bool
}

func newReasons(t *testing.T, folder string) *reasons {
	t.Helper()
	s := &reasons{texts: map[string]ast.Expr{}, functions: map[string]*ast.FuncDecl{}, followed: map[string]bool{}}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var files []*ast.File
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, name), nil, 0)
			require.NoError(t, err)
			files = append(files, file)
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if of, is := n.Type.(*ast.Ident); is && of.Name == "Why" { // of files that were not read
					return true
				}
				for i, name := range n.Names {
					if i < len(n.Values) {
						s.texts[name.Name] = n.Values[i]
					}
				}
			case *ast.FuncDecl:
				s.functions[n.Name.Name] = n
			}
			return true
		})
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			s.take(n)
			return true
		})
	}
	return s
}

// take takes the reasons that a node of the source puts somewhere.
func (s *reasons) take(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if at := min(i, len(n.Rhs)-1); isReason(to) {
				s.add(n.Rhs[at])
			}
		}
	case *ast.KeyValueExpr:
		if isReason(n.Key) {
			s.add(n.Value)
		}
	case *ast.CallExpr:
		if f, is := n.Fun.(*ast.SelectorExpr); is && (f.Sel.Name == "skip" || f.Sel.Name == "unread") {
			for _, arg := range n.Args {
				s.add(arg)
			}
		}
	case *ast.FuncDecl:
		if results := n.Type.Results; results != nil && slices.ContainsFunc(results.List, func(f *ast.Field) bool {
			return slices.ContainsFunc(f.Names, func(name *ast.Ident) bool { return slices.Contains(reasonResults, name.Name) })
		}) {
			s.follow(n.Name.Name)
		}
	}
}

func isReason(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return slices.Contains(reasonFields, e.Name) || slices.Contains(reasonResults, e.Name)
	case *ast.SelectorExpr:
		return slices.Contains(reasonFields, e.Sel.Name)
	default:
		return false
	}
}

// add takes the reasons that a value may be.
func (s *reasons) add(e ast.Expr) {
	if call, is := e.(*ast.CallExpr); is {
		switch name := calledAs(call); {
		case name == "Or":
			for _, arg := range call.Args {
				s.add(arg)
			}
			return
		case name != "Sprintf":
			s.follow(name)
			return
		}
	}
	if text := s.text(e, 0); strings.Count(text, " ") > 2 {
		s.found = append(s.found, text)
	}
}

// follow takes the reasons that a function returns.
func (s *reasons) follow(name string) {
	f := s.functions[name]
	if f == nil || s.followed[name] {
		return
	}
	s.followed[name] = true
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, is := n.(*ast.ReturnStmt); is {
			for _, e := range r.Results {
				s.add(e)
			}
		}
		return true
	})
}

func calledAs(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	default:
		return ""
	}
}

var verb = regexp.MustCompile(`%[a-z]`)

// text is what a value says for certain: literals and constants.
func (s *reasons) text(e ast.Expr, depth int) (out string) {
	switch e := e.(type) {
	case *ast.BasicLit:
		out, _ = strconv.Unquote(e.Value)
	case *ast.BinaryExpr:
		out = s.text(e.X, depth) + s.text(e.Y, depth)
	case *ast.Ident:
		if value := s.texts[e.Name]; value != nil && depth < 4 {
			out = s.text(value, depth+1)
		}
	case *ast.CallExpr:
		if calledAs(e) == "advice" { // which names lines to add
			out = "add "
		}
		if calledAs(e) == "Sprintf" {
			out = s.text(e.Args[0], depth)
			for _, arg := range e.Args[1:] {
				if at := verb.FindStringIndex(out); at != nil {
					out = out[:at[0]] + s.text(arg, depth) + out[at[1]:]
				}
			}
		}
	}
	return out
}

// all are the reasons, each once.
func (s *reasons) all() []string {
	slices.Sort(s.found)
	return slices.Compact(s.found)
}
