package wire_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

func TestMissingIsNotReported(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"null":null}`)
	for _, name := range []string{"null", "missing"} {
		_, reported := o.Bool(name)
		assert.False(t, reported)
		_, reported = o.Int(name)
		assert.False(t, reported)
		_, reported = o.Text(name)
		assert.False(t, reported)
		_, reported = o.Strings(name)
		assert.False(t, reported)
		_, reported = o.Commas(name)
		assert.False(t, reported)
		_, reported = o.Object(name)
		assert.False(t, reported)
		_, reported = o.Objects(name)
		assert.False(t, reported)
		_, reported = o.Millis(name)
		assert.False(t, reported)
		_, reported = o.RFC3339(name)
		assert.False(t, reported)
	}
	require.NoError(t, o.Err())
	assert.True(t, o.Has("null"))
	assert.True(t, o.IsNull("null"))
	assert.False(t, o.Has("missing"))
	assert.False(t, o.IsNull("missing"))
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"yes":true,"one":1,"yesText":"True","oneText":"1","no":false,"zero":0,"n":"42","m":7,"list":["a","b"],
		"commas":" a, b ,,c","ms":"1700000000000","s":1700000000,"rfc":"2024-02-03T04:05:06Z","epoch":"1970-01-01T00:00:00Z","never":0,
		"inner":{"a":[{"b":1},{"b":2}]},"escaped":"\u00e9\n"}`)
	for _, name := range []string{"yes", "one", "yesText", "oneText"} {
		v, reported := o.Bool(name)
		assert.True(t, v && reported, name)
	}
	for _, name := range []string{"no", "zero"} {
		v, reported := o.Bool(name)
		assert.True(t, !v && reported, name)
	}
	n, _ := o.Int("n")
	m, _ := o.Text("m")
	list, _ := o.Strings("list")
	commas, _ := o.Commas("commas")
	ms, _ := o.Millis("ms")
	s, _ := o.Seconds("s")
	rfc, _ := o.RFC3339("rfc")
	escaped, _ := o.Text("escaped")
	assert.Equal(t, int64(42), n)
	assert.Equal(t, "7", m)
	assert.Equal(t, []string{"a", "b"}, list)
	assert.Equal(t, []string{"a", "b", "c"}, commas)
	assert.Equal(t, time.Unix(1700000000, 0).UTC(), ms)
	assert.Equal(t, ms, s)
	assert.Equal(t, time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC), rfc)
	assert.Equal(t, "é\n", escaped)
	_, reported := o.RFC3339("epoch")
	assert.False(t, reported)
	_, reported = o.Millis("never")
	assert.False(t, reported)
	inner, _ := o.Object("inner")
	objects, _ := inner.Objects("a")
	require.Len(t, objects, 2)
	b, _ := objects[1].Int("b")
	assert.Equal(t, int64(2), b)
	assert.NoError(t, o.Err())
}

func TestWrongTypesAreErrors(t *testing.T) {
	t.Parallel()
	text := `{"v":VALUE}`
	for name, c := range map[string]struct {
		value string
		get   func(wire.Object)
	}{
		"bool":                     {`"perhaps"`, func(o wire.Object) { o.Bool("v") }},
		"bool, two":                {`2`, func(o wire.Object) { o.Bool("v") }},
		"int":                      {`"12x"`, func(o wire.Object) { o.Int("v") }},
		"int, broken":              {`1.5`, func(o wire.Object) { o.Int("v") }},
		"text":                     {`{}`, func(o wire.Object) { o.Text("v") }},
		"strings":                  {`["a",1]`, func(o wire.Object) { o.Strings("v") }},
		"strings with null":        {`["a",null]`, func(o wire.Object) { o.Strings("v") }},
		"object":                   {`[]`, func(o wire.Object) { o.Object("v") }},
		"object, duplicate inside": {`{"a":1,"a":2}`, func(o wire.Object) { o.Object("v") }},
		"objects":                  {`[1]`, func(o wire.Object) { o.Objects("v") }},
		"seconds for millis":       {`1700000000`, func(o wire.Object) { o.Millis("v") }},
		"time":                     {`"yesterday"`, func(o wire.Object) { o.RFC3339("v") }},
	} {
		o := parse(t, string(bytes.ReplaceAll([]byte(text), []byte("VALUE"), []byte(c.value))))
		c.get(o)
		require.Error(t, o.Err(), name)
		assert.NotContains(t, o.Err().Error(), "yesterday", "an error must not print a value")
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	words := map[string]access.KeyState{"1": access.KeyActive, "normal": access.KeyActive, "frozen": access.KeyLocked}
	o := parse(t, `{"number":1,"word":"normal","bad":"frozen","new":"quarantined","empty":"","null":null}`)
	for name, want := range map[string]access.KeyState{
		"number": access.KeyActive, "word": access.KeyActive, "bad": access.KeyLocked, "new": access.KeyUnclear, "empty": access.KeyUnclear,
		"null": access.KeyUnclear, "missing": access.KeyUnclear,
	} {
		assert.Equal(t, want, o.State(name, words), name)
	}
}

func TestSwitch(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"on":true,"off":false,"one":1,"text":"false","null":null,"number":7,"word":"perhaps"}`)
	for name, want := range map[string]access.KeyState{
		"on": access.KeyLocked, "one": access.KeyLocked, "off": access.KeyActive, "text": access.KeyActive, "null": access.KeyUnclear,
		"missing": access.KeyUnclear, "number": access.KeyUnclear, "word": access.KeyUnclear,
	} {
		assert.Equal(t, want, o.Switch(name, access.KeyLocked, access.KeyActive), name)
	}
	assert.Error(t, o.Err(), "neither true nor false")
}
