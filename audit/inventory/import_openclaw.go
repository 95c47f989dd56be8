package inventory

import (
	"path/filepath"
	"slices"
	"strings"
)

// openclaw is OpenClaw's folder ~/.openclaw: its .env, and the variables, skills and
// MCP servers in its openclaw.json. What counts more does not matter here: every
// key in them is one.
// Sources: https://docs.openclaw.ai/help/environment and /tools/skills-config.
var openclaw = Format{Name: "openclaw", Title: "OpenClaw's .env and openclaw.json", Read: readOpenClaw}

func readOpenClaw(f *Files) ([]Found, error) {
	paths := f.Glob(".env", "openclaw.json", ".openclaw/.env", ".openclaw/openclaw.json")
	if len(paths) == 0 {
		return nil, Problems{{File: f.Path, Text: "the folder has neither .env nor openclaw.json: give the path of ~/.openclaw"}}
	}
	var out []Found
	var problems Problems
	var seen []Variable
	for _, path := range paths {
		c := mcpClient{botFile: &botFile{path: path, root: &Node{}}, f: f}
		if filepath.Ext(path) != ".json" {
			variables, err := f.assignments(path)
			if err != nil && path == f.Path {
				return nil, err
			} else if err != nil {
				out = append(out, Found{Name: ".env", File: path, Skip: "the file cannot be read as " + kindVariables + ": list its keys in an inventory"})
			}
			seen = append(seen, variables...)
			out = append(out, c.variableKeys("", variables, mcpTier(nil, variables))...)
		} else if r, err := f.settings(path); err != nil && path == f.Path {
			return nil, err
		} else if err != nil { // its other file still counts
			lost := c.found("openclaw.json", "", 0, 0)
			lost.Skip = unreadFile
			out = append(out, lost)
		} else {
			c.botFile = r
			out = append(out, c.openClaw(seen)...)
		}
		problems = append(problems, c.problems...)
	}
	return out, problems.err()
}

// openClaw are the keys in openclaw.json. Variables that the .env has with the
// same value are read there.
func (c *mcpClient) openClaw(seen []Variable) []Found {
	again := func(v Variable) bool {
		return slices.ContainsFunc(seen, func(s Variable) bool { return s.Name == v.Name && s.Value.Equal(v.Value) })
	}
	env := c.section(c.root, "env")
	variables := slices.DeleteFunc(slices.Concat(c.variables(env.without("vars")), c.variables(c.section(env, "vars"))), again)
	out := c.variableKeys("", variables, mcpTier(nil, variables))
	skills := c.section(c.section(c.root, "skills"), "entries")
	out = append(out, c.eachKey(skills, func(m Member) []Found { return c.skill(m, again) })...)
	for _, n := range []*Node{c.get(c.root, "mcp"), c.root} {
		for _, name := range []string{"servers", "mcpServers"} {
			out = append(out, c.eachKey(c.section(n, name), c.serverEntry)...)
		}
	}
	return append(out, c.lost...)
}

// skill returns the keys of a skill. A lone "apiKey" goes into a variable that only
// the skill names, so it is a key of an exchange only if the skill is named after
// one.
func (c *mcpClient) skill(m Member, again func(Variable) bool) []Found {
	variables := slices.DeleteFunc(c.variables(c.get(m.Value, "env")), again)
	out := c.variableKeys(m.Name, variables, mcpTier(nil, variables))
	c.settings(out, m.Value)
	key := c.get(m.Value, "apiKey")
	words := strings.FieldsFunc(strings.ToLower(m.Name), notInWord)
	named := m.Name != "gemini" && slices.ContainsFunc(words, func(word string) bool { // that skill is for Google's model
		_, known := resolveExchange(word, c.f.options.Exchanges)
		return known
	})
	if len(out) == 0 && named && key != nil && hasValue(key) {
		lost := c.found(m.Name, "", m.Line, m.Column)
		lost.Skip = "only the skill says which variable its key is for: list the key in an inventory"
		out = append(out, lost)
	}
	return out
}
