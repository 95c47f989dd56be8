package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

const runsHead = `keyaudit runs --state FILE lists the runs of a state, the oldest first: what each found, its exit
code at the level high, and the beginning of its digest, which keyaudit verify --expect takes whole:
it is in --format json. The results of a run that was pruned are gone, and its counts stay.

`

// runsCommand lists the runs of a state.
func (a app) runsCommand() *command {
	var state string
	c := a.newCommand("runs", "list the runs that a state keeps", runsHead, "")
	c.stateOf(&state, stateRead)
	format := c.listFormat()
	return c.does(func(ctx context.Context, args []string) int {
		c.noArguments(args)
		s := a.openPast(ctx, c, state, store.OpenForReading)
		if len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		defer s.Close() //nolint:errcheck // opened for reading
		runs, err := s.All(ctx)
		if err != nil {
			return a.lost(state, err)
		}
		slices.Reverse(runs)
		told := make([]toldRun, len(runs))
		for i, r := range runs {
			told[i] = newToldRun(r)
		}
		if *format == formatJSON {
			return a.writeJSON(told)
		}
		a.writeRuns(told)
		return audit.ExitClean
	})
}

// toldRun is a run.
type toldRun struct {
	Run          int64     `json:"run"`
	State        string    `json:"state"` // running, complete or abandoned
	Pruned       bool      `json:"pruned"`
	Demo         bool      `json:"demo,omitempty"`
	ComparedWith int64     `json:"compared_with,omitempty"`
	Began        time.Time `json:"began"`
	Ended        time.Time `json:"ended,omitzero"`
	// The following only of a complete one.
	Seconds  float64        `json:"seconds,omitempty"`
	Summary  *audit.Summary `json:"summary,omitempty"`
	ExitCode *int           `json:"exit_code,omitempty"` // at the level high
	Digest   string         `json:"digest,omitempty"`
	Version  string         `json:"version,omitempty"`
}

func newToldRun(r *store.Run) toldRun {
	told := toldRun{Run: r.ID, State: r.State, Pruned: r.Pruned, Demo: r.Report.Demo, ComparedWith: r.Before, Began: r.Report.Started, Version: r.Report.Version}
	if r.State == store.Complete {
		code := r.Report.Summary.ExitCode(audit.High)
		told.Ended, told.Seconds = r.Report.Finished, r.Report.Finished.Sub(r.Report.Started).Seconds()
		told.Summary, told.ExitCode, told.Digest = &r.Report.Summary, &code, r.Digest
	}
	return told
}

// state is what became of the run, in a word or two.
func (r *toldRun) state() string {
	if r.Pruned {
		return r.State + ", pruned"
	}
	return r.State
}

const digestShown = 16 // digits of a digest in a table

func (a app) writeRuns(runs []toldRun) {
	if slices.ContainsFunc(runs, func(r toldRun) bool { return r.Demo }) {
		fmt.Fprintf(a.stdout, "%s.\n\n", demoNotice)
	}
	if len(runs) == 0 {
		fmt.Fprintln(a.stdout, "No run has begun yet.")
		return
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tBEGAN\tTOOK\tKEYS\tCRITICAL\tHIGH\tMEDIUM\tLOW\tINFO\tUNKNOWN\tNOT INSPECTED\tEXIT\tDIGEST\tSTATE")
	for i := range runs {
		r := &runs[i]
		cells := []string{strconv.FormatInt(r.Run, 10), minute(r.Began)}
		if r.Summary == nil {
			cells = append(cells, slices.Repeat([]string{"-"}, 11)...)
		} else {
			took := time.Duration(r.Seconds * float64(time.Second)).Round(time.Second)
			cells = append(cells, took.String(), strconv.Itoa(r.Summary.Keys))
			for severity := audit.Critical; severity >= audit.Info; severity-- {
				cells = append(cells, strconv.Itoa(r.Summary.Failed[severity]))
			}
			cells = append(cells, strconv.Itoa(total(r.Summary.Undetermined)), strconv.Itoa(r.Summary.NotInspected), strconv.Itoa(*r.ExitCode), r.Digest[:min(len(r.Digest), digestShown)])
		}
		fmt.Fprintln(w, strings.Join(append(cells, r.state()), "\t"))
	}
	_ = w.Flush()
	fmt.Fprintln(a.stdout, "\nTimes are in UTC. EXIT is the exit code at the level high. keyaudit diff --state FILE RUN RUN shows what changed between two runs.")
}

func total(counts map[audit.Severity]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// trendRuns is how many runs a report's trend shows, its own included.
const trendRuns = 90

// trend is what the runs before the one with a number found, for the trend of its report.
// The runs come newest first, as the store lists them.
func trend(runs []*store.Run, before int64) (points []render.Point) {
	for _, r := range runs {
		if r.State == store.Complete && r.ID < before && len(points) < trendRuns-1 {
			points = append(points, render.Point{At: r.Report.Started, Summary: r.Report.Summary})
		}
	}
	slices.Reverse(points)
	return points
}

// runNumber is the run that a word names, if it can be compared.
func (c *command) runNumber(word string, runs []*store.Run) *store.Run {
	id, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		c.problem("%s: %s is not the number of a run: keyaudit runs --state FILE lists them", c.Name(), show(word))
		return nil
	}
	at := slices.IndexFunc(runs, func(r *store.Run) bool { return r.ID == id })
	switch {
	case at < 0:
		c.problem("%s: there is no run %d: %s", c.Name(), id, numbers(runs))
	case runs[at].State != store.Complete:
		c.problem("%s: run %d is %s: name one that is complete: %s", c.Name(), id, runs[at].State, numbers(runs))
	case runs[at].Pruned:
		c.problem("%s: the results of run %d were removed: %s", c.Name(), id, numbers(runs))
	default:
		return runs[at]
	}
	return nil
}

// numbers says which runs can be compared.
func numbers(runs []*store.Run) string {
	var ids []string
	for _, r := range slices.Backward(runs) {
		if r.State == store.Complete && !r.Pruned {
			ids = append(ids, strconv.FormatInt(r.ID, 10))
		}
	}
	if n := len(ids); n > 8 {
		ids = slices.Concat(ids[:3], []string{"…"}, ids[n-3:])
	}
	return "those with results are " + cmp.Or(joined(ids), "none")
}
