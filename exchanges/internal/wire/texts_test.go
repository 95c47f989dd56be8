package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
