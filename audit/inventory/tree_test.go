package inventory

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plain turns a tree into what encoding/json returns for the same text, where the
// last duplicate wins.
func plain(n *Node) any {
	switch n.Kind {
	case Object:
		m := map[string]any{}
		for _, member := range n.Members {
			m[member.Name] = plain(member.Value)
		}
		return m
	case List:
		items := []any{}
		for _, item := range n.Items {
			items = append(items, plain(item))
		}
		return items
	case Number:
		return json.Number(n.Text)
	case Boolean:
		return n.Text == "true"
	case Text:
		return n.Text
	default:
		return nil
	}
}

// decoded decodes a text with encoding/json.
func decoded(tb testing.TB, data []byte) any {
	tb.Helper()
	var want any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	require.NoError(tb, d.Decode(&want))
	return want
}

var jsonTexts = []string{
	`{}`, `[]`, `null`, `true`, `false`, ` -0.5e+3 `, `""`, `"a\"b\\"`, `"\u00e9\ud83d\ude00\ud800é😀"`, `[1,[2,{"a":[]}],{}]`,
	"{\n  \"keys\": [\r\n    {\"name\": \"a\", \"n\": 12},\n    {\"name\": null}\n  ]\n}\n", `{"a":1,"a":2}`, `[true,false,null,"x,]}",3]`,
	"\"\xff\xfe\"", "{\"k\":\"// no comment\",\"l\":\"/* nor this */\"}", `{"a/b":{"m~n":["x"]},"":0}`,
	`[1,]`, `{"a":1,}`, `{"a":1 // one`, "{/* c */\"a\":1,// d\n}", `[,]`, `[1,,]`, `{"a":,}`, `/*`, `"`, `"\`, `[`, "\ufeff{}", `1/2`, `//`, `{"a" "b"}`,
}

func FuzzParseJSON(f *testing.F) {
	for _, text := range jsonTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		root, at := parseJSON(data)
		if root == nil {
			require.False(t, json.Valid(data))
			require.True(t, at >= 0 && at <= len(data), at)
			return
		}
		require.True(t, json.Valid(data))
		require.Equal(t, decoded(t, data), plain(root))
		var check func(n *Node)
		check = func(n *Node) { // every value is at its place
			lines := strings.Split(string(data), "\n")
			require.True(t, n.Line >= 1 && n.Line <= len(lines))
			rest := string([]rune(lines[n.Line-1])[n.Column-1:])
			require.Equal(t, n.Kind, starts(rest), rest)
			for _, m := range n.Members {
				rest := string([]rune(lines[m.Line-1])[m.Column-1:])
				require.True(t, strings.HasPrefix(rest, `"`), rest)
				check(m.Value)
			}
			for _, item := range n.Items {
				check(item)
			}
		}
		check(root)
	})
}

// starts is the kind of value that a text begins with.
func starts(text string) Kind {
	switch text[0] {
	case '{':
		return Object
	case '[':
		return List
	case '"':
		return Text
	case 't', 'f':
		return Boolean
	case 'n':
		return Null
	default:
		return Number
	}
}

func FuzzStripJSONC(f *testing.F) {
	for _, text := range jsonTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		got := stripJSONC(data)
		require.Equal(t, before, data, "the input is left alone")
		require.Len(t, got, len(data))
		require.Equal(t, bytes.Count(data, []byte("\n")), bytes.Count(got, []byte("\n")))
		for i := range got {
			require.True(t, got[i] == data[i] || got[i] == ' ', "byte %d", i)
		}
		if json.Valid(data) {
			require.Equal(t, data, got)
		}
		if json.Valid(got) { // stripping what is stripped changes nothing
			require.Equal(t, got, stripJSONC(got))
		}
	})
}

func TestStripJSONC(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a": 1, // one, two` + "\n}":        `{"a": 1             ` + "\n}",
		"[1, /* x\n, */ ]":                    "[1      \n     ]",
		`["a//b", "/*c*/",]`:                  `["a//b", "/*c*/" ]`,
		`["\"//",]`:                           `["\"//" ]`,
		"[[1,],{\"a\":[],},]// end":           "[[1 ],{\"a\":[] } ]      ",
		"\ufeff{}":                            "   {}",
		"{\"ü\": 1, // ü\r\n \"b\": [\n],\r}": "{\"ü\": 1,      \r\n \"b\": [\n] \r}",
		// A comma without a value before it stays, for the parser to refuse.
		`[,]`: `[,]`, `[1,,]`: `[1,,]`, `{"a":,}`: `{"a":,}`, `,]`: `,]`, `{,}`: `{,}`,
		`{} /* open`: `{} /* open`, `{}/`: `{}/`, `/*/`: `/*/`, `"open // `: `"open // `, `"open\`: `"open\`, ``: ``,
	} {
		assert.Equal(t, want, string(stripJSONC([]byte(text))), text)
	}
}

func TestParseJSONPlaces(t *testing.T) {
	t.Parallel()
	root, _ := parseJSON([]byte("{\n  \"é\": \"ü\", \"keys\": [\r\n\t{\"name\": \"a\"}, 7]}"))
	require.NotNil(t, root)
	keys := root.member("keys")
	require.NotNil(t, keys)
	assert.Nil(t, root.member("Keys"))
	assert.Equal(t, []int{2, 13, 2, 21}, []int{root.Members[1].Line, root.Members[1].Column, keys.Line, keys.Column})
	assert.Equal(t, []int{3, 11}, []int{keys.Items[0].member("name").Line, keys.Items[0].member("name").Column})
	assert.Equal(t, []int{3, 17}, []int{keys.Items[1].Line, keys.Items[1].Column})
	for text, want := range map[string][2]int{
		``: {1, 1}, "{\n  \"a\": 1 2": {2, 10}, "[\n": {2, 1}, `{"é" 1}`: {1, 6}, `[] []`: {1, 4}, `"` + "\n": {1, 2}, `nul`: {1, 3},
	} {
		root, at := parseJSON([]byte(text))
		require.Nil(t, root, text)
		line, column := position([]byte(text), at)
		assert.Equal(t, want, [2]int{line, column}, text)
	}
	deep := strings.Repeat("[", 1<<20)
	root, at := parseJSON([]byte(deep))
	assert.Nil(t, root)
	assert.Less(t, at, len(deep))
}
