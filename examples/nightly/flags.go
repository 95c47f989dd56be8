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
	demo, dryRun, all bool
	keys, output      string
	format, color     string
	failOn            audit.Severity
	timeout           time.Duration
	concurrency       int
	help              bool
}

var (
	formats = []string{"text", "json", "jsonl", "markdown"}
	colors  = []string{"auto", "always", "never"}
	levels  = []string{"info", "low", "medium", "high", "critical"}
)

const usageHead = `nightly audits the API keys of a firm: what each may do, from where, and for how long.
It sends the venues' documented reads only, and never an order or a withdrawal.

  nightly -demo             audit an invented fleet on fake venues, without a network
  nightly -keys FILE        audit the keys named in FILE
  nightly -keys FILE -dry-run
                            show what would be sent, and send nothing

`

const usageTail = `
A key file:

  {"keys": [{"name": "grid-eu-1", "exchange": "bybit", "key": "env:GRID_KEY",
             "secret": "file:grid.secret", "policy": "spot-trading"}]}

  A key has name, exchange, environment, key, secret, passphrase, otp, policy, base_url and
  nonce_unit (s, ms, us, ns). The key may stand there; secret, passphrase and otp are kept
  elsewhere: env:NAME or file:PATH, beside the key file and open to nobody else (chmod 600).
  A policy is a name (read-only, spot-trading, futures-trading, trading, treasury, agent) or
  an object: preset, needs, allows, max_age_days, expiry_notice_days, expected_ips,
  attestations (rule, statement, by, at, until), waivers (rule, reason, until).

Exit codes: 0 nothing at or above the level; 1 findings at or above it; 2 the input was
wrong and nothing was sent; 3 a key or a fact could not be assessed; 4 the report could
not be written; 130 stopped by a signal, after writing what there was.
`

// parseFlags reads the command line. It goes on after a bad value, so that all
// of them are named at once; only a flag that does not exist ends it.
func parseFlags(args []string, usage io.Writer) (settings, []string) {
	s := settings{format: "text", color: "auto", failOn: audit.High}
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	flags := flag.NewFlagSet("nightly", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	oneOf := func(name, what string, words []string, set func(string), text string) {
		flags.Func(name, text, func(word string) error {
			if slices.Contains(words, word) {
				set(word)
			} else {
				say("-%s: %s", name, unknown(what, word, words))
			}
			return nil
		})
	}

	flags.BoolVar(&s.demo, "demo", false, "audit an invented fleet on fake venues")
	flags.StringVar(&s.keys, "keys", "", "audit the keys named in this JSON `FILE`")
	flags.BoolVar(&s.dryRun, "dry-run", false, "show every request that could be sent, and send none")
	oneOf("format", "format", formats, func(w string) { s.format = w }, "`FORMAT` of the report: text, json, jsonl or markdown (default text)")
	flags.StringVar(&s.output, "output", "", "write the report to this `FILE`, whole or not at all, readable by you alone")
	oneOf("fail-on", "level", levels, func(w string) { _ = s.failOn.UnmarshalText([]byte(w)) }, "lowest `LEVEL` that makes the exit code 1: info, low, medium, high or critical (default high)")
	flags.BoolVar(&s.all, "all", false, "show every rule's answer in the text, not only what needs attention")
	oneOf("color", "choice", colors, func(w string) { s.color = w }, "colour the text, `WHEN`: auto, always or never (default auto)")
	flags.Func("timeout", "longest `TIME` for one key, for instance 45s (default 30s)", func(word string) error {
		var err error
		if s.timeout, err = time.ParseDuration(word); err != nil || s.timeout < time.Second || s.timeout > time.Hour {
			say("-timeout: %s is not a time from 1s to 1h", show(word))
		}
		return nil
	})
	flags.Func("concurrency", "`NUMBER` of keys to audit at a time (default 8)", func(word string) error {
		var err error
		if s.concurrency, err = strconv.Atoi(word); err != nil || s.concurrency < 1 || s.concurrency > 256 {
			say("-concurrency: %s is not a number from 1 to 256", show(word))
		}
		return nil
	})

	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(usage, usageHead)
		flags.SetOutput(usage)
		flags.PrintDefaults()
		_, _ = io.WriteString(usage, usageTail)
		s.help = true
		return s, nil
	case err != nil:
		say("%s; see -help", flagError(err))
		return s, problems
	}
	switch {
	case flags.NArg() > 0:
		say("unexpected argument %s; see -help", show(flags.Arg(0)))
	case s.demo == (s.keys != ""):
		say("say what to audit: either -demo or -keys FILE; see -help")
	}
	if s.dryRun && s.format != "text" && s.format != "json" {
		say("-dry-run: use the format text or json")
	}
	return s, problems
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
