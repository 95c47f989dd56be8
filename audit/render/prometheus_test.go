package render

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func metricsOf(t *testing.T, r *audit.Report, o PrometheusOptions) string {
	t.Helper()
	r.Recount()
	var buf bytes.Buffer
	require.NoError(t, Prometheus(&buf, r, o))
	return buf.String()
}

// value finds the one sample of a series.
func value(t *testing.T, metrics, series string) string {
	t.Helper()
	var found []string
	for line := range strings.Lines(metrics) {
		if v, ok := strings.CutPrefix(line, "exchangekeyaudit_"+series+" "); ok {
			found = append(found, strings.TrimSpace(v))
		}
	}
	require.Len(t, found, 1, series)
	return found[0]
}

func TestPrometheusSuccess(t *testing.T) {
	earlier := time.Date(2026, 11, 1, 0, 0, 0, 500_000_000, time.UTC)
	report := func(results ...*audit.Result) *audit.Report {
		return &audit.Report{Started: now, Finished: now.Add(1500 * time.Millisecond), Results: results}
	}
	for name, c := range map[string]struct {
		report *audit.Report
		last   time.Time
		want   string
	}{
		"all inspected":      {report(broken("a"), openKey()), earlier, "1795339801.5"},
		"one was not":        {report(broken("a"), refusedKey()), earlier, "1793491200.5"},
		"one was not judged": {report(unjudgedKey()), earlier, "1793491200.5"},
		"no key":             {report(), earlier, "1793491200.5"},
		"never":              {report(refusedKey()), time.Time{}, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			out := metricsOf(t, c.report, PrometheusOptions{LastSuccess: c.last})
			assert.Equal(t, c.want, value(t, out, "last_success_timestamp_seconds"))
			assert.Equal(t, "1795339801.5", value(t, out, "last_run_timestamp_seconds"))
			assert.Equal(t, "1.5", value(t, out, "last_run_duration_seconds"))
		})
	}
}

func TestPrometheusCounts(t *testing.T) {
	out := metricsOf(t, richReport(), PrometheusOptions{Threshold: audit.Critical})
	for series, want := range map[string]string{
		`exit_code{threshold="critical"}`:                                       "1",
		`keys{status="failed"}`:                                                 "2",
		`keys{status="not_inspected"}`:                                          "2",
		`keys{status="not_judged"}`:                                             "1",
		`not_inspected_keys{kind="ambiguous"}`:                                  "1",
		`findings{outcome="failed",severity="high"}`:                            "3",
		`findings{outcome="undetermined",severity="info"}`:                      "0",
		`rule_findings{outcome="failed",rule="key-vanished",severity="medium"}`: "1",
		`waived_findings`:                                                       "2",
		`changed_keys{change="new"}`:                                            "2",
		`last_run_requests`:                                                     "10",
	} {
		assert.Equal(t, want, value(t, out, series), series)
	}
	assert.NotContains(t, out, "exchangekeyaudit_key_")
	r := richReport()
	r.Baseline = nil
	assert.NotContains(t, metricsOf(t, r, PrometheusOptions{}), "changed_keys", "nothing is known of what changed")
}

// TestPrometheusNothingUnknownIsZero: only a clean or waived key has no
// severity.
func TestPrometheusNothingUnknownIsZero(t *testing.T) {
	unset := judged("unset", finding("r", audit.Undetermined, 0, 0, "m", ""))
	for name, c := range map[string]struct {
		result *audit.Result
		want   string
	}{
		"clean": {cleanKey("x"), "0"}, "waived": {waivedKey(), "0"}, "undetermined": {openKey(), "4"}, "not judged": {unjudgedKey(), "4"},
		"not inspected": {unnamedKey(), "4"}, "no severity": {unset, "4"}, "critical": {worstKey(), "5"}, "low": {broken("x"), "2"},
	} {
		t.Run(name, func(t *testing.T) {
			c.result.Name, c.result.Exchange, c.result.Snapshot.Environment, c.result.Snapshot.KeyID = "n", "e", "l", "k"
			out := metricsOf(t, &audit.Report{Results: []*audit.Result{c.result}}, PrometheusOptions{PerKey: true})
			assert.Equal(t, c.want, value(t, out, `key_severity{environment="l",exchange="e",key_id="k",name="n"}`))
		})
	}
}

// TestPrometheusTwins: two series with the same labels would make the file invalid.
func TestPrometheusTwins(t *testing.T) {
	a, b := cleanKey("a"), broken("a")
	a.Snapshot.Expires, b.Snapshot.Expires = now.AddDate(0, 1, 0), now.AddDate(0, 0, 1)
	const twin = `{environment="testnet",exchange="bybit",key_id="Ab12…Yz89",name="a"}`
	for _, results := range [][]*audit.Result{{a, b}, {b, a}} {
		out := metricsOf(t, &audit.Report{Results: results}, PrometheusOptions{PerKey: true})
		assert.Equal(t, "2", value(t, out, "key_severity"+twin))
		assert.Equal(t, "1795426200", value(t, out, "key_expires_timestamp_seconds"+twin))
	}
}

func TestPrometheusLabels(t *testing.T) {
	assert.Equal(t, `{a="x\\y\"z q",b="é\\u001b"}`, labels("a", "x\\y\"z\nq", "b", "é\x1b"))
	assert.Less(t, len(labels("a", strings.Repeat("x", 10_000))), 300)
	assert.Equal(t, "{a=\"\ufffd\"}", labels("a", "\xff"))
}

// TestPrometheusIsWrittenAtOnce: a collector never reads half of it.
func TestPrometheusIsWrittenAtOnce(t *testing.T) {
	var writes writeCounter
	require.NoError(t, Prometheus(&writes, bigFleet(500), PrometheusOptions{PerKey: true}))
	assert.Equal(t, 1, int(writes))
}

type writeCounter int

func (w *writeCounter) Write(p []byte) (int, error) { *w++; return len(p), nil }

// TestPrometheusLastSuccess: it is carried from file to file.
func TestPrometheusLastSuccess(t *testing.T) {
	success := metricsOf(t, &audit.Report{Finished: now.Add(1500 * time.Millisecond), Results: []*audit.Result{broken("a")}}, PrometheusOptions{})
	last, err := PrometheusLastSuccess(strings.NewReader(success))
	require.NoError(t, err)
	assert.Equal(t, now.Add(1500*time.Millisecond), last)
	failure := &audit.Report{Finished: now.AddDate(0, 0, 1), Results: []*audit.Result{refusedKey()}}
	last, err = PrometheusLastSuccess(strings.NewReader(metricsOf(t, failure, PrometheusOptions{LastSuccess: last})))
	require.NoError(t, err)
	assert.Equal(t, now.Add(1500*time.Millisecond), last)

	for name, text := range map[string]string{"nothing": "", "never": metricsOf(t, failure, PrometheusOptions{}), "other metrics": "up 1\n"} {
		last, err := PrometheusLastSuccess(strings.NewReader(text))
		require.NoError(t, err, name)
		assert.Zero(t, last, name)
	}
	for _, odd := range []string{"", "x", "NaN", "+Inf", "-1", "1e300", "1 2"} {
		last, err := PrometheusLastSuccess(strings.NewReader("exchangekeyaudit_last_success_timestamp_seconds " + odd + "\n"))
		require.ErrorIs(t, err, errLastSuccess, odd)
		assert.Zero(t, last)
	}
	_, err = PrometheusLastSuccess(iotest.ErrReader(io.ErrUnexpectedEOF))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// FuzzPrometheusLastSuccess: what is read is carried on as it is.
func FuzzPrometheusLastSuccess(f *testing.F) {
	for _, v := range []string{"0", "1795339801.5", "1e9", "0x1p30", "-0", "1099511627775.9"} {
		f.Add("exchangekeyaudit_last_success_timestamp_seconds " + v + "\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		last, err := PrometheusLastSuccess(strings.NewReader(text))
		if err != nil {
			require.Zero(t, last)
			return
		}
		again, err := PrometheusLastSuccess(strings.NewReader(metricsOf(t, &audit.Report{}, PrometheusOptions{LastSuccess: last})))
		require.NoError(t, err)
		require.Equal(t, last, again)
	})
}
