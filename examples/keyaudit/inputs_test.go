package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// desk is a folder with every kind of file that a run may read.
type desk struct {
	*testbed
	home string
}

// kind is one kind of input: the file that must not be overwritten, and the command
// line that reads it.
type kind struct {
	name, file string
	args       []string
	outputs    []string // the flags with which to try to overwrite it; those of a run if nil
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{testbed: newTestbed(t), home: t.TempDir()}
	return d
}

func (d *desk) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(d.home, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	return writeFile(t, path, 0o600, text)
}

// inventory is one of a key whose entry has further members, or others.
func (d *desk) inventory(t *testing.T, name, top string, members map[string]any) string {
	t.Helper()
	entry := map[string]any{
		"name": "k", "exchange": "bybit", "base_url": d.server.URL, "key": "a1b2c3d4e5f6a7b8c9", "secret": "env:SECRET", "policy": "spot-trading",
	}
	for k, v := range members {
		if entry[k] = v; v == nil {
			delete(entry, k)
		}
	}
	text, err := json.Marshal(entry)
	require.NoError(t, err)
	return d.write(t, name, "{"+top+`"keys": [`+string(text)+"]}")
}

// kinds are the kinds of input.
func (d *desk) kinds(t *testing.T) []kind {
	t.Helper()
	d.env["SECRET"] = "a-secret-of-thirty-two-characters"
	secret := d.write(t, "secret.txt", "a-secret-of-thirty-two-characters\n")
	values := d.write(t, "secret.json", `{"s": "a-secret-of-thirty-two-characters"}`)
	pem := d.write(t, "key.pem", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----\n")
	proxy := d.write(t, "proxy.txt", "http://user:word@127.0.0.1:1\n")
	chat := d.write(t, "chat.url", "generic://127.0.0.1:1/hook?disabletls=yes\n")
	ping := d.write(t, "ping.url", "http://127.0.0.1:1/x\n")
	trust := d.write(t, "roots.pem", "none\n")
	d.env["SSL_CERT_FILE"] = trust
	script := d.write(t, "print-secret", "#!/bin/sh\n")
	require.NoError(t, os.Chmod(script, 0o700))
	d.env["CREDENTIALS_DIRECTORY"] = filepath.Join(d.home, "credentials")
	credential := d.write(t, "credentials/exchange", "a-secret-of-thirty-two-characters\n")
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	d.env["NIGHTLY_AGE_IDENTITY"] = d.write(t, "identity", identity.String()+"\n")
	sealed := d.write(t, "secret.age", "age-encryption.org/v1\n")
	dotenv := d.write(t, ".env", "BYBIT_API_KEY=a1b2c3d4e5f6a7b8c9\nBYBIT_API_SECRET=a-secret-of-thirty-two-characters\n")
	plain := d.inventory(t, "keys.json", "", nil)
	yaml := d.write(t, "keys.yaml", "keys:\n  - {name: k, exchange: bybit, base_url: \""+d.server.URL+"\", key: a1b2c3d4e5f6a7b8c9, secret: env:SECRET}\n")
	kinds := []kind{
		{name: "inventory", file: plain, args: []string{"--keys", plain}},
		{name: "YAML inventory", file: yaml, args: []string{"--keys", yaml}},
		{name: "secret", file: secret, args: []string{"--keys", d.inventory(t, "1.json", "", map[string]any{"secret": "file:secret.txt"})}},
		{name: "value of JSON", file: values, args: []string{"--keys", d.inventory(t, "2.json", "", map[string]any{"secret": "file:secret.json#/s"})}},
		{name: "key's id", file: secret, args: []string{"--keys", d.inventory(t, "3.json", "", map[string]any{"key": "file:secret.txt"})}},
		{name: "PEM", file: pem, args: []string{"--keys", d.inventory(t, "4.json", "", map[string]any{"secret": "file:" + pem})}},
		{name: "credential", file: credential, args: []string{"--keys", d.inventory(t, "5.json", "", map[string]any{"secret": "credential:exchange"})}},
		{name: "age", file: sealed, args: []string{"--keys", d.inventory(t, "6.json", "", map[string]any{"secret": "age:" + sealed})}},
		{name: "age identity", file: d.env["NIGHTLY_AGE_IDENTITY"], args: []string{"--keys", d.inventory(t, "7.json", "", map[string]any{"secret": "age:" + sealed})}},
		{name: "command's file", file: secret, args: []string{"--keys", d.inventory(t, "8.json", "", map[string]any{"secret": map[string]any{"exec": []string{"cat", "secret.txt"}}})}},
		{name: "command's option", file: secret, args: []string{"--keys", d.inventory(t, "9.json", "", map[string]any{"secret": map[string]any{"exec": []string{"cat", "--file=" + secret}}})}},
		{name: "command", file: script, args: []string{"--keys", d.inventory(t, "12.json", "", map[string]any{"secret": map[string]any{"exec": []string{script}}})}},
		{name: "proxy", file: proxy, args: []string{"--keys", d.inventory(t, "10.json", `"egress": {"e": {"proxy": "file:proxy.txt"}}, `, map[string]any{"egress": "e", "base_url": nil})}},
		{name: "env file", file: dotenv, args: []string{"--from", "env=" + dotenv}},
		{name: "env file of an inventory", file: dotenv, args: []string{"--keys", d.inventory(t, "11.json", "", map[string]any{"from": "env=" + dotenv + "#bybit", "exchange": nil, "key": nil, "secret": nil, "base_url": nil})}},
		{name: "chat", file: chat, args: []string{"--keys", plain, "--notify", "file:" + chat}},
		{name: "chat of a dry run", file: chat, args: []string{"--keys", plain, "--dry-run", "--notify", "file:" + chat}, outputs: []string{"--output"}},
		{name: "dead man's switch of a dry run", file: ping, args: []string{"--keys", plain, "--dry-run", "--ping", "file:" + ping}, outputs: []string{"--output"}},
		{name: "dead man's switch", file: ping, args: []string{"--keys", plain, "--ping", "file:" + ping}},
		{name: "root certificates", file: trust, args: []string{"--keys", plain}},
	}
	kinds = append(kinds, d.storedKinds(t, plain)...)
	return append(kinds, d.botKinds(t)...)
}

// storedKinds are what earlier runs left, and what reads it.
func (d *desk) storedKinds(t *testing.T, keys string) []kind {
	t.Helper()
	report := filepath.Join(d.home, "report.json")
	got := runWith(t.Context(), d.env, "--keys", keys, "--format", "json", "--output", report)
	require.FileExists(t, report, got.stderr)
	later := filepath.Join(d.home, "later.json")
	got = runWith(t.Context(), d.env, "--keys", keys, "--format", "json", "--output", later)
	require.FileExists(t, later, got.stderr)
	state := filepath.Join(d.home, "state.db")
	got = runWith(t.Context(), d.env, "--keys", keys, "--state", state)
	require.FileExists(t, state, got.stderr)
	lock := d.write(t, "state.db.lock", "")
	secret := d.write(t, "policy.secret", "x\n")
	referring := d.inventory(t, "judge.json", "", map[string]any{"secret": "file:policy.secret"})
	reports := []string{"--output", "--report"}
	one := []string{"--output"}
	return []kind{
		{name: "report to compare with", file: report, args: []string{"--keys", keys, "--since", report}, outputs: reports},
		{name: "state", file: state, args: []string{"--keys", keys, "--state", state}, outputs: reports},
		{name: "lock", file: lock, args: []string{"--keys", keys, "--state", state}, outputs: reports},
		{name: "note of the last state", file: state + lastSuffix, args: []string{"--keys", keys, "--state", state}, outputs: reports},
		{name: "judge's report", file: report, args: []string{"judge", report}, outputs: one},
		{name: "judge's policies", file: keys, args: []string{"judge", "--keys", keys, report}, outputs: one},
		{name: "secret of judge's policies", file: secret, args: []string{"judge", "--keys", referring, report}, outputs: one},
		{name: "bot's file of judge's policies", file: filepath.Join(d.home, ".env"), args: []string{"judge", "--keys", filepath.Join(d.home, "11.json"), report}, outputs: one},
		{name: "old report", file: report, args: []string{"diff", report, later}, outputs: one},
		{name: "new report", file: later, args: []string{"diff", report, later}, outputs: one},
		{name: "init's source", file: filepath.Join(d.home, ".env"), args: []string{"init", "--from", "env=" + filepath.Join(d.home, ".env")}, outputs: one},
	}
}

// botKinds are the samples of every bot whose files can be read: each file that the
// bot's format opens.
func (d *desk) botKinds(t *testing.T) []kind {
	t.Helper()
	var kinds []kind
	for _, bot := range botNames() {
		from := filepath.Join("samples", bot)
		if _, err := os.Stat(from); err != nil {
			continue
		}
		to := filepath.Join(d.home, "bots", bot)
		require.NoError(t, os.CopyFS(to, os.DirFS(from)))
		a := app{env: func(name string) string { return d.env[name] }, now: time.Now, read: &inputs{}}
		_, problems := a.load(&settings{from: []botFile{{bot, to}}})
		files := 0
		require.NoError(t, filepath.WalkDir(to, func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				files++
				assert.True(t, a.read.contain(locate(path)), "%s: nobody noted that %s is read: %v", bot, path, problems)
				kinds = append(kinds, kind{name: bot + " " + e.Name(), file: path, args: []string{"--from", bot + "=" + to}})
			}
			return err
		}))
		assert.NotZero(t, files, "%s reads no file: %v", bot, problems)
	}
	return kinds
}

// ways are how a file can be named without its name: each returns another path of
// the same file.
var ways = map[string]func(t *testing.T, file string) string{
	"plain": func(_ *testing.T, file string) string { return file },
	"dotted": func(_ *testing.T, file string) string {
		return filepath.Dir(file) + "/./" + filepath.Base(file)
	},
	"roundabout": func(_ *testing.T, file string) string {
		return filepath.Dir(file) + "/../" + filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
	},
	"relative": func(t *testing.T, file string) string {
		t.Helper()
		here, err := os.Getwd()
		require.NoError(t, err)
		path, err := filepath.Rel(here, file)
		require.NoError(t, err)
		return path
	},
	"symbolic link": func(t *testing.T, file string) string {
		t.Helper()
		link := filepath.Join(t.TempDir(), "link")
		require.NoError(t, os.Symlink(file, link))
		return link
	},
	"hard link": func(t *testing.T, file string) string {
		t.Helper()
		link := filepath.Join(t.TempDir(), "link")
		require.NoError(t, os.Link(file, link))
		return link
	},
	"link to the folder": func(t *testing.T, file string) string {
		t.Helper()
		link := filepath.Join(t.TempDir(), "folder")
		require.NoError(t, os.Symlink(filepath.Dir(file), link))
		return filepath.Join(link, filepath.Base(file))
	},
}

// tries are the outputs that are tried, by flag: the arguments that write to a path.
var tries = map[string]func(path string) [][]string{
	"--output": func(path string) [][]string { return [][]string{{"--output", path}} },
	"--report": func(path string) (all [][]string) {
		for _, format := range formatNames() {
			all = append(all, []string{"--report", format + "=" + path})
		}
		return all
	},
	"--state": func(path string) [][]string { return [][]string{{"--state", path}, {"--state", path, "--state-new"}} },
}

// contents are all files below a folder, by path: what they hold, and their modes.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		require.NoError(t, err)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		out[path] = fmt.Sprintf("%s %x", info.Mode(), sha256.Sum256(text))
		return nil
	}))
	return out
}

// TestNoOutputIsAnInput: every output, over every kind of input, named in every way.
// It is refused before anything is sent, and no byte changes.
func TestNoOutputIsAnInput(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kinds := d.kinds(t)
	require.Greater(t, len(kinds), 30)
	before := contents(t, d.home)
	sent := len(d.Requests())
	cases := 0
	for _, k := range kinds {
		if k.outputs == nil {
			k.outputs = []string{"--output", "--report", "--state"}
		}
		for _, flag := range k.outputs {
			for way, name := range ways {
				path := name(t, k.file)
				for _, output := range tries[flag](path) {
					cases++
					got := runWith(t.Context(), d.env, append(append([]string{}, k.args...), output...)...)
					what := fmt.Sprintf("%s, %v, %s", k.name, output, way)
					require.Equal(t, audit.ExitUsage, got.code, "%s: %s%s", what, got.stdout, got.stderr)
					require.Empty(t, got.stdout, what)
					require.Contains(t, got.stderr, "keyaudit: "+flag+": ", what)
				}
			}
		}
		require.Equal(t, before, contents(t, d.home), k.name)
	}
	require.Len(t, d.Requests(), sent, "nothing is sent")
	require.Greater(t, cases, 3000)
}

// TestStreamsAreFiles: standard input and output may be files as well.
func TestStreamsAreFiles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.env["SECRET"] = "a-secret-of-thirty-two-characters"
	keys := d.inventory(t, "keys.json", "", nil)
	secret := d.write(t, "secret.txt", "a-secret-of-thirty-two-characters\n")
	before := contents(t, d.home)
	appended, err := os.OpenFile(keys, os.O_RDWR|os.O_APPEND, 0)
	require.NoError(t, err)
	defer appended.Close()
	in, err := os.Open(secret)
	require.NoError(t, err)
	defer in.Close()
	for want, args := range map[string][]string{
		"--output: standard output is also read": {"--keys", keys}, `--report: "/dev/stdout" is also read`: {"--keys", keys, "--report", "json=/dev/stdout", "--output", os.DevNull},
		`secret.txt" is also read`: {"--keys", keys, "--report", "json=" + secret},
	} {
		var stderr strings.Builder
		a := app{stdin: in, stdout: appended, stderr: &stderr, env: func(name string) string { return d.env[name] }, now: time.Now}
		require.Equal(t, audit.ExitUsage, a.run(t.Context(), args), want)
		assert.Contains(t, stderr.String(), want)
	}
	assert.Equal(t, before, contents(t, d.home))
	assert.Empty(t, d.Requests())
}

// TestFolderIsRead: of a folder that is read, no file may be overwritten. (One that has
// a further name elsewhere keeps its content: an output gets that name, and no more.)
func TestFolderIsRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.env["SECRET"] = "a-secret-of-thirty-two-characters"
	keys := d.inventory(t, "keys.json", "", nil)
	file := d.write(t, "certificates/more/authority.pem", "none\n")
	d.env["SSL_CERT_DIR"] = filepath.Join(d.home, "certificates")
	before := contents(t, d.home)
	for way, name := range ways {
		if way == "hard link" {
			continue
		}
		got := runWith(t.Context(), d.env, "--keys", keys, "--output", name(t, file))
		assert.Equal(t, audit.ExitUsage, got.code, "%s: %s%s", way, got.stdout, got.stderr)
		assert.Contains(t, got.stderr, "is also read", way)
	}
	assert.Equal(t, before, contents(t, d.home))
	assert.Empty(t, d.Requests())
}

// TestOneFileToBe: two outputs of one file that does not exist yet are found as well,
// whatever leads to its folder.
func TestOneFileToBe(t *testing.T) {
	t.Parallel()
	s, folder := newTestbed(t), t.TempDir()
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	for way, name := range ways {
		if way == "symbolic link" || way == "hard link" { // of the file itself
			continue
		}
		file := filepath.Join(folder, "report")
		for _, flags := range [][]string{{"--output", file}, {"--state", file}, {"--report", "csv=" + file}} {
			got := runWith(t.Context(), s.env, append([]string{"--keys", keys, "--report", "json=" + name(t, file)}, flags...)...)
			assert.Equal(t, audit.ExitUsage, got.code, "%v %s: %s", flags, way, got.stdout)
			assert.Contains(t, got.stderr, "duplicate file", "%v %s", flags, way)
		}
	}
	assert.Empty(t, entriesOf(t, folder))
	assert.Empty(t, s.Requests())
}

// TestLeftoversAreRemoved: what a killed run left is removed by the next one, but not
// what another run is writing, and nothing that only has such a name.
func TestLeftoversAreRemoved(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	dead := writeFile(t, filepath.Join(folder, ".keyaudit-4711.tmp"), 0o600, "half a report")
	other := writeFile(t, filepath.Join(folder, ".keyaudit-notes.tmp"), 0o600, "of a person")
	target := writeFile(t, filepath.Join(t.TempDir(), "precious"), 0o600, "precious")
	link := filepath.Join(folder, ".keyaudit-4712.tmp")
	require.NoError(t, os.Symlink(target, link))
	first, err := openOutput(filepath.Join(folder, "a"), nil)
	require.NoError(t, err)
	assert.NoFileExists(t, dead)
	second, err := openOutput(filepath.Join(folder, "b"), nil)
	require.NoError(t, err)
	for _, o := range []*output{first, second} {
		info, err := os.Stat(o.file.Name())
		require.NoError(t, err, "it is in use")
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		_, err = o.Write([]byte("whole"))
		require.NoError(t, err)
		require.NoError(t, o.commit())
	}
	assert.FileExists(t, other)
	assert.FileExists(t, target)
	assert.Equal(t, []string{".keyaudit-4712.tmp", ".keyaudit-notes.tmp", "a", "b"}, entriesOf(t, folder))
}

// TestDemoIntoAFile: keyaudit --demo >file works, whatever the file was: the shell has
// emptied it before.
func TestDemoIntoAFile(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "something real\n"} {
		path := writeFile(t, filepath.Join(t.TempDir(), "report"), 0o600, before)
		file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
		require.NoError(t, err)
		var stderr strings.Builder
		a := app{stdout: file, stderr: &stderr, env: func(string) string { return "" }, now: time.Now}
		assert.Equal(t, audit.ExitFindings, a.run(t.Context(), []string{"--demo"}), stderr.String())
		require.NoError(t, file.Close())
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Contains(t, string(text), "DEMO")
	}
}
