package inventory

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// shared is an inventory of one good key, with something that keys share before
// it.
func shared(member string, changes ...string) string {
	return `{` + member + `, ` + strings.TrimPrefix(goodKey(changes...), `{`)
}

// mistakes are inventories with one mistake each, and what is reported, from the
// line on.
var mistakes = map[string]struct{ text, want string }{
	"empty text":              {` `, `1:2: the JSON ends too early: a quote or a bracket is still open`},
	"malformed":               {"{\n  \"keys\": [\n    {\"name\": \"a\" \"b\"}\n  ]\n}", `3:18: the JSON is malformed here: check for a missing or extra comma, quote or bracket`},
	"ends early":              {"{\"keys\": [\n", `2:1: the JSON ends too early`},
	"open comment":            {"{\"keys\": []} /* and", `1:14: the JSON is malformed here`},
	"two values":              {`{"keys": []} {}`, `1:14: the JSON is malformed here`},
	"malformed near secret":   {`{"keys": [{"secret": "` + canary + "\n", `1:47: the JSON is malformed here`},
	"after a comment":         {"{\n// é é\n/* e */ \"keys\": 3}", `3:17: "keys" must be a list, not a number`},
	"not an object":           {`[]`, `1:1: the inventory must be an object, not a list`},
	"no keys":                 {`{}`, `1:1: the inventory has no "keys"`},
	"keys of another kind":    {`{"keys": {}}`, `1:10: "keys" must be a list, not an object`},
	"empty list":              {`{"keys": []}`, `1:10: "keys" is empty: add at least one key`},
	"key of another kind":     {`{"keys": [3]}`, `1:11: each item of "keys" must be an object, not a number`},
	"key is null":             {`{"keys": [null]}`, `1:11: each item of "keys" must be an object, not null`},
	"unknown top field":       {shared(`"egres": {}`), `1:2: unknown field "egres": did you mean "egress"?`},
	"other version":           {shared(`"version": 2`), `1:13: "version" must be 1`},
	"version as text":         {shared(`"version": "1"`), `1:13: "version" must be a number, not text`},
	"no name":                 {goodKey("name", ""), `1:11: the key has no "name"`},
	"no exchange":             {goodKey("exchange", ""), `1:11: the key has no "exchange"`},
	"no key":                  {goodKey("key", ""), `1:11: the key has no "key"`},
	"no secret":               {goodKey("secret", ""), `1:11: the key has no "secret"`},
	"name of another kind":    {goodKey("name", `7`), `1:20: "name" must be text, not a number`},
	"name is null":            {goodKey("name", `null`), `1:20: "name" must be text, not null`},
	"empty name":              {goodKey("name", `" "`), `1:20: "name" must not be empty`},
	"control character":       {goodKey("name", `"a\u001b[2J"`), `"name" must not contain line breaks or other control characters`},
	"duplicate field":         {`{"keys": [{"name": "a", "name": "b", "exchange": "bybit", "key": "k", "secret": "env:S"}]}`, `1:25: duplicate field "name" (first on line 1)`},
	"duplicate keys":          {`{"keys": [{"name": "a", "exchange": "bybit", "key": "k", "secret": "env:S"}], "keys": []}`, `1:79: duplicate field "keys" (first on line 1)`},
	"unknown field":           {goodKey("secrett", `"env:S"`), `unknown field "secrett": did you mean "secret"?`},
	"field in other case":     {goodKey("Name", `"a"`), `unknown field "Name": did you mean "name"?`},
	"unknown exchange":        {goodKey("exchange", `"binanse"`), `1:37: unknown exchange "binanse": did you mean "binance"?`},
	"exchange far off":        {goodKey("exchange", `"mtgox"`), `unknown exchange "mtgox": use one of binance, bybit, kraken, okx`},
	"unknown environment":     {goodKey("environment", `"testnett"`), `Bybit: unknown environment "testnett": did you mean "testnet"?`},
	"long name":               {goodKey("name", `"`+strings.Repeat("grid ", 101)+`"`), `"name" must have at most 500 bytes, and no invisible characters`},
	"invisible in name":       {goodKey("name", "\"grid\u202e-1\""), `"name" must have at most 500 bytes, and no invisible characters`},
	"no passphrase":           {goodKey("exchange", `"okx"`), `1:11: the key has no "passphrase", which OKX requires`},
	"policy of a kind":        {goodKey("policy", `3`), `"policy" must be the name of a policy or an object, not a number`},
	"unknown policy":          {goodKey("policy", `"mining"`), `unknown policy "mining": use one of agent, futures-trading, read-only, spot-trading`},
	"unknown policy of ours":  {shared(`"policies": {"grid": {}}`, "policy", `"gird"`), `unknown policy "gird": did you mean "grid"?`},
	"beginning of a policy":   {goodKey("policy", `"spot"`), `unknown policy "spot": did you mean "spot-trading"?`},
	"policy near miss":        {goodKey("policy", `"readonly"`), `did you mean "read-only"?`},
	"policy field":            {goodKey("policy", `{"need": []}`), `unknown field "need": did you mean "needs"?`},
	"duplicate policy field":  {goodKey("policy", `{"needs": [], "needs": []}`), `duplicate field "needs" (first on line 1)`},
	"unknown preset":          {goodKey("policy", `{"preset": "tradin"}`), `unknown preset "tradin": did you mean "trading"?`},
	"preset and like":         {shared(`"policies": {"a": {}}`, "policy", `{"preset": "trading", "like": "a"}`), `a policy takes "preset" or "like", not both`},
	"like nothing":            {goodKey("policy", `{"like": "base"}`), `unknown policy "base": use one of agent`},
	"policies of a kind":      {shared(`"policies": []`), `1:14: "policies" must be an object, not a list`},
	"named policy of a kind":  {shared(`"policies": {"a": 3}`), `1:20: "a" must be the name of a policy or an object, not a number`},
	"policy like itself":      {shared(`"policies": {"a": {"like": "b"}, "b": {"like": "a"}}`), `the policy "a" is based on itself: break the cycle`},
	"policy by its own name":  {shared(`"policies": {"a": "a"}`), `1:20: the policy "a" is based on itself: break the cycle`},
	"name of a preset":        {shared(`"policies": {"agent": {}}`), `1:15: "agent" is the name of a preset: choose another name for this policy`},
	"duplicate policy":        {shared(`"policies": {"a": {}, "a": {}}`), `duplicate field "a" (first on line 1)`},
	"policy without name":     {shared(`"policies": {" ": {}}`), `the name must not be empty`},
	"policy with space":       {shared(`"policies": {"a ": {}}`), `the name must not begin or end with a space`},
	"bad policy nobody uses":  {shared(`"policies": {"a": {"max_age_days": 0}}`), `"max_age_days" must be a whole number of days from 1 to 36500`},
	"unknown capability":      {goodKey("policy", `{"needs": ["trade.sport"]}`), `unknown capability "trade.sport": did you mean "trade.spot"?`},
	"malformed other":         {goodKey("policy", `{"allows": ["other:Earn it"]}`), `unknown capability "other:Earn it"`},
	"days as text":            {goodKey("policy", `{"max_age_days": "90"}`), `"max_age_days" must be a number, not text`},
	"days in parts":           {goodKey("policy", `{"expiry_notice_days": 1.5}`), `"expiry_notice_days" must be a whole number of days`},
	"off hours":               {goodKey("policy", `{"off_hours": ["22:00-25:00"]}`), `"22:00-25:00" is no time of the day: write hours as 22:00-06:00 or Sat,Sun 00:00-24:00, in UTC`},
	"off hours of a kind":     {goodKey("policy", `{"off_hours": "22:00-06:00"}`), `"off_hours" must be a list, not text`},
	"days overflow":           {goodKey("policy", `{"max_idle_days": 1e300}`), `"max_idle_days" must be a whole number of days`},
	"no entries":              {goodKey("policy", `{"max_entries": 0}`), `"max_entries" must be a whole number from 1 to 100000`},
	"autonomous as text":      {goodKey("policy", `{"autonomous": "yes"}`), `"autonomous" must be true or false, not text`},
	"bad IP address":          {goodKey("policy", `{"expected_ips": ["10.0.0"]}`), `"10.0.0" is not an IP address or range: write 203.0.113.7 or 203.0.113.0/24`},
	"bad IP address of a key": {goodKey("expected_ips", `["fe80::1%eth0"]`), `"fe80::1%eth0" is not an IP address or range`},
	"IP addresses of a kind":  {goodKey("expected_ips", `"10.0.0.1"`), `"expected_ips" must be a list, not text`},
	"attestation lacks":       {goodKey("attestations", `[{"rule": "key-age", "by": "b", "at": "2026-11-01", "until": "2027-01-01"}]`), `the attestation has no "statement"`},
	"unknown rule":            {goodKey("waivers", `[{"rule": "key-aged", "reason": "r", "until": "2027-01-01"}]`), `unknown rule "key-aged": did you mean "key-age"?`},
	"bad date":                {goodKey("waivers", `[{"rule": "key-age", "reason": "r", "until": "31.12.2027"}]`), `"31.12.2027" is not a date: write 2026-11-22`},
	"impossible date":         {goodKey("review", `"2027-02-30"`), `"2027-02-30" is not a date`},
	"dates reversed": {
		goodKey("attestations", `[{"rule": "key-age", "statement": "s", "by": "b", "at": "2027-01-02", "until": "2027-01-01"}]`),
		`"until" of the attestation must not be before "at"`,
	},
	"stage":                 {goodKey("stage", `"prod"`), `unknown stage "prod": use one of live, test`},
	"labels of a kind":      {goodKey("labels", `["a"]`), `"labels" must be an object, not a list`},
	"label of a kind":       {goodKey("labels", `{"a": 1}`), `"a" must be text, not a number`},
	"duplicate label":       {goodKey("labels", `{"a": "1", "a": "2"}`), `duplicate field "a" (first on line 1)`},
	"label without name":    {goodKey("labels", `{"": "1"}`), `the name must not be empty`},
	"nonce unit":            {goodKey("nonce_unit", `"minutes"`), `unknown nonce_unit "minutes": use one of s, ms, us, ns`},
	"nonce floor":           {goodKey("nonce_floor", `-1`), `"nonce_floor" must be a whole number: the largest nonce used so far`},
	"nonce floor overflow":  {goodKey("nonce_floor", `9223372036854775808`), `"nonce_floor" must be a whole number: the largest nonce used so far`},
	"nonce floor as text":   {goodKey("nonce_floor", `"1"`), `"nonce_floor" must be a number, not text`},
	"base_url unencrypted":  {goodKey("base_url", `"http://198.51.100.1"`), `"base_url": the base URL must be https`},
	"base_url with secret":  {goodKey("base_url", `"https://user:`+canary+`@example.com"`), `"base_url": the base URL is malformed`},
	"base_url of another":   {goodKey("base_url", `"https://test.bybit.example"`), `"base_url": the base URL is that of the environment "testnet": set the environment to that`},
	"base_url over a proxy": {goodKey("base_url", `"http://127.0.0.1:8080"`, "egress", `{"proxy": "env:PROXY"}`), `"base_url" must be https for a key with an egress: otherwise the proxy could read the key`},
}

// referenceMistakes are mistakes in what a part of a key refers to.
var referenceMistakes = map[string]struct{ text, want string }{
	"plain secret":           {goodKey("secret", `"`+canary+`"`), `1:68: "secret" must be a reference, for instance env:NAME or file:PATH: do not put secrets into the inventory (the value is not shown here)`},
	"plain with a colon":     {goodKey("secret", `"user:`+canary+`"`), `"secret" must be a reference`},
	"plain passphrase":       {goodKey("passphrase", `"hunter2 `+canary+`"`), `"passphrase" must be a reference`},
	"plain otp":              {goodKey("otp", `"`+canary+`"`), `"otp" must be a reference`},
	"secret of a kind":       {goodKey("secret", `{"env": "`+canary+`", "exec": ["sh"]}`), `unknown field "env": use one of exec, pointer, timeout`},
	"secret as number":       {goodKey("secret", `12345678`), `"secret" must be a reference, for instance env:NAME, not a number`},
	"near miss":              {goodKey("secret", `"evn:`+canary+`"`), `"secret": unknown reference type: did you mean "env:"?`},
	"as in a shell":          {goodKey("key", `"$GRID_KEY"`), `"key": write an environment variable as env:NAME`},
	"variable not set":       {goodKey("secret", `"env:NOT_SET"`), `"secret": the environment variable "NOT_SET" is not set`},
	"variable of space":      {goodKey("otp", `"env:EMPTY"`), `"otp": the environment variable "EMPTY" is not set`},
	"not a variable":         {goodKey("secret", `"env:a b `+canary+`"`), `the text after env: must be the name of an environment variable`},
	"secret as variable":     {goodKey("secret", `"env:`+canary+`"`), `the environment variable (not shown: it may be a secret) is not set`},
	"secret as path":         {goodKey("secret", `"file:`+canary+`"`), `the file (not shown: it may be a secret) cannot be read`},
	"secret with slashes":    {goodKey("secret", `"file:`+canary+`/`+canary[:5]+`/x"`), `the file (not shown: it may be a secret) cannot be read`},
	"secret as exchange":     {goodKey("exchange", `"`+canary+`"`), `unknown exchange (not shown: it may be a secret)`},
	"secret as field":        {goodKey(canary, `""`), `unknown field (not shown: it may be a secret)`},
	"secret as policy":       {shared(`"policies": {"`+canary+`": {}}`, "policy", `"`+canary[:22]+`"`), `unknown policy (not shown: it may be a secret): use one of agent`},
	"secret as egress":       {goodKey("egress", `"`+canary+`"`), `unknown egress (not shown: it may be a secret): there are none`},
	"secret as scheme":       {goodKey("secret", `"`+canary+`:x"`), `"secret" must be a reference`},
	"secret as pointer":      {goodKey("secret", `"file:doc.json#/`+canary+`"`), `the JSON pointer (not shown: it may be a secret) matches nothing (source: file)`},
	"secret as argument":     {goodKey("secret", `"exec:[\"`+canary+`\"]"`), `the command (not shown: it may be a secret) was not found or is not executable`},
	"secret as credential":   {goodKey("secret", `"credential:`+canary+`"`), `the file (not shown: it may be a secret) does not exist`},
	"missing file":           {goodKey("secret", `"file:gone.key"`), `gone.key" does not exist`},
	"no path":                {goodKey("secret", `"file:"`), `the path after file: is missing`},
	"home":                   {goodKey("secret", `"file:~/k"`), `~ is not expanded in a path: write the full path`},
	"folder for a file":      {goodKey("secret", `"file:."`), `is not a file`},
	"empty file":             {goodKey("secret", `"file:empty"`), `empty" is empty`},
	"empty reference":        {goodKey("key", `""`), `"key": the value is empty`},
	"pointer to no member":   {goodKey("secret", `"file:doc.json#/b"`), `"secret": the JSON pointer "/b" matches nothing (source: file)`},
	"pointer to an object":   {goodKey("secret", `"file:doc.json#/a"`), `the JSON pointer "/a" must lead to text or a number, not an object (source: file)`},
	"pointer to duplicates":  {goodKey("secret", `"file:doc.json#/t"`), `duplicate field "t" on the path of the JSON pointer (source: file)`},
	"pointer to nothing":     {goodKey("secret", `"file:doc.json#/e"`), `"secret": the value is empty (source: file)`},
	"pointer past a list":    {goodKey("secret", `"file:doc.json#/l/01"`), `the JSON pointer "/l/01" matches nothing`},
	"pointer malformed":      {goodKey("secret", `"file:doc.json#/a~2"`), `malformed JSON pointer: write /name/name, with ~1 for / and ~0 for ~ in a name`},
	"pointer into a value":   {goodKey("secret", `"file:good#/a"`), `the JSON is malformed at line 1, column 1 (source: file)`},
	"pointer into no JSON":   {goodKey("secret", `"env:S#/a"`), `the JSON is malformed at line 1, column 1 (source: environment)`},
	"exec of no list":        {goodKey("secret", `"exec:op read `+canary+`"`), `the text after exec: must be a list like ["op", "read", "op://vault/item/field"]`},
	"exec with a tail":       {goodKey("secret", `"exec:[\"sh\"] x"`), `the text after exec: must be a list`},
	"exec of nothing":        {goodKey("secret", `{"exec": []}`), `the command is empty: name a program`},
	"exec of numbers":        {goodKey("secret", `{"exec": ["sh", 3]}`), `each item of "exec" must be text, not a number`},
	"exec by relative path":  {goodKey("secret", `{"exec": ["./op", "`+canary+`"]}`), `the command "op" must be the name of a program in PATH, or an absolute path`},
	"exec of no program":     {goodKey("secret", `{"exec": ["no-such-program", "`+canary+`"]}`), `the command "no-such-program" was not found or is not executable`},
	"exec with a NUL":        {goodKey("secret", `{"exec": ["sh", "a\u0000`+canary+`"]}`), `the command contains a NUL character: remove it`},
	"exec pointer":           {goodKey("secret", `{"exec": ["sh"], "pointer": "a"}`), `"secret": malformed JSON pointer: write /name/name`},
	"exec time":              {goodKey("secret", `{"exec": ["sh"], "timeout": 121}`), `"timeout" must be a whole number of seconds from 1 to 120`},
	"exec without":           {goodKey("secret", `{"pointer": "/a"}`), `the reference has no "exec"`},
	"no standard input":      {goodKey("secret", `"stdin"`), `"secret": there is no standard input to read`},
	"stdin with a name":      {goodKey("secret", `"stdin:x"`), `write standard input as stdin, or as stdin#/name`},
	"stdin without a slash":  {goodKey("secret", `"stdin#x"`), `write standard input as stdin, or as stdin#/name`},
	"no credential":          {goodKey("secret", `"credential:gone"`), `gone" does not exist`},
	"credential up":          {goodKey("secret", `"credential:../k"`), `the text after credential: must be the name of a systemd credential`},
	"refused by its scheme":  {goodKey("secret", `"strict:`+canary+`"`), `"secret": a strict reference has two parts`},
	"from of no form":        {goodKey("from", `"octobot"`, "key", "", "secret", "", "exchange", ""), `"from" must be FORMAT=PATH#NAME, for instance "octobot=user/config.json#binance"`},
	"from and secret":        {goodKey("from", `"toybot=doc.json#main"`, "key", "", "exchange", ""), `1:35: a key takes "secret" or "from", not both`},
	"from an unknown bot":    {fromToy("toybott=doc.json#main"), `1:33: unknown format "toybott": did you mean "toybot"?`},
	"from an unknown key":    {fromToy("toybot=doc.json#mian"), `1:33: unknown key "mian": did you mean "main"?`},
	"from a secret's name":   {fromToy("toybot=doc.json#" + canary), `unknown key (not shown: it may be a secret): use one of main`},
	"from a skipped key":     {fromToy("toybot=doc.json#wallet"), `this key cannot be audited: it is a wallet`},
	"from a missing file":    {fromToy("toybot=gone.json#main"), `gone.json" does not exist`},
	"from another exchange":  {goodKey("from", `"toybot=doc.json#main"`, "exchange", `"kraken"`, "key", "", "secret", ""), `the bot's file says that the exchange is Binance: remove "exchange" or correct "from"`},
	"egress of a kind":       {goodKey("egress", `3`), `"egress" must be the name of an egress or an object, not a number`},
	"unknown egress":         {shared(`"egress": {"tokyo": {"proxy": "env:PROXY"}}`, "egress", `"tokio"`), `unknown egress "tokio": did you mean "tokyo"?`},
	"egress without proxy":   {goodKey("egress", `{}`), `the egress has no "proxy"`},
	"egress field":           {goodKey("egress", `{"proxy": "env:PROXY", "ca_file": "x"}`), `unknown field "ca_file": use one of ips, proxy`},
	"egress list":            {shared(`"egress": []`), `1:12: "egress" must be an object, not a list`},
	"egress name":            {shared(`"egress": {"": {"proxy": "env:PROXY"}}`), `the name must not be empty`},
	"proxy with password":    {goodKey("egress", `{"proxy": "http://u:`+canary+`@10.0.0.1:3128"}`), `"proxy" must be a reference`},
	"proxy of another kind":  {goodKey("egress", `{"proxy": "ftp://10.0.0.1"}`), `"proxy": malformed proxy URL: write http, https, socks5 or socks5h, then ://`},
	"proxy without scheme":   {goodKey("egress", `{"proxy": "10.0.0.1:3128"}`), `malformed proxy URL`},
	"proxy with a path":      {goodKey("egress", `{"proxy": "http://10.0.0.1/x"}`), `malformed proxy URL`},
	"proxy with a bad port":  {goodKey("egress", `{"proxy": "http://10.0.0.1:99999"}`), `malformed proxy URL`},
	"proxy in a variable":    {goodKey("egress", `{"proxy": "env:SECRET"}`), `malformed proxy URL`},
	"proxy from a variable":  {goodKey("egress", `{"proxy": "env:BAD_PROXY"}`), `malformed proxy URL`},
	"proxy variable not set": {goodKey("egress", `{"proxy": "env:NOT_SET"}`), `"proxy": the environment variable "NOT_SET" is not set`},
}

// fromToy is an inventory of one key that toybot keeps.
func fromToy(from string) string {
	return goodKey("from", `"`+from+`"`, "exchange", "", "key", "", "secret", "")
}

// toybot has a good key and one that cannot be audited, whatever its file
// contains.
var toybot = Format{Name: "toybot", Title: "toybot's file", Read: func(f *Files) ([]Found, error) {
	if _, err := f.Read(f.Path); err != nil {
		return nil, err
	}
	part := NewPart(canary)
	return []Found{
		{Name: "main", Exchange: "binance", Environment: "testnet", Key: part, Secret: part, File: f.Path, Line: 3, Column: 4},
		{Name: "wallet", Exchange: "binance", Key: part, Secret: part, File: f.Path, Skip: "it is a wallet"},
	}, nil
}}

// TestMistakes: every mistake is reported in one sentence with its place, which
// shows no secret.
func TestMistakes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put(t, filepath.Join(folder, "doc.json"), 0o600, `{"a": {"secret": "`+canary+`"}, "t": "`+canary+`", "t": 1, "l": ["`+canary+`"], "e": " "}`)
	put(t, filepath.Join(folder, "good"), 0o600, canary)
	put(t, filepath.Join(folder, "empty"), 0o600, "")
	o := Options{
		Exchanges: toys,
		Env: environ(map[string]string{
			"S": "s3cret-of-the-key", "SECRET": canary, "EMPTY": " \n", "PROXY": "http://u:" + canary + "@127.0.0.1:1",
			"BAD_PROXY": "socks5://u:" + canary + "@127.0.0.1:port", "CREDENTIALS_DIRECTORY": folder,
		}),
		Formats: []Format{toybot},
		Schemes: map[string]Scheme{"strict": {Title: "strict", Check: func(string) error { return errors.New("a strict reference has two parts") }}},
	}
	for name, tc := range mistakes {
		referenceMistakes[name] = tc
	}
	for name, tc := range referenceMistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := put(t, filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".json"), 0o600, tc.text)
			in, err := Read(path, o)
			if in != nil && len(in.Absent) > 0 { // which costs the key that has it, and not the run
				require.Len(t, in.Keys, 1)
				_, failed := in.Keys[0].Load(t.Context())
				require.Error(t, failed)
				assert.Empty(t, exchangetest.FindCanaries(failed.Error(), []string{canary, "s3cret-of-the-key"}))
				in, err = nil, in.Absent
			}
			assert.Nil(t, in)
			require.Error(t, err)
			var problems Problems
			require.ErrorAs(t, err, &problems)
			assert.Len(t, problems, 1, err)
			assert.True(t, strings.HasPrefix(err.Error(), path+":"), err)
			assert.Contains(t, strings.TrimPrefix(err.Error(), path+":"), tc.want)
			assert.NotContains(t, err.Error(), "\n")
			assert.Empty(t, exchangetest.FindCanaries(err.Error(), []string{canary, "s3cret-of-the-key"}))
		})
	}
}

// TestAllAtOnce: all mistakes in a file are reported at once, from top to bottom.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := inFile(t, `{
  "keys": [
    {"name": "good", "exchange": "bybit", "key": "k", "secret": "env:S"},
    {"name": "good", "exchange": "binanse", "key": "k", "secret": "plain `+canary+`"},
    {"name": "c", "exchange": "okx", "environment": "moon", "key": "k", "secret": "env:NONE", "policy": {"preset": "spot", "max_age_days": "x"}, "hue": 1},
    {"from": "", "egress": "osaka"},
    {"name": "d", "exchange": "kraken", "key": "stdin", "secret": "stdin"},
    {"name": "e", "exchange": "kraken", "key": "stdin#/key", "secret": "stdin#/secret"}
  ],
  "policies": {"agent": {}, "a": {"like": "b"}},
  "egress": {"tokyo": {"proxy": "https://"}}
}`, Options{Env: environ(map[string]string{"S": "s"}), Stdin: strings.NewReader("")})
	require.Error(t, err)
	var got []string
	for line := range strings.Lines(err.Error()) {
		_, text, _ := strings.Cut(line, "keys.json:")
		got = append(got, strings.TrimSuffix(text, "\n"))
	}
	once := `standard input can be used only once: to take several values from it, pass JSON and refer to each as stdin#/name`
	assert.Equal(t, []string{
		`4:14: duplicate key name "good" (first on line 3)`,
		`4:34: unknown exchange "binanse": did you mean "binance"?`,
		`4:67: "secret" must be a reference, for instance env:NAME or file:PATH: do not put secrets into the inventory (the value is not shown here)`,
		`5:5: the key has no "passphrase", which OKX requires`,
		`5:53: OKX: unknown environment "moon": use one of live, testnet`,
		`5:83: "secret": the environment variable "NONE" is not set`,
		`5:116: unknown preset "spot": did you mean "spot-trading"?`,
		`5:140: "max_age_days" must be a number, not text`,
		`5:146: unknown field "hue": use one of name, exchange, environment, base_url, key, account, secret, passphrase, otp, key_passphrase, from, policy, worker, expected_ips, attestations, waivers, labels, owner, purpose, review, stage, egress, probe, held_by, replaces, nonce_unit, nonce_floor`,
		`6:5: the key has no "name"`,
		`6:14: "from" must not be empty`,
		`6:28: unknown egress "osaka": use one of tokyo`,
		`7:67: "secret": ` + once,
		`8:48: "key": ` + once,
		`8:72: "secret": ` + once,
		`10:16: "agent" is the name of a preset: choose another name for this policy`,
		`10:43: unknown policy "b": use one of a, agent, futures-trading, read-only, spot-trading, trading, treasury`,
		`11:33: "proxy": malformed proxy URL: write http, https, socks5 or socks5h, then ://host:port, or ://user:password@host:port`,
	}, got)
}
