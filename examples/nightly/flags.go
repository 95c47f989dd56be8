package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// settings are what the command line says.
type settings struct {
	// What is audited.
	demo, allowPlain bool
	offline          bool // the inventory is read for its policies only; nothing in it is fetched
	keys             string
	from             []botFile
	// How.
	dryRun, resume    bool
	timeout, deadline time.Duration
	concurrency       int
	// What it is compared with, and kept for the next run.
	state, since string
	stateNew     bool // the state begins anew
	// What is reported, and to whom.
	reporting
	reports []target
	notify  notifySettings
	help    bool
}

// reporting is how a report is shown.
type reporting struct {
	format, output, color string
	all, quiet            bool
	failOn                audit.Severity
}

// botFile is a bot's own file to take keys from.
type botFile struct{ format, path string }

// target is a further report and the file it goes to.
type target struct{ format, path string }

var (
	colors = []string{"auto", "always", "never"}
	levels = []string{"info", "low", "medium", "high", "critical"}
)

// command is one of the program's commands: its flags, and all problems with
// them. Only an unknown flag ends the parsing.
type command struct {
	name, head, tail string
	flags            *flag.FlagSet
	problems         []string
}

func newCommand(name, head, tail string) *command {
	c := &command{name: name, head: head, tail: tail, flags: flag.NewFlagSet(name, flag.ContinueOnError)}
	c.flags.SetOutput(io.Discard)
	c.flags.Usage = func() {}
	return c
}

// problem notes one problem with the command line.
func (c *command) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// parse reads the arguments. It prints the help if it is asked for, and reports
// that.
func (c *command) parse(args []string, usage io.Writer) (help bool) {
	switch err := c.flags.Parse(c.flagsFirst(args)); {
	case errors.Is(err, flag.ErrHelp):
		c.help(usage)
		return true
	case err != nil:
		c.problem("%s; see -help", flagError(err))
	}
	return false
}

// oneOf is a flag that takes one of several words.
func (c *command) oneOf(name, what string, words []string, set func(string), text string) {
	c.flags.Func(name, text, func(word string) error {
		if slices.Contains(words, word) {
			set(word)
		} else {
			c.problem("-%s: %s", name, unknown(what, word, words))
		}
		return nil
	})
}

// duration is a flag that takes a duration between two bounds.
func (c *command) duration(to *time.Duration, name string, least, most time.Duration, text string) {
	c.flags.Func(name, text, func(word string) error {
		var err error
		if *to, err = time.ParseDuration(word); err != nil || *to < least || *to > most {
			c.problem("-%s: %s is not a duration from %s to %s, such as 45s or 1h30m",
				name, show(word), brief(least), brief(most))
		}
		return nil
	})
}

// pair is a flag of the given form, WORD=VALUE, that may be repeated. An empty
// value is refused unless the flag is -from: the environment has no path.
func (c *command) pair(name, form string, words []string, add func(word, value string), text string) {
	what, _, _ := strings.Cut(form, "=")
	c.flags.Func(name, text, func(arg string) error {
		word, value, ok := strings.Cut(arg, "=")
		switch {
		case !ok || (value == "" && name != "from"):
			c.problem("-%s: write %s, where %s is one of %s", name, form, what, joined(words))
		case !slices.Contains(words, word):
			c.problem("-%s: %s", name, unknown(strings.ToLower(what), word, words))
		default:
			add(word, value)
		}
		return nil
	})
}

// brief is a duration without its zero parts: 1h, not 1h0m0s.
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// reporting are the flags about the report.
func (c *command) reporting(r *reporting) {
	r.format, r.color, r.failOn = "text", "auto", audit.High
	names := formatNames()
	c.oneOf("format", "format", names, func(w string) { r.format = w },
		"`FORMAT` of the report: "+joined(names)+" (default text)")
	c.flags.StringVar(&r.output, "output", "",
		"write the report to this `FILE` (mode 0600) once it is complete")
	c.oneOf("fail-on", "level", levels, func(w string) { _ = r.failOn.UnmarshalText([]byte(w)) },
		"lowest `LEVEL` that makes the exit code 1: "+joined(levels)+" (default high)")
	c.flags.BoolVar(&r.all, "all", false, "show the outcome of every rule in the text, not only what needs attention")
	c.flags.BoolVar(&r.quiet, "quiet", false,
		"show in the text only what has changed since the previous report, and nothing if nothing has")
	c.oneOf("color", "choice", colors, func(w string) { r.color = w },
		"colour the text, `WHEN`: "+joined(colors)+" (default auto)")
}

// parseRun reads the command line of a run. It continues after a bad value, so
// that all problems are reported at once.
func parseRun(args []string, usage io.Writer) (settings, []string) {
	var s settings
	c := newCommand("nightly", usageHead, usageTail)
	c.subject(&s)
	c.baseline(&s)
	c.reporting(&s.reporting)
	c.pair("report", "FORMAT=FILE", formatNames(), func(w, v string) { s.reports = append(s.reports, target{w, v}) },
		"write a further report, `FORMAT=FILE` (may be repeated)")
	c.limits(&s)
	c.notify(&s.notify)
	if s.help = c.parse(args, usage); !s.help {
		c.check(&s)
	}
	return s, c.problems
}

// subject are the flags about what is audited.
func (c *command) subject(s *settings) {
	c.flags.BoolVar(&s.demo, "demo", false,
		"audit an invented fleet on fake exchanges; with -from or -keys, audit those keys on the fakes")
	c.flags.StringVar(&s.keys, "keys", "",
		"audit the keys of this inventory `FILE` (YAML if it ends in .yaml or .yml, else JSON)")
	c.pair("from", "BOT=PATH", botNames(), func(w, v string) { s.from = append(s.from, botFile{w, v}) },
		"audit the keys in a bot's own files, `BOT=PATH` (may be repeated): "+joined(botNames()))
	c.flags.BoolVar(&s.allowPlain, "allow-plain", false,
		"accept secrets written in the inventory in plaintext; each is a finding")
	c.flags.BoolVar(&s.dryRun, "dry-run", false, "show every request that could be sent, and send none")
}

// baseline are the flags about the previous report and the next.
func (c *command) baseline(s *settings) {
	c.flags.StringVar(&s.state, "state", "", "compare with the report in this `FILE`, then replace it with the new one")
	c.flags.BoolVar(&s.stateNew, "state-new", false,
		"begin a new state: compare with nothing, and replace the -state; needed once if the state is gone, unreadable, "+
			"or not the one that the previous run left")
	c.flags.StringVar(&s.since, "since", "", "compare with the report in this `FILE`, which is left unchanged")
	c.flags.BoolVar(&s.resume, "resume", false, "continue the run that was killed before it finished; needs -state")
}

// limits are the flags about time and load.
func (c *command) limits(s *settings) {
	c.duration(&s.timeout, "timeout", time.Second, time.Hour, "longest `TIME` for one key, for instance 45s (default 30s)")
	c.duration(&s.deadline, "deadline", time.Second, 7*24*time.Hour,
		"longest `TIME` for the whole run; keys not audited by then are reported as not inspected")
	const about = "`NUMBER` of keys audited at a time per exchange and egress IP address (default 8)"
	c.flags.Func("concurrency", about, func(word string) error {
		var err error
		if s.concurrency, err = strconv.Atoi(word); err != nil || s.concurrency < 1 || s.concurrency > 256 {
			c.problem("-concurrency: %s is not a number from 1 to 256", show(word))
		}
		return nil
	})
}

// check finds what is wrong with the command line as a whole.
func (c *command) check(s *settings) {
	switch {
	case c.flags.NArg() > 0 && slices.Contains(commandNames(), c.flags.Arg(0)):
		c.problem("the command %s comes first: nightly %s …", c.flags.Arg(0), c.flags.Arg(0))
	case c.flags.NArg() > 0:
		c.problem("unexpected argument %s; see -help", show(c.flags.Arg(0)))
	case !s.demo && s.keys == "" && len(s.from) == 0:
		c.problem("name what to audit: -demo, -keys FILE or -from BOT=PATH; see -help")
	}
	c.checkCombinations(s)
}

// checkCombinations finds flags that exclude or need each other.
func (c *command) checkCombinations(s *settings) {
	ownKeysOnFakes := s.demo && (s.keys != "" || len(s.from) > 0)
	for _, conflict := range []struct {
		found   bool
		problem string
	}{
		{s.dryRun && s.format != "text" && s.format != "json", "-dry-run: use the format text or json"},
		{
			ownKeysOnFakes && s.state != "",
			"-state: what the fakes report about your keys is invented and must not be compared with: leave -state out",
		},
		{s.dryRun && len(s.reports) > 0, "-report: a dry run has no report; use -output"},
		{s.resume && s.state == "", "-resume: name the same -state FILE as the run that was killed"},
		{s.stateNew && s.state == "", "-state-new: name the state to begin, by -state FILE"},
		{s.state != "" && s.since != "", "-since: -state already names a report to compare with; use one of them"},
		{s.quiet && s.state == "" && s.since == "", "-quiet: name the report to compare with, by -state FILE or -since FILE"},
	} {
		if conflict.found {
			c.problem("%s", conflict.problem)
		}
	}
}

// flagError is the flag package's own sentence, unless it quotes something that
// may be a secret.
func flagError(err error) string {
	text := strings.TrimSuffix(err.Error(), ": parse error")
	if show(text) != strconv.Quote(text) {
		return "the command line is wrong"
	}
	return text
}
