package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// fleetOf300 is the demonstration's fleet several times over, as of one firm.
func fleetOf300(t *testing.T) *audit.Report {
	t.Helper()
	r := &audit.Report{Schema: audit.ReportSchema}
	for turn := 0; len(r.Results) < 300; turn++ {
		for _, result := range demoReport(t).Results {
			result.Name = fmt.Sprintf("%s-%d", result.Name, turn)
			r.Results = append(r.Results, result)
		}
	}
	r.Results = r.Results[:300]
	r.Recount()
	return r
}

// TestTextOf300Keys: it is read, not scrolled.
func TestTextOf300Keys(t *testing.T) {
	t.Parallel()
	r := fleetOf300(t)
	for _, byOwner := range []bool{false, true} {
		o := renderOptions{reporting: reporting{color: "never", byOwner: byOwner}, env: func(string) string { return "100" }}
		var out bytes.Buffer
		require.NoError(t, writeAs(&out, r, "text", o))
		assert.LessOrEqual(t, strings.Count(out.String(), "\n"), 100, out.String())
		assert.True(t, strings.HasPrefix(out.String(), "Funds are at risk on "))
		assert.Contains(t, out.String(), "\nNext: keyaudit explain ")
		for line := range strings.Lines(out.String()) {
			assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 100, line)
		}
	}
}

// TestSARIFOf300Keys: it is worked through, so what is unknown about a key is one
// result.
func TestSARIFOf300Keys(t *testing.T) {
	t.Parallel()
	r := fleetOf300(t)
	var out bytes.Buffer
	require.NoError(t, writeAs(&out, r, "sarif", renderOptions{}))
	var log struct {
		Runs []struct{ Results []struct{ Level string } }
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &log))
	assert.Less(t, len(log.Runs[0].Results), 1000)
}

// writeAs writes a report in a format.
func writeAs(w io.Writer, r *audit.Report, format string, o renderOptions) error {
	one := &reportWriter{output: &output{Writer: w}, format: format, options: o}
	return outputs{one}.whole(r)
}
