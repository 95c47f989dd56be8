// Command gate runs the pieces of examples/keyaudit/gate as their hosts do, in front of a
// bot whose exchange is a fake on loopback: each must let a safe key pass, and stop every
// other.
//
//	go run . KEYAUDIT FOLDER
//	go run . KEYAUDIT NAME=PROGRAM,ARGUMENT…
//
// The second way is for programs that end with the gate's exit code, and run in the folder
// of the bot's keys.
package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: gate KEYAUDIT FOLDER, or gate KEYAUDIT NAME=PROGRAM,ARGUMENT…")
		os.Exit(2)
	}
	var pieces []piece
	var err error
	for _, arg := range os.Args[2:] {
		if name, command, ok := strings.Cut(arg, "="); ok {
			pieces = append(pieces, piece{name, func(*host) []string { return strings.Split(command, ",") }, true, true})
		} else if pieces, err = read(arg); err != nil {
			break
		}
	}
	if err == nil {
		err = try(os.Args[1], pieces)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// piece is one way to put the gate in front of a bot.
type piece struct {
	name string
	args func(h *host) []string // the command line, where its files are on this host
	// remembers: it lets a bot start in an outage; exact: its exit code is the gate's.
	remembers, exact bool
}

// host is the machine that a piece runs on.
type host struct{ bin, keys, memory string }

func read(folder string) ([]piece, error) {
	unit, err := os.ReadFile(filepath.Join(folder, "bot.service"))
	if err != nil {
		return nil, err
	}
	line := ""
	for l := range strings.Lines(string(unit)) {
		if rest, ok := strings.CutPrefix(l, "ExecStartPre="); ok {
			line = strings.TrimSpace(rest)
		}
	}
	var compose struct {
		Services map[string]struct {
			Command   []string
			Restart   string
			DependsOn map[string]struct{ Condition string } `yaml:"depends_on"`
		}
	}
	if err := readYAML(filepath.Join(folder, "compose.yaml"), &compose); err != nil {
		return nil, err
	}
	if compose.Services["bot"].DependsOn["keys"].Condition != "service_completed_successfully" {
		return nil, errors.New("compose.yaml: the bot does not wait for the gate")
	}
	if compose.Services["bot"].Restart != "no" {
		return nil, errors.New("compose.yaml: Docker would restart the bot without the gate")
	}
	if strings.Contains(string(unit), "\nRestartPreventExitStatus=") {
		return nil, errors.New("bot.service: RestartPreventExitStatus= is about the bot's exit code, and not the gate's")
	}
	var pod struct {
		Spec struct {
			Template struct {
				Spec struct {
					InitContainers []struct{ Args []string } `yaml:"initContainers"`
				}
			}
		}
	}
	if err := readYAML(filepath.Join(folder, "pod.yaml"), &pod); err != nil {
		return nil, err
	}
	if len(pod.Spec.Template.Spec.InitContainers) != 1 {
		return nil, errors.New("pod.yaml has no init container")
	}
	for name, reference := range map[string]string{"bot.service": "credential:", "compose.yaml": "file:", "pod.yaml": "file:"} {
		if text, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !strings.Contains(string(text), reference+"grid.secret") {
			return nil, errors.Join(err, errors.New(name+" does not say how the inventory refers to the secret"))
		}
	}
	module := filepath.Join(folder, "gate.ts")
	return []piece{
		{"systemd", func(h *host) []string {
			return strings.Fields(strings.NewReplacer("/usr/bin/keyaudit", h.bin, "%d", h.keys, "%S", h.memory).Replace(line))
		}, true, true},
		{"docker compose", func(h *host) []string {
			return h.moved(compose.Services["keys"].Command, "/run/secrets", h.keys, "/memory", h.memory)
		}, true, true},
		{"Kubernetes", func(h *host) []string {
			return h.moved(pod.Spec.Template.Spec.InitContainers[0].Args, "/keys/", h.keys+"/")
		}, false, true},
		{"Python", func(*host) []string { return []string{"python3", filepath.Join(folder, "gate.py")} }, true, false},
		{"freqtrade", func(h *host) []string { return []string{"python3", "-c", strategy, folder} }, true, false},
		{"TypeScript", func(h *host) []string {
			copied := filepath.Join(h.memory, "gate.mjs") // it has no types, so that every Node.js can run it
			if text, err := os.ReadFile(module); err != nil || os.WriteFile(copied, text, 0o600) != nil {
				return nil
			}
			return []string{"node", copied}
		}, true, false},
	}, nil
}

// strategy starts a strategy as freqtrade does, in a dry run, without the list of its files, and
// then live with -c base.json -c own/key.json, of which the first adds a third. That is how
// freqtrade lists them, and the program reads the bot's key from them in reverse. A file of
// freqtrade can't name a fake: the same key is checked from an inventory.
const strategy = `
import subprocess, sys, types
sys.path.insert(0, sys.argv[1])
from safe_keys import SafeKeys

class IStrategy:
    started = 0
    def bot_start(self, **kwargs):
        self.started += 1

class Mine(SafeKeys, IStrategy):
    pass

run, asked = subprocess.run, []

def instead(args):
    asked.append(args)
    return run(["keyaudit", "check", "--keys", "keys.json", *args[4:]])

subprocess.run = instead

def start(runmode, **config):
    mine = Mine()
    mine.config = {"runmode": types.SimpleNamespace(value=runmode), **config}
    mine.bot_start()
    assert mine.started == 1, "the strategy's own bot_start was not called once"

start("dry_run")
for unknown in {}, {"config_files": []}:
    try:
        start("live", **unknown)
    except RuntimeError as error:
        assert "which files" in str(error), error
    else:
        raise AssertionError("it started, and nobody knows which keys were checked")
assert asked == [], asked
try:
    start("live", config_files=["own/key.json", "base.json", "/etc/added.json"])
finally:
    assert asked == [["keyaudit", "check", "--from", "freqtrade=/etc/added.json,base.json,own/key.json", "--allow-unreachable", "24h"]], asked
`

func readYAML(path string, to any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return yaml.Unmarshal(text, to)
}

// moved is the command line of a container, with its folders where they are here.
func (h *host) moved(args []string, pairs ...string) []string {
	out := []string{h.bin}
	for _, arg := range args {
		out = append(out, strings.NewReplacer(pairs...).Replace(arg))
	}
	return out
}

// exchange is a fake that can be switched off.
type exchange struct {
	*exchangetest.Fake
	down atomic.Bool
}

func (e *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.down.Load() {
		panic(http.ErrAbortHandler) // the connection breaks
	}
	e.Fake.ServeHTTP(w, r)
}

var (
	safe      = exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}, SubAccount: true}
	dangerous = exchangetest.Spec{Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}}
)

// inventory puts a key where the bot has it.
func (h *host) inventory(site string, c adapter.Credentials) error {
	until := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	text := fmt.Sprintf(`{"keys": [{"name": "bot", "exchange": "bybit", "base_url": %q, "key": %q, "secret": "file:grid.secret",
		"policy": {"preset": "spot-trading"},
		"waivers": [{"rule": "insecure-transport", "reason": "the exchange is a fake on this host", "until": %q}]}]}`, site, c.Key, until)
	return errors.Join(
		os.WriteFile(filepath.Join(h.keys, "keys.json"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(h.keys, "grid.secret"), []byte(c.Secret.Reveal()), 0o600),
	)
}

// run runs the piece, and returns its exit code.
func (p *piece) run(h *host) (code int, said string, err error) {
	args := p.args(h)
	if len(args) == 0 {
		return 0, "", errors.New("it has no command")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = h.keys
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(h.bin)+":"+os.Getenv("PATH"), "HOME="+h.memory, "XDG_STATE_HOME=")
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return exit.ExitCode(), string(out), nil
	}
	return 0, string(out), err
}

// try tries every piece with a key that may start a bot, one that may not, an outage with
// and without a good result, and a key that was changed during an outage.
func try(bin string, pieces []piece) error {
	var problems []error
	for i := range pieces {
		p := &pieces[i]
		if err := p.try(bin); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", p.name, err))
			continue
		}
		fmt.Println(p.name+":", "stops and admits as it should")
	}
	return errors.Join(problems...)
}

// without tries a piece that looks for the program, on a host where it isn't installed.
func (p *piece) without(h *host) error {
	if p.exact {
		return nil
	}
	bare := *h
	bare.bin = filepath.Join(h.keys, "none", "keyaudit")
	code, said, err := p.run(&bare)
	if err == nil && (code == 0 || !strings.Contains(said, "not trading: keyaudit cannot be run") || strings.Contains(said, "FileNotFoundError")) {
		err = fmt.Errorf("without the program: exit code %d: %s", code, said)
	}
	return err
}

func (p *piece) try(bin string) error {
	folder, err := os.MkdirTemp("", "gate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	e := &exchange{Fake: exchangetest.Bybit()}
	server := httptest.NewServer(e)
	defer server.Close()
	h := &host{bin: bin, keys: filepath.Join(folder, "keys"), memory: filepath.Join(folder, "memory")}
	if err := errors.Join(os.Mkdir(h.keys, 0o700), os.Mkdir(h.memory, 0o700)); err != nil {
		return err
	}
	if err := p.without(h); err != nil {
		return err
	}
	good := e.Issue(safe)
	admitted := 5
	if p.remembers {
		admitted = 0
	}
	for _, step := range []struct {
		name string
		key  adapter.Credentials
		down bool
		code int
	}{
		{"an outage before any good result", good, true, 5},
		{"a safe key", good, false, 0},
		{"an outage after a good result", good, true, admitted},
		{"another key during an outage", e.Issue(safe), true, 5},
		{"a key that can withdraw", e.Issue(dangerous), false, 1},
		{"a key that can withdraw, during an outage", e.Issue(dangerous), true, 5},
	} {
		e.down.Store(step.down)
		if err := h.inventory(server.URL, step.key); err != nil {
			return err
		}
		code, said, err := p.run(h)
		switch {
		case err != nil:
			return err
		case p.exact && code != step.code, (code == 0) != (step.code == 0):
			return fmt.Errorf("%s: exit code %d, not %d: %s", step.name, code, step.code, said)
		case strings.Contains(said, step.key.Secret.Reveal()):
			return fmt.Errorf("%s: the secret is shown", step.name)
		}
	}
	return nil
}
