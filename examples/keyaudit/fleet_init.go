package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
)

const fleetHead = `keyaudit fleet prepares and looks after a fleet: hosts whose keys are restricted to IP addresses,
each with a worker that audits its own keys, and a coordinator that has the whole and holds no
secret.

`

const fleetInitHead = `keyaudit fleet init writes everything that a fleet needs but the workers' own inventories: NKeys
with the least rights for each worker and the coordinator, a private CA and the server's
certificate, the server's configuration, and units for systemd. The inventory is the coordinator's:
each key names its worker, and nothing of where its secret is.

  {"workers": {"tokyo-1": "tokyo", "tokyo-2": "tokyo"},
   "keys": [{"name": "grid-1", "exchange": "bybit", "policy": "spot-trading", "worker": "tokyo-1"}]}

Workers that share an IP address have one egress, here tokyo, and take turns at each exchange. A
worker that "workers" does not name has an IP address of its own.

`

// fleetCommand is about fleets.
func (a app) fleetCommand() *command {
	c := a.newCommand("fleet", "prepare a fleet of hosts that audit their own keys", fleetHead, "")
	for _, sub := range []*command{a.fleetInitCommand(), a.fleetServeCommand(), a.fleetStatusCommand()} {
		c.AddCommand(sub.Command)
	}
	return c.does(func(_ context.Context, args []string) int {
		if len(args) > 0 {
			return a.refuse([]string{unknown("command", args[0], c.names())})
		}
		c.help(a.stdout)
		return audit.ExitClean
	})
}

// fleetInit is what fleet init is told.
type fleetInit struct {
	settings
	out, store, kept string
	hosts            []string
}

func (a app) fleetInitCommand() *command {
	f := fleetInit{store: "/var/lib/keyaudit-fleet"}
	c := a.newCommand("init", "write credentials, certificates and the server's configuration", fleetInitHead, "")
	c.list(&f.keys, "inventory", "the coordinator's inventory FILE, JSON or YAML (may be repeated)")
	c.text(&f.out, "out", "write into this new FOLDER")
	c.list(&f.hosts, "host", "NAME or IP address by which workers reach the server, with its port if that is not 4222 (may be repeated)")
	c.text(&f.store, "store", "FOLDER in which the server keeps its files (default /var/lib/keyaudit-fleet)")
	c.text(&f.kept, "keep", "keep the keys in this coordinator.json FILE, and write those of new workers only")
	return c.does(func(_ context.Context, args []string) int {
		c.noArguments(args)
		return a.fleetInit(c, &f)
	})
}

func (a app) fleetInit(c *command, f *fleetInit) int {
	f.coordinates = true
	if len(f.keys) == 0 {
		c.problem("fleet init: name the coordinator's inventory, by --inventory FILE")
	}
	if f.out == "" {
		c.problem("fleet init: name a new folder, by --out FOLDER")
	}
	if len(f.hosts) == 0 {
		c.problem("fleet init: name the server as workers reach it, by --host NAME")
	}
	port, hosts := c.listens(f.hosts)
	loaded, problems := a.load(&f.settings)
	defer loaded.close()
	c.problems = append(c.problems, problems...)
	kept := &workers.Coordinator{}
	if f.kept != "" {
		if err := workers.ReadCredentials(f.kept, kept); err != nil {
			c.problem("--keep: %s: %s", showPath(f.kept), err)
		}
	}
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	members, own, err := workers.NewMembers(loaded.egresses, kept)
	var files []newFile
	if err == nil {
		files, err = a.fleetFiles(f, members, own, port, hosts)
	}
	if err == nil {
		err = writeFolder(f.out, files)
	}
	if err != nil {
		a.log("fleet init: %s", err)
		return exitUnwritten
	}
	a.log("%s in %s, for %s behind %s. Copy each worker-NAME.json and ca.pem to the worker's host, and the server's files to the server; see keyaudit fleet --help",
		count(len(files), "file", "files"), showPath(f.out), count(len(members.Workers), "worker", "workers"), count(len(members.Egresses), "egress", "egresses"))
	return audit.ExitClean
}

// listens is where the server listens, and by which names it is reached.
func (c *command) listens(names []string) (port int, hosts []string) {
	port = 4222
	for _, name := range names {
		host := name
		if h, p, err := net.SplitHostPort(name); err == nil {
			host = h
			if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
				c.problem("--host: the port of %s is none", show(name))
			}
		}
		if host == "" || strings.ContainsFunc(host, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:_", r)
		}) {
			c.problem("--host: %s is no name of a host and no IP address", show(name))
			continue
		}
		hosts = append(hosts, host)
	}
	return port, hosts
}

// newFile is a file that does not exist yet.
type newFile struct {
	name string
	mode fs.FileMode
	text []byte
}

// units are for systemd: the server, a worker, and the coordinator with its timer.
//
//go:embed fleet/keyaudit-*
var units embed.FS

// exampleServer is the server in the files for deployment.
const exampleServer = "nats://fleet.example.com:4222"

func (a app) fleetFiles(f *fleetInit, members *workers.Coordinator, own []workers.Worker, port int, hosts []string) ([]newFile, error) {
	config, store, err := members.ServerFiles(port, f.store)
	if err != nil {
		return nil, err
	}
	files := []newFile{
		{"server.conf", 0o644, config}, {"coordinator.json", 0o600, workers.Encode(members)},
	}
	for _, w := range own {
		files = append(files, newFile{"worker-" + w.Worker + ".json", 0o600, workers.Encode(w)})
	}
	if f.kept != "" { // the certificates and the server's own key stay
		return files, nil
	}
	certificates, err := workers.NewCertificates(a.now(), hosts...)
	if err != nil {
		return nil, err
	}
	files = append(files,
		newFile{"ca.pem", 0o644, certificates.CA}, newFile{"server.pem", 0o644, certificates.Server}, newFile{"server.key", 0o600, certificates.Key},
		newFile{"store.conf", 0o600, store},
	)
	address := "nats://" + net.JoinHostPort(hosts[0], strconv.Itoa(port))
	of, err := units.ReadDir("fleet")
	for _, unit := range of {
		text, reading := units.ReadFile("fleet/" + unit.Name())
		err = errors.Join(err, reading)
		files = append(files, newFile{unit.Name(), 0o644, bytes.ReplaceAll(text, []byte(exampleServer), []byte(address))})
	}
	return files, err
}

// writeFolder writes files into a folder that does not exist yet.
func writeFolder(folder string, files []newFile) error {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("--out: %s cannot be made: name a folder that does not exist yet, in one that does", showPath(folder))
	}
	for _, f := range files {
		path := filepath.Join(folder, f.name)
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode) //nolint:gosec // the folder is the user's choice
		if err == nil {
			_, err = file.Write(f.text)
			if closing := file.Close(); err == nil {
				err = closing
			}
		}
		if err != nil {
			return fmt.Errorf("%s cannot be written", showPath(path))
		}
	}
	return nil
}

// egressProblems are workers whose egress is another by their credentials than by the
// inventory: two behind one IP address would then not take turns.
func egressProblems(members *workers.Coordinator, egresses map[string]string) (problems []string) {
	for _, worker := range slices.Sorted(maps.Keys(egresses)) {
		if m, known := members.Workers[worker]; known && m.Egress != egresses[worker] {
			problems = append(problems, fmt.Sprintf("--creds: worker %s is behind egress %s there, and behind %s in the inventory: run keyaudit fleet init again", worker, m.Egress, egresses[worker]))
		}
	}
	return problems
}
