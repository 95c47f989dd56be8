package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
)

const fleetServeHead = `keyaudit fleet serve CONFIG is the fleet's NATS server, with the server.conf that keyaudit fleet
init wrote. A nats-server, or a cluster of them, does as well.

`

// fleetServeCommand is the server of a fleet.
func (a app) fleetServeCommand() *command {
	c := a.newCommand("serve CONFIG", "be the fleet's NATS server", fleetServeHead, "")
	return c.does(func(ctx context.Context, args []string) int {
		if len(args) != 1 {
			c.problem("fleet serve: name the server.conf that keyaudit fleet init wrote")
			return a.refuse(c.problems)
		}
		server, err := workers.Serve(args[0])
		if err != nil {
			a.log("fleet serve: %s", err)
			return audit.ExitUsage
		}
		defer server.Close()
		a.log("the server of the fleet is ready")
		<-ctx.Done()
		return audit.ExitClean
	})
}

const fleetStatusHead = `keyaudit fleet status shows each worker of a fleet: when it was last there, which version it is, how
many keys it holds, and what waits for it. With --keys it also compares what each holds with what
the inventory gives it. Nothing is sent to an exchange. With --format json, a worker's "last_there"
and "since" are in UTC.

`

const fleetStatusTail = `
Exit codes:

  0    all workers are there, and by --keys each holds its keys
  2    invalid input
  3    a worker is not there, or holds other keys than the inventory gives it
  5    the server cannot be used
`

// fleetStatusCommand shows the workers.
func (a app) fleetStatusCommand() *command {
	var s settings
	c := a.newCommand("status", "show which workers are there, and what waits for them", fleetStatusHead, fleetStatusTail)
	c.meets(&s.fleet, "FILE with the coordinator's NKeys, which keyaudit fleet init wrote")
	c.list(&s.keys, "keys", "compare with the coordinator's inventory FILE, JSON or YAML (may be repeated)")
	format := c.listFormat()
	return c.does(func(ctx context.Context, args []string) int {
		c.noArguments(args)
		server, problems := a.server(&s.fleet)
		c.problems = append(c.problems, problems...)
		members := &workers.Coordinator{}
		if err := workers.ReadCredentials(s.fleet.creds, members); err != nil {
			c.problem("--creds: %s: %s", showPath(s.fleet.creds), err)
		}
		keys := a.given(c, &s, members)
		if len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		all, err := workers.Status(ctx, server, members, keys, a.log)
		if err != nil {
			a.log("fleet status: %s", err)
			return exitUnreachable
		}
		return a.writeStatus(all, len(keys) > 0, *format)
	})
}

// given are the keys that an inventory gives to workers.
func (a app) given(c *command, s *settings, members *workers.Coordinator) (keys []workers.Assigned) {
	if len(s.keys) == 0 {
		return nil
	}
	s.coordinates = true
	loaded, problems := a.load(s)
	defer loaded.close()
	c.problems = append(append(c.problems, problems...), egressProblems(members, loaded.egresses)...)
	for k := range loaded.each() {
		worker := loaded.workers[k.Name]
		if _, known := members.Workers[worker]; !known {
			c.problem("--creds: worker %s is not in it: run keyaudit fleet init again, with --keep", worker)
			return nil
		}
		keys = append(keys, workers.Assigned{Name: k.Name, Exchange: k.Exchange.Name, Environment: environmentOf(&k), Worker: worker})
	}
	if err := loaded.err(); err != nil {
		c.problem("--keys: %s", err)
	}
	return keys
}

func (a app) writeStatus(all []workers.State, compared bool, format string) int {
	code := audit.ExitClean
	for _, s := range all {
		if !s.Right() {
			code = audit.ExitNotAssessed
		}
		for _, wrong := range []struct {
			workers.Names
			text string
		}{
			{s.Lacks, "the inventory gives worker %s %s that it does not hold: %s. See that it runs with this host's own --keys FILE"},
			{s.Unlisted, "worker %s holds %s that the inventory does not give it: %s. Add what belongs there; else see that it runs with this host's own --keys FILE"},
			{s.Elsewhere, "worker %s has %s of the inventory in another environment: %s. Its answers will not count: correct the file that is wrong"},
		} {
			if wrong.Count > 0 {
				names := strings.Join(wrong.First, ", ")
				if wrong.Count > len(wrong.First) {
					names += ", …"
				}
				a.log("fleet status: "+wrong.text, s.Worker, count(wrong.Count, "key", "keys"), names)
			}
		}
	}
	if !compared {
		a.log("fleet status: whether the workers hold their keys was not compared: name the coordinator's inventory, by --keys FILE")
	}
	if format == formatJSON {
		return max(a.writeJSON(all), code) // that it could not be written is the higher one
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "worker\tegress\tlast there\tsince\tversion\tkeys\tjobs waiting")
	for _, s := range all {
		last, since := "never", ""
		switch {
		case s.There:
			last, since = a.now().Sub(s.Last).Round(time.Second).String()+" ago", stamp(s.Since)
		case !s.Last.IsZero():
			last = "gone, " + stamp(s.Last)
		case s.Known:
			last = "gone"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", s.Worker, s.Egress, last, since, s.Version, s.Keys, s.Waiting)
	}
	if w.Flush() != nil {
		return exitUnwritten
	}
	return code
}
