package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

func parse(t *testing.T, text string) wire.Object {
	t.Helper()
	o, err := wire.Parse([]byte(text))
	require.NoError(t, err)
	return o
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "null": "null", "a list": "[]", "text": `"x"`, "a number": "1", "html": "<html>", "cut off": `{"a":1`,
		"more behind": `{"a":1} {}`, "a stray brace": `{} }`, "a duplicate member": `{"a":1,"b":2,"a":3}`,
		"a duplicate member, spelled with an escape": `{"ipRestrict":true,"\u0069pRestrict":false}`,
	} {
		_, err := wire.Parse([]byte(text))
		assert.Error(t, err, name)
	}
}

func TestNamesAreExact(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"enablewithdrawals":false,"EnableWithdrawals":true}`)
	_, reported := o.Bool("enableWithdrawals")
	assert.False(t, reported, "encoding/json would have taken either for it")
	assert.ElementsMatch(t, []string{"enablewithdrawals", "EnableWithdrawals"}, o.Names())
}

func TestParseList(t *testing.T) {
	t.Parallel()
	list, err := wire.ParseList([]byte(`[{"a":1},{"a":2}]`))
	require.NoError(t, err)
	assert.Len(t, list, 2)
	for _, text := range []string{"", "null", "{}", "[1]", `[{"a":1,"a":1}]`} {
		_, err := wire.ParseList([]byte(text))
		assert.Error(t, err, text)
	}
}

func TestParseStrings(t *testing.T) {
	t.Parallel()
	got, err := wire.ParseStrings([]byte(`["a","b"]`))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, got)
	for _, text := range []string{"", "null", "{}", `["a",null]`, `["a",1]`, `["a"`, `["a"]["b"]`} {
		_, err := wire.ParseStrings([]byte(text))
		assert.Error(t, err, text)
	}
}

// FuzzParse holds the scanner to encoding/json: what isn't a valid object is
// refused, and what is parsed has the same members with the same values.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { "a" : [1, {"b":"]}"}] , "c\"" : "\\\"" , "d":-1.5e3,"e":null,"é":"\u00e9"} `, `{"a":1,"a":2}`, `{"a":{"a":{}}}`, "{\"\xff\":1}", `{} }`, `[{}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := wire.Parse(data)
		var want map[string]json.RawMessage
		if wantErr := json.Unmarshal(data, &want); wantErr != nil || want == nil {
			assert.Error(t, err)
			return
		}
		if err != nil { // only duplicate members are refused beyond that
			assert.Contains(t, err.Error(), "duplicate")
			return
		}
		assert.Len(t, o.Names(), len(want))
		for name, value := range want {
			got, reported := o.Text(name)
			var s string
			if json.Unmarshal(value, &s) == nil && string(value) != "null" {
				assert.True(t, reported)
				assert.Equal(t, s, got)
			}
		}
	})
}
