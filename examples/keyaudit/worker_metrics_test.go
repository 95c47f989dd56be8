package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
)

// TestWorkerMetrics: they are what Prometheus reads, replace only their own file, and hold no
// secret and no name of a key.
func TestWorkerMetrics(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "worker.prom")
	now := time.Unix(1_700_000_000, 250_000_000)
	var said bytes.Buffer
	a := app{now: func() time.Time { return now }, stderr: &said, stdout: &bytes.Buffer{}, read: &inputs{}}
	require.Empty(t, a.checkMetrics(path))
	m := a.newWorkerMetrics(path, &workers.Host{Version: "1.2.3", Worker: workers.Worker{Worker: "tokyo", Seed: "CANARY"}, Keys: []audit.Key{{Name: "CANARY"}}})
	values := func() map[string]float64 {
		m.write()
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		problems, err := promlint.New(bytes.NewReader(text)).Lint()
		require.NoError(t, err)
		assert.Empty(t, problems)
		assert.NotContains(t, string(text), "CANARY")
		parser := expfmt.NewTextParser(model.LegacyValidation)
		families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
		require.NoError(t, err)
		out := map[string]float64{}
		for name, family := range families {
			for _, one := range family.GetMetric() {
				var labels []string
				for _, l := range one.GetLabel() {
					labels = append(labels, l.GetName()+"="+l.GetValue())
				}
				out[strings.TrimPrefix(name, "exchangekeyaudit_worker_")+" "+strings.Join(labels, " ")] = one.GetGauge().GetValue() + one.GetCounter().GetValue()
			}
		}
		return out
	}
	want := map[string]float64{
		"info version=1.2.3 worker=tokyo": 1, "keys worker=tokyo": 1, "started_timestamp_seconds worker=tokyo": 1_700_000_000.25,
		"seen_timestamp_seconds worker=tokyo": 0, "answer_timestamp_seconds worker=tokyo": 0,
		"answers_total outcome=inspected worker=tokyo": 0, "answers_total outcome=not_inspected worker=tokyo": 0, "answers_total outcome=refused worker=tokyo": 0,
	}
	assert.Equal(t, want, values())
	now = now.Add(time.Minute)
	for _, d := range []workers.Deed{workers.Appeared, workers.Refused, workers.Inspected, workers.Inspected} {
		m.host.Did(d)
	}
	want["seen_timestamp_seconds worker=tokyo"], want["answer_timestamp_seconds worker=tokyo"] = 1_700_000_060.25, 1_700_000_060.25
	want["answers_total outcome=inspected worker=tokyo"], want["answers_total outcome=refused worker=tokyo"] = 2, 1
	assert.Equal(t, want, values())
	require.Empty(t, a.checkMetrics(path), "its own file")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode().Perm(), "the collector is another user")

	a.read.reads(writeFile(t, filepath.Join(folder, "keys.json"), 0o600, ""))
	for bad, why := range map[string]string{
		"-": "name a file", filepath.Join(folder, "keys.json"): "is also read", filepath.Join(folder, "none", "x"): "cannot create a file",
		writeFile(t, filepath.Join(folder, "notes"), 0o600, "mine"): "is no report of this program",
	} {
		problems := a.checkMetrics(bad)
		require.NotEmpty(t, problems, bad)
		assert.Contains(t, problems[0], "--metrics: ")
		assert.Contains(t, problems[0], why)
	}
	m.path = filepath.Join(folder, "none", "x")
	m.write()
	m.write()
	assert.Equal(t, 1, strings.Count(said.String(), "cannot be written"))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, entries, 3, "nothing was left over")
}
