package main

import (
	"context"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// settings are what the command line says.
type settings struct {
	// What is audited.
	demo, allowPlain bool
	oneByOne         bool // the keys of a large inventory are read when their turn comes: nothing needs all at a time
	offline          bool // the inventory is read for its policies only; nothing in it is fetched
	keys             []string
	from             []botFile
	policy           string // of the keys of bots' files; empty for what the file says
	only             selection
	searched         []string      // files and folders in which copies of the keys are looked for
	leaked           []string      // lists of leaked keys that they are compared with
	coordinates      bool          // workers audit the keys, and no secret is here
	fleet            fleetSettings // where they meet
	workers          int           // of a demonstration
	hosts            []hostReport  // whose reports are merged, in place of an audit
	maxAge           time.Duration
	// How.
	dryRun, resume    bool
	timeout, deadline time.Duration
	concurrency       int
	// What it is compared with, and kept for the next run.
	state, since string
	keepRuns     int  // of the state
	stateNew     bool // the state begins anew
	// What is reported, and to whom.
	reporting
	reports []target
	sign    string // the file of the key by which they are signed
	notify  notifySettings
}

// reporting is how a report is shown.
type reporting struct {
	format, output, color string
	all, quiet, byOwner   bool
	mode                  fs.FileMode // of the files; 0 is what suits the format
	failOn                audit.Severity
	failOnNew             bool           // only what is new since the previous report
	flags                 *pflag.FlagSet // of the command, for its advice
}

// botFile is a bot's own file to take keys from.
type botFile struct{ format, path string }

// target is a further report and the file it goes to.
type target struct{ format, path string }

var (
	colors = []string{"auto", "always", "never"}
	levels = []string{"info", "low", "medium", "high", "critical"}
)

// reporting are the flags about the report.
func (c *command) reporting(r *reporting) {
	r.format, r.color, r.failOn, r.flags = "text", "auto", audit.High, c.Flags()
	names := formatNames()
	c.oneOf("format", "format", names, func(w string) { r.format = w },
		"FORMAT of the report: "+joined(names)+" (default text)")
	c.text(&r.output, "output", "write the report to this FILE once it is complete")
	c.takes("report-mode",
		"who may read the reports' files, an octal MODE such as 0644 (default 0600, 0640 for html and prometheus-keys, "+
			"0644 for prometheus; a file of these three that exists keeps its mode)",
		func(word string) {
			mode, err := strconv.ParseUint(word, 8, 16)
			if r.mode = fs.FileMode(mode); err != nil || mode&0o600 != 0o600 || mode&^0o644 != 0 {
				c.problem("--report-mode: %s is not the mode of a report: write 0600, 0640 for its group to read, or 0644 for everybody", show(word))
			}
		})
	c.oneOf("fail-on", "level", levels, func(w string) { _ = r.failOn.UnmarshalText([]byte(w)) },
		"lowest LEVEL that makes the exit code 1: "+joined(levels)+" (default high)")
	c.Flags().BoolVar(&r.all, "all", false, "show the outcome of every rule in the text, not only what needs attention")
	c.Flags().BoolVar(&r.quiet, "quiet", false,
		"show in the text only what has changed since the previous report, and nothing if nothing has")
	c.oneOf("group", "grouping", []string{"owner"}, func(string) { r.byOwner = true },
		"group the keys in the text, by FIELD: owner")
	c.oneOf("color", "choice", colors, func(w string) { r.color = w },
		"colour the text, WHEN: "+joined(colors)+" (default auto)")
}

// runCommand is the command that audits keys. It continues after a bad value, so
// that all problems are reported at once.
func (a app) runCommand(use, head, tail string) *command {
	var s settings
	c := a.newCommand(use, "audit keys; what keyaudit does without a command", head, tail)
	c.subject(&s)
	c.list(&s.searched, "search",
		"look for copies of the keys in the files of this PATH, and in the history of its git repositories (may be repeated)")
	c.list(&s.leaked, "leaked",
		"compare the keys with a list of leaked ones in this FILE: keys or their SHA-256, or a report of gitleaks, TruffleHog or Kingfisher as JSON (may be repeated)")
	c.Flags().BoolVar(&s.failOnNew, "fail-on-new", false,
		"exit code by what is new since the previous report only; a key that could not be inspected counts as ever")
	c.Flags().BoolVar(&s.dryRun, "dry-run", false, "show every request that could be sent, and send none")
	c.baseline(&s)
	c.Flags().BoolVar(&s.resume, "resume", false, "continue the run that was killed before it finished; needs --state")
	c.limits(&s)
	c.coordinates(&s)
	c.results(&s)
	return c.does(func(ctx context.Context, args []string) int {
		s.coordinates = s.fleet.nats != ""
		c.check(&s, args)
		return a.audit(ctx, &s, c.problems)
	})
}

// results are the flags about what becomes of the results.
func (c *command) results(s *settings) {
	c.reporting(&s.reporting)
	c.text(&s.sign, "sign", "sign every report that goes to a file by the SSH key in this FILE, as FILE.sig; see keyaudit sign --help")
	c.pair("report", "FORMAT=FILE", formatNames(), func(w, v string) { s.reports = append(s.reports, target{w, v}) },
		"write a further report, FORMAT=FILE (may be repeated)")
	c.notify(&s.notify)
}

// subject are the flags about what is audited.
func (c *command) subject(s *settings) {
	c.Flags().BoolVar(&s.demo, "demo", false,
		"audit an invented fleet on fake exchanges; with --from or --keys, audit those keys on the fakes")
	c.list(&s.keys, "keys",
		"audit the keys of this inventory FILE, JSON or YAML; - is standard input (may be repeated)")
	c.pair("from", "BOT=PATH", botNames(), func(w, v string) { s.from = append(s.from, botFile{w, v}) },
		"audit the keys in a bot's own files, BOT=PATH (may be repeated): "+joined(botNames())+
			"; freqtrade=a.json,b.json is freqtrade's own -c a.json -c b.json")
	c.only(&s.only)
	c.oneOf("policy", "policy", presetNames(), func(w string) { s.policy = w },
		"judge the keys of --from by this POLICY, not by what the bot's file says: "+joined(presetNames()))
	c.Flags().BoolVar(&s.allowPlain, "allow-plain", false,
		"accept secrets written in the inventory in plaintext; each is a finding")
}

// baseline are the flags about the previous report and the next.
func (c *command) baseline(s *settings) {
	c.text(&s.state, "state", "keep the run in this FILE, an SQLite database, and compare with the previous run in it")
	c.Flags().BoolVar(&s.stateNew, "state-new", false,
		"begin a new state: compare with nothing, and move the --state away; needed once if the state is gone, unreadable, "+
			"or not the one that the previous run left")
	s.keepRuns = 400
	c.takes("keep", "NUMBER of runs of which the state keeps what they found (default 400)", func(word string) {
		var err error
		if s.keepRuns, err = strconv.Atoi(word); err != nil || s.keepRuns < 1 {
			c.problem("--keep: %s is not a number of runs, of which one at least is kept to compare with", show(word))
		}
	})
	c.text(&s.since, "since", "compare with the report in this FILE, which is left unchanged")
}

// coordinates are the flags about a run whose keys are audited on other hosts.
func (c *command) coordinates(s *settings) {
	c.meets(&s.fleet, "FILE with the coordinator's NKeys, which keyaudit fleet init wrote; with --nats")
	c.takes("workers", "with --demo: audit the invented fleet by NUMBER of worker processes, of which one is killed on the way", func(word string) {
		var err error
		if s.workers, err = strconv.Atoi(word); err != nil || s.workers < 2 || s.workers > 16 {
			c.problem("--workers: %s is not a number from 2 to 16", show(word))
		}
	})
}

// limits are the flags about time and load.
func (c *command) limits(s *settings) {
	c.duration(&s.timeout, "timeout", time.Second, time.Hour, "longest TIME for one key, for instance 45s (default 30s)")
	c.duration(&s.deadline, "deadline", time.Second, 7*24*time.Hour,
		"longest TIME for the whole run; keys not audited by then are reported as not inspected")
	const about = "NUMBER of keys audited at a time per exchange and egress IP address (default 8)"
	c.takes("concurrency", about, func(word string) {
		var err error
		if s.concurrency, err = strconv.Atoi(word); err != nil || s.concurrency < 1 || s.concurrency > 256 {
			c.problem("--concurrency: %s is not a number from 1 to 256", show(word))
		}
	})
}

// check finds what is wrong with the command line as a whole.
func (c *command) check(s *settings, args []string) {
	switch {
	case len(args) > 0 && c.HasParent():
		c.noArguments(args)
	case len(args) > 0 && kindOf(args[0]) != missing:
		c.problem("%s is a file and no command: write --keys %s if it is an inventory, or --from BOT=%s", showPath(args[0]), showPath(args[0]), showPath(args[0]))
	case len(args) > 0:
		c.problem("%s", unknown("command", args[0], c.names()))
	case !s.demo && len(s.keys)+len(s.from) == 0 && !c.Flags().Changed("from"): // else what is wrong with that was said
		c.problem("name what to audit: --demo, --keys FILE or --from BOT=PATH; see --help")
	}
	c.checkCombinations(s)
}

// conflict is something on the command line that cannot be, and what to do.
type conflict struct {
	found   bool
	problem string
}

// checkCombinations finds flags that exclude or need each other.
func (c *command) checkCombinations(s *settings) {
	for _, conflict := range slices.Concat(s.conflictsOfKeys(), s.conflictsOfFleets(), s.conflictsOverTime()) {
		if conflict.found {
			c.problem("%s", conflict.problem)
		}
	}
}

// conflictsOfKeys are about what is audited, and shown.
func (s *settings) conflictsOfKeys() []conflict {
	return []conflict{
		{s.dryRun && s.format != "text" && s.format != "json", "--dry-run: use the format text or json"},
		{s.policy != "" && len(s.from) == 0, "--policy: an inventory says what each key is for; use --policy with --from"},
		{s.dryRun && len(s.reports) > 0, "--report: a dry run has no report; use --output"},
	}
}

// conflictsOfFleets are about who audits the keys.
func (s *settings) conflictsOfFleets() []conflict {
	return []conflict{
		{s.workers > 0 && (!s.demo || len(s.keys)+len(s.from) > 0), "--workers: use it with --demo alone, without --keys and --from; on your hosts, each is started by keyaudit worker"},
		{s.workers > 0 && s.dryRun, "--dry-run: leave --workers out; their keys are those of --demo --dry-run"},
		{s.coordinates && s.demo, "--demo: with --nats the keys are audited on their hosts, at the real exchanges: leave --demo out"},
		{s.coordinates && s.dryRun, "--dry-run: with --nats the keys are audited on their hosts, whose inventories say what is asked: use it there, with --keys FILE"},
		{s.coordinates && len(s.from) > 0, "--from: with --nats the keys are audited on their hosts: name them by --keys, an inventory in which each key has its worker"},
		{s.coordinates && s.resume, "--resume: workers may hold other keys by now: begin the run anew"},
		{s.coordinates && (s.timeout > 0 || s.concurrency > 0), "--timeout and --concurrency: workers have their own; a run with --nats has a --deadline"},
		{(s.coordinates || s.workers > 0) && len(s.searched)+len(s.leaked) > 0, "--search and --leaked: a coordinator has no secret to look for: use them on the workers' hosts"},
		{s.coordinates && s.fleet.creds == "", "--nats: name the coordinator's credentials, by --creds FILE"},
		{!s.coordinates && s.fleet.creds+s.fleet.ca != "", "--creds and --ca are of a run with workers: name its server by --nats URL"},
	}
}

// conflictsOverTime are about the previous report and the next.
func (s *settings) conflictsOverTime() []conflict {
	compared := s.state != "" || s.since != ""
	return []conflict{
		{
			s.demo && s.state != "" && len(s.keys)+len(s.from) > 0,
			"--state: fakes invent what they report about your keys, and nothing invented is kept beside what is true: to audit these keys and keep the run, leave --demo out; " +
				"to see what a state is for, write keyaudit --demo --state FILE, without --keys and --from; to ask the fakes about these keys, leave --state and --quiet out",
		},
		{
			len(s.only) > 0 && compared,
			"--only: some of the keys are not compared with a report of all of them: leave --state and --since out",
		},
		{s.resume && s.state == "", "--resume: name the same --state FILE as the run that was killed"},
		{s.stateNew && s.state == "", "--state-new: name the state to begin, by --state FILE"},
		{s.state != "" && s.since != "", "--since: --state already names a report to compare with; use one of them"},
		{s.failOnNew && !compared, "--fail-on-new: name the report to compare with, by --state FILE or --since FILE"},
		{s.quiet && !compared, "--quiet: name the report to compare with, by --state FILE or --since FILE"},
	}
}
