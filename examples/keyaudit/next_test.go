package main

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// aFlag is a flag in a text.
var aFlag = regexp.MustCompile(`--([a-z]+(?:-[a-z]+)*)`)

// commandOf is the program's command that a command line begins with.
func commandOf(t *testing.T, args []string) *cobra.Command {
	t.Helper()
	found, _, err := app{stdout: io.Discard, stderr: io.Discard}.root().Find(args)
	require.NoError(t, err, args)
	return found
}

// TestNextCanBeDone: what the last line of a text advises exists in the command that says
// it, and works there.
func TestNextCanBeDone(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	reports := f.audited(t, "tokyo", "london")
	tokyo, keys := strings.TrimPrefix(reports[0], "tokyo="), filepath.Join(f.folder, "tokyo.json")
	clean := writeFile(t, filepath.Join(f.folder, "clean.json"), 0o600, `{"keys":[]}`)
	none := filepath.Join(f.folder, "none.json")
	invented := writeFile(t, filepath.Join(f.folder, "invented.json"), 0o600, demoJSON().stdout)
	own := filepath.Join(f.folder, "own.json")
	f.command(t, "--demo", "--keys", keys, "--format", "json", "--output", own)
	f.command(t, "--keys", clean, "--format", "json", "--output", none)
	commands := [][]string{
		{"--demo"},
		{"run", "--demo"},
		{"--demo", "--keys", keys},
		{"--keys", keys},
		{"run", "--keys", keys, "--only", "owner=x"},
		{"--keys", keys, "--state", filepath.Join(f.folder, "a.db")},
		{"judge", tokyo},
		{"judge", invented},
		{"judge", own},
		{"judge", none},
		{"merge", reports[0], reports[1]},
		{"merge", "--max-age", "8000h", "demo=" + invented},
		{"merge", "own=" + own},
		{"merge", "none=" + none},
	}
	said := 0
	for i, args := range commands {
		got := f.command(t, args...)
		_, next, ok := strings.Cut(got.stdout, "\nNext: ")
		if !ok {
			continue
		}
		said++
		next = strings.Join(strings.Fields(next), " ")
		for sentence := range strings.SplitSeq(next, ". ") {
			own, other, _ := strings.Cut(sentence, "keyaudit ")
			for _, flag := range aFlag.FindAllStringSubmatch(own, -1) {
				assert.NotNil(t, commandOf(t, args).Flags().Lookup(flag[1]), "%q: %s", args, next)
			}
			for _, flag := range aFlag.FindAllStringSubmatch(other, -1) {
				assert.True(t, flag[1] == "help" || commandOf(t, strings.Fields(other)).Flags().Lookup(flag[1]) != nil, "%q: %s", args, next)
			}
		}
		if _, after, ok := strings.Cut(next, "leave out "); ok {
			assert.Contains(t, args, aFlag.FindString(after), next)
		}
		if file := filepath.Join(f.folder, strconv.Itoa(i)+".html"); strings.Contains(next, "report.html") {
			_, after, _ := strings.Cut(next, "Every key and finding: ")
			further := strings.Fields(strings.ReplaceAll(after, "report.html", file))
			again := f.command(t, append(slices.Clone(args), further...)...)
			assert.NotEqual(t, audit.ExitUsage, again.code, "%q %q: %s", args, further, again.stderr)
			assert.FileExists(t, file)
		}
	}
	assert.Greater(t, said, 8)
}

// advised are the command lines in a text: the program's name, perhaps a command, and
// what follows to the end of the clause.
var advised = regexp.MustCompile(`\bkeyaudit((?: [a-z]+)*)((?: (?:--[a-z-]+(?:[= ][A-Z]+(?:=[A-Z]+)?)?|[A-Z][A-Z=…]*))+)`)

// TestAdviceExists: every command line that a message advises, anywhere in the program,
// has a command and flags of the program.
func TestAdviceExists(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, folder := range []string{".", "../internal", "../../audit"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != gotoken.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				for _, line := range advised.FindAllStringSubmatch(text, -1) {
					seen++
					found := commandOf(t, strings.Fields(line[1]))
					for _, flag := range aFlag.FindAllStringSubmatch(line[2], -1) {
						assert.True(t, flag[1] == "help" || found.Flags().Lookup(flag[1]) != nil, "%s: %q", path, line[0])
					}
				}
				return true
			})
			return nil
		}))
	}
	assert.Greater(t, seen, 50)
}
