package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const mergeHead = `keyaudit merge HOST=REPORT… judges the reports of many hosts (JSON, JSON Lines, or a host's own
state) together: rules about the fleet, one report, one state. A key that is restricted to IP
addresses answers only from its bot's host, so each host audits its own keys and writes a report,
which is brought here by whatever copies files. Nothing is sent to an exchange. Without HOST= a host
is called as its file is, which must be there.

The keys of a host whose report is missing, unreadable or old are reported as not inspected, with
what was last known of them.

`

const mergeTail = `
Exit codes: as of a run.
`

// maxReportAge is less than a day: a host that audits every night is noticed the first
// time that it does not, whenever the reports are merged.
const maxReportAge = 23 * time.Hour

// aheadAtMost is by how much the clock of a host may be ahead of this one.
const aheadAtMost = 5 * time.Minute

// mergeCommand makes one report of those of many hosts.
func (a app) mergeCommand() *command {
	s := settings{maxAge: maxReportAge}
	c := a.newCommand("merge HOST=REPORT…", "judge the reports of many hosts together", mergeHead, mergeTail)
	c.duration(&s.maxAge, "max-age", time.Minute, 366*24*time.Hour,
		"a report whose run ended longer than this TIME ago is old (default 23h)")
	c.baseline(&s)
	c.results(&s)
	return c.does(func(ctx context.Context, args []string) int {
		s.hosts = hostReports(args)
		if len(args) == 0 {
			c.problem("merge: name the reports of your hosts: keyaudit merge tokyo=tokyo.jsonl london=london.jsonl")
		}
		c.checkCombinations(&s)
		return a.audit(ctx, &s, c.problems)
	})
}

// hostReport is where the report of a host is.
type hostReport struct {
	host, path string
	named      bool // by HOST=; otherwise the host is called as its file is
}

func hostReports(args []string) (out []hostReport) {
	for _, arg := range args {
		host, path, named := strings.Cut(arg, "=")
		if named = named && !strings.ContainsRune(host, filepath.Separator); !named {
			path = arg
			base := filepath.Base(path)
			host = strings.TrimSuffix(base, filepath.Ext(base))
		}
		out = append(out, hostReport{host, path, named})
	}
	return out
}

// merged are the reports of hosts.
type merged struct {
	now      time.Time
	reports  map[string]*audit.Report // by host
	absent   map[string]string        // why a host has none that counts
	hosts    []string
	previous *audit.Report // what was known before; nil if nothing
}

// merge reads the reports of hosts. One that cannot be read is not a problem of the
// command line: the others still count.
func (a app) merge(s *settings) (*merged, []string) {
	m := &merged{now: a.now().UTC(), reports: map[string]*audit.Report{}, absent: map[string]string{}}
	var problems []string
	files := map[string]os.FileInfo{}
	for _, h := range s.hosts {
		a.read.reads(h.path)
		if slices.Contains(m.hosts, h.host) {
			problems = append(problems, fmt.Sprintf("merge: %s is named twice: give each host one report, HOST=REPORT", show(h.host)))
			continue
		}
		info, _ := os.Stat(h.path)
		for other, known := range files {
			if info != nil && os.SameFile(info, known) {
				problems = append(problems, fmt.Sprintf("merge: %s and %s have one report, %s: name the report of each", show(other), show(h.host), showPath(h.path)))
			}
		}
		if info != nil {
			files[h.host] = info
		}
		m.hosts = append(m.hosts, h.host)
		report, err := readReport(h.path)
		switch {
		case err != nil && !h.named:
			problems = append(problems, "merge: "+err.Error()+": to have a host reported whose report may be missing, write HOST=REPORT")
		case err != nil:
			m.absent[h.host] = "the report of its host cannot be read: " + err.Error()
		case m.age(report) < -aheadAtMost:
			m.absent[h.host] = fmt.Sprintf("the report of its host is dated in the future, %s: set the clocks by NTP", stamp(report.Finished))
			m.reports[h.host] = report
		case m.age(report) > s.maxAge:
			m.absent[h.host] = fmt.Sprintf("the report of its host is old: its run ended %s", stamp(report.Finished))
			m.reports[h.host] = report
		default:
			m.reports[h.host] = report
		}
	}
	return m, slices.Concat(problems, m.twice(s.hosts), m.demos(s))
}

// twice names hosts that have the report of one run, whatever it is stored as: their keys
// would be counted twice.
func (m *merged) twice(named []hostReport) (problems []string) {
	path := map[string]string{}
	for _, h := range named {
		path[h.host] = cmp.Or(path[h.host], h.path)
	}
	for i, host := range m.hosts {
		for _, other := range m.hosts[:i] {
			if r, before := m.reports[host], m.reports[other]; r != nil && before != nil && ofOneRun(r, before) {
				problems = append(problems, fmt.Sprintf("merge: %s and %s have the report of one run, %s and %s, which began %s: name the report of each host",
					show(other), show(host), showPath(path[other]), showPath(path[host]), stamp(r.Started)))
			}
		}
	}
	return problems
}

// ofOneRun reports whether two reports are of one run. Two hosts may begin and end at one
// time, but not ask an exchange for one key of one name as well.
func ofOneRun(a, b *audit.Report) bool {
	if !a.SameRun(b) {
		return false
	}
	type asked struct {
		name, exchange, id string
		at                 int64
	}
	of := func(r *audit.Result) asked {
		s := cmp.Or(r.Snapshot, &access.Snapshot{})
		return asked{r.Name, cmp.Or(s.Exchange, r.Exchange), s.KeyID, s.TakenAt.UnixNano()}
	}
	known := map[asked]bool{}
	for _, r := range a.Results {
		known[of(r)] = true
	}
	return slices.ContainsFunc(b.Results, func(r *audit.Result) bool { return known[of(r)] })
}

// age is how old a report is. One that does not say when it ended is as old as can be.
func (m *merged) age(r *audit.Report) time.Duration { return m.now.Sub(r.Finished) }

// demos makes the run one of a demonstration, if the reports are.
func (m *merged) demos(s *settings) []string {
	var first string
	for _, host := range m.hosts {
		r := m.reports[host]
		switch {
		case r == nil:
		case first == "":
			first, s.demo = host, r.Demo
		case r.Demo != s.demo:
			return []string{fmt.Sprintf("merge: of the reports of %s and %s one is of a demonstration and the other is not: name those of one kind", show(first), show(host))}
		}
	}
	return nil
}

// known is the oldest knowledge of the exchanges that a report that counts was made with.
func (m *merged) known() audit.Map {
	known := exchangeMap()
	for _, host := range m.hosts {
		if r := m.reports[host]; r != nil && m.absent[host] == "" && r.Map.Checked < known.Checked {
			known = r.Map
		}
	}
	return known
}

// findings are what the hosts found about no single key of theirs, for instance that one
// has vanished, and the hosts of which no key is known: each may have any.
func (m *merged) findings() (out []audit.Finding) {
	for _, host := range m.hosts {
		if why := m.absent[host]; why != "" && len(m.of(host)) == 0 {
			out = append(out, audit.Finding{
				Rule: audit.RuleNotInspected, Outcome: audit.Undetermined, Severity: audit.Critical, New: true,
				Message: fmt.Sprintf("Of the host %s no key is known: %s", show(host), why),
				Remedy:  "See that the host audits its keys, and that its report is brought here.",
			})
		}
		if r := m.reports[host]; r != nil && m.absent[host] == "" {
			for _, f := range r.Findings {
				f.Message = "On " + show(host) + ": " + f.Message
				out = append(out, f)
			}
		}
	}
	return out
}

// results are those of all hosts.
func (m *merged) results() iter.Seq[*audit.Result] {
	return func(yield func(*audit.Result) bool) {
		for _, host := range m.hosts {
			for _, r := range m.of(host) {
				own := *r
				own.Record.Host, own.Findings, own.Resolved = host, nil, nil
				if !yield(&own) {
					return
				}
			}
		}
	}
}

// of are the results of a host: of one that has no report that counts, its keys as far as
// they are known.
func (m *merged) of(host string) []*audit.Result {
	why := m.absent[host]
	if why == "" {
		return m.reports[host].Results
	}
	var known []*audit.Result
	if r := m.reports[host]; r != nil {
		known = r.Results
	} else if m.previous != nil {
		known = slices.DeleteFunc(slices.Clone(m.previous.Results), func(r *audit.Result) bool { return r.Record.Host != host })
	}
	out := make([]*audit.Result, len(known))
	for i, r := range known {
		out[i] = m.unseen(r, why)
	}
	return out
}

// unseen is the result of a key that nobody has inspected this time.
func (m *merged) unseen(r *audit.Result, why string) *audit.Result {
	out := *r
	if r.Inspected() {
		out.Last = r.Snapshot
	}
	was := cmp.Or(r.Snapshot, &access.Snapshot{})
	out.Snapshot = &access.Snapshot{
		Inspection: access.Inspection{
			Schema: access.SnapshotSchema, Exchange: was.Exchange, Environment: was.Environment, Egress: was.Egress, TakenAt: m.now,
			Failure: &access.Error{Kind: access.KindInput, Message: why},
		},
		Answer: access.Answer{Grants: []access.Grant{}},
	}
	return &out
}
