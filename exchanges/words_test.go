package exchanges_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// plainWords are words that nothing a person reads may hold, and what to write
// instead. What matches except is fine.
var plainWords = []struct{ word, instead, except string }{
	{`venues?`, "exchange", ``},
	{`untold|told|tells?`, "reported, reports", ``},
	{`mend(s|ed|ing)?`, "fix", ``},
	{`(to)?nights?`, "run, previous run", ``},
	{`last (run|report)`, "previous run", ``},
	{`in (the )?clear`, "in plaintext", ``},
	{`play money`, "test network", ``},
	{`stands? (twice|under)|doubled`, "duplicate", ``},
	{`bound to`, "restricted to IP addresses", ``},
	{`works from (every|any)|(from|to|on) every( IP)? address`, "usable from any IP address", ``},
	{`(lines?|case|rule|card|result|finding|answer|row|file|event|one) an? (key|rule|finding|exchange|run|result|line)`, "one line per key", ``},
	{`keys? (is|are|was|were) made|keys? made`, "created", ``},
	{`at worst`, "max severity", ``},
	{`ways out`, "Funds can leave", ``},
	{`he|his|him|himself`, "they, their", ``},
	{`not known`, "unknown; could not be determined", ``},
	{`no such way found`, "no such path found", ``},
	{`owner's word`, "attested", ``},
	{`grave(r|st)?`, "severe, worst", ``},
	{`declared`, "attested", `declared (call|read|method|host|path|request)`},
	{`nonce unit`, "nonce_unit, as an inventory has it", `the nonce unit must be`},
	{`is wanted|for want of|whoever`, "needed, required, who", ``},
	{
		`address(es)?`, "IP address, withdrawal address, URL, host",
		`\b(IP|IPv4|IPv6|withdrawal|email|saved|base|wallet|deposit|loopback|proxy) address(es)?|address book|kind of address|` +
			`[:"]address[",]|(?-i:Address (is the IP address|netip))`,
	},
}

// misused are the words of a text that plainWords does not allow, each with its
// surroundings.
func misused(text string) []string {
	var out []string
	for _, row := range plainWords {
		word, allowed := regexp.MustCompile(`(?i)(?:^|[^-/._\w])(?:`+row.word+`)(?:$|[^-/_\w])`), text
		if row.except != "" {
			allowed = regexp.MustCompile(`(?i)`+row.except).ReplaceAllString(text, "…")
		}
		for _, at := range word.FindAllStringIndex(allowed, -1) {
			out = append(out, "write "+strconv.Quote(row.instead)+" here: "+allowed[max(0, at[0]-60):min(len(allowed), at[1]+40)])
		}
	}
	return out
}

// TestPlainWords holds what a person can see without building a program to the same
// plain words.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	for place, text := range visibleTexts(t) {
		for _, problem := range misused(text) {
			t.Errorf("%s: %s", place, problem)
		}
	}
}

// TestMisusedWords: the table finds what it is for, and nothing else.
func TestMisusedWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"not told by the venue", "The exchange tells nobody.", "Mend the entry", "new since last night", "nightly, for the last report", "kept in clear",
		"an account with play money", "the key stands twice", "the name is doubled", "bound to addresses", "works from every IP address", "a line a key",
		"one result a key", "max, at worst", "Ways out:", "as he wrote", "his key", "whether it expires is not known", "with no such way found",
		"on the owner's word", "the gravest finding", "declared by the owner", "a second factor is wanted", "for want of an answer", "whoever has the key",
		"the exchange's address", "Address unknown", "keys made in May: the key was made",
	} {
		assert.NotEmpty(t, misused(text), text)
	}
	for _, text := range []string{
		"keyaudit --keys FILE", "examples/nightly/", "a declared call", "IP addresses and withdrawal addresses", "the address book", "withdraw.addresses",
		"known not to be held", `{"address":"2001:db8::1"}`, "the rule withdrawal-addresses", "one line per key", "recommended", "https://example.com/address",
	} {
		assert.Empty(t, misused(text), text)
	}
}

// visibleTexts is what a person can see, by where they see it. White space is
// squeezed, so that no line break hides a phrase.
func visibleTexts(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	add := func(place string, text ...string) {
		texts[place] += " " + strings.Join(strings.Fields(strings.Join(text, " ; ")), " ")
	}
	for _, pkg := range []string{"audit", "audit/access", "audit/adapter", "audit/inventory", "audit/render", "exchanges/exchangetest"} {
		cmd := exec.CommandContext(t.Context(), "go", "doc", "-all", "./"+pkg)
		cmd.Dir = ".."
		out, err := cmd.Output()
		require.NoError(t, err, pkg)
		add("go doc "+pkg, string(out))
	}
	reports, err := filepath.Glob("../audit/render/testdata/report.*")
	require.NoError(t, err)
	require.NotEmpty(t, reports)
	for _, path := range append(reports, "../README.md", "README.md", "../audit/README.md", "../audit/BENCHMARKS.md", "../audit/render/README.md",
		"../examples/keyaudit/README.md", "../CONTRIBUTING.md", "../SECURITY.md", "../CHANGELOG.md") {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		add(path, string(text))
	}
	for _, r := range audit.Rules() {
		add("rule "+r.ID, r.Title, r.Why, r.Remedy, r.FindOut)
	}
	for _, e := range exchanges.All() {
		add(e.Name, append([]string{e.Coverage.Confirmed, e.Keys.Source}, e.Notes...)...)
		for _, f := range e.Keys.Facts() {
			add(e.Name, f.Text)
		}
		for _, text := range e.Keys.Steps {
			add(e.Name, text)
		}
		for _, c := range e.Calls {
			add(e.Name, c.Why, c.When)
		}
	}
	for _, dir := range []string{"../audit", "../examples"} {
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				add(path, strings.Join(sentences(t, path), " "))
			}
			return err
		}))
	}
	return texts
}

// sentences are the string literals of a file that hold a space: messages and help.
func sentences(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.Contains(lit.Value, " ") {
			text, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			if text != "not known" { // what a blank in the page of an exchange says
				out = append(out, text)
			}
		}
		return true
	})
	return out
}
