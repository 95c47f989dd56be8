package formats_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// ownSchema compiles the schema of JSON reports, or a part of it.
func ownSchema(t *testing.T, part string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("report.json", decoded(t, render.Schema())))
	compiled, err := compiler.Compile("report.json" + part)
	require.NoError(t, err)
	return compiled
}

// TestJSON checks JSON against its schema with a validator that knows all of JSON
// Schema.
func TestJSON(t *testing.T) {
	schema := ownSchema(t, "")
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			out := written(t, func(w io.Writer) error { return render.JSON(w, r) })
			require.NoError(t, schema.Validate(decoded(t, out)))
			keep(t, name+".json", out)
		})
	}
	broken := decoded(t, written(t, func(w io.Writer) error { return render.JSON(w, audited()) })).(map[string]any)
	broken["results"].([]any)[0].(map[string]any)["snapshot"].(map[string]any)["key_state"] = "fine"
	require.Error(t, schema.Validate(broken))
}

// TestJSONLines checks the lines against the same schema.
func TestJSONLines(t *testing.T) {
	parts := map[string]*jsonschema.Schema{
		"result": ownSchema(t, "#/$defs/result"), "finding": ownSchema(t, "#/$defs/finding"), "summary": ownSchema(t, "#/$defs/summary"),
	}
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			out := written(t, func(w io.Writer) error { return render.NewJSONLines(w).Report(r) })
			count := map[string]int{}
			for line := range bytes.Lines(out) {
				require.True(t, json.Valid(line))
				value := decoded(t, line).(map[string]any)
				kind, _ := value["type"].(string)
				assert.Regexp(t, "^[0-9a-f]{64}$", value["chain"])
				count[kind]++
				for _, own := range []string{"type", "chain"} {
					delete(value, own)
				}
				if kind == "summary" {
					for _, own := range []string{"schema", "started", "finished"} {
						delete(value, own)
					}
				}
				if kind != "start" {
					require.NoError(t, parts[kind].Validate(value), kind)
				}
			}
			assert.Equal(t, map[string]int{"start": 1, "summary": 1, "result": len(r.Results), "finding": len(r.Findings)}, with(count, "result", "finding"))

			back, err := render.ReadReport(bytes.NewReader(out))
			require.NoError(t, err)
			assert.Len(t, back.Results, len(r.Results))
			keep(t, name+".jsonl", out)
		})
	}
}

// with adds zeros for what was not counted.
func with(count map[string]int, names ...string) map[string]int {
	for _, name := range names {
		count[name] += 0
	}
	return count
}

// TestStoredReportsCanBeComparedAgain: a journal serves as the baseline of the
// next run.
func TestStoredReportsCanBeComparedAgain(t *testing.T) {
	out := written(t, func(w io.Writer) error { return render.NewJSONLines(w).Report(audited()) })
	back, err := render.ReadReport(bytes.NewReader(out))
	require.NoError(t, err)
	again := audit.Compare(back, audited(), nil)
	for _, r := range again.Results {
		for _, f := range r.Findings {
			assert.False(t, f.New, "%s: %s is as it was", r.Name, f.Rule)
		}
		assert.Empty(t, r.Resolved, r.Name)
	}
}
