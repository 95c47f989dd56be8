package render_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// mapFormats are the formats for people.
var mapFormats = map[string]func(io.Writer, *audit.Report) error{
	"text":     func(w io.Writer, r *audit.Report) error { return render.Text(w, r, render.TextOptions{Width: 4000}) },
	"markdown": func(w io.Writer, r *audit.Report) error { return render.Markdown(w, r, render.MarkdownOptions{}) },
	"html":     func(w io.Writer, r *audit.Report) error { return render.HTML(w, r, render.HTMLOptions{}) },
}

// TestExchangeMap: a report names the version and the date of what was known of the
// exchanges, and says once that it is too old.
func TestExchangeMap(t *testing.T) {
	t.Parallel()
	ended := time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		known audit.Map
		says  string
		old   bool
	}{
		{audit.Map{}, "", false},
		{audit.Map{Version: "v0.1.0", Checked: "2026-11-22"}, "xchange map v0.1.0 of 2026-11-22", false},
		{audit.Map{Checked: "2026-06-04"}, "xchange map of 2026-06-04", false}, // 179 days and an hour before
		{audit.Map{Version: "v0.1.0", Checked: "2026-06-03"}, "xchange map v0.1.0 of 2026-06-03, more than 180 days old: update", true},
		{audit.Map{Version: "v0.1.0"}, "xchange map v0.1.0 of an unknown date, more than 180 days old: update", true},
		{audit.Map{Version: "v0.1.0", Checked: "spring"}, "xchange map v0.1.0 of spring, more than 180 days old: update", true},
	} {
		report := &audit.Report{Schema: audit.ReportSchema, Map: c.known, Started: ended.Add(-time.Hour), Finished: ended}
		assert.Equal(t, c.old, report.OldMap(), "%+v", c.known)
		for name, write := range mapFormats {
			var out bytes.Buffer
			require.NoError(t, write(&out, report))
			text := strings.ReplaceAll(strings.ReplaceAll(out.String(), "\n", " "), `\`, "")
			if c.says == "" {
				assert.NotContains(t, text, "xchange map", name)
				continue
			}
			assert.Equal(t, 1, strings.Count(text, c.says), "%s: %s", name, c.says)
			assert.Equal(t, c.old, strings.Contains(text, "days old"), name)
		}

		var stored bytes.Buffer
		require.NoError(t, render.NewJSONLines(&stored).Report(report))
		again, err := render.ReadJSONLines(&stored)
		require.NoError(t, err)
		assert.Equal(t, c.known, again.Map)
		assert.Equal(t, c.known, again.Rejudge(func(*audit.Result) audit.Policy { return audit.ReadOnly() }, ended, nil).Map)
		assert.Equal(t, c.known, audit.Compare(nil, again, nil).Map)
	}
}

// TestExchangeMapForPrograms: formats with a place for a tool's version, or for
// metrics, have it from the report.
func TestExchangeMapForPrograms(t *testing.T) {
	t.Parallel()
	report := &audit.Report{
		Schema: audit.ReportSchema, Map: audit.Map{Version: "v0.1.7", Commit: "5d1f0e2", Checked: "2026-11-22"},
		Results: []*audit.Result{}, Findings: []audit.Finding{{Rule: "key-absent", Outcome: audit.Failed, Severity: audit.High, Message: "a key is missing"}},
	}
	for name, c := range map[string]struct {
		write func(io.Writer) error
		has   []string
	}{
		"json":       {func(w io.Writer) error { return render.JSON(w, report) }, []string{`"exchange_map": {`, `"v0.1.7"`, `"5d1f0e2"`, `"2026-11-22"`}},
		"json lines": {func(w io.Writer) error { return render.NewJSONLines(w).Report(report) }, []string{`"v0.1.7"`, `"5d1f0e2"`, `"2026-11-22"`}},
		"sarif":      {func(w io.Writer) error { return render.SARIF(w, report, render.SARIFOptions{}) }, []string{`"version": "0.1.7"`, `"commit": "5d1f0e2"`, `"exchangeMapChecked": "2026-11-22"`}},
		"ocsf":       {func(w io.Writer) error { return render.OCSF(w, report, render.OCSFOptions{}) }, []string{`"version":"v0.1.7"`, `"feature":{"name":"exchange map","uid":"5d1f0e2","version":"2026-11-22"}`}},
		"prometheus": {func(w io.Writer) error { return render.Prometheus(w, report, render.PrometheusOptions{}) }, []string{"exchange_map_checked_timestamp_seconds 1795305600"}},
	} {
		var out bytes.Buffer
		require.NoError(t, c.write(&out))
		for _, has := range c.has {
			assert.Contains(t, out.String(), has, name)
		}
	}
}
