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
	offline          bool // the inventory is read to judge by it
	keys             string
	from             []botFile
	// How.
	dryRun, resume    bool
	timeout, deadline time.Duration
	concurrency       int
	// What it is compared with, and kept for the next time.
	state, since string
	// What is told.
	reporting
	reports []target
	people
	help bool
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

// command is one of the program's commands: its flags, and all that is wrong
// with them. Only a flag that does not exist ends the reading.
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

func (c *command) say(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// parse reads the arguments, and reports whether help was asked for, which it
// then has printed.
func (c *command) parse(args []string, usage io.Writer) (help bool) {
	switch err := c.flags.Parse(c.flagsFirst(args)); {
	case errors.Is(err, flag.ErrHelp):
		c.help(usage)
		return true
	case err != nil:
		c.say("%s; see -help", flagError(err))
	}
	return false
}

// oneOf is a flag that takes one of some words.
func (c *command) oneOf(name, what string, words []string, set func(string), text string) {
	c.flags.Func(name, text, func(word string) error {
		if slices.Contains(words, word) {
			set(word)
		} else {
			c.say("-%s: %s", name, unknown(what, word, words))
		}
		return nil
	})
}

// duration is a flag that takes a time between two bounds.
func (c *command) duration(to *time.Duration, name string, least, most time.Duration, text string) {
	c.flags.Func(name, text, func(word string) error {
		var err error
		if *to, err = time.ParseDuration(word); err != nil || *to < least || *to > most {
			c.say("-%s: %s is not a time from %s to %s, such as 45s or 1h30m", name, show(word), brief(least), brief(most))
		}
		return nil
	})
}

// pair is a flag NAME=VALUE that may stand several times.
func (c *command) pair(name string, words []string, what string, add func(word, value string), text string) {
	c.flags.Func(name, text, func(arg string) error {
		word, value, ok := strings.Cut(arg, "=")
		switch {
		case !ok || (value == "" && name != "from"):
			c.say("-%s: write %s=FILE, with one of %s", name, strings.ToUpper(what), strings.Join(words, ", "))
		case !slices.Contains(words, word):
			c.say("-%s: %s", name, unknown(what, word, words))
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

func (c *command) reporting(r *reporting) {
	r.format, r.color, r.failOn = "text", "auto", audit.High
	names := formatNames()
	c.oneOf("format", "format", names, func(w string) { r.format = w }, "`FORMAT` of the report: "+strings.Join(names, ", ")+" (default text)")
	c.flags.StringVar(&r.output, "output", "", "write the report to this `FILE`, whole or not at all, readable by you alone")
	c.oneOf("fail-on", "level", levels, func(w string) { _ = r.failOn.UnmarshalText([]byte(w)) }, "lowest `LEVEL` that makes the exit code 1: info, low, medium, high or critical (default high)")
	c.flags.BoolVar(&r.all, "all", false, "show every rule's answer in the text, not only what needs attention")
	c.flags.BoolVar(&r.quiet, "quiet", false, "show in the text only what has changed since the last report, and nothing if nothing has")
	c.oneOf("color", "choice", colors, func(w string) { r.color = w }, "colour the text, `WHEN`: auto, always or never (default auto)")
}

// parseRun reads the command line of a run. It goes on after a bad value, so
// that all of them are named at once.
func parseRun(args []string, usage io.Writer) (settings, []string) {
	var s settings
	c := newCommand("nightly", usageHead, usageTail)
	c.flags.BoolVar(&s.demo, "demo", false, "audit an invented fleet on fake exchanges; with -from or -keys, those keys on the fakes")
	c.flags.StringVar(&s.keys, "keys", "", "audit the keys of this inventory `FILE` (JSON, or YAML by its ending)")
	c.pair("from", botNames(), "bot", func(w, v string) { s.from = append(s.from, botFile{w, v}) },
		"audit the keys in a bot's own files, `BOT=PATH` (may be repeated): "+strings.Join(botNames(), ", "))
	c.flags.BoolVar(&s.allowPlain, "allow-plain", false, "take secrets that stand in the inventory in clear; each is a finding")
	c.flags.BoolVar(&s.dryRun, "dry-run", false, "show every request that could be sent, and send none")
	c.flags.StringVar(&s.state, "state", "", "compare with the report in this `FILE` and keep this one there for the next run")
	c.flags.StringVar(&s.since, "since", "", "compare with the report in this `FILE`, which stays as it is")
	c.flags.BoolVar(&s.resume, "resume", false, "go on with the run that was killed before it could finish; needs -state")
	c.reporting(&s.reporting)
	c.pair("report", formatNames(), "format", func(w, v string) { s.reports = append(s.reports, target{w, v}) },
		"write a further report, `FORMAT=FILE` (may be repeated)")
	c.duration(&s.timeout, "timeout", time.Second, time.Hour, "longest `TIME` for one key, for instance 45s (default 30s)")
	c.duration(&s.deadline, "deadline", time.Second, 7*24*time.Hour, "longest `TIME` for the whole run; what isn't audited by then is reported as not inspected")
	c.flags.Func("concurrency", "`NUMBER` of keys to audit at a time at one exchange from one address (default 8)", func(word string) error {
		var err error
		if s.concurrency, err = strconv.Atoi(word); err != nil || s.concurrency < 1 || s.concurrency > 256 {
			c.say("-concurrency: %s is not a number from 1 to 256", show(word))
		}
		return nil
	})
	c.people(&s.people)
	if s.help = c.parse(args, usage); s.help || len(c.problems) > 0 && c.flags.NArg() == 0 && !c.flags.Parsed() {
		return s, c.problems
	}
	c.check(&s)
	return s, c.problems
}

// check finds what doesn't go together.
func (c *command) check(s *settings) {
	switch {
	case c.flags.NArg() > 0 && slices.Contains(commandNames(), c.flags.Arg(0)):
		c.say("the command %s comes first: nightly %s …", c.flags.Arg(0), c.flags.Arg(0))
	case c.flags.NArg() > 0:
		c.say("unexpected argument %s; see -help", show(c.flags.Arg(0)))
	case !s.demo && s.keys == "" && len(s.from) == 0:
		c.say("say what to audit: -demo, -keys FILE or -from BOT=PATH; see -help")
	}
	if s.dryRun && s.format != "text" && s.format != "json" {
		c.say("-dry-run: use the format text or json")
	}
	if s.demo && len(s.ping) > 0 && (s.keys != "" || len(s.from) > 0) {
		c.say("-ping: a demonstration must not tell a dead man's switch that a night's audit ran: leave -ping out")
	}
	if s.demo && s.state != "" && (s.keys != "" || len(s.from) > 0) {
		c.say("-state: what the fakes tell of your keys is invented and must not be compared with: leave -state out")
	}
	if s.dryRun && len(s.reports) > 0 {
		c.say("-report: a dry run has no report; use -output")
	}
	if s.resume && s.state == "" {
		c.say("-resume: name the same -state FILE as the run that was killed")
	}
	if s.state != "" && s.since != "" {
		c.say("-since: -state names a report to compare with already; use one of them")
	}
	if s.quiet && s.state == "" && s.since == "" {
		c.say("-quiet: name the report to compare with, by -state FILE or -since FILE")
	}
	files := map[string]string{}
	for flag, path := range map[string]string{"-output": s.output, "-state": s.state} {
		if path != "" {
			files[path] = flag
		}
	}
	for _, t := range s.reports {
		if files[t.path] != "" {
			c.say("-report: the file %s is used twice", showPath(t.path))
		}
		files[t.path] = "-report"
	}
	if s.output != "" && s.output == s.state {
		c.say("-output: the file %s is the -state already", showPath(s.output))
	}
}

// flagError is the flag package's own sentence, unless it repeats something
// that looks like a secret.
func flagError(err error) string {
	text := strings.TrimSuffix(err.Error(), ": parse error")
	if show(text) != strconv.Quote(text) {
		return "the command line is wrong"
	}
	return text
}
