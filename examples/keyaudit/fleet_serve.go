package main

import (
	"context"
	"fmt"
	"slices"
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
many keys it holds, and what waits for it. Nothing is sent to an exchange. With --format json, a
worker's "last_there" and "since" are in UTC, and "no_run" says that no run has begun yet.

`

const fleetStatusTail = `
Exit codes:

  0    all workers are there
  2    invalid input
  3    a worker is not there
  5    the server cannot be used
`

// fleetStatusCommand shows the workers.
func (a app) fleetStatusCommand() *command {
	var s fleetSettings
	c := a.newCommand("status", "show which workers are there, and what waits for them", fleetStatusHead, fleetStatusTail)
	c.meets(&s, "FILE with the coordinator's NKeys, which keyaudit fleet init wrote")
	format := c.listFormat()
	return c.does(func(ctx context.Context, args []string) int {
		c.noArguments(args)
		server, problems := a.server(&s)
		c.problems = append(c.problems, problems...)
		members := &workers.Coordinator{}
		if err := workers.ReadCredentials(s.creds, members); err != nil {
			c.problem("--creds: %s: %s", showPath(s.creds), err)
		}
		if len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		all, err := workers.Status(ctx, server, members, a.log)
		if err != nil {
			a.log("fleet status: %s", err)
			return exitUnreachable
		}
		return a.writeStatus(all, *format)
	})
}

func (a app) writeStatus(all []workers.State, format string) int {
	code := audit.ExitClean
	if slices.ContainsFunc(all, func(s workers.State) bool { return !s.There }) {
		code = audit.ExitNotAssessed
	}
	if slices.ContainsFunc(all, func(s workers.State) bool { return s.NoRun }) {
		a.log("fleet status: workers wait for the first run (keyaudit run --nats), which makes what they meet in on the server: until then none can be seen")
	}
	if format == formatJSON {
		return max(a.writeJSON(all), code) // that it could not be written is the higher one
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "worker\tegress\tlast there\tsince\tversion\tkeys\tjobs waiting")
	for _, s := range all {
		last, since := "never", ""
		if s.There {
			last, since = a.now().Sub(s.Last).Round(time.Second).String()+" ago", stamp(s.Since)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", s.Worker, s.Egress, last, since, s.Version, s.Keys, s.Waiting)
	}
	if w.Flush() != nil {
		return exitUnwritten
	}
	return code
}
