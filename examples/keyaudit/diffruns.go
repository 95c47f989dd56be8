package main

import (
	"context"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// diffRuns compares two runs of a state. It holds no more keys at a time than concern one
// another, and those that the format shows.
func (a app) diffRuns(ctx context.Context, c *command, state string, args []string, r reporting) int {
	s := a.openPast(ctx, c, state, store.OpenForReading)
	if s != nil {
		defer s.Close() //nolint:errcheck // opened for reading
	}
	if len(args) != 2 {
		c.problem("diff: name two runs, the earlier one first: keyaudit diff --state FILE RUN RUN; keyaudit runs --state FILE lists them")
	}
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	runs, err := s.All(ctx)
	if err != nil {
		return a.lost(state, err)
	}
	before, now := c.runNumber(args[0], runs), c.runNumber(args[1], runs)
	if before != nil && now != nil && before.ID >= now.ID {
		c.problem("diff: run %d is not earlier than run %d: name the earlier one first", before.ID, now.ID)
	}
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	pair, err := s.Between(ctx, before.ID, now.ID)
	if err != nil {
		return a.lost(state, err)
	}
	r.quiet = true
	return a.writeDiff(ctx, pair, r, state, trend(runs, now.ID))
}

// writeDiff compares two runs and writes the report as its results come.
func (a app) writeDiff(ctx context.Context, pair audit.Runs, r reporting, state string, trend []render.Point) int {
	out, problems := openOutputs(&settings{reporting: r}, a)
	defer out.discard()
	if len(problems) > 0 {
		return a.refuse(problems)
	}
	out[0].options.noExit, out[0].options.trend = true, trend
	report, results := audit.CompareRuns(ctx, pair, nil)
	report.Version = version()
	head := *report // the report grows while the results come
	out.start(&head)
	code := audit.ExitClean
	for stored, err := range results {
		if err != nil {
			return a.lost(state, err)
		}
		code = worseCode(code, newCode(stored.Result.Findings, r.failOn))
		out.result(stored.Result)
	}
	if err := out.end(report); err != nil {
		a.log("the report could not be written: %s", err)
		return exitUnwritten
	}
	a.outdated(out.written()...)
	return worseCode(code, newCode(report.Findings, r.failOn))
}
