package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// lostKeys is a checkout in which keys of fakes lie around.
type lostKeys struct {
	t       *testing.T
	folder  string
	fakes   map[string]*exchangetest.Fake
	secrets []string

	mutex sync.Mutex
	asked []string        // hosts
	ids   map[string]bool // of Bybit's keys that were sent
}

func newLostKeys(t *testing.T) *lostKeys {
	t.Helper()
	l := &lostKeys{t: t, folder: filepath.Join(t.TempDir(), "bot"), fakes: map[string]*exchangetest.Fake{}, ids: map[string]bool{}}
	require.NoError(t, os.Mkdir(l.folder, 0o700))
	for _, f := range exchangetest.All() {
		f.SetCaller(netip.MustParseAddr(botHost))
		l.fakes[f.Name()] = f
	}
	l.git("init", "-q")
	return l
}

func (l *lostKeys) git(args ...string) {
	l.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", l.folder, "-c", "user.name=maria", "-c", "user.email=maria@firm.example", "-c", "commit.gpgSign=false"}, args...)...)
	out, err := cmd.CombinedOutput()
	require.NoError(l.t, err, "%v: %s", args, out)
}

// value is drawn from a name, and looks it.
func value(name, alphabet string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		for _, c := range seed(sha256.Size, fmt.Sprint(name, i)) {
			b.WriteByte(alphabet[int(c)%len(alphabet)])
		}
	}
	return b.String()[:n]
}

const (
	letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
	hexes   = "0123456789abcdef"
)

// key makes a key known to an exchange's fake.
func (l *lostKeys) key(exchange, id, secret, passphrase string, spec exchangetest.Spec) (string, string) {
	l.t.Helper()
	require.NoError(l.t, l.fakes[exchange].Adopt(adapter.Credentials{Key: id, Secret: adapter.NewSecret(secret), Passphrase: adapter.NewSecret(passphrase)}, spec))
	l.secrets = append(l.secrets, secret)
	return id, secret
}

func (l *lostKeys) write(path, text string) {
	l.t.Helper()
	require.NoError(l.t, os.MkdirAll(filepath.Dir(filepath.Join(l.folder, path)), 0o700))
	writeFile(l.t, filepath.Join(l.folder, path), 0o600, text)
}

// RoundTrip sends what the program sends to the fakes.
func (l *lostKeys) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mutex.Lock()
	l.asked = append(l.asked, r.URL.Hostname())
	if id := r.Header.Get("X-BAPI-API-KEY"); id != "" {
		l.ids[id] = true
	}
	l.mutex.Unlock()
	for _, f := range l.fakes {
		if slices.Contains(f.Hosts(), r.URL.Hostname()) {
			return f.RoundTrip(r)
		}
	}
	return nil, fmt.Errorf("no fake has the host %s", r.URL.Hostname())
}

func (l *lostKeys) run(args ...string) ran {
	var stdout, stderr bytes.Buffer
	a := app{
		stdout: &stdout, stderr: &stderr, env: func(string) string { return "" }, now: time.Now,
		stage: func(_ context.Context, f *fleet) error { f.options.Transport = l; return nil },
	}
	return ran{a.run(l.t.Context(), append([]string{"find", l.folder}, args...)), stdout.String(), stderr.String()}
}

var harmful = exchangetest.Spec{Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}}

// plant leaves keys in every state in the checkout.
func (l *lostKeys) plant() {
	id, secret := l.key("bybit", value("b1", letters, 18), value("b1s", letters, 36), "", harmful)
	l.write("zconf/.env", "BYBIT_API_KEY="+id+"\nBYBIT_API_SECRET="+secret+"\n")
	id, secret = l.key("kraken", value("k1", letters, 56), value("k1s", letters, 86)+"==", "", exchangetest.Spec{})
	l.write("old.py", "kraken = ccxt.kraken({'apiKey': '"+id+"', 'secret': '"+secret+"'})\n")
	l.git("add", "-A")
	l.git("commit", "-q", "-m", "first")
	l.write("old.py", "pass\n")
	l.git("commit", "-q", "-a", "-m", "second")
	id, secret = l.key("binance", value("n1", letters, 64), value("n1s", letters, 64), "", exchangetest.Spec{})
	l.write("local.json", `{"binance": {"key": "`+id+`", "secret": "`+secret+`"}}`)

	// None of these may be sent.
	l.write("near.py", "from pybit import HTTP\nsession = HTTP(api_key='"+value("b2", letters, 18)+"', api_secret='"+l.secret(value("b2s", letters, 36))+"')\n")
	l.write("lone.env", "GATE_API_SECRET="+l.secret(value("g1s", hexes, 64))+"\n")
	l.write("swapped.env", "BITVAVO_API_KEY="+l.secret(value("v1s", hexes, 128))+"\nBITVAVO_API_SECRET="+value("v1", hexes, 64)+"\n")
	l.write("url.json", `{"exchange": "bybit", "key": "`+value("b3", letters, 18)+`", "secret": "`+l.secret(value("b3s", letters, 36))+`", "base_url": "https://evil.example"}`)
}

func (l *lostKeys) secret(text string) string {
	l.secrets = append(l.secrets, text)
	return text
}

// TestFindAudit: keys whose exchange is named are audited, and no others; those that work
// and that a copy of the repository has lead the report, the worst first.
func TestFindAudit(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	l.plant()
	got := l.run("--audit", "--yes-mine", "--history")
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	lead, rest, _ := strings.Cut(got.stdout, "\n\n")
	lines := strings.Split(lead, "\n")
	require.Len(t, lines, 3, got.stdout)
	assert.Equal(t, "2 keys that work lie in a git repository: delete them at the exchange first", lines[0])
	assert.Regexp(t, `^  CRITICAL  Bybit key .*: The key works and can lose money; it is in a git repository: zconf/\.env:2, tracked by git, since commit [0-9a-f]{12}$`, lines[1])
	assert.Regexp(t, `^  CRITICAL  Kraken key .*: The key works, and whether it can lose money could not be determined; it is in a git repository: old\.py:1, in the history only, since commit [0-9a-f]{12}$`, lines[2])
	assert.Contains(t, rest, "key-in-git")
	assert.Contains(t, rest, "Where the keys were found\n\n")
	words := strings.Join(strings.Fields(got.stdout), " ")
	for _, why := range []string{"nothing beside it names its exchange with certainty", "its key id is not with it", "they may be swapped", "which is unknown: list the key in an inventory, with its environment"} {
		assert.Contains(t, words, why)
	}
	assert.NotContains(t, l.asked, "evil.example")
	asked := slices.Compact(slices.Sorted(slices.Values(l.asked)))
	assert.Equal(t, []string{"api.binance.com", "api.bybit.com", "api.kraken.com"}, asked)
	assert.Equal(t, map[string]bool{value("b1", letters, 18): true}, l.ids, "of three keys of this exchange only one is certain")
	assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, l.secrets))
}

// TestFindAuditJSON: the report of the audit is in that of the search, in one object.
func TestFindAuditJSON(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	l.plant()
	got := l.run("--audit", "--yes-mine", "--format", "json")
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	var report struct {
		Found []struct{ Path string }
		Audit audit.Report
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	assert.Len(t, report.Found, 6)
	require.Len(t, report.Audit.Results, 6)
	asked := 0
	for _, r := range report.Audit.Results {
		if r.Inspected() {
			asked++
		}
		require.NotNil(t, r.Finding(ruleKeyInGit), r.Name)
	}
	assert.Equal(t, 2, asked)
	assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, l.secrets))
}

// TestFindAuditOfNamedFiles: a secret in the name of its file is in no report, nor in an
// inventory.
func TestFindAuditOfNamedFiles(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	id, secret := l.key("bybit", value("b1", letters, 18), value("b1s", letters, 36), "", harmful)
	l.write(secret+"/"+secret+".env", "BYBIT_API_KEY="+id+"\nBYBIT_API_SECRET="+secret+"\n")
	require.NoError(t, os.Chmod(filepath.Join(l.folder, secret), 0o777)) // its folder is named too
	file := filepath.Join(t.TempDir(), "keys.yaml")
	for _, format := range formatNames() {
		got := l.run("--audit", "--yes-mine", "--format", format, "--write-inventory", file)
		assert.Equal(t, exitUnwritten, got.code, got.stderr)
		assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, l.secrets), format)
	}
	assert.NotEmpty(t, l.ids)
	assert.NoFileExists(t, file)
}

// TestFindSendsNothingUnasked: without a yes, in a dry run, and without --audit.
func TestFindSendsNothingUnasked(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	l.plant()
	got := l.run("--audit")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Empty(t, got.stdout)
	assert.Equal(t, "keyaudit: "+noYes+"\n", got.stderr)

	got = l.run()
	assert.Equal(t, audit.ExitFindings, got.code)

	got = l.run("--audit", "--dry-run")
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	assert.Contains(t, got.stdout, "Nothing was sent.")
	assert.Contains(t, got.stdout, "Where the keys were found\n\n")
	assert.Contains(t, got.stdout, "zconf/.env:2 (bybit, live)\n  GET  https://api.bybit.com/")
	assert.Contains(t, got.stdout, "near.py:2: not audited: nothing beside it names its exchange with certainty")
	assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, l.secrets))

	planned := l.run("--audit", "--dry-run", "--format", "json")
	var report struct {
		Found []struct{ Path string }
		Plan  []struct{ Name, Skipped string }
	}
	require.NoError(t, json.Unmarshal([]byte(planned.stdout), &report))
	assert.Len(t, report.Found, 6)
	assert.Len(t, report.Plan, 6, "those that are not sent too")

	for want, args := range map[string][]string{
		"use the format text or json":              {"--audit", "--dry-run", "--format", "html"},
		"add --audit":                              {"--yes-mine"},
		"leave out one of --staged and --audit":    {"--audit", "--staged", "--yes-mine"},
		"--yes-mine, --dry-run and --demo: add --": {"--dry-run"},
	} {
		got = l.run(args...)
		assert.Equal(t, audit.ExitUsage, got.code, args)
		assert.Contains(t, got.stderr, want)
	}
	assert.Empty(t, l.asked)
}

// TestFindAsks: only the word yes is a yes.
func TestFindAsks(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"yes\n": true, "YES\n": true, " yes ": true, "y\n": false, "\n": false, "": false, "no\nyes\n": false} {
		var stderr bytes.Buffer
		r := &findAudit{auditRun: &auditRun{app: app{stderr: &stderr}}}
		assert.Equal(t, want, r.ask(strings.NewReader(answer)), "%q", answer)
		assert.Contains(t, stderr.String(), "Are all of them your own?")
	}
}

// TestFindAuditOfSamples: the bots' samples in a repository, against the fakes: one report,
// led by the keys in tracked files that can lose money.
func TestFindAuditOfSamples(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	require.NoError(t, os.CopyFS(filepath.Join(l.folder, "bots"), os.DirFS("samples")))
	l.git("add", "-A", "-f")
	got := l.run("--audit", "--demo")
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	assert.Regexp(t, `^DEMO: the exchanges are fakes\n[0-9]+ keys that work lie in a git repository`, got.stdout)
	assert.Contains(t, got.stdout, "  CRITICAL  Kraken key ")
	assert.Contains(t, got.stdout, "The key works and can lose money; it is in a git repository: bots/")
	assert.Empty(t, l.asked, "only the fakes are asked")
	assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, append(sampleSecrets(), samplePassword)))
}
