package render

import (
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// node is any XML element.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []node     `xml:",any"`
}

func (n *node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// xsd checks the part of XML Schema that junit-4.xsd uses, and refuses a schema
// that uses more. It has the elements by name.
type xsd map[string]*element

// element is what a schema says about one.
type element struct {
	mixed      bool              // may contain text
	attributes map[string]string // their use
	sequence   []node
}

func readXSD(tb testing.TB, path string) xsd {
	tb.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(tb, err)
	var root node
	require.NoError(tb, xml.Unmarshal(raw, &root))
	x := xsd{}
	for i := range root.Children {
		require.Equal(tb, "element", root.Children[i].XMLName.Local)
		x[root.Children[i].attr("name")] = readElement(tb, &root.Children[i])
	}
	require.Contains(tb, x, "testsuites")
	return x
}

func readElement(tb testing.TB, n *node) *element {
	tb.Helper()
	e := &element{mixed: n.attr("type") == "xs:string", attributes: map[string]string{}}
	for _, part := range n.Children {
		require.Equal(tb, "complexType", part.XMLName.Local)
		e.mixed = part.attr("mixed") == "true"
		for _, p := range part.Children {
			if p.XMLName.Local == "sequence" {
				e.sequence = p.Children
				continue
			}
			require.Equal(tb, "attribute xs:string", p.XMLName.Local+" "+p.attr("type"))
			e.attributes[p.attr("name")] = p.attr("use")
		}
	}
	return e
}

// check lists what is wrong with an element and those in it.
func (x xsd) check(n *node) (problems []string) {
	name := n.XMLName.Local
	complain := func(format string, args ...any) { problems = append(problems, name+": "+fmt.Sprintf(format, args...)) }
	rule, ok := x[name]
	if !ok || n.XMLName.Space != "" {
		complain("no such element")
		return problems
	}
	for _, a := range n.Attrs {
		if _, ok := rule.attributes[a.Name.Local]; !ok {
			complain("unexpected attribute %s", a.Name.Local)
		}
	}
	for attribute, use := range rule.attributes {
		if use == "required" && n.attr(attribute) == "" {
			complain("%s is missing", attribute)
		}
	}
	if !rule.mixed && strings.TrimSpace(n.Text) != "" {
		complain("unexpected text")
	}
	return append(problems, x.checkChildren(n, rule)...)
}

func (x xsd) checkChildren(n *node, rule *element) (problems []string) {
	complain := func(format string, args ...any) {
		problems = append(problems, n.XMLName.Local+": "+fmt.Sprintf(format, args...))
	}
	rest := n.Children
	for _, part := range rule.sequence {
		found := 0
		for len(rest) > 0 && rest[0].XMLName.Local == part.attr("ref") {
			problems = append(problems, x.check(&rest[0])...)
			rest, found = rest[1:], found+1
		}
		if found == 0 && part.attr("minOccurs") != "0" {
			complain("%s is missing", part.attr("ref"))
		}
		if found > 1 && part.attr("maxOccurs") != "unbounded" {
			complain("%s occurs %d times", part.attr("ref"), found)
		}
	}
	for i := range rest {
		complain("unexpected %s", rest[i].XMLName.Local)
	}
	return problems
}

// TestJUnitSchema checks the XML against the schema of Jenkins, as libxml2 does in
// .ci/formats.
func TestJUnitSchema(t *testing.T) {
	schema := readXSD(t, "testdata/schemas/junit-4.xsd")
	check := func(out []byte) []string {
		var root node
		require.NoError(t, xml.Unmarshal(out, &root))
		require.Equal(t, "testsuites", root.XMLName.Local)
		return schema.check(&root)
	}
	out := written(t, trackers(richReport())["report.junit.xml"])
	assert.Empty(t, check(out))
	for name, text := range hostile {
		assert.Empty(t, check(written(t, trackers(poisoned(t, text))["report.junit.xml"])), name)
	}
	// A check that accepts everything would be none.
	for name, change := range map[string][2]string{
		"an element":           {"<properties>", "<oddity/><properties>"},
		"an attribute":         {"<testcase name", "<testcase colour=\"red\" name"},
		"no name":              {"<testcase name", "<testcase status"},
		"the order":            {"<properties>", "<system-out/><properties>"},
		"two":                  {"<properties>", "<properties><property name=\"a\" value=\"b\"/></properties><properties>"},
		"text":                 {"<properties>", "text<properties>"},
		"an attribute of skip": {"<skipped>", "<skipped message=\"x\">"},
	} {
		changed := strings.Replace(string(out), change[0], change[1], 1)
		require.NotEqual(t, string(out), changed, name)
		assert.NotEmpty(t, check([]byte(changed)), name)
	}
}
