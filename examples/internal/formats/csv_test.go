package formats_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// TestCSV: every key has a row, and so has every finding that needs attention.
// .ci/formats checks what a spreadsheet makes of the file.
func TestCSV(t *testing.T) {
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			out := written(t, func(w io.Writer) error { return render.CSV(w, r, render.CSVOptions{}) })
			keep(t, name+".csv", out)
			rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
			require.NoError(t, err)
			require.Equal(t, render.CSVColumns(), rows[0])
			type cell struct{ name, rule string }
			has, named := map[cell]bool{}, map[string]bool{}
			for _, row := range rows[1:] {
				has[cell{row[0], row[9]}], named[row[0]] = true, true
			}
			for _, result := range r.Results {
				if result.Name == "" || bytes.ContainsAny([]byte(result.Name), "\x1b;") { // escaped in the file
					continue
				}
				assert.True(t, named[result.Name], result.Name)
				for _, f := range result.Findings {
					if f.Outcome == audit.Failed || (f.Outcome == audit.Undetermined && result.Inspected()) {
						assert.True(t, has[cell{result.Name, f.Rule}], "%s: %s", result.Name, f.Rule)
					}
				}
			}
		})
	}
}
