package main

import (
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// mistakes are command lines as newcomers write them, each with what is said about it. The
// words in capitals are files of a folder that has one of each kind.
var mistakes = map[string]string{
	// What is audited.
	"KEYS":                           `is a file and no command: write --keys `,
	"audit KEYS":                     `unknown command "audit": use one of`,
	"scan":                           `unknown command "scan"`,
	"--demo -o x":                    "-o: flags are whole words with two dashes",
	"--key KEYS":                     `unknown flag "--key": did you mean "--keys"?`,
	"-k KEYS":                        "-k: flags are whole words with two dashes",
	"-keys KEYS":                     "-keys: flags have two dashes: write --keys",
	"--keys":                         "--keys: its value is missing",
	"--keys none.json":               `the file "none.json" does not exist`,
	"--from env":                     "--from: write env=PATH",
	"--from freqtrade BOT":           "--from: write freqtrade=PATH",
	"--from freqtrade:BOT":           "--from: write BOT=PATH, where BOT is one of",
	"--from Freqtrade=BOT":           `did you mean "freqtrade"?`,
	"--demo --only bybit":            "--only: write FIELD=PATTERN",
	"--demo --only exchange=binanse": "--only: none of 100 keys fits",
	"--demo --policy spot":           `did you mean "spot-trading"?`,
	"--keys KEYS --policy read-only": "--policy: an inventory says what each key is for",
	"--demo --search none":           `--search: "none" does not exist`,
	"--demo --leaked KEYS":           "is no list of keys",
	"--dry-run":                      "name what to audit",
	"check --memory x":               "--memory: it keeps results for --allow-unreachable",
	"check --demo --format yaml":     `unknown format "yaml": use one of text, json`,
	"check --demo --timeout 30":      `"30" is not a duration from 1s to 1m`,
	"record --keys KEYS":             "record: name the folder for the case",
	"--keys BOT":                     "is no inventory, which has \"keys\": write --from freqtrade=",
	"--keys VARIABLES":               "is no inventory, which has \"keys\": write --from env=",
	"--keys NOTE":                    "if it is a bot's own file, or keyaudit init",
	"--keys REPORT":                  "is a report and no inventory: keyaudit judge and keyaudit diff read reports",
	"--keys STATE":                   "is a state and no inventory: write --state",
	"--keys SSH":                     "is no inventory",
	"--keys NAMES":                   `unknown field "api_key": did you mean "key"?`,
	"attest a withdrawal --keys BOT": "is no inventory, which has \"keys\": write --from freqtrade=",
	"check --keys PAGE":              "is a report and no inventory",
	// Where it goes.
	"--demo --format HTML":             `did you mean "html"?`,
	"--demo --format html,json":        `unknown format "html,json"`,
	"--demo --report html":             "--report: write html=FILE",
	"--demo --report html=":            "--report: write FORMAT=FILE",
	"--demo --report night.html":       "--report: write FORMAT=FILE",
	"--demo --output /nowhere/x":       "check that the folder exists and is writable",
	"--demo --output FOLDER":           "is not a regular file",
	"--keys KEYS --output NOTE":        "is no report of this program",
	"--demo --output KEYS":             "is not of a demonstration, and would be overwritten by one: name another file",
	"--demo --report-mode 777":         "is not the mode of a report: write 0600",
	"--demo --fail-on HIGH":            `did you mean "high"?`,
	"--demo --ping https://hc.example": "--ping: must be a reference, for instance env:NAME",
	// What it is compared with.
	"--demo --state STATE":                 "is not of a demonstration, and would be overwritten by one: name another file",
	"--demo --state /dev/null":             "is not a regular file: name another file",
	"--demo --state STATE --state-new":     "is not of a demonstration, and would be overwritten by one: name another file",
	"--demo --state KEYS":                  "is not of a demonstration, and would be overwritten by one: name another file",
	"--keys KEYS --state NOTE --state-new": "is not a state: name another file",
	"--demo --since STATE":                 "--since: a demonstration is not compared with the report of a real run",
	"--demo --since KEYS":                  "this is no report: name one that was written as JSON or JSON Lines",
	"--demo --since none":                  "does not exist",
	"--demo --quiet":                       "--quiet: name the report to compare with",
	"diff REPORT":                          "diff: name two stored reports, the older one first",
	"diff REPORT PAGE":                     "this is no report: name one that was written as JSON or JSON Lines",
	"judge NOTE":                           "this is no report: name one that was written as JSON or JSON Lines",
	"merge":                                "merge: name the reports of your hosts",
	"history a":                            "--state: name the state of your runs",
	"history a --state NOTE":               "is not a state of keyaudit: name another file",
	"history nobody --state STATE":         `unknown key "nobody": use one of a`,
	"forget --state STATE":                 "forget: name one key",
	"runs 1 --state STATE":                 `runs: unexpected argument "1"`,
	// What it proves.
	"sign REPORT":                     "sign: name the key, by --key KEYFILE",
	"sign --key SSH":                  "sign: name one report",
	"sign --key SSH KEYS":             "is no report of this program: name a file that a run wrote",
	"sign --key SSH SSH.pub":          "is no report of this program: name a file that a run wrote",
	"sign --key SSH EMPTY":            "is no report of this program: name a file that a run wrote",
	"sign --key SSH STATE":            "sign a report",
	"sign --key REPORT REPORT":        "is no private key",
	"verify NOTE":                     "is neither a state nor a report",
	"verify STATE --expect abc":       `"abc" is not a digest of 64 hex digits`,
	"verify REPORT --signers SSH.pub": "line 1 has a key that nobody is named for: write who may sign",
	// Who audits the keys.
	"worker":                      "worker: name this worker's credentials, by --creds FILE",
	"--keys KEYS --nats nats://x": "--nats: name the coordinator's credentials, by --creds FILE",
	"fleet init":                  "name a new folder, by --out FOLDER",
	"completion tcsh":             `unknown shell "tcsh"`,
	// What a person says.
	"attest":                                               "attest: name one key and one rule",
	"attest a withdraw --keys KEYS":                        `did you mean "withdrawal"?`,
	"attest b withdrawal --keys KEYS":                      `unknown key "b": use one of a`,
	"attest a withdrawal":                                  "--keys: name the inventory to write to",
	"attest a withdrawal --keys KEYS":                      "--by: name who looked: neither the environment nor the system names this user",
	"attest a withdrawal --keys KEYS --by me --until soon": `"soon" is not a date: write it as 2027-02-28`,
	"init --output KEYS":                                   "exists: name a new file",
	"explain":                                              "explain: name a rule",
	"explain withdraw":                                     `did you mean "withdrawal"?`,
	"exchanges binanse":                                    `did you mean "binance"?`,
	"find":                                                 "find: name the files or folders to look into",
	"find none":                                            `find: "none" does not exist`,
	"find FOLDER --audit":                                  "add --yes-mine if all of them are yours",
}

// TestMistakes: of each mistake one clear sentence is said, which is not that something else
// is missing, and no file is changed.
func TestMistakes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	s := newTestbed(t)
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	sshKey(t, folder, "SSH")
	for name, text := range map[string]string{
		"BOT":       `{"exchange":{"name":"bybit","key":"abcdefghij12345678","secret":"abcdefghijklmnopqrstuvwxyz0123456789"}}`,
		"VARIABLES": "BYBIT_API_KEY=abcdefghij12345678\nBYBIT_API_SECRET=abcdefghijklmnopqrstuvwxyz0123456789\n",
		"NAMES":     `{"keys":[{"name":"a","exchange":"bybit","api_key":"k","apiSecret":"env:S"}]}`,
		"NOTE":      "remember the milk\n", "EMPTY": "",
		"SSH.pub": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMnPIkfPsmIdR3SYzu0IeXIdzHGzBNvrPC2SLu4QKYyX me@host\n",
	} {
		writeFile(t, at(name), 0o600, text)
	}
	require.Equal(t, audit.ExitFindings, runWith(t.Context(), s.env, "--keys", keys, "--state", at("STATE"),
		"--format", "json", "--output", at("REPORT"), "--report", "html="+at("PAGE")).code)
	words := []string{"FOLDER", folder, "KEYS", keys}
	for _, name := range []string{"BOT", "VARIABLES", "NAMES", "NOTE", "EMPTY", "STATE", "REPORT", "PAGE", "SSH"} {
		words = append(words, name, at(name))
	}
	before, sent := contents(t, folder), len(s.Requests())
	for line, want := range mistakes {
		var args []string
		for word := range strings.FieldsSeq(line) {
			args = append(args, strings.NewReplacer(words...).Replace(word))
		}
		got := runWith(t.Context(), s.env, args...)
		assert.Equal(t, audit.ExitUsage, got.code, "%s: %s", line, got.stderr)
		assert.Empty(t, got.stdout, line)
		assert.Contains(t, got.stderr, want, line)
		assert.Equal(t, 1, strings.Count(got.stderr, want), "%s: %s", line, got.stderr)
		assert.NotContains(t, got.stderr, "remove it", "%s: a mistyped path must cost nobody a file", line)
	}
	assert.Equal(t, before, contents(t, folder))
	assert.Len(t, s.Requests(), sent)
}

// TestOneSentence: of a mistake that several checks see, only one speaks.
func TestOneSentence(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	state := filepath.Join(s.folder, "state")
	runWith(t.Context(), s.env, "--keys", s.keyFile(t, s.entry("a", "spot-trading", spotKey)), "--state", state)
	for _, args := range [][]string{{"--demo", "--state", state}, {"--demo", "--state", state, "--state-new"}, {"--demo", "--state", s.folder}, {"--from", "env"}} {
		got := runWith(t.Context(), s.env, args...)
		assert.Equal(t, 1, strings.Count(got.stderr, "\n"), "%s: %s", args, got.stderr)
	}
}

// TestAttestedBySystemUser: where the environment has no name, the system's counts.
func TestAttestedBySystemUser(t *testing.T) {
	t.Parallel()
	var err error
	a := app{env: func(string) string { return "" }, account: func() (*user.User, error) { return &user.User{Username: "bot"}, err }}
	assert.Equal(t, "bot", a.user())
	err = user.UnknownUserIdError(1)
	assert.Empty(t, a.user())
	a.env = func(name string) string { return map[string]string{"LOGNAME": "maria"}[name] }
	assert.Equal(t, "maria", a.user())
}
