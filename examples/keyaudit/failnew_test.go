package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestFailOnNew: what was there before is no failure, what is new or worse is, and a key
// that could not be inspected counts each time.
func TestFailOnNew(t *testing.T) {
	t.Parallel()
	f := newEmptyFirm(t)
	spec := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, Created: f.now.AddDate(0, 0, -10), Expires: f.now.AddDate(0, 6, 0)}
	f.issue("grid", "bybit", "spot-trading", spec)
	f.issue("maker", "bybit", "spot-trading", spec)
	first := f.run(t.Context(), t, "--fail-on-new", "--state-new")
	assert.Equal(t, audit.ExitFindings, first.code, "without a previous report everything is new")

	again := f.run(t.Context(), t, "--fail-on-new")
	assert.Equal(t, audit.ExitClean, again.code, again.stdout+again.stderr)
	assert.Contains(t, again.stdout, "ip-allowlist", "the report still has what is old")
	assert.NotContains(t, again.stdout, "exit code 1")
	assert.Equal(t, audit.ExitFindings, f.run(t.Context(), t).code, "without the flag it counts as ever")
}

// TestFailOnNewOfChanges: a worse key, a key that is gone, and one that is not inspected.
func TestFailOnNewOfChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*firm)
		level  string
		code   int
	}{
		"nothing": {func(*firm) {}, "high", audit.ExitClean},
		"a new right": {func(f *firm) {
			f.change("grid", func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.Withdraw") })
		}, "high", audit.ExitFindings},
		"a key is gone":             {func(f *firm) { delete(f.entries, "maker") }, "medium", audit.ExitFindings},
		"a key is gone, below high": {func(f *firm) { delete(f.entries, "maker") }, "high", audit.ExitClean},
		"no answer": {func(f *firm) {
			f.fakes["bybit"].Inject(exchangetest.Fault{Drop: true, Times: -1})
		}, "high", audit.ExitNotAssessed},
	} {
		f := newEmptyFirm(t)
		spec := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, Created: f.now.AddDate(0, 0, -10), Expires: f.now.AddDate(0, 6, 0)}
		f.issue("grid", "bybit", "spot-trading", spec)
		f.issue("maker", "bybit", "spot-trading", spec)
		require.Equal(t, audit.ExitFindings, f.run(t.Context(), t, "--state-new").code, name)
		c.change(f)
		got := f.run(t.Context(), t, "--fail-on-new", "--fail-on", c.level)
		assert.Equal(t, c.code, got.code, "%s: %s%s", name, got.stdout, got.stderr)
	}
}

func TestFailOnNewNeedsAReport(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), nil, "--demo", "--fail-on-new")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "--fail-on-new: name the report to compare with")
}
