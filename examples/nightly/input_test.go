package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// with is a key file of one good key, changed: an empty value leaves a field
// out.
func with(changes ...string) string {
	fields := map[string]string{"name": `"a"`, "exchange": `"bybit"`, "key": `"k"`, "secret": `"env:S"`}
	order := []string{"name", "exchange", "key", "secret"}
	for i := 0; i+1 < len(changes); i += 2 {
		if _, known := fields[changes[i]]; !known {
			order = append(order, changes[i])
		}
		fields[changes[i]] = changes[i+1]
	}
	var parts []string
	for _, name := range order {
		if fields[name] != "" {
			parts = append(parts, fmt.Sprintf("%q: %s", name, fields[name]))
		}
	}
	return `{"keys": [{` + strings.Join(parts, ", ") + `}]}`
}

const canary = "kXv93hQ0bTz81LmPq4RsYw72"

// TestBadKeyFile: every mistake in a key file gets one sentence with its
// place, the exit code 2, and nothing else.
func TestBadKeyFile(t *testing.T) {
	t.Parallel()
	policy := func(text string) string { return with("policy", text) }
	for name, tc := range map[string]struct{ text, want string }{
		"empty file":            {``, `keys.json:1:1: the JSON ends too early`},
		"malformed":             {"{\n  \"keys\": [\n    {\"name\": \"a\" \"b\"}\n  ]\n}", `keys.json:3:18: the JSON is malformed here`},
		"ends early":            {"{\"keys\": [\n", `keys.json:2:1: the JSON ends too early`},
		"two values":            {`{"keys": []} {}`, `keys.json:1:14: the JSON is malformed here`},
		"malformed near secret": {`{"keys": [{"secret": "` + canary + "\n", `keys.json:1:47: the JSON is malformed here`},
		"not an object":         {`[]`, `keys.json:1:1: must be an object, not a list`},
		"no keys":               {`{}`, `keys.json:1:1: the key file has no "keys"`},
		"keys of another kind":  {`{"keys": {}}`, `keys.json:1:10: must be a list, not an object`},
		"empty list":            {`{"keys": []}`, `"keys" is empty: there is nothing to audit`},
		"key of another kind":   {`{"keys": [3]}`, `keys.json:1:11: must be an object, not a number`},
		"unknown top field":     {`{"keyz": []}`, `unknown field "keyz": did you mean "keys"?`},
		"no name":               {with("name", ""), `the key has no "name"`},
		"no exchange":           {with("exchange", ""), `the key has no "exchange"`},
		"no key":                {with("key", ""), `the key has no "key"`},
		"no secret":             {with("secret", ""), `the key has no "secret"`},
		"name of another kind":  {with("name", `7`), `keys.json:1:20: must be text, not a number`},
		"name is null":          {with("name", `null`), `must be text, not null`},
		"empty name":            {with("name", `" "`), `must not be empty`},
		"control character":     {with("name", `"a\u001b[2J"`), `must not hold line breaks or other control characters`},
		"field twice":           {`{"keys": [{"name": "a", "name": "b", "exchange": "bybit", "key": "k", "secret": "env:S"}]}`, `the field "name" stands twice`},
		"unknown field":         {with("secrett", `"env:S"`), `unknown field "secrett": did you mean "secret"?`},
		"field in other case":   {with("Name", `"a"`), `unknown field "Name": did you mean "name"?`},
		"name twice": {
			"{\"keys\": [\n" + strings.TrimSuffix(strings.TrimPrefix(with(), `{"keys": [`), `]}`) + ",\n" + strings.TrimPrefix(with(), `{"keys": [`),
			`keys.json:3:10: the name "a" is taken by the key on line 2`,
		},
		"unknown exchange":      {with("exchange", `"binanse"`), `unknown exchange "binanse": did you mean "binance"?`},
		"exchange far off":      {with("exchange", `"mtgox"`), `unknown exchange "mtgox": use one of `},
		"unknown environment":   {with("environment", `"testnett"`), `Bybit: unknown environment "testnett": did you mean "testnet"?`},
		"no passphrase":         {with("exchange", `"okx"`), `OKX keys have a passphrase, and the key has no "passphrase"`},
		"unknown policy":        {policy(`"mining"`), `unknown policy "mining": use one of agent, futures-trading, read-only, spot-trading`},
		"beginning of a policy": {policy(`"spot"`), `unknown policy "spot": did you mean "spot-trading"?`},
		"policy near miss":      {policy(`"readonly"`), `did you mean "read-only"?`},
		"policy of a kind":      {policy(`3`), `must be the name of a policy, or an object, not a number`},
		"policy field":          {policy(`{"need": []}`), `unknown field "need": did you mean "needs"?`},
		"unknown preset":        {policy(`{"preset": "tradin"}`), `unknown policy "tradin": did you mean "trading"?`},
		"unknown capability":    {policy(`{"needs": ["trade.sport"]}`), `unknown capability "trade.sport": did you mean "trade.spot"?`},
		"malformed other":       {policy(`{"allows": ["other:Earn it"]}`), `unknown capability "other:Earn it"`},
		"days as text":          {policy(`{"max_age_days": "90"}`), `must be a number, not text`},
		"days of none":          {policy(`{"max_age_days": 0}`), `must be a whole number of days, from 1 to 36500`},
		"days in parts":         {policy(`{"expiry_notice_days": 1.5}`), `must be a whole number of days`},
		"days overflow":         {policy(`{"max_age_days": 1e300}`), `must be a whole number of days`},
		"bad address":           {policy(`{"expected_ips": ["10.0.0"]}`), `"10.0.0" is not an IP address or range`},
		"attestation lacks":     {policy(`{"attestations": [{"rule": "key-age"}]}`), `the attestation has no "statement"`},
		"unknown rule":          {policy(`{"waivers": [{"rule": "key-aged", "reason": "r", "until": "2027-01-01"}]}`), `unknown rule "key-aged": did you mean "key-age"?`},
		"bad date":              {policy(`{"waivers": [{"rule": "key-age", "reason": "r", "until": "31.12.2027"}]}`), `"31.12.2027" is not a date: write 2026-11-22`},
		"impossible date":       {policy(`{"waivers": [{"rule": "key-age", "reason": "r", "until": "2027-02-30"}]}`), `"2027-02-30" is not a date`},
		"dates turned": {
			policy(`{"attestations": [{"rule": "key-age", "statement": "s", "by": "b", "at": "2027-01-02", "until": "2027-01-01"}]}`),
			`the attestation ends before it begins`,
		},
		"base_url in clear":    {with("base_url", `"http://198.51.100.1"`), `"base_url" must be https`},
		"base_url with secret": {with("base_url", `"https://user:`+canary+`@example.com"`), `"base_url" is not a plain address`},
		"nonce unit":           {with("nonce_unit", `"minutes"`), `unknown nonce unit "minutes": use one of s, ms, us, ns`},
		"plain secret":         {with("secret", `"`+canary+`"`), `"secret": must be a reference, env:NAME or file:PATH`},
		"plain passphrase":     {with("passphrase", `"hunter2 `+canary+`"`), `"passphrase": must be a reference`},
		"plain otp":            {with("otp", `"`+canary+`"`), `"otp": must be a reference`},
		"secret of a kind":     {with("secret", `{"env": "`+canary+`"}`), `must be text, not an object`},
		"variable not set":     {with("secret", `"env:NOT_SET"`), `"secret": the environment variable "NOT_SET" is not set`},
		"not a variable":       {with("secret", `"env:a b `+canary+`"`), `what follows env: is not the name of an environment variable`},
		"secret as variable":   {with("secret", `"env:`+canary+`"`), `the environment variable (not shown: it may be a secret) is not set`},
		"secret as path":       {with("secret", `"file:`+canary+`"`), `the file (not shown: it may be a secret) does not exist`},
		"secret as exchange":   {with("exchange", `"`+canary+`"`), `unknown exchange (not shown: it may be a secret)`},
		"secret as field":      {with(canary, `""`), `unknown field (not shown: it may be a secret)`},
		"missing file":         {with("secret", `"file:gone.key"`), `gone.key" does not exist`},
		"no path":              {with("secret", `"file:"`), `the path after file: is missing`},
		"folder for a file":    {with("secret", `"file:."`), `is not a file`},
		"empty reference":      {with("key", `""`), `"key": it is empty`},
		"empty reference, otp": {with("otp", `"env:EMPTY"`), `the environment variable "EMPTY" is not set`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, filepath.Join(t.TempDir(), "keys.json"), 0o600, tc.text)
			got := runWith(t.Context(), map[string]string{"S": "s3cret", "EMPTY": " "}, "-keys", path)
			assert.Equal(t, audit.ExitUsage, got.code)
			assert.Empty(t, got.stdout)
			assert.Contains(t, got.stderr, tc.want)
			want := 1
			switch name {
			case "unknown top field": // and then "keys" is missing
				want = 2
			case "attestation lacks": // four fields
				want = 4
			}
			assert.Equal(t, want, strings.Count(got.stderr, "\n"), "one sentence a mistake: %s", got.stderr)
			assert.Empty(t, exchangetest.FindCanaries(got.stderr, []string{canary, "s3cret"}))
		})
	}
}

// TestAllMistakesAtOnce: the owner of a key file with many mistakes learns of
// all of them in one go, those of the command line included, and nothing is
// sent for the good key among them.
func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	good := s.entry("good", "spot-trading", spotKey)
	path := s.keyFile(
		t, good, `{"name":"good","exchange":"binanse","key":"k","secret":"plain text"}`,
		`{"name":"c","exchange":"kucoin","environment":"moon","key":"k","secret":"env:NONE","policy":{"preset":"spot","max_age_days":"x"},"hue":1}`,
	)
	got := runWith(t.Context(), s.env, "-keys", path, "-format", "yaml", "-fail-on", "severe", "-color", "mauve", "-timeout", "soon", "-concurrency", "0", "-output", filepath.Join(s.folder, "no", "report"))
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Empty(t, got.stdout)
	for _, want := range []string{
		`-format: unknown format "yaml": use one of text, json, jsonl, markdown`, `-fail-on: unknown level "severe"`, `-color: unknown choice "mauve"`,
		`-timeout: "soon" is not a time from 1s to 1h`, `-concurrency: "0" is not a number from 1 to 256`, `-output: no file can be made in`,
		`the name "good" is taken`, `did you mean "binance"?`, `"secret": must be a reference`, `unknown environment "moon"`, `"NONE" is not set`,
		`did you mean "spot-trading"?`, `must be a number, not text`, `unknown field "hue"`, `KuCoin keys have a passphrase`,
	} {
		assert.Contains(t, got.stderr, want)
	}
	assert.Equal(t, 15, strings.Count(got.stderr, "\n"), got.stderr)
	assert.Empty(t, s.Requests())
}

func TestBadCommandLine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"nothing":            {nil, "say what to audit: either -demo or -keys FILE"},
		"both":               {[]string{"-demo", "-keys", "keys.json"}, "either -demo or -keys FILE"},
		"missing file":       {[]string{"-keys", "/nowhere/keys.json"}, `the key file "/nowhere/keys.json" does not exist`},
		"folder":             {[]string{"-keys", "."}, `the key file "." cannot be read`},
		"unknown flag":       {[]string{"-secret", canary}, "flag provided but not defined: -secret"},
		"secret as flag":     {[]string{"-" + canary}, "the command line is wrong"},
		"bad boolean":        {[]string{"-demo=maybe"}, `invalid boolean value "maybe" for -demo`},
		"argument":           {[]string{"-demo", "extra"}, `unexpected argument "extra"`},
		"secret as argument": {[]string{"-demo", canary}, "unexpected argument (not shown: it may be a secret)"},
		"dry-run format":     {[]string{"-demo", "-dry-run", "-format", "markdown"}, "-dry-run: use the format text or json"},
		"near miss":          {[]string{"-demo", "-format", "jsom"}, `did you mean "json"?`},
		"too long":           {[]string{"-demo", "-timeout", "48h"}, `"48h" is not a time from 1s to 1h`},
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
