package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// validator checks the part of JSON Schema that schema.json uses, and refuses
// a schema that uses more.
type validator struct {
	defs     map[string]any
	problems []string
}

func validate(tb testing.TB, document []byte) []string {
	tb.Helper()
	var root map[string]any
	require.NoError(tb, json.Unmarshal(Schema(), &root))
	var doc any
	require.NoError(tb, json.Unmarshal(document, &doc))
	v := &validator{defs: root["$defs"].(map[string]any)}
	v.check("", root, doc)
	return v.problems
}

func (v *validator) complain(path, format string, args ...any) {
	v.problems = append(v.problems, path+": "+fmt.Sprintf(format, args...))
}

func (v *validator) check(path string, schema map[string]any, doc any) {
	object, _ := doc.(map[string]any)
	text, isText := doc.(string)
	number, isNumber := doc.(float64)
	properties, _ := schema["properties"].(map[string]any)
	for keyword, value := range schema {
		switch keyword {
		case "$schema", "$id", "$defs", "title", "description", "format":
		case "properties":
			for name, sub := range properties {
				if member, ok := object[name]; ok {
					v.check(path+"/"+name, sub.(map[string]any), member)
				}
			}
		case "additionalProperties":
			for name := range object {
				if _, ok := properties[name]; !ok && value == false {
					v.complain(path, "unexpected member %q", name)
				}
			}
		case "$ref":
			v.check(path, v.defs[strings.TrimPrefix(value.(string), "#/$defs/")].(map[string]any), doc)
		case "type":
			types, ok := value.([]any)
			if !ok {
				types = []any{value}
			}
			if !slices.ContainsFunc(types, func(name any) bool { return hasType(name, doc) }) {
				v.complain(path, "not a %v", value)
			}
		case "enum":
			if !slices.Contains(value.([]any), doc) {
				v.complain(path, "%v is none of %v", doc, value)
			}
		case "required":
			for _, name := range value.([]any) {
				if _, ok := object[name.(string)]; !ok && object != nil {
					v.complain(path, "%s is missing", name)
				}
			}
		case "items":
			elements, _ := doc.([]any)
			for i, element := range elements {
				v.check(fmt.Sprintf("%s/%d", path, i), value.(map[string]any), element)
			}
		case "pattern":
			if isText && !regexp.MustCompile(value.(string)).MatchString(text) {
				v.complain(path, "doesn't match %s", value)
			}
		case "minimum":
			if isNumber && number < value.(float64) {
				v.complain(path, "below %v", value)
			}
		default:
			v.complain(path, "the schema uses %q, which this check doesn't know", keyword)
		}
	}
}

func hasType(name, doc any) bool {
	switch name {
	case "object":
		return reflect.TypeOf(doc) == reflect.TypeFor[map[string]any]()
	case "array":
		return reflect.TypeOf(doc) == reflect.TypeFor[[]any]()
	case "string":
		return reflect.TypeOf(doc) == reflect.TypeFor[string]()
	case "boolean":
		return reflect.TypeOf(doc) == reflect.TypeFor[bool]()
	case "null":
		return doc == nil
	case "integer":
		n, ok := doc.(float64)
		return ok && n == math.Trunc(n)
	}
	return false
}

func marshal(tb testing.TB, r *audit.Report) []byte {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, JSON(&buf, r))
	return buf.Bytes()
}

func TestSchemaAcceptsReports(t *testing.T) {
	full := &audit.Report{Schema: audit.ReportSchema, Results: []*audit.Result{{Snapshot: filled[audit.Snapshot](t), Findings: []audit.Finding{*filled[audit.Finding](t)}}}}
	for name, r := range map[string]*audit.Report{
		"rich":         richReport(),
		"empty":        audit.Collect(slices.Values([]*audit.Result{}), nil),
		"all members":  full,
		"really run":   run(t),
		"judged again": richReport().Rejudge(func(*audit.Result) audit.Policy { return audit.Agent() }, now, nil),
	} {
		t.Run(name, func(t *testing.T) { assert.Empty(t, validate(t, marshal(t, r))) })
	}
}

// run makes a report the way a program does, of a venue that lists rights and
// of a key that cannot be used.
func run(tb testing.TB) *audit.Report {
	tb.Helper()
	venue := testVenue()
	keys := []audit.Key{
		{Name: "good", Exchange: venue, Credentials: audit.Credentials{Key: "0123456789abcdef", Secret: audit.NewSecret("secret-of-test")}, Policy: audit.SpotTrading()},
		{Name: "bad", Exchange: venue},
		{Name: "none"},
	}
	return audit.Collect(audit.Run(tb.Context(), slices.Values(keys), &audit.Options{Clock: clock}), clock)
}

func TestSchemaRefuses(t *testing.T) {
	document := string(marshal(t, richReport()))
	for name, change := range map[string][2]string{
		"another version":     {`"schema": 1,` + "\n" + `  "started"`, `"schema": 2,` + "\n" + `  "started"`},
		"an unknown member":   {`"policy": "trading"`, `"policy": "trading", "colour": "red"`},
		"a missing member":    {`"policy": "trading",`, ``},
		"an unknown outcome":  {`"outcome": "failed"`, `"outcome": "fine"`},
		"an unknown severity": {`"severity": "critical"`, `"severity": "dire"`},
		"an unknown evidence": {`"evidence": "told"`, `"evidence": "guessed"`},
		"an unknown state":    {`"state": "granted"`, `"state": "yes"`},
		"an unknown right":    {`"capability": "withdraw"`, `"capability": "Withdraw"`},
		"an unknown kind":     {`"kind": "ambiguous"`, `"kind": "odd"`},
		"text for a number":   {`"requests": 1`, `"requests": "1"`},
		"a number below 0":    {`"requests": 1`, `"requests": -1`},
		"half a number":       {`"requests": 1`, `"requests": 1.5`},
		"null for a list":     {`"findings": []`, `"findings": null`},
		"a word for a time":   {`"taken_at": "2026`, `"taken_at": "in 2026`},
		"a broken prefix":     {`"prefix": "203.0.113.7/32"`, `"prefix": "203.0.113.7"`},
		"a number for a text": {`"label": "old bot"`, `"label": 1`},
		"a word for a switch": {`"known": true`, `"known": "true"`},
		"a list for counts":   {`"undetermined": {`, `"undetermined": [], "x": {`},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(document, change[0], change[1], 1)
			require.NotEqual(t, document, changed)
			assert.NotEmpty(t, validate(t, []byte(changed)))
		})
	}
}

// TestSchemaNamesEveryMember: a member or a word that is new in the core must
// be written into the schema.
func TestSchemaNamesEveryMember(t *testing.T) {
	var root struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
			Enum       []string       `json:"enum"`
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(Schema(), &root))
	for name, typ := range map[string]reflect.Type{
		"report": reflect.TypeFor[audit.Report](), "result": reflect.TypeFor[audit.Result](), "finding": reflect.TypeFor[audit.Finding](),
		"snapshot": reflect.TypeFor[audit.Snapshot](), "grant": reflect.TypeFor[audit.Grant](), "allowlist": reflect.TypeFor[audit.IPAllowlist](),
		"failure": reflect.TypeFor[audit.Error](), "summary": reflect.TypeFor[audit.Summary](),
	} {
		assert.ElementsMatch(t, members(typ), slices.Collect(maps.Keys(root.Defs[name].Properties)), name)
	}
	assert.Equal(t, words[audit.Kind](), root.Defs["kind"].Enum)
	assert.Equal(t, words[audit.Evidence](), root.Defs["evidence"].Enum)
	text := string(Schema())
	for _, want := range [][]string{
		words[audit.Outcome](), words[audit.Severity](), words[audit.State](), words[audit.KeyKind](), words[audit.KeyState](),
		words[audit.AccountKind](), words[audit.AllowlistState](), words[audit.Disclosure](),
	} {
		assert.Contains(t, text, `"enum": ["`+strings.Join(want, `", "`)+`"]`)
	}
	assert.ElementsMatch(t, words[audit.Severity](), slices.Collect(maps.Keys(root.Defs["counts"].Properties)))
	right := regexp.MustCompile(root.Defs["grant"].Properties["capability"].(map[string]any)["pattern"].(string))
	for _, c := range append(audit.Capabilities(), audit.Other("fix-read")) {
		assert.Regexp(t, right, string(c))
	}
	assert.NotRegexp(t, right, "trade.anything")
}

func members(typ reflect.Type) (names []string) {
	for i := range typ.NumField() {
		if f := typ.Field(i); f.IsExported() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return names
}

// words lists an enumeration: past its end, a number is written as itself.
func words[T interface {
	~uint8
	String() string
}]() (out []string) {
	for v := T(0); v.String() != fmt.Sprintf("%d", uint8(v)); v++ {
		out = append(out, v.String())
	}
	return out
}
