package render

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// writers are formats by the name of their golden file. The golden JSON is what
// the others are made from.
func writers(r *audit.Report) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"report.txt":        func(w io.Writer) error { return Text(w, r, TextOptions{}) },
		"report.color.txt":  func(w io.Writer) error { return Text(w, r, TextOptions{Color: true}) },
		"report.all.txt":    func(w io.Writer) error { return Text(w, r, TextOptions{All: true}) },
		"report.narrow.txt": func(w io.Writer) error { return Text(w, r, TextOptions{Width: 60}) },
		"report.news.txt":   func(w io.Writer) error { return Text(w, r, TextOptions{Changes: true}) },
		"report.md":         func(w io.Writer) error { return Markdown(w, r, MarkdownOptions{}) },
		"report.short.md":   func(w io.Writer) error { return Markdown(w, r, MarkdownOptions{Summary: true}) },
		"report.prom":       func(w io.Writer) error { return Prometheus(w, r, PrometheusOptions{}) },
		"report.keys.prom":  func(w io.Writer) error { return Prometheus(w, r, PrometheusOptions{PerKey: true}) },
		"report.csv":        func(w io.Writer) error { return CSV(w, r, CSVOptions{}) },
		"report.jsonl":      func(w io.Writer) error { return NewJSONLines(w).Report(r) },
	}
}

// renderAll gives a report in every format.
func renderAll(tb testing.TB, r *audit.Report) map[string][]byte {
	tb.Helper()
	out := map[string][]byte{}
	for name, write := range writers(r) {
		var buf bytes.Buffer
		require.NoError(tb, write(&buf), name)
		out[name] = buf.Bytes()
	}
	return out
}

func TestGolden(t *testing.T) {
	var buf bytes.Buffer
	require.NoError(t, JSON(&buf, richReport()))
	golden(t, "report.json", buf.Bytes())

	stored, err := os.Open("testdata/report.json")
	require.NoError(t, err)
	defer stored.Close()
	report, err := ReadJSON(stored)
	require.NoError(t, err)
	for name, got := range renderAll(t, report) {
		t.Run(name, func(t *testing.T) { golden(t, name, got) })
	}
}

// TestOrderOfInput: the order of the results in the report makes no difference.
func TestOrderOfInput(t *testing.T) {
	a, b := richReport(), richReport()
	for i, j := 0, len(b.Results)-1; i < j; i, j = i+1, j-1 {
		b.Results[i], b.Results[j] = b.Results[j], b.Results[i]
	}
	inA, inB := renderAll(t, a), renderAll(t, b)
	for _, name := range []string{"report.txt", "report.all.txt", "report.news.txt", "report.md", "report.short.md", "report.prom", "report.keys.prom", "report.csv"} {
		assert.Equal(t, string(inA[name]), string(inB[name]), name)
	}
}

func TestIncompleteReports(t *testing.T) {
	for name, r := range map[string]*audit.Report{
		"no report":   nil,
		"no result":   {Results: []*audit.Result{nil}},
		"no snapshot": {Results: []*audit.Result{{Name: "x"}}},
		"no last":     {Results: []*audit.Result{{Snapshot: &access.Snapshot{}, Last: &access.Snapshot{Inspection: access.Inspection{Failure: &access.Error{}}}}}},
		"no sibling":  {Results: []*audit.Result{{Snapshot: &access.Snapshot{Answer: access.Answer{Siblings: []*access.Snapshot{nil}}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, Text(io.Discard, r, TextOptions{}))
			require.Error(t, JSON(io.Discard, r))
			require.Error(t, Markdown(io.Discard, r, MarkdownOptions{}))
			require.Error(t, NewJSONLines(io.Discard).Report(r))
			require.Error(t, Prometheus(io.Discard, r, PrometheusOptions{}))
			require.Error(t, CSV(io.Discard, r, CSVOptions{}))
			if r != nil {
				require.Error(t, NewJSONLines(io.Discard).Result(r.Results[0]))
			}
		})
	}
}

// TestBrokenWriter: a full disk is an error, not a short report.
func TestBrokenWriter(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return Text(w, richReport(), TextOptions{}) },
		"json":     func(w io.Writer) error { return JSON(w, richReport()) },
		"markdown": func(w io.Writer) error { return Markdown(w, richReport(), MarkdownOptions{}) },
		"metrics":  func(w io.Writer) error { return Prometheus(w, richReport(), PrometheusOptions{}) },
		"csv":      func(w io.Writer) error { return CSV(w, richReport(), CSVOptions{}) },
		"csv mark": func(w io.Writer) error { return CSV(w, richReport(), CSVOptions{BOM: true}) },
		"result":   func(w io.Writer) error { return NewJSONLines(w).Result(richReport().Results[0]) },
		"summary":  func(w io.Writer) error { return NewJSONLines(w).Summary(audit.Summary{}, now) },
		"lines":    func(w io.Writer) error { return NewJSONLines(w).Report(richReport()) },
	} {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, write(brokenWriter{}), io.ErrShortWrite) })
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
