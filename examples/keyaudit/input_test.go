package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

const canary = "kXv93hQ0bTz81LmPq4RsYw72"

// TestAllMistakesAtOnce: all mistakes in an inventory are reported at once, with
// those of the command line, and nothing is sent for the good key among them.
func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	good := s.entry("good", "spot-trading", spotKey)
	path := s.keyFile(
		t, good, `{"name":"good","exchange":"binanse","key":"k","secret":"plain text"}`,
		`{"name":"c","exchange":"kucoin","environment":"moon","key":"k","secret":"env:NONE","policy":{"preset":"spot","max_age_days":"x"},"hue":1}`,
	)
	got := runWith(t.Context(), s.env, "--keys", path, "--format", "yaml", "--fail-on", "severe", "--color", "mauve", "--timeout", "soon", "--concurrency", "0", "--output", filepath.Join(s.folder, "no", "report"))
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Empty(t, got.stdout)
	for _, want := range []string{
		`--format: unknown format "yaml"`, `--fail-on: unknown level "severe"`, `--color: unknown choice "mauve"`,
		`--timeout: "soon" is not a duration from 1s to 1h`, `--concurrency: "0" is not a number from 1 to 256`, `--output: cannot create a file in`,
		`"good"`, `did you mean "binance"?`, `"secret"`, `"moon"`, `"NONE"`, `did you mean "spot-trading"?`, `must be a number`, `"hue"`, `passphrase`,
	} {
		assert.Contains(t, got.stderr, want)
	}
	var mistakes inventory.Problems
	_, err := inventory.Read(path, app{env: func(name string) string { return s.env[name] }}.options())
	require.ErrorAs(t, err, &mistakes)
	assert.Len(t, mistakes, 9)
	for _, m := range mistakes {
		assert.Contains(t, got.stderr, "keyaudit: "+m.String()+"\n")
	}
	assert.Equal(t, 6+len(mistakes), strings.Count(got.stderr, "\n"), got.stderr)
	assert.Empty(t, s.Requests())
}

// TestNoKey: what is said leads to where the key is.
func TestNoKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.json")
	for bot, tc := range map[string]struct{ text, want string }{
		"freqtrade": {`{"exchange": {"name": "bybit", "key": "", "secret": ""}}`, "name the file that has it as well (--from freqtrade=a.json,b.json), or set FREQTRADE__EXCHANGE__KEY"},
		"passivbot": {`{}`, "no entry is a key"},
	} {
		require.NoError(t, os.WriteFile(path, []byte(tc.text), 0o600))
		got := runWith(t.Context(), nil, "check", "--from", bot+"="+path)
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Contains(t, got.stderr, `there is no key to audit in "`+path+`": `+tc.want)
	}
}

func TestBadCommandLine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"nothing":            {nil, "name what to audit: --demo, --keys FILE or --from BOT=PATH"},
		"missing file":       {[]string{"--keys", "/nowhere/keys.json"}, `the file "/nowhere/keys.json" does not exist`},
		"missing YAML":       {[]string{"--keys", "/nowhere/keys.yaml"}, "/nowhere/keys.yaml: the file does not exist"},
		"folder":             {[]string{"--keys", "."}, `"." is not a file`},
		"unknown bot":        {[]string{"--from", "freqtrad=x"}, `--from: unknown bot "freqtrad": did you mean "freqtrade"?`},
		"no bot":             {[]string{"--from", "config.json"}, "--from: write BOT=PATH, where BOT is one of bbgo, "},
		"bot without a file": {[]string{"--from", "freqtrade="}, "freqtrade reads a file: give the path of freqtrade's config.json"},
		"missing bot's file": {[]string{"--from", "freqtrade=/nowhere/config.json"}, `"/nowhere/config.json" does not exist`},
		"no variables":       {[]string{"--from", "env="}, "there is no key to audit: no environment variable is named like BYBIT_API_KEY and BYBIT_API_SECRET"},
		"secret as bot":      {[]string{"--from", canary + "=x"}, "unknown bot (not shown: it may be a secret)"},
		"unknown command":    {[]string{"expain"}, `unknown command "expain": did you mean "explain"?`},
		"late command":       {[]string{"--demo", "diff"}, `unknown flag "--demo"`},
		"secret as command":  {[]string{canary}, "unknown command (not shown: it may be a secret)"},
		"resume of nothing":  {[]string{"--demo", "--resume"}, "--resume: name the same --state FILE as the run that was killed"},
		"quiet of nothing":   {[]string{"--demo", "--quiet"}, "--quiet: name the report to compare with, by --state FILE or --since FILE"},
		"two baselines":      {[]string{"--demo", "--state", "a", "--since", "b"}, "--since: --state already names a report to compare with"},
		"file twice":         {[]string{"--demo", "--report", "json=a", "--report", "csv=a"}, `--report: duplicate file "a"`},
		"state as output":    {[]string{"--demo", "--state", "a", "--output", "a"}, `--output: duplicate file "a": each report and the state need their own`},
		"unknown report":     {[]string{"--demo", "--report", "pdf=a"}, `--report: unknown format "pdf"`},
		"URL in plaintext":   {[]string{"--demo", "--notify", "slack://token:" + canary + "@channel"}, "--notify: must be a reference"},
		"ping in plaintext":  {[]string{"--demo", "--ping", "https://hc.example/" + canary}, "--ping: must be a reference"},
		"missing place":      {[]string{"--demo", "--notify", "env:NOT_SET"}, `--notify: the environment variable "NOT_SET" is not set`},
		"unknown flag":       {[]string{"--secret", canary}, `unknown flag "--secret"`},
		"secret as flag":     {[]string{"-" + canary}, "unknown flag (not shown: it may be a secret)"},
		"bad boolean":        {[]string{"--demo=maybe"}, "--demo: unexpected value: write it without one"},
		"argument":           {[]string{"--demo", "extra"}, `unknown command "extra"`},
		"secret as argument": {[]string{"--demo", canary}, "unknown command (not shown: it may be a secret)"},
		"dry-run format":     {[]string{"--demo", "--dry-run", "--format", "markdown"}, "--dry-run: use the format text or json"},
		"near miss":          {[]string{"--demo", "--format", "jsom"}, `did you mean "json"?`},
		"too long":           {[]string{"--demo", "--timeout", "48h"}, `"48h" is not a duration from 1s to 1h`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runWith(t.Context(), nil, tc.args...)
			assert.Equal(t, audit.ExitUsage, got.code)
			assert.Empty(t, got.stdout)
			assert.Contains(t, got.stderr, tc.want)
			assert.NotContains(t, got.stderr, canary)
		})
	}
}
