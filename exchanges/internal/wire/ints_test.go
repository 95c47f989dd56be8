package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
