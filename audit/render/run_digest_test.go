package render

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestDigestOfTheRun: whoever keeps a report knows what the state was, and only where one
// keeps the run. It is known when the results are written, and not before.
func TestDigestOfTheRun(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("0123456789abcdef", 4)
	for name, open := range map[string]func(io.Writer) Writer{
		"text":       func(w io.Writer) Writer { return NewText(w, TextOptions{Width: 80}) },
		"markdown":   func(w io.Writer) Writer { return NewMarkdown(w, MarkdownOptions{}) },
		"summary":    func(w io.Writer) Writer { return NewMarkdown(w, MarkdownOptions{Summary: true}) },
		"html":       func(w io.Writer) Writer { return NewHTML(w, HTMLOptions{}) },
		"json":       NewJSON,
		"jsonl":      func(w io.Writer) Writer { return NewJSONLines(w) },
		"sarif":      func(w io.Writer) Writer { return NewSARIF(w, SARIFOptions{Temp: t.TempDir()}) },
		"prometheus": func(w io.Writer) Writer { return NewPrometheus(w, PrometheusOptions{Temp: t.TempDir()}) },
	} {
		for _, kept := range []string{digest, ""} {
			var out bytes.Buffer
			report := &audit.Report{Schema: audit.ReportSchema}
			w := open(&out)
			require.NoError(t, w.Start(report), name)
			report.Digest = kept
			require.NoError(t, w.End(report), name)
			assert.Equal(t, kept != "", strings.Contains(out.String(), digest), "%s: %s", name, out.String())
			assert.Equal(t, kept != "", strings.Contains(strings.ToLower(out.String()), "digest"), name)
			read, err := ReadReport(&out)
			if name == "json" || name == "jsonl" {
				require.NoError(t, err)
				assert.Equal(t, kept, read.Digest, name)
			}
		}
	}
}
