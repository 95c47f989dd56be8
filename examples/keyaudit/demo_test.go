package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// demoCanaries are the secrets of the demonstration's keys. Fakes issue the same
// keys in every process, which the masked ids in the report confirm.
func demoCanaries(t *testing.T, report *audit.Report) []string {
	t.Helper()
	x := newDemoExchanges()
	ids := map[string]string{}
	for _, k := range slices.Concat(demoKeys(x, "http://127.0.0.1:1"), deskKeys(x)) {
		ids[k.name] = access.MaskID(k.key().Credentials.Key)
	}
	for _, r := range report.Results {
		if f := r.Snapshot.Failure; f != nil && f.Kind == access.KindBadKey { // nothing says that it is no secret
			ids[r.Name] = "…"
		}
		assert.Equal(t, ids[r.Name], r.Snapshot.KeyID, r.Name)
	}
	var out []string
	for _, fake := range x.all {
		require.NotEmpty(t, fake.Canaries(), fake.Name())
		out = append(out, fake.Canaries()...)
	}
	return out
}

// demoJSON is one run of the demonstration, for the tests that only read it.
var demoJSON = sync.OnceValue(func() ran { return runWith(context.Background(), nil, "--demo", "--format", "json") })

func demoReport(t *testing.T) *audit.Report {
	t.Helper()
	report, err := render.ReadJSON(strings.NewReader(demoJSON().stdout))
	require.NoError(t, err)
	return report
}

func runDemo(t *testing.T, args ...string) ran {
	t.Helper()
	return runWith(t.Context(), nil, append([]string{"--demo"}, args...)...)
}

func TestDemoJSON(t *testing.T) {
	t.Parallel()
	got := demoJSON()
	assert.Equal(t, audit.ExitFindings, got.code)
	assert.Empty(t, got.stderr)
	validate(t, got.stdout)

	report := demoReport(t)
	assert.GreaterOrEqual(t, len(report.Results), 25)
	failed, fakes := map[string]bool{}, map[string]bool{}
	for _, r := range report.Results {
		fakes[r.Exchange] = true
		for _, f := range r.Findings {
			failed[f.Rule] = failed[f.Rule] || f.Outcome == audit.Failed
		}
	}
	for _, rule := range []string{
		"withdrawal", "external-transfer", "withdrawal-addresses", "internal-transfer", "lock-up", "ip-allowlist", "ip-allowlist-width", "ip-allowlist-expected",
		"excess-permission", "missing-permission", "key-age", "key-expiry", "key-state", "main-account", "insecure-transport", "unknown-permission",
		"attestation", "not-inspected",
	} {
		assert.True(t, failed[rule], "no key fails %s", rule)
	}
	assert.Len(t, fakes, len(exchanges.All()), "the fleet is at every exchange")
	assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, demoCanaries(t, report)))
}

// TestDemoKeys: each key of the demonstration has the findings that its name and
// its place in the list promise.
func TestDemoKeys(t *testing.T) {
	t.Parallel()
	report := demoReport(t)
	results := map[string]*audit.Result{}
	for _, r := range report.Results {
		results[r.Name] = r
	}
	for _, name := range []string{"grid-eu-1", "grid-eu-2", "tax-report", "maker-asia-1", "treasury-cold", "sandbox-grid", "arb-runner-3", "copy-desk", "dca-savings"} {
		require.NotNil(t, results[name], name)
		require.NoError(t, results[name].Err(audit.High), name)
	}
	for name, kind := range map[string]access.Kind{
		"maker-tokyo": access.KindIPNotAllowed, "forgotten-bot": access.KindBadKey, "settlement": access.KindUnavailable, "scalper-us": access.KindExpired,
	} {
		require.NotNil(t, results[name], name)
		require.ErrorIs(t, results[name].Snapshot.Failure, kind, name)
	}
	assert.Equal(t, 2, results["arb-runner-3"].Snapshot.Requests, "refused once, then answered")
	assert.Equal(t, "198.18.0.10", results["maker-tokyo"].Snapshot.Failure.Address.String())
	assert.Equal(t, audit.Passed, results["maker-tokyo"].Finding("ip-allowlist").Outcome, "proved by refusal")
	assert.NotEmpty(t, results["copy-desk"].Finding("internal-transfer").Waived)
	assert.Equal(t, access.Attested, results["dca-savings"].Finding("ip-allowlist").Evidence)
	assert.Equal(t, audit.Undetermined, results["dca-legacy"].Finding("ip-allowlist").Outcome, "the attestation expired")

	// What is attested or waived is a rule that exists.
	rules := map[string]bool{}
	for _, r := range audit.Rules() {
		rules[r.ID] = true
	}
	for _, k := range demoKeys(newDemoExchanges(), "") {
		for _, a := range k.policy.Attestations {
			assert.True(t, rules[a.Rule], a.Rule)
		}
		for _, w := range k.policy.Waivers {
			assert.True(t, rules[w.Rule], w.Rule)
		}
	}
}

// TestDemoUnchanged: who runs the demonstration twice reads that nothing has changed.
func TestDemoUnchanged(t *testing.T) {
	t.Parallel()
	for day := -1; day != time.Now().UTC().Day(); { // again if a day ended meanwhile
		day = time.Now().UTC().Day()
		before := filepath.Join(t.TempDir(), "before.json")
		runDemo(t, "--format", "json", "--output", before)
		got := runDemo(t, "--since", before, "--quiet")
		if day == time.Now().UTC().Day() {
			assert.Empty(t, got.stdout)
		}
	}
}

// TestDemoFormats: every format has every key, and no secret in any form.
func TestDemoFormats(t *testing.T) {
	t.Parallel()
	report := demoReport(t)
	canaries := demoCanaries(t, report)
	for _, args := range [][]string{
		{"--all", "--group", "owner"}, {"--format", "text", "--all", "--color", "always"}, {"--format", "markdown"}, {"--format", "jsonl"}, {"--dry-run"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "report")
			got := runDemo(t, append(args, "--output", file)...)
			assert.Empty(t, got.stdout)
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, r := range report.Results {
				assert.Contains(t, string(text), r.Name)
			}
			assert.Empty(t, exchangetest.FindCanaries(string(text)+got.stderr, canaries))
		})
	}
}

func validate(t *testing.T, text string) {
	t.Helper()
	definition, err := jsonschema.UnmarshalJSON(bytes.NewReader(render.Schema()))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("report.json", definition))
	schema, err := compiler.Compile("report.json")
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(value))
	// A schema that accepts everything would be no test.
	value.(map[string]any)["results"] = "none"
	require.Error(t, schema.Validate(value))
}
