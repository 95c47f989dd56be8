package main

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
	"slices"
	"strings"
)

// mutant is one way in which a file can be broken.
type mutant struct {
	id        int
	file      string
	line      int
	within    string // a function
	what      string
	tests     []string // the packages whose tests are asked
	reachedBy []string
	ran       bool
	noticed   bool
}

// name is what the mutant is called, wherever in its function it is.
func (m *mutant) name() string { return m.file + ": " + m.within + ": " + m.what }

// switches is added to each package. Mutant numbers begin at 1.
const switches = `package %s

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"sync"
)

var (
	mutantOn, _   = strconv.Atoi(os.Getenv("MUTANT"))
	mutantRecord  = os.Getenv("MUTANT_REACHED")
	mutantReached sync.Map
)

func mutantIs(n int) bool {
	if mutantRecord != "" {
		if _, before := mutantReached.LoadOrStore(n, true); !before {
			file, err := os.OpenFile(mutantRecord, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				panic(err)
			}
			fmt.Fprintln(file, n)
			file.Close()
		}
	}
	return n == mutantOn
}

func mutantPick[T any](n int, broken, whole T) T {
	if mutantIs(n) {
		return broken
	}
	return whole
}

type mutantNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

func mutantLess[T cmp.Ordered](n int, a, b T) bool      { return a < b || (mutantIs(n) && a == b) }
func mutantLessEqual[T cmp.Ordered](n int, a, b T) bool { return a < b || (!mutantIs(n) && a == b) }

func mutantAdd[T mutantNumber](n int, a, b T) T { return mutantPick(n, a-b, a+b) }
func mutantSub[T mutantNumber](n int, a, b T) T { return mutantPick(n, a+b, a-b) }
func mutantMul[T mutantNumber](n int, a, b T) T { return mutantPick(n, a+b, a*b) }
func mutantQuo[T mutantNumber](n int, a, b T) T { return mutantPick(n, a*b, a/b) }

func mutantMore[T cmp.Ordered](n int, a, b T) bool      { return mutantLess(n, b, a) }
func mutantMoreEqual[T cmp.Ordered](n int, a, b T) bool { return mutantLessEqual(n, b, a) }
`

// functions take the place of an operator.
var functions = map[token.Token]string{
	token.LSS: "mutantLess", token.LEQ: "mutantLessEqual", token.GTR: "mutantMore", token.GEQ: "mutantMoreEqual",
	token.ADD: "mutantAdd", token.SUB: "mutantSub", token.MUL: "mutantMul", token.QUO: "mutantQuo",
}

// exportData finds what the compiler knows of each package.
func exportData() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./audit/...", "./exchanges/...").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	return exports, nil
}

// mutate rewrites the files of a target so that each can be broken by a switch.
func mutate(t target, exports map[string]string, before int) (map[string]string, []*mutant, error) {
	set := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(t.dir, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
	var files []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, file)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", lookup)}
	if _, err := config.Check(t.dir, set, files, info); err != nil {
		return nil, nil, err
	}
	sources := map[string]string{}
	var mutants []*mutant
	for i, path := range paths {
		named := slices.ContainsFunc(t.files, func(p string) bool { ok, _ := filepath.Match(p, filepath.Base(path)); return ok })
		if !named {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		b := &breaker{set: set, info: info, text: text, next: before + len(mutants) + 1, tests: t.tests}
		b.file(files[i])
		if len(b.mutants) > 0 {
			mutants = append(mutants, b.mutants...)
			sources[path] = b.apply()
		}
	}
	if len(mutants) > 0 {
		sources[filepath.Join(t.dir, "mutation_switches.go")] = fmt.Sprintf(switches, files[0].Name.Name)
	}
	return sources, mutants, nil
}

// breaker collects the edits of one file.
type breaker struct {
	set     *token.FileSet
	info    *types.Info
	text    []byte
	next    int
	tests   []string
	within  string
	mutants []*mutant
	edits   []edit
	done    map[ast.Node]bool
}

// edit is a text that is put in at an offset, in place of some bytes.
type edit struct {
	at, skip int
	closes   bool
	text     string
}

func (b *breaker) offset(p token.Pos) int { return b.set.Position(p).Offset }

func (b *breaker) source(n ast.Node) string {
	return string(b.text[b.offset(n.Pos()):b.offset(n.End())])
}

// mutant notes one, and gives its number.
func (b *breaker) mutant(n ast.Node, format string, args ...any) int {
	p := b.set.Position(n.Pos())
	what := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	b.mutants = append(b.mutants, &mutant{id: b.next, file: p.Filename, line: p.Line, within: b.within, what: what, tests: b.tests})
	b.next++
	return b.next - 1
}

// wrap puts text around a node; wraps of a node go from the outside in.
func (b *breaker) wrap(n ast.Node, opening, closing string) {
	b.edits = append(b.edits, edit{at: b.offset(n.Pos()), text: opening}, edit{at: b.offset(n.End()), text: closing, closes: true})
}

func (b *breaker) apply() string {
	order := make([]int, len(b.edits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		x, y := b.edits[i], b.edits[j]
		switch {
		case x.at != y.at:
			return x.at - y.at
		case x.closes != y.closes:
			if x.closes {
				return -1
			}
			return 1
		case x.closes:
			return j - i
		default:
			return i - j
		}
	})
	var out bytes.Buffer
	at := 0
	for _, i := range order {
		e := b.edits[i]
		out.Write(b.text[at:e.at])
		out.WriteString(e.text)
		at = e.at + e.skip
	}
	out.Write(b.text[at:])
	return out.String()
}

// file visits what runs when a function is called.
func (b *breaker) file(f *ast.File) {
	b.done = map[ast.Node]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		var body *ast.BlockStmt
		switch n := n.(type) {
		case *ast.FuncDecl:
			body, b.within = n.Body, n.Name.Name
		case *ast.FuncLit:
			body = n.Body
		}
		if body != nil && !b.done[body] {
			ast.Inspect(body, b.visit)
		}
		return true
	})
}

func (b *breaker) visit(n ast.Node) bool {
	if n == nil || b.done[n] {
		return false
	}
	b.done[n] = true
	switch n := n.(type) {
	case *ast.BlockStmt:
		b.statements(n.List)
	case *ast.IfStmt:
		b.condition(n.Cond)
	case *ast.SwitchStmt:
		for _, clause := range n.Body.List {
			for _, x := range clause.(*ast.CaseClause).List {
				if n.Tag == nil {
					b.condition(x)
				}
			}
		}
	case *ast.CaseClause:
		b.statements(n.Body)
	case *ast.ReturnStmt:
		for _, x := range n.Results {
			b.negate(x)
		}
	case *ast.BinaryExpr:
		b.binary(n)
	case *ast.CallExpr:
		b.call(n)
	}
	return true
}

// statements leaves out what changes something.
func (b *breaker) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE || b.source(s.Lhs[0]) == "_" {
				continue
			}
		case *ast.ExprStmt, *ast.IncDecStmt:
		default:
			continue
		}
		b.wrap(s, fmt.Sprintf("if !mutantIs(%d) { ", b.mutant(s, "left out: %s", b.source(s))), " }")
	}
}

func (b *breaker) boolean(x ast.Expr) bool {
	tv := b.info.Types[x]
	basic, ok := tv.Type.(*types.Basic)
	return ok && basic.Info()&types.IsBoolean != 0
}

// condition makes one false: its branch is never taken.
func (b *breaker) condition(x ast.Expr) {
	if b.boolean(x) && b.info.Types[x].Value == nil {
		b.wrap(x, "((", fmt.Sprintf(") && !mutantIs(%d))", b.mutant(x, "never: %s", b.source(x))))
	}
}

// negate turns a result around.
func (b *breaker) negate(x ast.Expr) {
	if b.boolean(x) {
		b.wrap(x, "((", fmt.Sprintf(") != mutantIs(%d))", b.mutant(x, "turned around: %s", b.source(x))))
	}
}

func (b *breaker) binary(n *ast.BinaryExpr) {
	if b.info.Types[n].Value != nil {
		return
	}
	basic, _ := b.info.Types[n.X].Type.Underlying().(*types.Basic)
	number := basic != nil && basic.Info()&types.IsNumeric != 0
	switch n.Op {
	case token.LAND, token.LOR: // each part of a condition counts
		neutral := map[token.Token]string{token.LAND: "|| ", token.LOR: "&& !"}[n.Op]
		for _, x := range []ast.Expr{n.X, n.Y} {
			if inner, ok := x.(*ast.BinaryExpr); !ok || inner.Op != n.Op {
				b.wrap(x, "((", fmt.Sprintf(") %smutantIs(%d))", neutral, b.mutant(x, "without a part: %s", b.source(x))))
			}
		}
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		b.function(n, "bound moved: %s")
	case token.ADD, token.SUB, token.MUL, token.QUO:
		if number && !strings.Contains(b.source(n), "<<") { // a shift's type comes from around it
			b.function(n, "other operator: %s")
		}
	}
}

// function writes an operator as a function's call.
func (b *breaker) function(n *ast.BinaryExpr, format string) {
	b.wrap(n, fmt.Sprintf("%s(%d, ", functions[n.Op], b.mutant(n, format, b.source(n))), ")")
	b.edits = append(b.edits, edit{at: b.offset(n.OpPos), skip: len(n.Op.String()), text: ",", closes: true})
}

// call leaves out one that gives what it got in another form: x.Masked() is x.
func (b *breaker) call(n *ast.CallExpr) {
	tv := b.info.Types[n]
	if b.info.Types[n.Fun].IsType() || tv.Type == nil {
		return
	}
	var same ast.Expr
	if s, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 0 && b.info.Selections[s] != nil {
		same = s.X
	} else if len(n.Args) == 1 && !n.Ellipsis.IsValid() {
		same = n.Args[0]
	}
	if same != nil && types.Identical(b.info.Types[same].Type, tv.Type) && b.info.Types[same].Value == nil {
		b.wrap(n, fmt.Sprintf("mutantPick(%d, %s, ", b.mutant(n, "without the call: %s", b.source(n)), b.source(same)), ")")
	}
}
