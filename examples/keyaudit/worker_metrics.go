package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
)

// workerMetrics are a worker's, for Prometheus: a file that is written again and again, whole
// each time.
type workerMetrics struct {
	app
	path string
	host *workers.Host
	from time.Time

	mu     sync.Mutex
	times  map[workers.Deed]int
	last   map[workers.Deed]time.Time
	failed bool // which was said
}

// metricsEvery is how often they are written. Prometheus asks as often, or less.
const metricsEvery = 15 * time.Second

// checkMetrics finds what is wrong with the path of a file of metrics.
func (a app) checkMetrics(path string) (problems []string) {
	if path == "" {
		return nil
	}
	if isStandardOutput(path) {
		return []string{"--metrics: name a file"}
	}
	if problem := a.wrongOutput(&settings{}, written{"--report", path}, a.locateOutput(path)); problem != "" {
		problems = append(problems, "--metrics: "+fmt.Sprintf(problem, showPath(path)))
	}
	out, err := openOutput(path, nil)
	if err != nil {
		problems = append(problems, "--metrics: "+err.Error())
	}
	out.discard()
	return problems
}

// newWorkerMetrics are those of a worker, which tells them what it does.
func (a app) newWorkerMetrics(path string, host *workers.Host) *workerMetrics {
	m := &workerMetrics{app: a, path: path, host: host, from: a.now(), times: map[workers.Deed]int{}, last: map[workers.Deed]time.Time{}}
	host.Did = m.did
	return m
}

func (m *workerMetrics) did(d workers.Deed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.times[d]++
	m.last[d] = m.now()
}

// keep writes them until the context ends, and a last time.
func (m *workerMetrics) keep(ctx context.Context) {
	tick := time.NewTicker(metricsEvery)
	defer tick.Stop()
	for {
		m.write()
		select {
		case <-tick.C:
		case <-ctx.Done():
			m.write()
			return
		}
	}
}

// write replaces the file. That it cannot be written harms no audit, and is said once.
func (m *workerMetrics) write() {
	out, err := openOutput(m.path, nil)
	if err == nil {
		defer out.discard()
		if err = out.setMode(0, readers["prometheus"]); err == nil {
			_, err = io.WriteString(out, m.String())
		}
	}
	if err == nil {
		err = out.commit()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil && !m.failed {
		m.log("--metrics: %s cannot be written", showPath(m.path))
	}
	m.failed = err != nil
}

// String is the file. Each series names the worker: a host may have several.
func (m *workerMetrics) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	worker := fmt.Sprintf("worker=%q", m.host.Worker.Worker)
	at := func(t time.Time) any {
		if t.IsZero() {
			return 0
		}
		return fmt.Sprintf("%.3f", float64(t.UnixMilli())/1000)
	}
	var b strings.Builder
	family := func(name, kind, help string) func(labels string, value any) {
		name = "exchangekeyaudit_worker_" + name
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
		return func(labels string, value any) { fmt.Fprintf(&b, "%s{%s} %v\n", name, labels, value) }
	}
	family("info", "gauge", "Always 1: the worker's version.")(fmt.Sprintf("version=%q,%s", m.host.Version, worker), 1)
	family("keys", "gauge", "Keys that the worker holds.")(worker, len(m.host.Keys))
	family("started_timestamp_seconds", "gauge", "When the worker was started.")(worker, at(m.from))
	family("seen_timestamp_seconds", "gauge", "When the server last took the worker's word that it is there; 0 if it never did.")(worker, at(m.last[workers.Appeared]))
	answers := family("answers_total", "counter", "Jobs that the worker has answered since it was started, by what came of the key.")
	var last time.Time
	for _, d := range []workers.Deed{workers.Inspected, workers.NotInspected, workers.Refused} {
		answers(fmt.Sprintf("outcome=%q,%s", string(d), worker), m.times[d])
		if m.last[d].After(last) {
			last = m.last[d]
		}
	}
	family("answer_timestamp_seconds", "gauge", "When the worker last answered a job; 0 if it never did.")(worker, at(last))
	return b.String()
}
