package inventory

import (
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Variable is an environment variable, or a line of a .env file.
type Variable struct {
	Name  string
	Value adapter.Secret
	Line  int // from 1; 0 in the environment
}

// Variables reads a .env file: lines of NAME=value, also with export, quotes and
// comments. Quoted values may span lines. Without a path it lists the
// environment. Two different values for one name are a problem. The error is a
// Problems.
func (f *Files) Variables(path string) ([]Variable, error) {
	var all []Variable
	var problems Problems
	if path == "" {
		for _, pair := range f.Environ() {
			name, value, _ := strings.Cut(pair, "=")
			all = append(all, Variable{Name: name, Value: adapter.NewSecret(value)})
		}
	} else {
		data, err := f.Read(path)
		if err != nil {
			return nil, err
		}
		all, problems = parseDotenv(path, string(data))
	}
	seen := map[string]Variable{}
	var out []Variable
	for _, v := range all {
		first, again := seen[v.Name]
		switch {
		case !again:
			seen[v.Name] = v
			out = append(out, v)
		case !first.Value.Equal(v.Value):
			text := duplicate("variable", v.Name, first.Line) + " with a different value: delete one of them"
			problems = append(problems, Problem{File: path, Line: v.Line, Column: 1, Text: text})
		}
	}
	return out, problems.err()
}

// assignment matches the part of a line before its value.
var assignment = regexp.MustCompile(`^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=[ \t]*`)

func parseDotenv(path, text string) ([]Variable, Problems) {
	var out []Variable
	var problems Problems
	text = strings.TrimPrefix(text, "\ufeff")
	for line := 1; text != ""; {
		begin := line
		report := func(text string) {
			problems = append(problems, Problem{File: path, Line: begin, Column: 1, Text: text})
		}
		row, rest, _ := strings.Cut(text, "\n")
		value := ""
		head := assignment.FindStringSubmatch(row)
		switch trimmed := strings.TrimSpace(row); {
		case trimmed == "" || trimmed[0] == '#':
		case head == nil:
			report("write NAME=value, or begin the line with # for a comment")
		default:
			var ok bool
			if value, rest, ok = dotenvValue(text[len(head[0]):]); !ok {
				report("the value's opening quote is never closed")
			}
			out = append(out, Variable{Name: head[1], Value: adapter.NewSecret(value), Line: begin})
		}
		line += strings.Count(text[:len(text)-len(rest)], "\n")
		text = rest
	}
	return out, problems
}

// dotenvEscapes are the escape sequences in double quotes. Any other backslash
// is itself.
var dotenvEscapes = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\"`, `"`, `\\`, `\`)

// dotenvValue returns the value that the text begins with, and the text after
// its line.
func dotenvValue(text string) (value, rest string, ok bool) {
	quote := text[:min(1, len(text))]
	if quote != `"` && quote != `'` {
		row, rest, _ := strings.Cut(text, "\n")
		if at := strings.Index(" "+row, " #"); at >= 0 {
			row = row[:max(0, at-1)]
		}
		return strings.TrimSpace(row), rest, true
	}
	end := 1
	for ; end < len(text) && text[end:end+1] != quote; end++ {
		if quote == `"` && text[end] == '\\' {
			end++
		}
	}
	if end >= len(text) {
		_, rest, _ := strings.Cut(text, "\n")
		return "", rest, false
	}
	value = text[1:end]
	if quote == `"` {
		value = dotenvEscapes.Replace(value)
	}
	_, rest, _ = strings.Cut(text[end:], "\n")
	return value, rest, true
}
