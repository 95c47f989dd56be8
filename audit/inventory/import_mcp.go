package inventory

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// mcp is the configuration of an AI client: which MCP servers it starts, with
// which variables and arguments. The servers' names in it, by client:
//
//	mcpServers              .mcp.json, Claude Desktop, Cursor, Windsurf; ~/.claude.json, also by project
//	servers, mcp.servers    VS Code
//	mcp_servers             Codex's config.toml; see Options.Decoders
//	env                     Claude Code's settings.json: variables of every session
var mcp = Format{Name: "mcp", Title: "the MCP servers of an AI client", Read: readMCP}

// mcpFiles are the clients' files, by the folder that is given.
var mcpFiles = []string{
	".mcp.json", "mcp.json", "mcp_config.json", ".cursor/mcp.json", ".vscode/mcp.json", ".claude.json", "claude_desktop_config.json",
	"settings.json", "settings.local.json", ".claude/settings.json", ".claude/settings.local.json", ".codex/config.toml", "config.toml",
}

func readMCP(f *Files) ([]Found, error) {
	paths := f.Glob(mcpFiles...)
	if len(paths) == 0 {
		text := "the folder has no file of an AI client: give the path of its .mcp.json, claude_desktop_config.json, settings.json, mcp.json or config.toml"
		return nil, Problems{{File: f.Path, Text: text}}
	}
	var out []Found
	var problems Problems
	for _, path := range paths {
		r, err := f.settings(path)
		if err != nil && len(paths) == 1 {
			return nil, err
		} else if err != nil { // the other files still count
			out = append(out, Found{Name: filepath.Base(path), File: path, Skip: unreadFile})
			continue
		}
		c := mcpClient{botFile: r, f: f}
		found, known := c.read(r.expect(Object, r.root, ""))
		if !known && len(r.problems) == 0 && !isFolder(f.Path) {
			r.report(1, 1, `this is no configuration of MCP servers: it has none of "mcpServers", "servers", "mcp_servers" and "env"`)
		}
		out = append(out, found...)
		if root := r.root; root.Kind != Object && len(paths) > 1 { // the other files still count
			out = append(out, Found{Name: filepath.Base(path), File: path, Line: root.Line, Column: root.Column, Skip: r.problems[0].Text})
			continue
		}
		problems = append(problems, r.problems...)
	}
	return out, problems.err()
}

// mcpClient reads one file.
type mcpClient struct {
	*botFile
	f *Files
}

// read returns the keys in the file, and whether it has any of the lists.
func (c *mcpClient) read(root *Node) (out []Found, known bool) {
	if root == nil {
		return nil, false
	}
	scopes := []*Node{root, c.get(root, "mcp")}
	if projects := c.get(root, "projects"); projects != nil {
		for _, m := range projects.Members {
			scopes = append(scopes, m.Value)
		}
	}
	for _, scope := range scopes {
		for _, name := range []string{"mcpServers", "servers", "mcp_servers"} {
			servers := c.get(scope, name)
			if servers == nil || servers.Kind != Object {
				continue
			}
			known = true
			out = append(out, c.eachKey(servers, c.serverEntry)...)
		}
	}
	if env := c.get(root, "env"); env != nil && env.Kind == Object {
		known = true
		out = append(out, c.variableKeys("", c.variables(env), mcpTier(nil, c.variables(env)))...)
	}
	return out, known
}

// divide is the variables that fit, and the others.
func divide(all []Variable, fits func(Variable) bool) (these, others []Variable) {
	for _, v := range all {
		if fits(v) {
			these = append(these, v)
		} else {
			others = append(others, v)
		}
	}
	return these, others
}

// variables are the members of an object of variables.
func (c *mcpClient) variables(env *Node) (out []Variable) {
	if env == nil {
		return nil
	}
	for _, m := range env.Members {
		switch {
		case m.Value.Kind == Text || m.Value.Kind == Number || m.Value.Kind == Boolean:
			out = append(out, Variable{Name: m.Name, Value: adapter.NewSecret(m.Value.Text), Line: m.Line})
		case m.Value.Kind != Null:
			out = append(out, c.within(m.Name, m)...)
		}
	}
	return out
}

const unreadWithin = "it is within a list or an object, where no program takes a variable from"

// within are the values in a list or an object that say where keys are sent, each as a variable
// that cannot be read. Their names are all that lead to them. Keys there are unread's.
func (c *mcpClient) within(name string, m Member) (out []Variable) {
	for _, inner := range m.Value.Members {
		if path := name + "_" + inner.Name; saysNothing(inner.Name) {
			out = append(out, c.within(name, inner)...)
		} else {
			out = append(out, c.within(path, inner)...)
		}
	}
	for _, item := range m.Value.Items {
		out = append(out, c.within(name, Member{Line: item.Line, Column: item.Column, Value: item})...)
	}
	if value := strings.TrimSpace(m.Value.Text); value != "" && slices.ContainsFunc(nameWords(name), saysPlace) {
		out = append(out, Variable{Name: name, Line: m.Line, Unread: unreadWithin})
	}
	return out
}

func saysPlace(word string) bool {
	return testWord(word) != "" || slices.Contains(realWords, word) || whereKinds[word] != nowhere
}

// server is what a file says of one server.
type server struct {
	name         string
	line, column int
	words        []string   // the command and its arguments
	variables    []Variable // of its environment, arguments and headers
	remote       bool
}

func (s *server) value(name string) string {
	for _, v := range s.variables {
		if strings.EqualFold(v.Name, name) {
			return strings.TrimSpace(v.Value.Reveal())
		}
	}
	return ""
}

// toggle reads a switch. It is not clear if it has a value that is neither on nor off.
func (s *server) toggle(names ...string) (on, clear bool) {
	for _, v := range s.variables {
		value := strings.TrimSpace(v.Value.Reveal())
		if v.Unread == "" && value == "" || !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(v.Name, name) }) {
			continue
		}
		is, set := switchWord(value)
		if !set {
			return false, false
		}
		on = on || is
	}
	return on, true
}

// serverFields are those that clients know of a server, or of a skill.
var serverFields = []string{"command", "args", "env", "headers", "url", "serverUrl", "httpUrl", "apiKey"}

// settings notes what else stands beside the variables of keys: it may say where they belong.
func (c *mcpClient) settings(out []Found, n *Node) {
	for i := range out {
		c.beside(&out[i], n.without(serverFields...))
	}
}

// serverEntry is server for a value of any kind.
func (c *mcpClient) serverEntry(m Member) []Found {
	if c.expect(Object, m.Value, m.Name) == nil {
		return nil
	}
	return c.server(m)
}

// server returns the keys of a server, or says that it is not audited.
func (c *mcpClient) server(m Member) []Found {
	out := c.serverKeys(m)
	c.settings(out, m.Value)
	return out
}

func (c *mcpClient) serverKeys(m Member) []Found {
	s := server{name: m.Name, line: m.Line, column: m.Column, remote: hasURL(m.Value)}
	for _, name := range []string{"command", "args"} {
		s.words = append(s.words, texts(c.get(m.Value, name))...)
	}
	s.variables = slices.Concat(c.variables(c.get(m.Value, "env")), argumentVariables(s.words, m.Line), headerVariables(c.variables(c.get(m.Value, "headers"))))
	kind := kindOfServer(s.words)
	if kind.read != nil {
		return kind.read(c, &s)
	}
	isBare := func(v Variable) bool { return slices.Contains(bareParts, strings.ToUpper(v.Name)) }
	out := c.variableKeys(s.name, slices.DeleteFunc(slices.Clone(s.variables), isBare), mcpTier(s.words, s.variables))
	kind.place(out, &s)
	holds := func(secret bool) bool { // among what names no exchange
		return slices.ContainsFunc(s.variables, func(v Variable) bool {
			return isBare(v) && strings.Contains(strings.ToUpper(v.Name), "SECRET") == secret && strings.TrimSpace(v.Value.Reveal()) != ""
		})
	}
	switch {
	case len(out) > 0 && (!holds(false) || !holds(true)):
		return out
	case holds(false), holds(true):
		return append(out, c.unread(&s, "it is given a key whose name does not say which exchange it is for: list the key in an inventory"))
	case kind.keyless:
		return nil
	case kind.title != "":
		return []Found{c.unread(&s, "the file has no key for it: its server takes one from elsewhere; list the key in an inventory")}
	case s.remote:
		return []Found{c.unread(&s, "it is a remote server, which keeps its keys elsewhere: list those in an inventory")}
	default:
		return []Found{c.unread(&s, "the MCP server is unknown, and the file has no key of an exchange for it: list the keys that it uses in an inventory")}
	}
}

// testOf is the test network of an environment, whatever said which that is.
func testOf(environment, test string) string {
	switch {
	case slices.Contains(liveWords, environment):
		return test
	case slices.Contains(testWords, environment), strings.HasSuffix(environment, "-"+test):
		return environment
	default: // a site's
		return environment + "-" + test
	}
}

// bareParts are names of variables and flags that hold a part of a key and name
// no exchange.
var bareParts = []string{"API_KEY", "APIKEY", "ACCESS_KEY", "API_SECRET", "APISECRET", "SECRET_KEY", "SECRET", "KEY"}

func hasURL(server *Node) bool {
	return slices.ContainsFunc(server.Members, func(m Member) bool {
		return slices.Contains([]string{"url", "serverUrl", "httpUrl"}, m.Name)
	})
}

// unread is a server that is not audited, and why.
func (c *mcpClient) unread(s *server, why string) Found {
	found := c.found(cmp.Or(s.name, "server"), "", s.line, s.column)
	found.Skip = why
	return found
}

// variableKeys are the keys in variables of a server; without a name, of the
// client itself.
func (c *mcpClient) variableKeys(name string, variables []Variable, readOnly bool) (out []Found) {
	for _, found := range keysIn(variables, c.path, c.f.options) {
		if isGoogles(&found) {
			continue
		}
		found.Policy = agentPolicy(readOnly)
		if isReference(found.Key) || isReference(found.Secret) {
			found.skip(skipReference)
		}
		out = append(out, found)
	}
	for i := range out {
		switch {
		case name != "" && len(out) == 1:
			out[i].Name = name
		case name != "":
			out[i].Name = name + "-" + out[i].Name
		}
	}
	return out
}

// isGoogles reports whether a key is one of Google's model Gemini and not of the
// exchange of that name: they begin so, and have no secret.
func isGoogles(found *Found) bool {
	return found.Secret.isZero() && strings.HasPrefix(strings.TrimSpace(found.Key.Value.Reveal()), googles)
}

const googles = "AIza" // how Google's keys begin

const skipReference = "the file has a reference for it, which the program that starts the server fills in: audit the key where it is kept"

// isReference reports whether a client fills the part in: ${VAR}, ${input:key}.
func isReference(p Part) bool { return strings.Contains(p.Value.Reveal(), "${") }

// settingWord is NAME=value among the words of a command: docker's -e, env, or
// before a command of the shell.
var settingWord = regexp.MustCompile(`^(?:--env=|-e=?)?([A-Za-z_][A-Za-z0-9_]*)=(.+)$`)

// flagName is the name of a flag that may stand for a variable:
// --binance-api-key.
var flagName = regexp.MustCompile(`^--?([A-Za-z][A-Za-z0-9_-]*)$`)

// argumentVariables are the variables that a command line sets, and its flags with
// a value as if they were variables.
func argumentVariables(words []string, line int) (out []Variable) {
	add := func(name, value string) {
		name = strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		out = append(out, Variable{Name: name, Value: adapter.NewSecret(value), Line: line})
	}
	for i, word := range words {
		for _, token := range strings.Fields(word) {
			flag, value, assigned := strings.Cut(token, "=")
			name := flagName.FindStringSubmatch(flag)
			switch {
			case settingWord.MatchString(token):
				parts := settingWord.FindStringSubmatch(token)
				add(parts[1], strings.Trim(parts[2], `"'`))
			case name == nil:
			case assigned:
				add(name[1], value)
			case i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") && token == word && !settingWord.MatchString(words[i+1]):
				add(name[1], words[i+1])
			case slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(flag), notInWord), func(w string) bool { return testWord(w) != "" }): // --testnet
				add(name[1], "true")
			}
		}
	}
	return out
}

// headerVariables are headers as variables: X-BYBIT-API-KEY.
func headerVariables(headers []Variable) (out []Variable) {
	for _, h := range headers {
		h.Name = strings.TrimPrefix(strings.ToUpper(strings.ReplaceAll(h.Name, "-", "_")), "X_")
		out = append(out, h)
	}
	return out
}

// program is the name of a package or file, without scope, folder and version.
func program(word string) string {
	word = filepath.Base(filepath.ToSlash(strings.TrimSpace(word)))
	if at := strings.IndexByte(word, '@'); at > 0 {
		word = word[:at]
	}
	word, _, _ = strings.Cut(word, "==")
	return strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(word, ".exe"), ":latest"))
}
