package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
)

// fleetSettings are where a coordinator or a worker meets the others.
type fleetSettings struct {
	nats, creds, ca string
}

// defaultDeadline is that of a run with workers: one that never comes must not keep it
// waiting for good.
const defaultDeadline = 30 * time.Minute

// meets are the flags of a coordinator and of a worker.
func (c *command) meets(s *fleetSettings, creds string) {
	c.text(&s.nats, "nats", "URL of the NATS server, nats://HOST:PORT")
	c.text(&s.creds, "creds", creds)
	c.text(&s.ca, "ca", "FILE with the certificate of the authority that signed the server's: the ca.pem that keyaudit fleet init wrote")
}

// server is the server that the flags name.
func (a app) server(s *fleetSettings) (workers.Server, []string) {
	server := workers.Server{URL: s.nats}
	if s.ca == "" {
		return server, nil
	}
	a.read.reads(s.ca)
	var err error
	if server.CA, err = os.ReadFile(s.ca); err != nil {
		return server, []string{"--ca: " + showPath(s.ca) + " cannot be read"}
	}
	return server, nil
}

// remote is a run whose keys are audited by workers on other hosts.
type remote struct {
	*workers.Run
	known   []known // where they are in Keys
	now     func() time.Time
	crew    *demoCrew        // of a demonstration
	closing *workers.Closing // once the last answer is there
}

// remote makes the run of a coordinator.
func (r *auditRun) remote() (*remote, []string) {
	server, problems := r.server(&r.settings.fleet)
	r.read.reads(r.settings.fleet.creds)
	members := &workers.Coordinator{}
	if r.settings.fleet.creds == "" { // which was said
		return r.newRemote(server, members), problems
	}
	if err := workers.ReadCredentials(r.settings.fleet.creds, members); err != nil {
		problems = append(problems, "--creds: "+showPath(r.settings.fleet.creds)+": "+err.Error())
	}
	problems = append(problems, egressProblems(members, r.fleet.egresses)...)
	return r.newRemote(server, members), problems
}

// newRemote hands the keys of the fleet to their workers.
func (r *auditRun) newRemote(server workers.Server, members *workers.Coordinator) *remote {
	if r.deadline == 0 {
		r.deadline = defaultDeadline
	}
	out := &remote{Run: &workers.Run{Server: server, Credentials: members, Listed: r.fleet.workers, Log: r.log}, now: r.now}
	policies, records := map[string]*audit.Policy{}, map[string]*audit.Record{}
	for k := range r.fleet.each() {
		place := k.Record.Source
		k.Record.Source.Line, k.Record.Source.Column = 0, 0
		out.known = append(out.known, known{k.Exchange, oneOf(policies, k.Policy), oneOf(records, k.Record), int32(place.Line), int32(place.Column)})
		out.Keys = append(out.Keys, workers.Assigned{Name: k.Name, Exchange: k.Exchange.Name, Environment: environmentOf(&k), Worker: r.fleet.workers[k.Name]})
	}
	return out
}

// known is what is held of a key until its answer comes.
type known struct {
	exchange     *adapter.Exchange
	policy       *audit.Policy
	record       *audit.Record // but for its place
	line, column int32
}

// oneOf holds what is the same for many keys once.
func oneOf[T any](seen map[string]*T, value T) *T {
	text, err := json.Marshal(value)
	if err != nil {
		return &value
	}
	if seen[string(text)] == nil {
		seen[string(text)] = &value
	}
	return seen[string(text)]
}

// key is the key at a place in Keys, as the inventory has it.
func (r *remote) key(at int) *audit.Key {
	is, of := &r.Keys[at], &r.known[at]
	k := &audit.Key{Name: is.Name, Exchange: of.exchange, Environment: is.Environment, Policy: *of.policy, Record: *of.record}
	k.Record.Source.Line, k.Record.Source.Column = int(of.line), int(of.column)
	return k
}

// results are those of the workers, as they come, and of what they hold besides.
func (r *remote) results(ctx context.Context, commit func() error) iter.Seq[*audit.Result] {
	return func(yield func(*audit.Result) bool) {
		answers := r.Answers(ctx, commit)
		if r.crew != nil {
			answers = r.crew.accident(answers)
		}
		for answer := range answers {
			if !yield(r.result(&answer)) {
				return
			}
		}
		r.closing, r.known = r.Closing(context.WithoutCancel(ctx)), nil
		for _, k := range r.closing.Unlisted {
			if !yield(skippedResult(inventory.Skipped{
				Name: fmt.Sprintf("%s (worker %s)", k.Name, k.Worker),
				Why:  "worker " + k.Worker + " holds this key, and the inventory does not name it: add it there, with its policy",
			}, r.now())) {
				return
			}
		}
	}
}

// result is what a worker found, by what the inventory says about the key.
func (r *remote) result(a *workers.Answer) *audit.Result {
	k := r.key(a.At)
	s := a.Snapshot
	if s == nil {
		failure := &access.Error{Exchange: k.Exchange.Title, Kind: access.KindCanceled, Message: a.Missing}
		switch { // what nobody mends by more time
		case a.Refused != "":
			failure.Kind, failure.Message = access.KindInput, "worker "+a.Worker+" refused: "+a.Refused
		case a.Unfit != "":
			failure.Kind, failure.Message = access.KindInput, a.Unfit
		}
		s = &access.Snapshot{
			Inspection: access.Inspection{
				Schema: access.SnapshotSchema, Exchange: k.Exchange.Name, Environment: k.Environment, TakenAt: r.now().UTC(), Failure: failure,
			},
			Answer: access.Answer{Grants: []access.Grant{}},
		}
	}
	return audit.NewResult(k, s).Rejudge(k.Policy, r.now(), nil)
}

// findings are about workers, and not about a single key.
func (r *remote) findings() (out []audit.Finding) {
	if r.closing == nil {
		return nil
	}
	find := func(severity audit.Severity, message, remedy string) {
		out = append(out, audit.Finding{Rule: audit.RuleNotInspected, Outcome: audit.Undetermined, Severity: severity, Message: message, Remedy: remedy})
	}
	for _, worker := range slices.Sorted(maps.Keys(r.closing.Absent)) {
		n := r.closing.Absent[worker]
		find(audit.High, fmt.Sprintf("Worker %s never came: its %s not inspected", worker, count(n, "key was", "keys were")),
			"See on its host that keyaudit worker runs, and that it reaches the server.")
	}
	for _, worker := range slices.Sorted(maps.Keys(r.closing.More)) {
		find(audit.High, fmt.Sprintf("Worker %s holds %s more that the inventory does not name", worker, count(r.closing.More[worker], "key", "keys")),
			"Look at its inventory and its host: unless they were added there, its credentials may be in other hands.")
	}
	for _, why := range slices.Sorted(maps.Keys(r.closing.Strange)) {
		find(audit.Medium, fmt.Sprintf("%s not counted: %s", count(r.closing.Strange[why], "message was", "messages were"), why),
			"Unless a run was stopped before, find out who sends this: a worker's credentials may be in other hands.")
	}
	return out
}

// meet connects to the workers.
func (r *auditRun) meet(ctx context.Context) error {
	r.workers.Deadline = time.Now().Add(r.deadline)
	if err := r.workers.Connect(ctx); err != nil {
		return fmt.Errorf("--nats: %w", err)
	}
	return nil
}

// commit makes sure that the results so far are kept, before their workers forget them.
func (r *auditRun) commit() error {
	if r.state == nil {
		return nil
	}
	return r.state.Flush(context.Background())
}

// findingsOfHosts are about the hosts whose keys these are, and about no single key.
func (r *auditRun) findingsOfHosts() []audit.Finding {
	switch {
	case r.merged != nil:
		return r.merged.findings()
	case r.workers != nil:
		return r.workers.findings()
	default:
		return nil
	}
}
