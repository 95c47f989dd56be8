package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

func TestTexts(t *testing.T) {
	for text, want := range map[string][]string{
		`{"a":[1,"2",-3]}`: {"1", "2", "-3"},
		`{"a":[]}`:         {},
	} {
		o, err := wire.Parse([]byte(text))
		require.NoError(t, err, text)
		got, ok := o.Texts("a")
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
		require.NoError(t, o.Err(), text)
	}
	for text, wrong := range map[string]bool{
		`{"a":null}`: false, `{}`: false,
		`{"a":[null]}`: true, `{"a":[true]}`: true, `{"a":[[1]]}`: true, `{"a":{}}`: true, `{"a":1}`: true,
	} {
		o, err := wire.Parse([]byte(text))
		require.NoError(t, err, text)
		_, ok := o.Texts("a")
		assert.False(t, ok, text)
		assert.Equal(t, wrong, o.Err() != nil, text)
	}
}

func TestInts(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"list":[1,-2,30],"empty":[],"null":null}`)
	list, ok := o.Ints("list")
	assert.True(t, ok)
	assert.Equal(t, []int64{1, -2, 30}, list)
	list, ok = o.Ints("empty")
	assert.True(t, ok)
	assert.Empty(t, list)
	for _, name := range []string{"null", "missing"} {
		_, ok = o.Ints(name)
		assert.False(t, ok, name)
	}
	require.NoError(t, o.Err())
	for _, text := range []string{`1`, `"1"`, `["1"]`, `[1.5]`, `[null]`, `{}`, `[1e99]`} {
		o := parse(t, `{"list":`+text+`}`)
		_, ok := o.Ints("list")
		assert.False(t, ok, text)
		assert.Error(t, o.Err(), text)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	all := func(string) bool { return true }
	o, err := wire.Parse([]byte(`{"a":1,"b":false,"c":null,"d":"1"}`))
	require.NoError(t, err)
	assert.Equal(t, map[string]access.State{"a": access.Granted, "b": access.Denied, "c": access.Unknown, "d": access.Granted}, o.Flags(all))
	assert.Equal(t, map[string]access.State{"b": access.Denied}, o.Flags(func(name string) bool { return name == "b" }))
	require.NoError(t, o.Err())
	o, err = wire.Parse([]byte(`{"a":1,"b":"maybe"}`))
	require.NoError(t, err)
	o.Flags(all)
	require.Error(t, o.Err())
}
