package sources

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// Read reads the inventory at path, in JSON or YAML: as the name's ending says, and
// without one as the text begins. "-" is standard input, of which the inventory's own
// references then get nothing. The paths in an inventory that is no file are relative to
// the working folder. The error is an inventory.Problems.
func Read(path string, o inventory.Options) (*inventory.Inventory, error) {
	return read(path, o, inventory.Read)
}

// Open is Read, but the keys of a large inventory in JSON are not held: see inventory.Open.
func Open(path string, o inventory.Options) (*inventory.Inventory, error) {
	return read(path, o, inventory.Open)
}

func read(path string, o inventory.Options, file func(string, inventory.Options) (*inventory.Inventory, error)) (*inventory.Inventory, error) {
	if !IsStream(path) {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".yaml", ".yml":
			return readYAML(path, o)
		default:
			return file(path, o)
		}
	}
	data, err := readStream(path, &o)
	if err != nil {
		return nil, inventory.Problems{{Text: "the inventory: " + err.Error()}}
	}
	if text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))); bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("/")) {
		return inventory.Parse(data, stream, o)
	}
	return decodeYAML(data, stream, o)
}

// Parse is Read for the text of the inventory at path.
func Parse(text []byte, path string, o inventory.Options) (*inventory.Inventory, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return decodeYAML(text, path, o)
	default:
		return inventory.Parse(text, path, o)
	}
}

// readYAML reads the inventory in the YAML file at path. Its fields and their
// rules are those of a JSON inventory. It accepts what JSON can express too:
// aliases, merge keys, tags and further documents are refused.
func readYAML(path string, o inventory.Options) (*inventory.Inventory, error) {
	data, err := readFile(path, maxInventory, anybody)
	if err != nil {
		return nil, inventory.Problems{{File: path, Text: "the file " + err.Error()}}
	}
	return decodeYAML(data, path, o)
}

func decodeYAML(data []byte, path string, o inventory.Options) (*inventory.Inventory, error) {
	root, problems := parseYAML(data)
	if len(problems) > 0 {
		for i := range problems {
			problems[i].File = path
		}
		return nil, problems
	}
	return inventory.Decode(root, path, o)
}

// parseYAML reads the one document in data.
func parseYAML(data []byte) (*inventory.Node, inventory.Problems) {
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, inventory.Problems{{Text: "the file is empty"}}
	case err != nil:
		return nil, inventory.Problems{malformed(err)}
	}
	var c converter
	root := c.node(document.Content[0])
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		c.problems = append(c.problems, malformed(err))
	default:
		c.report(&second, "a second document begins here: remove the line ---, or use a separate file")
	}
	return root, c.problems
}

// malformed says where YAML is malformed, as precisely as the parser knows: it
// names the line that it was reading, and often the one before. Its own message
// is not used, because it shows what it found there.
func malformed(err error) inventory.Problem {
	p := inventory.Problem{Text: "the YAML is malformed: check its indentation, colons, quotes and brackets"}
	if at := syntaxLine.FindStringSubmatch(err.Error()); at != nil {
		p.Line, _ = strconv.Atoi(at[1])
		p.Column = 1
		p.Text = "the YAML is malformed near here: check the indentation, colons, quotes and brackets"
	}
	return p
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\n  )?line (\d+):`)

// converter turns YAML's nodes into the inventory's. It goes on after a problem,
// so that all are reported at once.
type converter struct{ problems inventory.Problems }

func (c *converter) report(at *yaml.Node, text string) {
	c.problems = append(c.problems, inventory.Problem{Line: at.Line, Column: at.Column, Text: text})
}

func (c *converter) node(y *yaml.Node) *inventory.Node {
	n := &inventory.Node{Line: y.Line, Column: y.Column}
	if y.Style&yaml.TaggedStyle != 0 {
		c.report(y, "tags are not supported: remove the word that begins with !, and put text in quotes")
		return n
	}
	switch y.Kind {
	case yaml.AliasNode: // a few lines of them can expand to a million nodes
		c.report(y, "aliases are not supported: write the value out, or give a policy a name under \"policies\"")
	case yaml.MappingNode:
		n.Kind = inventory.Object
		for i := 0; i+1 < len(y.Content); i += 2 {
			if name := y.Content[i]; c.isName(name) {
				n.Members = append(n.Members, inventory.Member{
					Name: name.Value, Line: name.Line, Column: name.Column, Value: c.node(y.Content[i+1]),
				})
			}
		}
	case yaml.SequenceNode:
		n.Kind = inventory.List
		for _, item := range y.Content {
			n.Items = append(n.Items, c.node(item))
		}
	case yaml.ScalarNode:
		c.scalar(y, n)
	default: // a document, which exists only at the top
	}
	return n
}

// isName refuses what cannot be the name of a field.
func (c *converter) isName(y *yaml.Node) bool {
	switch {
	case y.ShortTag() == "!!merge":
		c.report(y, "merge keys are not supported: write the fields out")
	case y.Kind != yaml.ScalarNode || y.Style&yaml.TaggedStyle != 0:
		c.report(y, "the name of a field must be plain text")
	default:
		return true
	}
	return false
}

// scalar reads a value that is neither an object nor a list. A date is text, as
// in JSON.
func (c *converter) scalar(y *yaml.Node, n *inventory.Node) {
	switch y.ShortTag() {
	case "!!str", "!!timestamp":
		n.Kind, n.Text = inventory.Text, y.Value
	case "!!bool":
		n.Kind, n.Text = inventory.Boolean, strings.ToLower(y.Value)
	case "!!int", "!!float":
		n.Kind, n.Text = inventory.Number, y.Value
		if !json.Valid([]byte(y.Value)) { // 0x1f, 010, 1_000, .inf: it is unclear what is meant
			c.report(y, "the number is ambiguous: write it in decimal, or put it in quotes if it is text")
		}
	case "!!null":
	default:
		c.report(y, "the value is not text, a number, true, false or null: put it in quotes")
	}
}

// note keeps the fields of a key's entry that its bot does not know: what YAML decodes to.
func note(found *inventory.Found, value any, path ...string) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			note(found, value[name], append(slices.Clip(path), name)...)
		}
	case []any:
		for _, item := range value {
			note(found, item, path...)
		}
	case nil:
	default:
		found.Note(fmt.Sprint(value), path...)
	}
}
