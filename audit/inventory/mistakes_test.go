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

// shared is an inventory of one good key, with what keys share before it.
func shared(member string, changes ...string) string {
	return `{` + member + `, ` + strings.TrimPrefix(goodKey(changes...), `{`)
}

// mistakes are inventories with one mistake each, and what is said of it, from
// the line on.
var mistakes = map[string]struct{ text, want string }{
	"empty text":             {` `, `1:2: the JSON ends too early: a quote or a bracket is still open`},
	"malformed":              {"{\n  \"keys\": [\n    {\"name\": \"a\" \"b\"}\n  ]\n}", `3:18: the JSON is malformed here: a comma, a quote or a bracket may be missing or too many`},
	"ends early":             {"{\"keys\": [\n", `2:1: the JSON ends too early`},
	"open comment":           {"{\"keys\": []} /* and", `1:14: the JSON is malformed here`},
	"two values":             {`{"keys": []} {}`, `1:14: the JSON is malformed here`},
	"malformed near secret":  {`{"keys": [{"secret": "` + canary + "\n", `1:47: the JSON is malformed here`},
	"after a comment":        {"{\n// é é\n/* e */ \"keys\": 3}", `3:17: must be a list, not a number`},
	"not an object":          {`[]`, `1:1: must be an object, not a list`},
	"no keys":                {`{}`, `1:1: the inventory has no "keys"`},
	"keys of another kind":   {`{"keys": {}}`, `1:10: must be a list, not an object`},
	"empty list":             {`{"keys": []}`, `1:10: "keys" is empty: there is nothing to audit`},
	"key of another kind":    {`{"keys": [3]}`, `1:11: must be an object, not a number`},
	"key is null":            {`{"keys": [null]}`, `1:11: must be an object, not null`},
	"unknown top field":      {shared(`"egres": {}`), `1:2: unknown field "egres": did you mean "egress"?`},
	"other version":          {shared(`"version": 2`), `1:13: must be 1, which is the only version there is`},
	"version as text":        {shared(`"version": "1"`), `1:13: must be a number, not text`},
	"no name":                {goodKey("name", ""), `1:11: the key has no "name"`},
	"no exchange":            {goodKey("exchange", ""), `1:11: the key has no "exchange"`},
	"no key":                 {goodKey("key", ""), `1:11: the key has no "key"`},
	"no secret":              {goodKey("secret", ""), `1:11: the key has no "secret"`},
	"name of another kind":   {goodKey("name", `7`), `1:20: must be text, not a number`},
	"name is null":           {goodKey("name", `null`), `1:20: must be text, not null`},
	"empty name":             {goodKey("name", `" "`), `1:20: must not be empty`},
	"control character":      {goodKey("name", `"a\u001b[2J"`), `must not hold line breaks or other control characters`},
	"field twice":            {`{"keys": [{"name": "a", "name": "b", "exchange": "bybit", "key": "k", "secret": "env:S"}]}`, `1:25: the field "name" stands twice`},
	"keys twice":             {`{"keys": [{"name": "a", "exchange": "bybit", "key": "k", "secret": "env:S"}], "keys": []}`, `1:79: the field "keys" stands twice`},
	"unknown field":          {goodKey("secrett", `"env:S"`), `unknown field "secrett": did you mean "secret"?`},
	"field in other case":    {goodKey("Name", `"a"`), `unknown field "Name": did you mean "name"?`},
	"unknown exchange":       {goodKey("exchange", `"binanse"`), `1:37: unknown exchange "binanse": did you mean "binance"?`},
	"exchange far off":       {goodKey("exchange", `"mtgox"`), `unknown exchange "mtgox": use one of binance, bybit, kraken, okx`},
	"unknown environment":    {goodKey("environment", `"testnett"`), `Bybit: unknown environment "testnett": did you mean "testnet"?`},
	"no passphrase":          {goodKey("exchange", `"okx"`), `1:11: OKX keys have a passphrase, and the key has no "passphrase"`},
	"policy of a kind":       {goodKey("policy", `3`), `must be the name of a policy, or an object, not a number`},
	"unknown policy":         {goodKey("policy", `"mining"`), `unknown policy "mining": use one of agent, futures-trading, read-only, spot-trading`},
	"unknown policy of ours": {shared(`"policies": {"grid": {}}`, "policy", `"gird"`), `unknown policy "gird": did you mean "grid"?`},
	"beginning of a policy":  {goodKey("policy", `"spot"`), `unknown policy "spot": did you mean "spot-trading"?`},
	"policy near miss":       {goodKey("policy", `"readonly"`), `did you mean "read-only"?`},
	"policy field":           {goodKey("policy", `{"need": []}`), `unknown field "need": did you mean "needs"?`},
	"policy field twice":     {goodKey("policy", `{"needs": [], "needs": []}`), `the field "needs" stands twice`},
	"unknown preset":         {goodKey("policy", `{"preset": "tradin"}`), `unknown preset "tradin": did you mean "trading"?`},
	"preset and like":        {shared(`"policies": {"a": {}}`, "policy", `{"preset": "trading", "like": "a"}`), `a policy builds upon a "preset" or is "like" another, not both`},
	"like nothing":           {goodKey("policy", `{"like": "base"}`), `unknown policy "base": use one of agent`},
	"policies of a kind":     {shared(`"policies": []`), `1:14: must be an object, not a list`},
	"policy like itself":     {shared(`"policies": {"a": {"like": "b"}, "b": {"like": "a"}}`), `the policy "a" is built upon itself`},
	"policy by its own name": {shared(`"policies": {"a": "a"}`), `1:20: the policy "a" is built upon itself`},
	"name of a preset":       {shared(`"policies": {"agent": {}}`), `1:15: the name "agent" is that of a preset: choose another`},
	"policy twice":           {shared(`"policies": {"a": {}, "a": {}}`), `the field "a" stands twice`},
	"policy without name":    {shared(`"policies": {" ": {}}`), `must not be empty`},
	"policy with space":      {shared(`"policies": {"a ": {}}`), `a name must not begin or end with a space`},
	"bad policy nobody uses": {shared(`"policies": {"a": {"max_age_days": 0}}`), `must be a whole number of days, from 1 to 36500`},
	"unknown capability":     {goodKey("policy", `{"needs": ["trade.sport"]}`), `unknown capability "trade.sport": did you mean "trade.spot"?`},
	"malformed other":        {goodKey("policy", `{"allows": ["other:Earn it"]}`), `unknown capability "other:Earn it"`},
	"days as text":           {goodKey("policy", `{"max_age_days": "90"}`), `must be a number, not text`},
	"days in parts":          {goodKey("policy", `{"expiry_notice_days": 1.5}`), `must be a whole number of days`},
	"days overflow":          {goodKey("policy", `{"max_idle_days": 1e300}`), `must be a whole number of days`},
	"no entries":             {goodKey("policy", `{"max_entries": 0}`), `must be a whole number, from 1 to 100000`},
	"autonomous as text":     {goodKey("policy", `{"autonomous": "yes"}`), `must be true or false, not text`},
	"bad address":            {goodKey("policy", `{"expected_ips": ["10.0.0"]}`), `"10.0.0" is not an IP address or range`},
	"bad address of a key":   {goodKey("expected_ips", `["fe80::1%eth0"]`), `"fe80::1%eth0" is not an IP address or range`},
	"addresses of a kind":    {goodKey("expected_ips", `"10.0.0.1"`), `must be a list, not text`},
	"attestation lacks":      {goodKey("attestations", `[{"rule": "key-age", "by": "b", "at": "2026-11-01", "until": "2027-01-01"}]`), `the attestation has no "statement"`},
	"unknown rule":           {goodKey("waivers", `[{"rule": "key-aged", "reason": "r", "until": "2027-01-01"}]`), `unknown rule "key-aged": did you mean "key-age"?`},
	"bad date":               {goodKey("waivers", `[{"rule": "key-age", "reason": "r", "until": "31.12.2027"}]`), `"31.12.2027" is not a date: write 2026-11-22`},
	"impossible date":        {goodKey("review", `"2027-02-30"`), `"2027-02-30" is not a date`},
	"dates turned": {
		goodKey("attestations", `[{"rule": "key-age", "statement": "s", "by": "b", "at": "2027-01-02", "until": "2027-01-01"}]`),
		`the attestation ends before it begins`,
	},
	"stage":                 {goodKey("stage", `"prod"`), `unknown stage "prod": use one of live, test`},
	"labels of a kind":      {goodKey("labels", `["a"]`), `must be an object, not a list`},
	"label of a kind":       {goodKey("labels", `{"a": 1}`), `must be text, not a number`},
	"label twice":           {goodKey("labels", `{"a": "1", "a": "2"}`), `the field "a" stands twice`},
	"label without name":    {goodKey("labels", `{"": "1"}`), `must not be empty`},
	"nonce unit":            {goodKey("nonce_unit", `"minutes"`), `unknown nonce unit "minutes": use one of s, ms, us, ns`},
	"nonce floor":           {goodKey("nonce_floor", `-1`), `must be a whole number, the largest nonce that was used`},
	"nonce floor overflow":  {goodKey("nonce_floor", `9223372036854775808`), `must be a whole number, the largest nonce that was used`},
	"nonce floor as text":   {goodKey("nonce_floor", `"1"`), `must be a number, not text`},
	"base_url in clear":     {goodKey("base_url", `"http://198.51.100.1"`), `"base_url" must be https`},
	"base_url with secret":  {goodKey("base_url", `"https://user:`+canary+`@example.com"`), `"base_url" is malformed`},
	"base_url of another":   {goodKey("base_url", `"https://test.bybit.example"`), `"base_url" is that of the environment "testnet"`},
	"base_url over a proxy": {goodKey("base_url", `"http://127.0.0.1:8080"`, "egress", `{"proxy": "env:PROXY"}`), `"base_url" must be https for a key with an egress`},
}

// references are mistakes in what a part of a key refers to.
var referenceMistakes = map[string]struct{ text, want string }{
	"plain secret":           {goodKey("secret", `"`+canary+`"`), `1:68: "secret": must be a reference, for instance env:NAME or file:PATH: no secret belongs in an inventory (it is not shown here)`},
	"plain with a colon":     {goodKey("secret", `"user:`+canary+`"`), `"secret": must be a reference`},
	"plain passphrase":       {goodKey("passphrase", `"hunter2 `+canary+`"`), `"passphrase": must be a reference`},
	"plain otp":              {goodKey("otp", `"`+canary+`"`), `"otp": must be a reference`},
	"secret of a kind":       {goodKey("secret", `{"env": "`+canary+`", "exec": ["sh"]}`), `unknown field "env": use one of exec, pointer, timeout`},
	"secret as number":       {goodKey("secret", `12345678`), `"secret": must be a reference, for instance env:NAME, not a number`},
	"near miss":              {goodKey("secret", `"evn:`+canary+`"`), `"secret": it begins like no reference: did you mean "env:"?`},
	"as in a shell":          {goodKey("key", `"$GRID_KEY"`), `"key": variables are written env:NAME`},
	"variable not set":       {goodKey("secret", `"env:NOT_SET"`), `"secret": the environment variable "NOT_SET" is not set`},
	"variable of space":      {goodKey("otp", `"env:EMPTY"`), `"otp": the environment variable "EMPTY" is not set`},
	"not a variable":         {goodKey("secret", `"env:a b `+canary+`"`), `what follows env: is not the name of an environment variable`},
	"secret as variable":     {goodKey("secret", `"env:`+canary+`"`), `the environment variable (not shown: it may be a secret) is not set`},
	"secret as path":         {goodKey("secret", `"file:`+canary+`"`), `the file (not shown: it may be a secret) cannot be read`},
	"secret with slashes":    {goodKey("secret", `"file:`+canary+`/`+canary[:5]+`/x"`), `the file (not shown: it may be a secret) cannot be read`},
	"secret as exchange":     {goodKey("exchange", `"`+canary+`"`), `unknown exchange (not shown: it may be a secret)`},
	"secret as field":        {goodKey(canary, `""`), `unknown field (not shown: it may be a secret)`},
	"secret as policy":       {shared(`"policies": {"`+canary+`": {}}`, "policy", `"`+canary[:22]+`"`), `unknown policy (not shown: it may be a secret): use one of agent`},
	"secret as egress":       {goodKey("egress", `"`+canary+`"`), `unknown egress (not shown: it may be a secret): there is none`},
	"secret as scheme":       {goodKey("secret", `"`+canary+`:x"`), `must be a reference`},
	"secret as pointer":      {goodKey("secret", `"file:doc.json#/`+canary+`"`), `the pointer (not shown: it may be a secret) leads nowhere`},
	"secret as argument":     {goodKey("secret", `"exec:[\"`+canary+`\"]"`), `the command (not shown: it may be a secret) is not found`},
	"secret as credential":   {goodKey("secret", `"credential:`+canary+`"`), `the file (not shown: it may be a secret) does not exist`},
	"missing file":           {goodKey("secret", `"file:gone.key"`), `gone.key" does not exist`},
	"no path":                {goodKey("secret", `"file:"`), `the path after file: is missing`},
	"home":                   {goodKey("secret", `"file:~/k"`), `~ is not understood in a path: write the whole path`},
	"folder for a file":      {goodKey("secret", `"file:."`), `is not a file`},
	"empty file":             {goodKey("secret", `"file:empty"`), `empty" is empty`},
	"empty reference":        {goodKey("key", `""`), `"key": it is empty`},
	"pointer without a way":  {goodKey("secret", `"file:doc.json#/b"`), `"secret": in the JSON of the file, the pointer "/b" leads nowhere`},
	"pointer to an object":   {goodKey("secret", `"file:doc.json#/a"`), `the pointer "/a" leads to an object, and must lead to text or a number`},
	"pointer twice":          {goodKey("secret", `"file:doc.json#/t"`), `in the JSON of the file, "t" stands twice on the way of the pointer`},
	"pointer to nothing":     {goodKey("secret", `"file:doc.json#/e"`), `"secret": it is empty (file)`},
	"pointer past a list":    {goodKey("secret", `"file:doc.json#/l/01"`), `the pointer "/l/01" leads nowhere`},
	"pointer malformed":      {goodKey("secret", `"file:doc.json#/a~2"`), `a JSON pointer is written /name/name, with ~1 for / and ~0 for ~ in a name`},
	"pointer into a value":   {goodKey("secret", `"file:good#/a"`), `in the JSON of the file, line 1, column 1 is malformed`},
	"pointer into no JSON":   {goodKey("secret", `"env:S#/a"`), `in the JSON of the environment, line 1, column 1 is malformed`},
	"exec of no list":        {goodKey("secret", `"exec:op read `+canary+`"`), `what follows exec: is not a list like ["op", "read", "op://vault/item/field"]`},
	"exec with a tail":       {goodKey("secret", `"exec:[\"sh\"] x"`), `what follows exec: is not a list`},
	"exec of nothing":        {goodKey("secret", `{"exec": []}`), `the command names no program`},
	"exec of numbers":        {goodKey("secret", `{"exec": ["sh", 3]}`), `must be text, not a number`},
	"exec by relative path":  {goodKey("secret", `{"exec": ["./op", "`+canary+`"]}`), `the command "op" must be named by its name alone, to be found in PATH, or by its whole path`},
	"exec of no program":     {goodKey("secret", `{"exec": ["no-such-program", "`+canary+`"]}`), `the command "no-such-program" is not found, or may not be run`},
	"exec with a NUL":        {goodKey("secret", `{"exec": ["sh", "a\u0000`+canary+`"]}`), `the command holds a character that no command may hold`},
	"exec pointer":           {goodKey("secret", `{"exec": ["sh"], "pointer": "a"}`), `a JSON pointer is written /name/name`},
	"exec time":              {goodKey("secret", `{"exec": ["sh"], "timeout": 121}`), `must be a whole number of seconds, from 1 to 120`},
	"exec without":           {goodKey("secret", `{"pointer": "/a"}`), `the reference has no "exec"`},
	"no standard input":      {goodKey("secret", `"stdin"`), `"secret": there is no standard input to read`},
	"stdin with a name":      {goodKey("secret", `"stdin:x"`), `standard input is written stdin, or stdin#/name`},
	"stdin without a slash":  {goodKey("secret", `"stdin#x"`), `standard input is written stdin, or stdin#/name`},
	"no credential":          {goodKey("secret", `"credential:gone"`), `gone" does not exist`},
	"credential up":          {goodKey("secret", `"credential:../k"`), `what follows credential: is not the name of a systemd credential`},
	"refused by its scheme":  {goodKey("secret", `"strict:`+canary+`"`), `"secret": a strict reference has two parts`},
	"from of no form":        {goodKey("from", `"octobot"`, "key", "", "secret", "", "exchange", ""), `must name a bot, its file and a key there, for instance "octobot=user/config.json#binance"`},
	"from and secret":        {goodKey("from", `"toybot=doc.json#main"`, "key", "", "exchange", ""), `1:35: a key has "secret" or "from", not both`},
	"from an unknown bot":    {fromToy("toybott=doc.json#main"), `1:33: unknown format "toybott": did you mean "toybot"?`},
	"from an unknown key":    {fromToy("toybot=doc.json#mian"), `1:33: unknown key of the bot's file "mian": did you mean "main"?`},
	"from a secret's name":   {fromToy("toybot=doc.json#" + canary), `unknown key of the bot's file (not shown: it may be a secret): use one of main`},
	"from a skipped key":     {fromToy("toybot=doc.json#wallet"), `the key cannot be audited: it is a wallet`},
	"from a missing file":    {fromToy("toybot=gone.json#main"), `gone.json" does not exist`},
	"from another exchange":  {goodKey("from", `"toybot=doc.json#main"`, "exchange", `"kraken"`, "key", "", "secret", ""), `the bot's file says that the key is one of Binance`},
	"egress of a kind":       {goodKey("egress", `3`), `must be the name of an egress, or an object, not a number`},
	"unknown egress":         {shared(`"egress": {"tokyo": {"proxy": "env:PROXY"}}`, "egress", `"tokio"`), `unknown egress "tokio": did you mean "tokyo"?`},
	"egress without proxy":   {goodKey("egress", `{}`), `the egress has no "proxy"`},
	"egress field":           {goodKey("egress", `{"proxy": "env:PROXY", "ca_file": "x"}`), `unknown field "ca_file": use one of proxy`},
	"egress list":            {shared(`"egress": []`), `1:12: must be an object, not a list`},
	"egress name":            {shared(`"egress": {"": {"proxy": "env:PROXY"}}`), `must not be empty`},
	"proxy with password":    {goodKey("egress", `{"proxy": "http://u:`+canary+`@10.0.0.1:3128"}`), `"proxy": must be a reference`},
	"proxy of another kind":  {goodKey("egress", `{"proxy": "ftp://10.0.0.1"}`), `"proxy": it is no address of a proxy: write http, https, socks5 or socks5h, then ://`},
	"proxy without scheme":   {goodKey("egress", `{"proxy": "10.0.0.1:3128"}`), `it is no address of a proxy`},
	"proxy with a path":      {goodKey("egress", `{"proxy": "http://10.0.0.1/x"}`), `it is no address of a proxy`},
	"proxy with a bad port":  {goodKey("egress", `{"proxy": "http://10.0.0.1:99999"}`), `it is no address of a proxy`},
	"proxy in a variable":    {goodKey("egress", `{"proxy": "env:SECRET"}`), `it is no address of a proxy`},
	"proxy from a variable":  {goodKey("egress", `{"proxy": "env:BAD_PROXY"}`), `it is no address of a proxy`},
	"proxy variable not set": {goodKey("egress", `{"proxy": "env:NOT_SET"}`), `"proxy": the environment variable "NOT_SET" is not set`},
}

// fromToy is an inventory of one key that toybot keeps.
func fromToy(from string) string {
	return goodKey("from", `"`+from+`"`, "exchange", "", "key", "", "secret", "")
}

// toybot keeps a good key and one that can't be audited, whatever its file
// holds.
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

// TestMistakes: every mistake gets one sentence with its place, which shows no
// secret.
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

// TestAllAtOnce: the owner of a file with many mistakes learns of all of them
// in one go, from top to bottom.
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
	once := `standard input can be taken once: to take several values out of it, write it as JSON and each as stdin#/name`
	assert.Equal(t, []string{
		`4:14: the name "good" is taken by the key on line 3`,
		`4:34: unknown exchange "binanse": did you mean "binance"?`,
		`4:67: "secret": must be a reference, for instance env:NAME or file:PATH: no secret belongs in an inventory (it is not shown here)`,
		`5:5: OKX keys have a passphrase, and the key has no "passphrase"`,
		`5:53: OKX: unknown environment "moon": use one of live, testnet`,
		`5:83: "secret": the environment variable "NONE" is not set`,
		`5:116: unknown preset "spot": did you mean "spot-trading"?`,
		`5:140: must be a number, not text`,
		`5:146: unknown field "hue": use one of name, exchange, environment, base_url, key, secret, passphrase, otp, from, policy, expected_ips, attestations, waivers, labels, owner, purpose, review, stage, egress, nonce_unit, nonce_floor`,
		`6:5: the key has no "name"`,
		`6:14: must not be empty`,
		`6:28: unknown egress "osaka": use one of tokyo`,
		`7:67: "secret": ` + once,
		`8:48: "key": ` + once,
		`8:72: "secret": ` + once,
		`10:16: the name "agent" is that of a preset: choose another`,
		`10:43: unknown policy "b": use one of a, agent, futures-trading, read-only, spot-trading, trading, treasury`,
		`11:33: "proxy": it is no address of a proxy: write http, https, socks5 or socks5h, then ://, user:password@ if it wants them, host:port, and nothing behind`,
	}, got)
}
