package inventory

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// People give a file to the format of another kind of file: a .env to that of a bot with
// JSON. The parser's complaint about its first line says nothing of that.

// The kinds of files that are recognised in place of one that cannot be read.
const (
	kindJSON      = "JSON"
	kindVariables = "a list of variables (NAME=value)"
	kindTable     = "a table (CSV)"
)

// fileKind is what a file may be, by the form of its lines.
type fileKind struct {
	title  string
	line   *regexp.Regexp // of what nearly all lines are
	needs  *regexp.Regexp // of what one line is; nil if nothing more is needed
	reader string         // the end of a sentence: what reads it; empty for any kind of file
}

var fileKinds = []fileKind{
	{"a private key or a certificate (PEM)", regexp.MustCompile(`^-----BEGIN |^[A-Za-z0-9+/=:, -]+$`), regexp.MustCompile(`^-----BEGIN `), "refer to it by file:PATH in an inventory"},
	{"TOML or INI", regexp.MustCompile(`^\[{1,2}[^\[\]{}]+\]{1,2}$|^["']?[\w.-]+["']?\s*=`), regexp.MustCompile(`^\[{1,2}[\w."' -]+\]{1,2}$`), ""},
	{kindVariables, regexp.MustCompile(`^(?:export\s+|set\s+|\$env:)?[A-Za-z_]\w*\s*=`), nil, "--from env=FILE reads it"},
	{"YAML", regexp.MustCompile(`^---$|^-(?:\s|$)|^(?:- +)?["']?[\w .-]+["']?:(?:\s|$)`), nil, ""},
	{kindTable, regexp.MustCompile(`^[^{}\[\]=:]*(?:,[^{}\[\]=:]*){2,}$`), nil, "--from jesse=FILE reads jesse's"},
	{"source code", regexp.MustCompile(`.`), regexp.MustCompile(`^(?:import [\w{*"']|from [\w.]+ import |(?:export )?(?:const|let|var|def|func|function) \w+|package \w+;?$|using \w)`), ""},
	{"a web page or XML", regexp.MustCompile(`.`), regexp.MustCompile(`(?i)^<(?:!doctype|html|\?xml)`), ""},
}

// jsonLike matches the beginning of JSON.
var jsonLike = regexp.MustCompile(`^(?:\{|\[\s*["{\[])`)

// kindOf is what a text is, as far as its form shows; nil if it shows nothing.
func kindOf(text string) *fileKind {
	text = strings.TrimSpace(text)
	if root, _ := parseJSON(stripJSONC([]byte(text))); root != nil && (root.Kind == Object || root.Kind == List) {
		return &fileKind{title: kindJSON, reader: "--from with the name of its bot reads it, for instance --from freqtrade=FILE"}
	}
	if jsonLike.MatchString(text) { // malformed JSON, which looks like YAML
		return nil
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ";") {
			lines = append(lines, line)
		}
	}
	for i := range fileKinds {
		if fileKinds[i].fits(lines) {
			return &fileKinds[i]
		}
	}
	return nil
}

// fits reports whether four lines of five have the form, and one what else is needed.
func (k *fileKind) fits(lines []string) bool {
	like := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !k.line.MatchString(line) })
	return len(like) > 0 && 5*len(like) >= 4*len(lines) && (k.needs == nil || slices.ContainsFunc(lines, k.needs.MatchString))
}

// Mistaken says that a file, which cannot be read as one kind, is of another.
func Mistaken(path string, data []byte, want string) (p Problem, is bool) {
	kind := kindOf(plainText(data))
	if kind == nil || strings.HasPrefix(kind.title, want) {
		return p, false
	}
	reader := cmp.Or(kind.reader, "keyaudit find FILE looks for keys in files of any kind")
	return Problem{File: path, Text: "the file is " + kind.title + ", not " + want + ": " + reader}, true
}
