package formats_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// schema compiles a schema of the renderers' test data, after some changes.
func schema(t *testing.T, name string, changes ...func(map[string]any)) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(testdata, "schemas", name))
	require.NoError(t, err)
	document := decoded(t, raw)
	for _, change := range changes {
		change(document.(map[string]any))
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource(name, document))
	compiled, err := compiler.Compile(name)
	require.NoError(t, err)
	return compiled
}

func decoded(t *testing.T, raw []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	require.NoError(t, err)
	return value
}

// TestSARIF checks SARIF against the schema that OASIS publishes.
func TestSARIF(t *testing.T) {
	official := schema(t, "sarif-2.1.0.json")
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			r.Version = "v0.1.0" // which the program sets
			out := written(t, func(w io.Writer) error {
				return render.SARIF(w, r, render.SARIFOptions{Root: "/srv"})
			})
			require.NoError(t, official.Validate(decoded(t, out)))
			keep(t, name+".sarif", out)
		})
	}
	cut := audited()
	cut.Version = "v0.1.0"
	limited := written(t, func(w io.Writer) error {
		return render.SARIF(w, cut, render.SARIFOptions{Limit: 3})
	})
	require.NoError(t, official.Validate(decoded(t, limited)))
	keep(t, "limited.sarif", limited)
}

// TestSARIFSchemaRefuses: a schema that accepts everything would be no test.
func TestSARIFSchemaRefuses(t *testing.T) {
	official := schema(t, "sarif-2.1.0.json")
	out := written(t, func(w io.Writer) error { return render.SARIF(w, audited(), render.SARIFOptions{}) })
	for name, change := range map[string][2]string{
		"a level":      {`"level": "error"`, `"level": "fatal"`},
		"a line":       {`"startLine": 1`, `"startLine": 0`},
		"a member":     {`"ruleIndex"`, `"ruleIndx"`},
		"a URL":        {`"uri": "fleet/keys.json"`, `"uri": "fleet keys%"`},
		"a time":       {`"startTimeUtc": "2026-`, `"startTimeUtc": "20-`},
		"a state":      {`"baselineState": "unchanged"`, `"baselineState": "same"`},
		"a fingeprint": {`"primaryLocationLineHash": "`, `"primaryLocationLineHash": 1, "x": "`},
	} {
		changed := bytes.Replace(out, []byte(change[0]), []byte(change[1]), 1)
		require.NotEqual(t, out, changed, name)
		assert.Error(t, official.Validate(decoded(t, changed)), name)
	}
}
