package render

import (
	"bufio"
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
	// Temp is the folder for what waits until the series are sorted; os.TempDir() if empty.
	Temp string
}

// Prometheus writes a report in the Prometheus text format, for the textfile
// collector of node_exporter or a push gateway, in one Write if it takes less than
// a megabyte. The collector may read at any time: write to a temporary file and rename it.
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
	return whole(NewPrometheus(w, o), r)
}

// NewPrometheus writes what Prometheus writes, at the end, because the series are sorted.
func NewPrometheus(w io.Writer, o PrometheusOptions) Writer {
	p := &prometheus{
		w: w, o: o, keys: sorter{spool: spool{folder: o.Temp}},
		status: gauge("keys", "Keys by status."),
		missed: gauge("not_inspected_keys", "Keys that could not be inspected, by reason."),
		rules:  gauge("rule_findings", "Findings by rule, severity and outcome, without waived ones."),
	}
	for _, word := range statusLabels {
		p.status.samples[labels("status", word)] = 0
	}
	return newWriter(p)
}

// prometheus counts the results, and keeps the series of single keys.
type prometheus struct {
	w                     io.Writer
	o                     PrometheusOptions
	status, missed, rules metric
	fresh, resolved       float64
	keys                  sorter
}

func (p *prometheus) Start(*audit.Report) error { return nil }

func (p *prometheus) Result(r *audit.Result) error {
	e := newEntry(r)
	p.status.samples[labels("status", statusLabels[e.state])]++
	p.count(e.failed)
	if e.state == notInspected {
		p.missed.samples[labels("kind", e.Snapshot.Failure.Kind.String())]++
	} else { // otherwise the failure stands for them
		p.count(e.open)
	}
	if len(e.fresh()) > 0 {
		p.fresh++
	}
	if len(e.Resolved) > 0 {
		p.resolved++
	}
	if !p.o.PerKey {
		return nil
	}
	return p.keys.add(keySeries(e))
}

// count counts findings by rule.
func (p *prometheus) count(findings []audit.Finding) {
	for _, f := range findings {
		if open(f) && f.Waived == "" {
			p.rules.samples[labels("outcome", f.Outcome.String(), "rule", f.Rule, "severity", f.Severity.String())]++
		}
	}
}

func (p *prometheus) End(r *audit.Report) error {
	p.count(r.Findings)
	changed := gauge("changed_keys", "Keys with new or resolved findings since the previous report.")
	if r.Baseline != nil {
		changed.samples[labels("change", "new")], changed.samples[labels("change", "resolved")] = p.fresh, p.resolved
	}
	out := bufio.NewWriterSize(p.w, spoolMemory) // keeps the first error for Flush
	for _, m := range append(runMetrics(r, p.o), p.status, p.missed, findingMetrics(r), p.rules,
		gauge("waived_findings", "Findings covered by a waiver.").with(float64(r.Summary.Waived)), changed) {
		m.write(out)
	}
	if p.o.PerKey {
		if err := p.series(out); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (p *prometheus) discard() { p.keys.discard() }

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

func (m metric) write(b *bufio.Writer) {
	if len(m.samples) == 0 {
		return
	}
	m.head(b)
	labels := make([]string, 0, len(m.samples))
	for l := range m.samples {
		labels = append(labels, l)
	}
	slices.Sort(labels)
	for _, l := range labels {
		m.sample(b, l, m.samples[l])
	}
}

func (m metric) head(b *bufio.Writer) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
}

func (m metric) sample(b *bufio.Writer, labels string, v float64) {
	_, _ = b.WriteString(m.name + labels + " " + strconv.FormatFloat(v, 'f', -1, 64) + "\n")
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
	kept := gauge("state_digest", "Always 1: the digest of the run in the state that keeps it.")
	if r.Digest != "" {
		kept.samples[labels("digest", r.Digest)] = 1
	}
	return []metric{
		demo, run, known, kept,
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
