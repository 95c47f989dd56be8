package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// firm is a few keys on fakes that can be changed between runs.
type firm struct {
	network largeFleet // for its hosts and variables
	fakes   map[string]*exchangetest.Fake
	entries map[string]map[string]any
	held    map[string]adapter.Credentials
	folder  string
	now     time.Time
}

// firms counts the firms of this process. Each has an account of its own, and so
// keys of its own: nonces of a key are remembered for the whole process.
var firms atomic.Int64

func newEmptyFirm(t *testing.T) *firm {
	t.Helper()
	account := 100 + int(firms.Add(1))
	f := &firm{
		network: largeFleet{hosts: map[string]*exchangetest.Fake{}, env: map[string]string{}},
		fakes:   map[string]*exchangetest.Fake{}, entries: map[string]map[string]any{}, held: map[string]adapter.Credentials{},
		folder: t.TempDir(), now: time.Date(2026, 11, 22, 2, 30, 0, 0, time.UTC),
	}
	for _, v := range exchangetest.All() {
		f.fakes[v.Name()] = v
		v.SetAccount(account)
		v.SetClock(func() time.Time { return f.now })
		for _, host := range v.Hosts() {
			f.network.hosts[host] = v
		}
	}
	return f
}

// issue creates a key at an exchange and adds it to the inventory.
func (f *firm) issue(name, fake, policy string, spec exchangetest.Spec) {
	c := f.fakes[fake].Issue(spec)
	variable := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	f.network.env[variable] = c.Secret.Reveal()
	f.held[name] = c
	f.entries[name] = map[string]any{
		"name": name, "exchange": fake, "policy": policy, "key": c.Key, "secret": "env:" + variable,
		"owner": "desk", "purpose": "test", "review": "2027-06-01",
	}
	if !c.Passphrase.IsZero() {
		f.network.env[variable+"_P"] = c.Passphrase.Reveal()
		f.entries[name]["passphrase"] = "env:" + variable + "_P"
	}
}

func (f *firm) change(name string, edit func(*exchangetest.Spec)) {
	f.fakes[f.entries[name]["exchange"].(string)].Change(f.held[name], edit)
}

// run runs the program once, a day after the previous run.
func (f *firm) run(ctx context.Context, t *testing.T, args ...string) ran {
	t.Helper()
	f.now = f.now.AddDate(0, 0, 1)
	var entries []map[string]any
	for _, e := range f.entries {
		entries = append(entries, e)
	}
	text, err := json.Marshal(map[string]any{"keys": entries})
	require.NoError(t, err)
	keys := writeFile(t, filepath.Join(f.folder, "keys.json"), 0o600, string(text))
	var stdout, stderr bytes.Buffer
	a := app{
		stdout: &stdout, stderr: &stderr, env: func(name string) string { return f.network.env[name] }, now: func() time.Time { return f.now },
		stage: f.stage(),
	}
	if !slices.Contains(args, "--state") {
		args = append(args, "--state", f.state())
	}
	code := a.run(ctx, append([]string{"--keys", keys}, args...))
	return ran{code, stdout.String(), stderr.String()}
}

// stage connects a fleet to the firm's exchanges.
func (f *firm) stage() func(context.Context, *fleet) error {
	return func(_ context.Context, loaded *fleet) error {
		loaded.options.Transport, loaded.options.Clock = &f.network, func() time.Time { return f.now }
		return nil
	}
}

func (f *firm) state() string { return filepath.Join(f.folder, "state.db") }

// unfinished are the names of the keys of which a run that goes on, or was killed, has a
// result that stands.
func unfinished(t *testing.T, state string) []string {
	t.Helper()
	names, err := storedNames(state)
	require.NoError(t, err)
	return names
}

func storedNames(state string) (names []string, err error) {
	db, err := sql.Open("sqlite", "file:"+state+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(context.Background(), "SELECT key.name FROM result JOIN key ON key.id=result.key JOIN run ON run.id=result.run WHERE run.state='running'")
	if err != nil { // there is none yet
		return nil, nil
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func (f *firm) report(t *testing.T) *audit.Report {
	t.Helper()
	report, err := readReport(f.state())
	require.NoError(t, err)
	return report
}

// newFindings are the findings that are new, as "key: rule".
func newFindings(r *audit.Report) []string {
	var out []string
	for _, result := range r.Results {
		for _, f := range result.Findings {
			if f.New {
				out = append(out, result.Name+": "+f.Rule)
			}
		}
	}
	for _, f := range r.Findings {
		out = append(out, "report: "+f.Rule)
	}
	return out
}

func newFirm(t *testing.T) *firm {
	t.Helper()
	f := newEmptyFirm(t)
	created, expires := f.now.AddDate(0, 0, -10), f.now.AddDate(0, 6, 0)
	restricted := []string{"198.51.100.20"}
	f.issue("grid", "bybit", "spot-trading", exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: restricted, SubAccount: true, Created: created, Expires: expires})
	f.issue("maker", "okx", "spot-trading", exchangetest.Spec{Permissions: []string{"read_only", "trade"}, IPs: restricted, SubAccount: true})
	f.issue("tax", "kraken", "read-only", exchangetest.Spec{Permissions: []string{"query-funds"}, IPs: restricted, Created: created, Expires: expires})
	f.issue("old", "bitmex", "read-only", exchangetest.Spec{Permissions: []string{}, IPs: []string{"198.51.100.20/32"}, Created: created})
	return f
}

// TestNothingChanged: what has not changed is not shown again.
func TestNothingChanged(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	first := f.run(t.Context(), t)
	assert.NotEmpty(t, first.stdout)
	assert.Nil(t, f.report(t).Baseline)
	for range 3 {
		got := f.run(t.Context(), t, "--quiet")
		assert.Empty(t, got.stdout)
		assert.Empty(t, got.stderr)
		assert.Equal(t, first.code, got.code, "the exit code is that of the report, shown or not")
		report := f.report(t)
		assert.Empty(t, newFindings(report))
		require.NotNil(t, report.Baseline)
		assert.Equal(t, f.now.AddDate(0, 0, -1), report.Baseline.Started)
	}
	for _, r := range f.report(t).Results {
		assert.Equal(t, time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC), r.Snapshot.FirstSeen, "when it was first audited")
	}
}

// TestChanges: each change is named, and nothing else.
func TestChanges(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	f.change("grid", func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.Withdraw") })
	f.change("maker", func(s *exchangetest.Spec) { s.Permissions = []string{"read_only"} })
	f.change("tax", func(s *exchangetest.Spec) { s.IPs = nil })
	got := f.run(t.Context(), t, "--quiet")
	assert.Equal(t, audit.ExitFindings, got.code)
	report := f.report(t)
	changed := map[string][]string{}
	for _, r := range report.Results {
		for _, finding := range r.Findings {
			if finding.New && scopes()[finding.Rule] == audit.SinceLast {
				changed[r.Name] = append(changed[r.Name], finding.Rule+" "+finding.Severity.String())
			}
		}
	}
	assert.Equal(t, map[string][]string{
		"grid":  {"gained-permission critical"},
		"maker": {"lost-permission high"},
		"tax":   {"allowlist-widened critical"},
	}, changed)
	for _, name := range []string{"grid", "maker", "tax"} {
		assert.Contains(t, got.stdout, name)
	}
	assert.NotContains(t, got.stdout, "old")
	for _, canary := range f.canaries() {
		assert.NotContains(t, got.stdout+got.stderr, canary)
	}
	// In the next run, none of it is new.
	got = f.run(t.Context(), t, "--quiet")
	assert.Empty(t, got.stdout)
	assert.Equal(t, audit.ExitFindings, got.code)
}

// TestKeysComeAndGo: in the inventory, and in the list of an exchange.
func TestKeysComeAndGo(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	beside := f.fakes["bitmex"].Issue(exchangetest.Spec{Permissions: []string{"withdraw"}})
	f.issue("fresh", "bybit", "spot-trading", exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}, SubAccount: true})
	gone := f.entries["maker"]
	delete(f.entries, "maker")
	got := f.run(t.Context(), t, "--quiet")
	found := newFindings(f.report(t))
	assert.Contains(t, found, "old: key-appeared")
	assert.Contains(t, found, "old: unlisted-key")
	assert.Contains(t, found, "fresh: key-appeared")
	assert.Contains(t, found, "report: key-vanished")
	assert.Contains(t, got.stdout, "maker")

	f.fakes["bitmex"].Revoke(beside)
	f.entries["maker"] = gone
	f.run(t.Context(), t, "--quiet")
	found = newFindings(f.report(t))
	assert.Contains(t, found, "old: key-vanished")
	assert.Contains(t, found, "maker: key-appeared")
	assert.NotContains(t, found, "report: key-vanished")
}

func scopes() map[string]audit.Scope {
	out := map[string]audit.Scope{}
	for _, r := range audit.Rules() {
		out[r.ID] = r.Scope
	}
	return out
}

func (f *firm) canaries() []string {
	var out []string
	for _, v := range f.fakes {
		out = append(out, v.Canaries()...)
	}
	return out
}

// TestFailedRunHidesNothing: a right that was gained while the exchange was down is
// reported when it is up again, compared with the last run that inspected the key.
func TestFailedRunHidesNothing(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	f.change("grid", func(s *exchangetest.Spec) {
		s.Faults = []exchangetest.Fault{{Drop: true, Times: 3}}
		s.Permissions = append(s.Permissions, "Wallet.Withdraw")
	})
	got := f.run(t.Context(), t, "--quiet", "--timeout", "5s")
	assert.Contains(t, got.stdout, "grid")
	found := newFindings(f.report(t))
	assert.Contains(t, found, "grid: not-inspected")
	for _, line := range found {
		for _, rule := range []string{"lost-permission", "gained-permission", "key-vanished"} {
			assert.NotContains(t, line, rule, "nothing is known in this run")
		}
	}
	f.run(t.Context(), t, "--quiet")
	assert.Contains(t, newFindings(f.report(t)), "grid: gained-permission")
}

// TestStoppedAndResumed: --resume asks the keys that a signal cut short, and the
// state is always of a whole run.
func TestStoppedAndResumed(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.change("maker", func(s *exchangetest.Spec) { s.Faults = []exchangetest.Fault{{Delay: time.Hour}} })
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if names, err := storedNames(f.state()); err == nil && len(names) == 3 && len(f.fakes["okx"].Requests()) > 0 { // maker is being asked
				stop()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	got := f.run(ctx, t)
	stop()
	assert.Equal(t, exitStopped, got.code, got.stderr)
	assert.Contains(t, got.stdout, "maker")
	assert.Contains(t, got.stderr, "stopped by a signal; 4 keys")
	_, err := readReport(f.state())
	require.ErrorContains(t, err, "has no run that ended")
	asked := len(f.fakes["bybit"].Requests())

	got = f.run(t.Context(), t, "--resume")
	assert.Contains(t, got.stderr, "continuing the run that began 2026-11-23 02:30 UTC: 4 results are stored")
	report := f.report(t)
	require.Len(t, report.Results, 4)
	assert.Zero(t, report.Summary.NotInspected)
	assert.Len(t, f.fakes["bybit"].Requests(), asked, "no finished key is asked again")
	assert.Empty(t, unfinished(t, f.state()))
}

// TestDeadline: a key that is not audited in time is reported as not inspected, and
// the state is written.
func TestDeadline(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.change("maker", func(s *exchangetest.Spec) { s.Faults = []exchangetest.Fault{{Delay: time.Hour}} })
	got := f.run(t.Context(), t, "--deadline", "1s", "--fail-on", "critical")
	assert.Equal(t, audit.ExitNotAssessed, got.code, got.stdout)
	report := f.report(t)
	assert.Equal(t, 1, report.Summary.NotInspected)
	require.Len(t, report.Results, 4)
}

// TestSince: the report of --since is compared with, and left unchanged.
func TestSince(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	path := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	folder := t.TempDir()
	old := filepath.Join(folder, "old.json")
	runWith(t.Context(), s.env, "--keys", path, "--format", "json", "--output", old)
	before, err := os.ReadFile(old)
	require.NoError(t, err)
	got := runWith(t.Context(), s.env, "--keys", path, "--since", old, "--quiet")
	assert.Empty(t, got.stdout)
	after, err := os.ReadFile(old)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	assert.Equal(t, []string{"old.json"}, entriesOf(t, folder))

	got = runWith(t.Context(), s.env, "--keys", path, "--since", filepath.Join(folder, "none"))
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "--since: ")
	assert.Contains(t, got.stderr, "does not exist")
}

// TestSeveralReports: one run writes any number of reports.
func TestSeveralReports(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	path := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	var args []string
	for _, format := range formatNames() {
		args = append(args, "--report", fmt.Sprintf("%s=%s", format, filepath.Join(s.folder, "report."+format)))
	}
	got := runWith(t.Context(), s.env, append([]string{"--keys", path}, args...)...)
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	for _, format := range formatNames() {
		text, err := os.ReadFile(filepath.Join(s.folder, "report."+format))
		require.NoError(t, err)
		assert.NotEmpty(t, text, format)
		for _, canary := range s.Canaries() {
			assert.NotContains(t, string(text), canary)
		}
	}
}
