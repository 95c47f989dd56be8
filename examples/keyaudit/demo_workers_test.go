package main

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// again is this test binary as the program.
func again() *exec.Cmd {
	path, _ := os.Executable()
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), "NIGHTLY_CHILD=main")
	return cmd
}

// TestDemoWorkers: three worker processes, of which one is killed, find what one process
// finds.
func TestDemoWorkers(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	a := app{stdout: &stdout, stderr: &stderr, env: func(string) string { return "" }, now: time.Now, again: again}
	code := a.run(t.Context(), []string{"--demo", "--workers", "3", "--format", "json"})
	assert.Equal(t, audit.ExitFindings, code, stderr.String())
	assert.Contains(t, stderr.String(), "keyaudit: worker w2 was killed and started again\n")
	report, err := render.ReadJSON(strings.NewReader(stdout.String()))
	require.NoError(t, err)
	alone := demoReport(t)
	require.Len(t, report.Results, len(alone.Results))
	for i, want := range alone.Results {
		got := report.Results[i]
		assert.Equal(t, sameEveryTime(want), sameEveryTime(got), want.Name)
	}
	assert.Equal(t, alone.Findings, report.Findings)
	assert.Empty(t, exchangetest.FindCanaries(stdout.String()+stderr.String(), demoCanaries(t, alone)))
}

// sameEveryTime is a result without what differs from run to run.
func sameEveryTime(r *audit.Result) *audit.Result {
	out := *r
	out.Snapshot = timeless(r.Snapshot)
	out.Findings = slices.Clone(r.Findings)
	for i := range out.Findings {
		if out.Findings[i].Rule == audit.RuleNotInspected && r.Inspected() { // it counts the requests: a nonce may be refused once
			out.Findings[i].Message = ""
		}
	}
	return &out
}

func timeless(s *access.Snapshot) *access.Snapshot {
	out := s.Clone()
	out.TakenAt, out.FirstSeen, out.Clock, out.Requests = time.Time{}, time.Time{}, access.Clock{}, 0
	for i := range out.Siblings {
		out.Siblings[i] = timeless(out.Siblings[i])
	}
	return out
}
