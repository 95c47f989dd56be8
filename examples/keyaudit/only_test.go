package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// planFor is what a dry run plans, by the names of the keys.
func planFor(t *testing.T, a app, args ...string) (names []string, out ran) {
	t.Helper()
	var stdout, stderr strings.Builder
	a.stdout, a.stderr, a.now = &stdout, &stderr, time.Now
	if a.env == nil {
		a.env = func(string) string { return "" }
	}
	out.code = a.run(t.Context(), append([]string{"--dry-run", "--format", "json"}, args...))
	out.stdout, out.stderr = stdout.String(), stderr.String()
	var plans []planned
	if out.stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(out.stdout), &plans))
	}
	for _, p := range plans {
		names = append(names, p.Name)
	}
	return names, out
}

const fleetOfFour = `{"keys": [
	{"name": "grid-1", "exchange": "bybit", "key": "a9f31c07b2e84d56", "secret": "env:S", "policy": "spot-trading", "owner": "Trading Desk"},
	{"name": "grid-2", "exchange": "okx", "key": "b9f31c07b2e84d56", "secret": "env:S", "passphrase": "env:S", "environment": "eea"},
	{"name": "tax", "exchange": "bybit", "key": "c9f31c07b2e84d56", "secret": "env:S", "policy": "read-only", "environment": "testnet", "owner": "audit"},
	{"name": "Grid.x", "exchange": "kraken", "key": "d9f31c07b2e84d56", "secret": "env:S", "stage": "test"}
]}`

// TestOnly: a key is audited if it fits every condition, and the others are counted.
func TestOnly(t *testing.T) {
	t.Parallel()
	path := writeFile(t, filepath.Join(t.TempDir(), "keys.json"), 0o600, fleetOfFour)
	a := app{env: func(string) string { return "c2VjcmV0LXNlY3JldC1zZWNyZXQ=" }}
	for only, want := range map[string]string{
		"exchange=bybit":                   "grid-1 tax",
		"name=grid-*":                      "grid-1 grid-2",
		"name=grid?*":                      "grid-1 grid-2 Grid.x",
		"name=*":                           "grid-1 grid-2 tax Grid.x",
		"exchange=bybit,name=g*":           "grid-1",
		"exchange=BYBIT, owner=trading *":  "grid-1",
		"environment=live":                 "grid-1 Grid.x",
		"environment=eea":                  "grid-2",
		"policy=read-only,environment=t*t": "tax",
		"stage=test":                       "Grid.x",
		"name=Grid.x":                      "Grid.x",
		"owner=":                           "",
		"name=nobody":                      "",
		"colour=red":                       "",
		"exchange":                         "",
	} {
		names, got := planFor(t, a, "--keys", path, "--only", only)
		assert.Equal(t, want, strings.Join(names, " "), "%s: %s", only, got.stderr)
		if want == "" {
			assert.Equal(t, audit.ExitUsage, got.code, only)
			assert.Regexp(t, `^keyaudit: --only: [^\n]+\n$`, got.stderr)
		}
	}
	text := runWith(t.Context(), map[string]string{"S": "c2VjcmV0"}, "--keys", path, "--only", "exchange=okx", "--dry-run")
	assert.Contains(t, text.stdout, "\n3 keys left out by --only\n")
	for _, flag := range []string{"--state", "--since"} {
		got := runWith(t.Context(), nil, "--demo", "--only", "exchange=okx", flag, filepath.Join(t.TempDir(), "x"))
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Contains(t, got.stderr, "--only: some of the keys are not compared with a report of all of them")
	}
}

// TestOnlyAudits: what is left out of a run is not asked about, and counted.
func TestOnlyAudits(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	path := s.keyFile(t, s.entry("a", "spot-trading", spotKey), s.entry("b", "spot-trading", spotKey))
	got := runWith(t.Context(), s.env, "--keys", path, "--only", "name=b", "--format", "json")
	assert.Equal(t, []string{"b"}, namesOf(parsed(t, got)))
	assert.Equal(t, "keyaudit: 1 key left out by --only\n", got.stderr)
	assert.Len(t, s.Requests(), 1)
}

func namesOf(r *audit.Report) (names []string) {
	for _, result := range r.Results {
		names = append(names, result.Name)
	}
	return names
}

// TestKeysFromAStream: an inventory from standard input or a pipe, in JSON or YAML.
func TestKeysFromAStream(t *testing.T) {
	t.Parallel()
	const yaml = "keys:\n  - {name: a, exchange: bybit, key: a9f31c07b2e84d56, secret: 'env:S'}\n"
	const jsonc = "\ufeff // a comment\n" + `{"keys": [{"name": "a", "exchange": "bybit", "key": "a9f31c07b2e84d56", "secret": "env:S"}]}`
	env := func(string) string { return "some-secret-text" }
	for _, text := range []string{yaml, jsonc, jsonc[strings.Index(jsonc, "{"):]} {
		for _, path := range []string{"-", "/dev/stdin"} {
			names, got := planFor(t, app{env: env, stdin: strings.NewReader(text)}, "--keys", path)
			assert.Equal(t, []string{"a"}, names, got.stderr)
		}
		r, w, err := os.Pipe()
		require.NoError(t, err)
		go func() {
			_, _ = w.WriteString(text)
			_ = w.Close()
		}()
		names, got := planFor(t, app{env: env}, "--keys", "/dev/fd/"+strconv.Itoa(int(r.Fd())))
		_ = r.Close()
		assert.Equal(t, []string{"a"}, names, got.stderr)
	}
	for text, want := range map[string]string{
		"":                          "the inventory: it is empty",
		`{"keys": [`:                "-:1:11: the JSON ends too early",
		"keys: [":                   "the YAML is malformed",
		`{"keys": [{"name": "a"}]}`: `-:1:11: the key has no "exchange"`,
		`{"keys": [{"name": "a", "exchange": "bybit", "key": "a9f31c07b2e84d56", "secret": "stdin"}]}`: "there is no standard input to read",
	} {
		names, got := planFor(t, app{env: env, stdin: strings.NewReader(text)}, "--keys", "-")
		assert.Empty(t, names)
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Contains(t, got.stderr, want)
	}
	_, got := planFor(t, app{env: env}, "--keys", "-")
	assert.Contains(t, got.stderr, "the inventory: there is no standard input to read")
	_, got = planFor(t, app{env: env, stdin: strings.NewReader(yaml)}, "--keys", "-", "--keys", "-")
	assert.Equal(t, audit.ExitUsage, got.code, "it can be read once")
}

// TestKeysAddUp: several inventories and bots' files are one fleet.
func TestKeysAddUp(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	one := writeFile(t, filepath.Join(folder, "one.json"), 0o600, `{"keys": [{"name": "a", "exchange": "bybit", "key": "a9f31c07b2e84d56", "secret": "env:S"}]}`)
	two := writeFile(t, filepath.Join(folder, "two.yaml"), 0o600, "keys: [{name: b, exchange: okx, key: b9f31c07b2e84d56, secret: 'env:S', passphrase: 'env:S'}]\n")
	env := func(string) string { return "some-secret-text" }
	names, got := planFor(t, app{env: env}, "--keys", one, "--keys", two, "--from", "octobot=samples/octobot/user/config.json")
	assert.Subset(t, names, []string{"a", "b"}, got.stderr)
	assert.Greater(t, len(names), 2)
	_, got = planFor(t, app{env: env}, "--keys", one, "--keys", one)
	assert.Contains(t, got.stderr, `duplicate key name "a"`)
}

// TestPolicyOfBotsFiles: --policy says what the keys of bots' files are for.
func TestPolicyOfBotsFiles(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), nil, "--demo", "--from", "passivbot=samples/passivbot/api-keys.json", "--policy", "read-only", "--format", "json")
	report := parsed(t, got)
	inspected := 0
	for _, r := range report.Results {
		if r.Inspected() {
			inspected++
			assert.Equal(t, "read-only", r.Policy, r.Name)
		}
	}
	assert.Positive(t, inspected)
	bad := runWith(t.Context(), nil, "--demo", "--policy", "read-only")
	assert.Contains(t, bad.stderr, "--policy: an inventory says what each key is for; use --policy with --from")
}

// TestJudgeByAnInventorysPolicy: judge knows the policies of the inventory it is given.
func TestJudgeByAnInventorysPolicy(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	stored := writeFile(t, filepath.Join(folder, "report.json"), 0o600, demoJSON().stdout)
	keys := writeFile(t, filepath.Join(folder, "keys.json"), 0o600, `{"policies": {"ours": {"preset": "treasury", "max_age_days": 3}}, "keys": [
		{"name": "grid-eu-1", "exchange": "bybit", "key": "a9f31c07b2e84d56", "secret": "env:S", "owner": "us"}]}`)
	report := parsed(t, runWith(t.Context(), nil, "judge", stored, "--keys", keys, "--policy", "ours", "--format", "json"))
	for _, r := range report.Results {
		assert.Equal(t, "ours", r.Policy, r.Name)
	}
	assert.Equal(t, "us", resultOf(t, report, "grid-eu-1").Record.Owner)
}

// TestDryRunOfNothing: a plan without a key that would be audited is no success.
func TestDryRunOfNothing(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), map[string]string{"FOO_API_KEY": "abcdefgh", "FOO_API_SECRET": "ijklmnopqrst"}, "--from", "env=", "--dry-run")
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	assert.Equal(t, "keyaudit: no key would be audited\n", got.stderr)
	assert.Contains(t, got.stdout, "env/foo: not audited: ")
}

// TestOnlyOfADemonstration: keys of the invented fleet are selected as any others are.
func TestOnlyOfADemonstration(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{"--demo"}, {"run", "--demo"}, {"check", "--demo"}} {
		got := runWith(t.Context(), nil, append(command, "--only", "name=settlement", "--format", "json")...)
		var report struct{ Results, Keys []struct{ Name string } }
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &report), got.stderr)
		names := append(report.Results, report.Keys...)
		require.Len(t, names, 1, command)
		assert.Equal(t, "settlement", names[0].Name)
		got = runWith(t.Context(), nil, append(command, "--only", "owner=zzz")...)
		assert.Equal(t, audit.ExitUsage, got.code, command)
		assert.Contains(t, got.stdout+got.stderr, "--only: none of ", command)
		assert.Contains(t, got.stdout+got.stderr, "keyaudit run --dry-run lists their names", command)
	}
}
