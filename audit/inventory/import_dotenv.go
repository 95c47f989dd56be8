package inventory

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// Variable is an environment variable, or a line of a .env file.
type Variable struct {
	Name  string
	Value adapter.Secret
	Line  int // from 1; 0 in the environment
	// Unread says, as a clause, why the line could not be read. Then Value is
	// empty, and Name is what the line seems to be about.
	Unread string

	row     adapter.Secret // the line, if it could not be read
	loose   bool           // the name has blanks
	assigns bool           // the line gives the name a value, whatever else it is
	twice   string         // that it has two values
	about   bool           // the line has a key, and the name is that of its exchange alone
}

// Why says, as a clause, why the variable cannot be used; empty if it can.
func (v Variable) Why() string {
	if v.twice != "" || v.Unread == "" {
		return v.twice
	}
	return show(v.Name) + unreadBecause + v.Unread + writeIt
}

// What stands around the reason why a variable cannot be read.
const (
	unreadBecause = " cannot be read: "
	writeIt       = "; write it as NAME=value"
)

// Variables reads a .env file: lines of NAME=value or NAME: value, also with
// export, set, $env: and the like, quotes and comments. Quoted values may span
// lines. Without a path it lists the environment.
//
// A line that cannot be read is returned with the reason, and so is a name with two
// different values. A file without any variable is an error, which is a Problems.
func (f *Files) Variables(path string) ([]Variable, error) {
	all, err := f.assignments(path)
	if err != nil {
		return nil, err
	}
	seen := map[string]int{}
	var out []Variable
	for _, v := range all {
		at, again := seen[v.Name]
		switch {
		case !again || v.Unread != "":
			seen[v.Name] = len(out)
			out = append(out, v)
		case !out[at].Value.Equal(v.Value) && out[at].Unread == "":
			first := &out[at]
			first.twice = differ(&namedPart{variable: v.Name, Part: Part{Line: first.Line}}, &namedPart{variable: v.Name, Part: Part{Line: v.Line}})
			first.Value, first.Unread = adapter.Secret{}, "it has two values"
		}
	}
	return out, nil
}

// assignments are the variables of a file, or of the environment, as often as
// they are set.
func (f *Files) assignments(path string) ([]Variable, error) {
	if path == "" {
		var all []Variable
		for _, pair := range f.Environ() {
			name, value, _ := strings.Cut(pair, "=")
			all = append(all, Variable{Name: name, Value: adapter.NewSecret(value)})
		}
		return all, nil
	}
	data, err := f.Read(path)
	if err != nil {
		return nil, err
	}
	if kind := kindOf(plainText(data)); kind != nil && kind.title == kindJSON {
		p, _ := Mistaken(path, data, kindVariables)
		return nil, Problems{p}
	}
	all := parseDotenv(plainText(data))
	for _, v := range all {
		if v.Unread != unreadLine {
			return all, nil
		}
	}
	if len(all) > 0 {
		return nil, Problems{{
			File: path, Line: all[0].Line, Column: 1,
			Text: "no line of the file is a variable: write NAME=value, or begin the line with # for a comment",
		}}
	}
	return nil, nil
}

// plainText is the text of a file as editors and shells write it: in UTF-16 with a
// mark, or with any line ends.
func plainText(data []byte) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\ufeff", "").Replace(keytext.Decode(string(data)))
}

var (
	// command is what stands before a variable in shells, Dockerfiles, Compose
	// files and systemd's units.
	command = regexp.MustCompile(`^\s*(?:[;&]+|(?i:(?:-|export|set|setx|env|declare|typeset|local|readonly|-e|--env|-x|-gx|-ux|arg)\s+|\$env:)|Environment=|--[a-z][a-z-]*=)`)
	// assignment matches a variable before its value. YAML has a blank after the
	// colon; GitHub's and Terraform's here documents have << for the value, and
	// .NET's names have colons.
	assignment = regexp.MustCompile(`^\s*(["']?)([A-Za-z0-9_][A-Za-z0-9_.-]*(?::[A-Za-z0-9_.-]+)*)(?:\s*(?:=|:=|:(?:[ \t]|$))|(<<))[ \t]*`)
	// spacedName is a name with blanks: BYBIT API KEY=value.
	spacedName = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9_.-]*(?:[ \t]+[A-Za-z][A-Za-z0-9_.-]*){1,7})(?:[ \t]*(?:=|:=)|:[ \t])[ \t]*`)
	// setter is a command that has the name and the value apart: csh's, fish's, that of
	// Windows, and Dockerfiles' older form.
	setter = regexp.MustCompile(`^\s*(?:(?i:setenv|setx(?:\s+/m)?|set(?:\s+--?[a-z-]+)*)|ENV)\s+([A-Za-z_]\w*)[ \t]+("[^"]*"|'[^']*'|[^\s;#"']+)[ \t]*(?:/[mM])?[ \t]*(;|#|$)`)
	// sentence matches the first word that may be a name, in any other line.
	sentence = regexp.MustCompile(`^\W*([A-Za-z0-9_][A-Za-z0-9_.-]*)`)
	// statement matches what a line of a program assigns to, as in const NAME = "value" or
	// os.environ["NAME"] = "value": its first word says less.
	statement = regexp.MustCompile(`([A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*)["'\])]*\s*:?=(?:[^=]|$)`)
	// further matches the next variable of the same line: export A_1=x B_1=y. Names
	// have an underscore here: lines of PEM have not.
	further  = regexp.MustCompile(`[ \t;](?:-e[ \t]+|--env[ \t]+|--[a-z][a-z-]*=)?["']?(?:\$env:)?[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*=`)
	nextLine = regexp.MustCompile(`\n[ \t]*(?:export[ \t]+)?[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*=`)
	hereDoc  = regexp.MustCompile(`^<?<?-?["']?(\w+)["']?[ \t]*\n`)
)

const (
	unreadLine  = "its line is not NAME=value"
	unreadQuote = "its value begins with a quote that is never closed"
)

func parseDotenv(text string) (out []Variable) {
	for line := 1; text != ""; {
		row, rest, _ := strings.Cut(text, "\n")
		at := 0
		for {
			prefix := command.FindString(row[at:])
			if prefix == "" {
				break
			}
			at += len(prefix)
		}
		prefixed := at
		head := assigned(row[at:])
		if head == nil { // Environment=testnet
			at, head = 0, assigned(row)
		}
		switch trimmed := strings.TrimSpace(row); {
		case trimmed == "" || trimmed[0] == '#':
		case head == nil:
			v := Variable{Line: line}
			if rest = otherLine(&v, row, prefixed, text); v.Name != "" {
				out = append(out, v)
			}
		default:
			v := Variable{Name: head[2], Line: line}
			d := dotenvValue{quoted: head[1], here: head[3] != "", shell: at > 0}
			d.read(text[at+len(head[0]):])
			v.Value, v.Unread, rest = adapter.NewSecret(d.value), d.unread, d.rest
			out = append(out, v)
		}
		line += strings.Count(text[:len(text)-len(rest)], "\n")
		text = rest
	}
	return out
}

// assigned matches assignment. What stands after a colon may be a value that ends in =.
func assigned(row string) []string {
	head := assignment.FindStringSubmatch(row)
	if head == nil || !strings.Contains(head[2], ":") {
		return head
	}
	value := strings.TrimSpace(row[len(head[0]):])
	if value == "" || value[0] == '=' || slices.ContainsFunc(strings.Split(head[2], ":"), looksSecret) {
		return nil
	}
	return head
}

// otherLine reads a line of another form than NAME=value, with which the text begins, and
// returns the text after it. What stands before prefixed is a command.
func otherLine(v *Variable, row string, prefixed int, text string) (rest string) {
	_, rest, _ = strings.Cut(text, "\n")
	next := further.FindStringIndex(row)
	if set := setter.FindStringSubmatchIndex(row); set != nil {
		v.Name, v.Value = row[set[2]:set[3]], adapter.NewSecret(strings.Trim(row[set[4]:set[5]], `"'`))
		if row[set[6]:set[7]] == ";" {
			rest = text[set[7]:]
		}
		return rest
	}
	if head := spacedName.FindStringSubmatch(row); head != nil && next == nil {
		d := dotenvValue{shell: true}
		d.read(text[len(head[0]):])
		*v = Variable{Name: strings.Join(strings.Fields(head[1]), " "), Value: adapter.NewSecret(d.value), Line: v.Line, row: adapter.NewSecret(row), loose: d.unread == ""}
		if v.loose {
			return d.rest
		}
	}
	name := statement.FindStringSubmatch(row[prefixed:])
	if name == nil || next != nil {
		name = sentence.FindStringSubmatch(row[prefixed:])
	}
	*v = Variable{Line: v.Line, Unread: unreadLine, row: adapter.NewSecret(row)}
	if name != nil {
		v.Name = name[1]
	}
	if next != nil { // docker run -e NAME=value
		rest = text[next[0]:]
	}
	return rest
}

// dotenvEscapes are the escape sequences in double quotes. Any other backslash
// is itself.
var dotenvEscapes = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\"`, `"`, `\\`, `\`)

// dotenvValue is a value, and the text after it.
type dotenvValue struct {
	quoted string // the quote before the name, which ends after the value
	here   bool   // the value is a here document
	shell  bool   // the line is a command of a shell

	value, rest, unread string
}

// read reads the value that the text begins with.
func (d *dotenvValue) read(text string) {
	quote := text[:min(1, len(text))]
	row, rest, _ := strings.Cut(text, "\n")
	d.rest = rest
	switch {
	case d.here || strings.HasPrefix(text, "<<"):
		d.document(text)
	case d.quoted != "":
		end := strings.LastIndex(row, d.quoted)
		if end < 0 {
			d.unread = unreadQuote
			return
		}
		d.value = strings.TrimSpace(row[:end])
	case quote == `"` || quote == `'`:
		d.inQuotes(text, quote)
	default:
		if at := strings.Index(" "+row, " #"); at >= 0 {
			row = row[:max(0, at-1)]
		}
		end := len(row)
		if at := further.FindStringIndex(row); at != nil {
			end = at[0]
		}
		if at := strings.IndexByte(row[:end], ';'); at >= 0 && d.shell {
			end = at
		}
		if end < len(row) {
			d.rest = text[end:]
		}
		d.value = strings.TrimSpace(row[:end])
	}
}

// inQuotes reads a value in quotes, which may span lines.
func (d *dotenvValue) inQuotes(text, quote string) {
	end := 1
	for ; end < len(text) && text[end:end+1] != quote; end++ {
		if quote == `"` && text[end] == '\\' {
			end++
		}
	}
	if end >= len(text) || nextLine.MatchString(text[:end]) {
		d.unread = unreadQuote
		return
	}
	d.value = text[1:end]
	if quote == `"` {
		d.value = dotenvEscapes.Replace(d.value)
	}
	row, rest, _ := strings.Cut(text[end+1:], "\n")
	if further.MatchString(row) {
		rest = text[end+1:]
	}
	d.rest = rest
}

// document reads a here document, whose last line is the word after <<.
func (d *dotenvValue) document(text string) {
	word := hereDoc.FindStringSubmatch(text)
	if word == nil {
		d.unread = unreadLine
		return
	}
	value, rest, found := strings.Cut(text[len(word[0])-1:], "\n"+word[1]+"\n")
	if !found {
		value, found = strings.CutSuffix(text[len(word[0])-1:], "\n"+word[1])
		rest = ""
	}
	if !found {
		d.unread = "its value is a here document that never ends"
		return
	}
	d.value, d.rest = strings.TrimSpace(value), rest
}
