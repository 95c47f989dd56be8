package render

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// PrometheusOptions change what Prometheus writes.
type PrometheusOptions struct {
	// PerKey adds series for each key, by name, exchange, environment and
	// masked ID. A few thousand keys are a lot of series.
	PerKey bool
	// Threshold is the severity that the exit code is for. High if unset.
	Threshold audit.Severity
	// LastSuccess is when the last successful run ended. It is written again
	// if this run fails; PrometheusLastSuccess reads it from the file that this
	// one will replace.
	LastSuccess time.Time
}

// Prometheus writes a report in the Prometheus text format, for the textfile
// collector of node_exporter or a push gateway, in one Write. The collector may
// read at any time: write to a temporary file and rename it.
//
// All series are gauges. A run is a success if there was a key, and every key
// was inspected and judged. exchangekeyaudit_last_success_timestamp_seconds is
// 0 before the first success, so that an alert on its age fires. The series of
// exchangekeyaudit_keys and exchangekeyaudit_findings exist also at 0. Those of
// exchangekeyaudit_demo exists only in a demonstration, and those of
// exchangekeyaudit_changed_keys only if the report was compared with
// another, and the dates of a key only if the exchange reports them. Keys with
// the same labels share a series, which shows the worst of them.
func Prometheus(w io.Writer, r *audit.Report, o PrometheusOptions) error {
	r, err := checked(r)
	if err != nil {
		return err
	}
	keys := entries(r)
	families := append(runMetrics(r, o), fleetMetrics(r, keys)...)
	if o.PerKey {
		families = append(families, keyMetrics(keys)...)
	}
	var buf bytes.Buffer
	for _, f := range families {
		f.write(&buf)
	}
	_, err = w.Write(buf.Bytes())
	return err
}

const lastSuccess = "last_success_timestamp_seconds"

// PrometheusLastSuccess reads, from what Prometheus wrote, when the last
// successful run ended; the zero time if there was none.
func PrometheusLastSuccess(r io.Reader) (time.Time, error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		text, ok := strings.CutPrefix(lines.Text(), prefix+lastSuccess+" ")
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0 && v < 1<<40) { // also NaN
			return time.Time{}, errLastSuccess
		}
		if v == 0 {
			return time.Time{}, nil
		}
		return time.UnixMilli(int64(math.Round(v * 1000))).UTC(), nil
	}
	if err := lines.Err(); err != nil {
		return time.Time{}, err
	}
	return time.Time{}, nil
}

var errLastSuccess = errors.New("render: the time of the last success is not a number of seconds: " +
	"delete the file of metrics; the next run writes a new one")

const prefix = "exchangekeyaudit_"

// metric is a family of gauges.
type metric struct {
	name, help string
	samples    map[string]float64 // by labels, in the written form
}

func gauge(name, help string) metric {
	return metric{prefix + name, help, map[string]float64{}}
}

// with sets the value of a gauge without labels.
func (m metric) with(v float64) metric { m.samples[""] = v; return m }

func (m metric) write(b *bytes.Buffer) {
	if len(m.samples) == 0 {
		return
	}
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
	labels := make([]string, 0, len(m.samples))
	for l := range m.samples {
		labels = append(labels, l)
	}
	slices.Sort(labels)
	for _, l := range labels {
		b.WriteString(m.name + l + " " + strconv.FormatFloat(m.samples[l], 'f', -1, 64) + "\n")
	}
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// labels writes alternating names and values.
func labels(pairs ...string) string {
	var b strings.Builder
	for pair := range slices.Chunk(pairs, 2) {
		fmt.Fprintf(&b, `,%s="%s"`, pair[0], labelEscapes.Replace(plain(shorten(pair[1], 200))))
	}
	return "{" + b.String()[1:] + "}"
}

// seconds since 1970, to the millisecond.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func runMetrics(r *audit.Report, o PrometheusOptions) []metric {
	threshold := cmp.Or(o.Threshold, audit.High)
	ended := r.Finished
	if ended.IsZero() {
		ended = r.Started
	}
	success := o.LastSuccess
	if r.Summary.Keys > 0 && r.Summary.NotInspected == 0 && !r.Demo { // which is no success of a real run
		success = ended
	}
	var succeeded float64
	if !success.IsZero() {
		succeeded = seconds(success)
	}
	run := gauge("last_run_timestamp_seconds", "When the last audit ended.")
	if !ended.IsZero() {
		run.with(seconds(ended))
	}
	exit := gauge("exit_code", "Exit code at the threshold: 0 clean, 1 findings, 3 not assessed.")
	exit.samples[labels("threshold", threshold.String())] = float64(r.Summary.ExitCode(threshold))
	demo := gauge("demo", "DEMO: the exchanges are fakes, and these metrics are invented.")
	if r.Demo {
		demo.with(1)
	}
	known := gauge("exchange_map_checked_timestamp_seconds", "When what the program knows of the exchanges was last checked.")
	if checked, err := time.Parse(time.DateOnly, r.Map.Checked); err == nil {
		known.with(seconds(checked))
	}
	return []metric{
		demo, run, known,
		gauge(lastSuccess, "When the last successful audit ended; 0 if there was none.").with(succeeded),
		gauge("last_run_duration_seconds", "Duration of the last audit.").with(duration(r)),
		gauge("last_run_requests", "Requests sent by the last audit.").with(float64(r.Summary.Requests)),
		exit,
	}
}

// statusLabels are the states of keys as label values.
var statusLabels = map[state]string{
	notJudged: "not_judged", notInspected: "not_inspected", failed: "failed", undetermined: "undetermined",
	waived: "waived", clean: "clean",
}

func fleetMetrics(r *audit.Report, keys []entry) []metric {
	status := gauge("keys", "Keys by status.")
	for _, word := range statusLabels {
		status.samples[labels("status", word)] = 0
	}
	missed := gauge("not_inspected_keys", "Keys that could not be inspected, by reason.")
	var fresh, resolved float64
	for i := range keys {
		e := &keys[i]
		status.samples[labels("status", statusLabels[e.state])]++
		if e.state == notInspected {
			missed.samples[labels("kind", e.Snapshot.Failure.Kind.String())]++
		}
		if len(e.fresh()) > 0 {
			fresh++
		}
		if len(e.Resolved) > 0 {
			resolved++
		}
	}
	changed := gauge("changed_keys", "Keys with new or resolved findings since the previous report.")
	if r.Baseline != nil {
		changed.samples[labels("change", "new")], changed.samples[labels("change", "resolved")] = fresh, resolved
	}
	return []metric{
		status, missed, findingMetrics(r), ruleMetrics(r, keys),
		gauge("waived_findings", "Findings covered by a waiver.").with(float64(r.Summary.Waived)),
		changed,
	}
}

// findingMetrics are the counts of the summary.
func findingMetrics(r *audit.Report) metric {
	m := gauge("findings", "Findings by severity and outcome, without waived ones.")
	for outcome, counts := range map[audit.Outcome]map[audit.Severity]int{
		audit.Failed: r.Summary.Failed, audit.Undetermined: r.Summary.Undetermined,
	} {
		for _, s := range descending {
			m.samples[labels("outcome", outcome.String(), "severity", s.String())] = float64(counts[s])
		}
	}
	return m
}

// ruleMetrics count the same findings by rule.
func ruleMetrics(r *audit.Report, keys []entry) metric {
	m := gauge("rule_findings", "Findings by rule, severity and outcome, without waived ones.")
	add := func(findings []audit.Finding) {
		for _, f := range findings {
			if open(f) && f.Waived == "" {
				m.samples[labels("outcome", f.Outcome.String(), "rule", f.Rule, "severity", f.Severity.String())]++
			}
		}
	}
	for i := range keys {
		e := &keys[i]
		add(e.failed)
		if e.state != notInspected { // otherwise the failure stands for them
			add(e.open)
		}
	}
	add(r.Findings)
	return m
}

func keyMetrics(keys []entry) []metric {
	worst := gauge("key_severity",
		"Max severity of a key: 0 none, 1 info, 2 low, 3 medium, 4 high or not inspected, 5 critical.")
	created := gauge("key_created_timestamp_seconds", "When the key was created.")
	expires := gauge("key_expires_timestamp_seconds", "When the key expires.")
	earliest := func(m metric, l string, t time.Time) {
		if t.IsZero() {
			return
		}
		if before, ok := m.samples[l]; !ok || seconds(t) < before {
			m.samples[l] = seconds(t)
		}
	}
	for i := range keys {
		e := &keys[i]
		l := labels("environment", e.Snapshot.Environment, "exchange", e.Exchange,
			"key_id", e.Snapshot.KeyID, "name", e.Name)
		severity := e.severity
		if e.state == notInspected || e.state == notJudged {
			severity = max(severity, audit.High)
		}
		worst.samples[l] = max(worst.samples[l], float64(severity))
		earliest(created, l, e.Snapshot.Created)
		earliest(expires, l, e.Snapshot.Expires)
	}
	return []metric{worst, created, expires}
}
