package access_test

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestScrubReachesEveryText: whatever text an adapter fills, in whatever depth,
// goes through the scrubber. A new field that is forgotten there fails here.
func TestScrubReachesEveryText(t *testing.T) {
	t.Parallel()
	const canary = "cAnArY4711"
	s := &access.Snapshot{}
	poison(reflect.ValueOf(&s.Answer).Elem(), canary, 0)
	require.NotEmpty(t, s.Siblings)
	require.NotEmpty(t, s.Siblings[0].Notes)
	s.Scrub(func(text string) string { return strings.ReplaceAll(text, canary, "clean") })
	text, err := json.MarshalIndent(s, "", " ")
	require.NoError(t, err)
	assert.NotContains(t, string(text), canary)
	assert.Greater(t, strings.Count(string(text), "clean"), 30)
}

// poison puts a text into every string of an answer. Those that it leaves alone
// hold no words of the exchange: capabilities are this module's names, and what
// the core knows of a key is not the adapter's to fill.
func poison(v reflect.Value, text string, depth int) {
	switch v.Interface().(type) {
	case time.Time, netip.Prefix, netip.Addr, access.Capability, access.Inspection:
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i), text, depth+1)
		}
	case reflect.Slice:
		if depth < 8 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			poison(v.Index(0), text, depth+1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		poison(v.Elem(), text, depth+1)
	case reflect.String:
		v.SetString(text)
	default:
	}
}
