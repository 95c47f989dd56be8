package render

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// bigFleet is a report of n keys with the findings of all rules: half of them
// clean as far as the fake facts go, the others of every state.
func bigFleet(n int) *audit.Report {
	kinds := []func() *audit.Result{
		worstKey, func() *audit.Result { return cleanKey("a") }, refusedKey, func() *audit.Result { return cleanKey("b") }, openKey, attestedKey,
	}
	r := &audit.Report{Schema: audit.ReportSchema, Started: now, Finished: now, Baseline: richReport().Baseline, Findings: richReport().Findings}
	for i := range n {
		result := kinds[i%len(kinds)]()
		result.Name = fmt.Sprintf("%s-%05d", result.Name, i)
		known := map[string]bool{}
		for _, f := range result.Findings {
			known[f.Rule] = true
		}
		for _, f := range result.Rejudge(result.JudgedBy, now, nil).Findings {
			if f.Outcome == audit.Passed && !known[f.Rule] {
				result.Findings = append(result.Findings, f)
			}
		}
		r.Results = append(r.Results, result)
	}
	r.Recount()
	return r
}

func BenchmarkFormats(b *testing.B) {
	r := bigFleet(10_000)
	all := writers(r)
	all["report.json"] = func(w io.Writer) error { return JSON(w, r) }
	for name, write := range all {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var size counter
				require.NoError(b, write(&size))
				b.ReportMetric(float64(size)/1e6, "MB")
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for name, write := range map[string]func(io.Writer, *audit.Report) error{
		"json":  JSON,
		"jsonl": func(w io.Writer, r *audit.Report) error { return NewJSONLines(w).Report(r) },
	} {
		var buf bytes.Buffer
		require.NoError(b, write(&buf, bigFleet(10_000)))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				report, err := ReadReport(bytes.NewReader(buf.Bytes()))
				require.NoError(b, err)
				require.Len(b, report.Results, 10_000)
			}
		})
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
