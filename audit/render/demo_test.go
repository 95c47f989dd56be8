package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// allWriters are those of the golden files and the formats that have their own.
func allWriters(r *audit.Report) map[string]func(io.Writer) error {
	all := writers(r)
	all["json"] = func(w io.Writer) error { return JSON(w, r) }
	all["html"] = func(w io.Writer) error { return HTML(w, r, HTMLOptions{}) }
	all["sarif"] = func(w io.Writer) error { return SARIF(w, r, SARIFOptions{}) }
	all["junit"] = func(w io.Writer) error { return JUnit(w, r) }
	all["ocsf"] = func(w io.Writer) error { return OCSF(w, r, OCSFOptions{}) }
	all["compliance"] = func(w io.Writer) error { return OCSF(w, r, OCSFOptions{Class: Compliance}) }
	return all
}

// TestDemoIsMarked: every format says of a demonstration that it is one, people's with
// the word, programs' with a member, and of a real run it does not.
func TestDemoIsMarked(t *testing.T) {
	demo, real := richReport(), richReport()
	demo.Demo = true
	marks := map[string]string{
		"json": `"demo": true`, "report.jsonl": `"demo":true`, "sarif": `"demo": true`, "ocsf": `"demo":true`, "compliance": `"demo":true`,
		"junit": `<testsuites name="DEMO API key audit"`, "report.csv": ",DEMO\n", "report.prom": "exchangekeyaudit_demo 1\n", "report.keys.prom": "exchangekeyaudit_demo 1\n",
	}
	ofReal := allWriters(real)
	for name, write := range allWriters(demo) {
		var marked, plain bytes.Buffer
		require.NoError(t, write(&marked), name)
		require.NoError(t, ofReal[name](&plain), name)
		mark := marks[name]
		if mark == "" {
			mark = "DEMO: the exchanges are fakes"
		}
		text := strings.ReplaceAll(marked.String(), "\n  ", " ")
		assert.Contains(t, strings.ReplaceAll(text, "\nfakes", " fakes"), strings.ReplaceAll(mark, "\n  ", " "), name)
		for _, word := range []string{mark, demoWord} {
			assert.NotContains(t, plain.String(), word, name)
		}
		for line := range strings.Lines(marked.String()) {
			if name == "ocsf" || name == "compliance" { // each event goes its own way
				assert.Contains(t, line, mark)
			}
		}
		switch name {
		case "json", "sarif":
			assert.True(t, json.Valid(marked.Bytes()), name)
		case "html": // the name of the browser's tab
			assert.Contains(t, marked.String(), "<title>DEMO: API key audit")
		case "junit":
			require.NoError(t, xml.Unmarshal(marked.Bytes(), new(struct{})))
		}
	}
}

// TestDemoStaysDemo: a stored demonstration is one when it is read, judged again, or
// compared.
func TestDemoStaysDemo(t *testing.T) {
	demo := richReport()
	demo.Demo = true
	var whole, lines bytes.Buffer
	require.NoError(t, JSON(&whole, demo))
	require.NoError(t, NewJSONLines(&lines).Report(demo))
	for name, text := range map[string]*bytes.Buffer{"JSON": &whole, "JSON Lines": &lines} {
		r, err := ReadReport(text)
		require.NoError(t, err, name)
		assert.True(t, r.Demo, name)
		assert.True(t, r.Rejudge(func(*audit.Result) audit.Policy { return audit.Policy{} }, now, nil).Demo, name)
		assert.True(t, audit.Compare(nil, r, nil).Demo, name)
	}
}

// TestDemoIsNoSuccess: a demonstration does not tell an alert that a real run
// succeeded.
func TestDemoIsNoSuccess(t *testing.T) {
	demo := &audit.Report{Demo: true, Started: now, Finished: now}
	demo.Summary.Keys = 1
	var out bytes.Buffer
	require.NoError(t, Prometheus(&out, demo, PrometheusOptions{}))
	at, err := PrometheusLastSuccess(&out)
	require.NoError(t, err)
	assert.Zero(t, at)
}
