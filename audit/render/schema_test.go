package render

import (
	"bytes"
	"encoding"
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
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
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
	properties, _ := schema["properties"].(map[string]any)
	for keyword, value := range schema {
		switch keyword {
		case "$schema", "$id", "$defs", "title", "description", "format":
		case "$ref":
			v.check(path, v.defs[strings.TrimPrefix(value.(string), "#/$defs/")].(map[string]any), doc)
		case "properties":
			for name, sub := range properties {
				if member, ok := object[name]; ok {
					v.check(path+"/"+name, sub.(map[string]any), member)
				}
			}
		case "additionalProperties":
			v.checkOthers(path, value, object, properties)
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
		default:
			v.checkValue(path, keyword, value, doc)
		}
	}
}

// checkOthers checks the members that have no schema of their own.
func (v *validator) checkOthers(path string, schema any, object, properties map[string]any) {
	for name, member := range object {
		if _, ok := properties[name]; ok {
			continue
		}
		if sub, ok := schema.(map[string]any); ok {
			v.check(path+"/"+name, sub, member)
		} else {
			v.complain(path, "unexpected member %q", name)
		}
	}
}

func (v *validator) checkValue(path, keyword string, value, doc any) {
	switch keyword {
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
	case "pattern":
		if text, ok := doc.(string); ok && !regexp.MustCompile(value.(string)).MatchString(text) {
			v.complain(path, "doesn't match %s", value)
		}
	case "minimum":
		if number, ok := doc.(float64); ok && number < value.(float64) {
			v.complain(path, "below %v", value)
		}
	default:
		v.complain(path, "the schema uses %q, which this check doesn't know", keyword)
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
	full := filled[audit.Report](t)
	full.Results[0].Last.Failure = nil
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

// run makes a report as a program does, of an exchange that lists rights and of
// keys that cannot be used.
func run(tb testing.TB) *audit.Report {
	tb.Helper()
	fake := testExchange()
	keys := []audit.Key{
		{Name: "good", Exchange: fake, Credentials: adapter.Credentials{Key: "0123456789abcdef", Secret: adapter.NewSecret("secret-of-test")}, Policy: audit.SpotTrading()},
		{Name: "bad", Exchange: fake},
		{Name: "none"},
	}
	return audit.Collect(audit.Run(tb.Context(), slices.Values(keys), &audit.Options{Clock: clock}), clock)
}

func TestSchemaRefuses(t *testing.T) {
	document := string(marshal(t, richReport()))
	for name, change := range map[string][2]string{
		"another version":     {`"schema": 2,` + "\n" + `  "version"`, `"schema": 3,` + "\n" + `  "version"`},
		"an unknown member":   {`"policy": "trading"`, `"policy": "trading", "colour": "red"`},
		"a missing member":    {`"policy": "trading",`, ``},
		"an unknown outcome":  {`"outcome": "failed"`, `"outcome": "fine"`},
		"an unknown severity": {`"severity": "critical"`, `"severity": "dire"`},
		"an unknown evidence": {`"evidence": "reported"`, `"evidence": "guessed"`},
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

// TestSchemaFollowsTheCore: a member or a word that is new in the core, or
// that became optional there, must be added to the schema.
func TestSchemaFollowsTheCore(t *testing.T) {
	var root map[string]any
	require.NoError(t, json.Unmarshal(Schema(), &root))
	d := &drift{defs: root["$defs"].(map[string]any), seen: map[reflect.Type]bool{}}
	d.compare(t, "report", reflect.TypeFor[audit.Report](), root)
	assert.Greater(t, len(d.seen), 15, "structs")

	right := regexp.MustCompile(d.defs["capability"].(map[string]any)["pattern"].(string))
	for _, c := range append(access.Capabilities(), access.Other("fix-read")) {
		assert.Regexp(t, right, string(c))
	}
	assert.NotRegexp(t, right, "trade.anything")
}

// drift walks the types of the core beside the schema.
type drift struct {
	defs map[string]any
	seen map[reflect.Type]bool // a snapshot holds snapshots
}

// enumerations are the types that are written as one of a few words.
var enumerations = map[reflect.Type][]any{
	reflect.TypeFor[audit.Outcome](): words[audit.Outcome](), reflect.TypeFor[audit.Severity](): words[audit.Severity](),
	reflect.TypeFor[access.State](): words[access.State](), reflect.TypeFor[access.Evidence](): words[access.Evidence](),
	reflect.TypeFor[access.KeyKind](): words[access.KeyKind](), reflect.TypeFor[access.KeyState](): words[access.KeyState](), reflect.TypeFor[access.Wallet](): words[access.Wallet](), reflect.TypeFor[access.GitState](): words[access.GitState](),
	reflect.TypeFor[access.AccountKind](): words[access.AccountKind](), reflect.TypeFor[access.Kind](): words[access.Kind](),
	reflect.TypeFor[access.Standing](): words[access.Standing](), reflect.TypeFor[access.Implied](): words[access.Implied](), reflect.TypeFor[access.AddressBook](): words[access.AddressBook](),
	reflect.TypeFor[access.AllowlistState](): words[access.AllowlistState](), reflect.TypeFor[access.Disclosure](): words[access.Disclosure](),
}

func (d *drift) compare(t *testing.T, path string, typ reflect.Type, schema map[string]any) {
	t.Helper()
	if name, ok := schema["$ref"].(string); ok {
		schema = d.defs[strings.TrimPrefix(name, "#/$defs/")].(map[string]any)
	}
	is := func(name string) {
		require.Contains(t, schema["type"], name, "%s is of type %s", path, typ)
	}
	switch want, enumeration := enumerations[typ]; {
	case enumeration:
		assert.Equal(t, want, schema["enum"], path)
	case typ.Kind() == reflect.Pointer:
		d.compare(t, path, typ.Elem(), schema)
	case typ.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		is("string")
		assert.Contains(t, schema, "pattern", "%s: a text with a form of its own", path)
	case typ.Kind() == reflect.Slice:
		is("array")
		d.compare(t, path+"[]", typ.Elem(), schema["items"].(map[string]any))
	case typ.Kind() == reflect.Map:
		is("object")
		d.compareMap(t, path, typ, schema)
	case typ.Kind() == reflect.Struct:
		is("object")
		d.compareStruct(t, path, typ, schema)
	case typ.Kind() == reflect.String:
		is("string")
	case typ.Kind() == reflect.Bool:
		is("boolean")
	default:
		is("integer")
	}
}

func (d *drift) compareMap(t *testing.T, path string, typ reflect.Type, schema map[string]any) {
	t.Helper()
	if any, ok := schema["additionalProperties"].(map[string]any); ok {
		d.compare(t, path+"/*", typ.Elem(), any)
		return
	}
	properties := schema["properties"].(map[string]any)
	assert.ElementsMatch(t, enumerations[typ.Key()], slices.Collect(maps.Keys(properties)), path)
	for name, sub := range properties {
		d.compare(t, path+"/"+name, typ.Elem(), sub.(map[string]any))
	}
}

func (d *drift) compareStruct(t *testing.T, path string, typ reflect.Type, schema map[string]any) {
	t.Helper()
	if d.seen[typ] {
		return
	}
	d.seen[typ] = true
	properties := schema["properties"].(map[string]any)
	var names, always []any
	for _, field := range reflect.VisibleFields(typ) { // those of embedded structs too
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous || !field.IsExported() || name == "-" {
			continue
		}
		names = append(names, name)
		if options == "" {
			always = append(always, name)
		}
		if sub, ok := properties[name].(map[string]any); ok {
			d.compare(t, path+"/"+name, field.Type, sub)
		}
	}
	assert.ElementsMatch(t, names, slices.Collect(maps.Keys(properties)), "members of %s", path)
	assert.ElementsMatch(t, always, schema["required"], "members that %s always has", path)
	assert.Equal(t, false, schema["additionalProperties"], path)
}

// words lists an enumeration: past its end, a number is written as itself.
func words[T interface {
	~uint8
	String() string
}]() (out []any) {
	for v := T(0); v.String() != fmt.Sprintf("%d", uint8(v)); v++ {
		out = append(out, v.String())
	}
	return out
}
