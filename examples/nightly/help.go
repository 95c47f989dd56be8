package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// helpWidth is how wide help is at most, in columns.
const helpWidth = 100

var usageHead = `nightly audits the API keys of a firm: what each may do, from where, and for how long, and
what has changed since the previous run. It sends documented reads only, and never an order or a
withdrawal.

  nightly -demo                        audit an invented fleet on fake exchanges, without a network
  nightly -from freqtrade=config.json  audit the keys in a bot's own file
  nightly -keys FILE                   audit the keys that an inventory names
  nightly -keys FILE -dry-run          show what would be sent, and send nothing
  nightly -keys FILE -state FILE -quiet
                                       for a scheduler: show only what has changed

Commands, for instance nightly init; each has its own -help:

` + commandList() + "\nFlags:\n\n"

func commandList() string {
	var b strings.Builder
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-11s%s\n", c.name, c.about)
	}
	return b.String()
}

const usageTail = `
An inventory:

  {"keys": [{"name": "grid-eu-1", "exchange": "bybit", "key": "env:GRID_KEY",
             "secret": "file:grid.secret", "policy": "spot-trading", "owner": "trading desk"}]}

  A key has name, exchange, environment, key, secret, passphrase, otp (or from, a bot's own file),
  policy, expected_ips, owner, purpose, review, labels, stage, egress, base_url, nonce_unit,
  nonce_floor, attestations and waivers. The key's id may be written in the inventory. Secrets are
  kept elsewhere: env:NAME, file:PATH, file:PATH#/json/pointer, credential:NAME (systemd),
  exec:["command","argument"], stdin, keyring:service/user, age:PATH.
  A policy is a name (read-only, spot-trading, futures-trading, trading, treasury, agent, or one
  of the inventory's "policies") or an object. nightly init writes an inventory to start from.

Notifications contain counts and rules. Their URLs contain tokens, so they are kept where secrets
are. They are written as https://shoutrrr.nickfedor.com describes: slack://…, discord://…,
telegram://…, smtp://… for mail, generic+https://… for webhooks.

Exit codes:

  0    every key assessed, no finding at or above the level
  1    findings at or above it
  2    invalid input; nothing was sent
  3    no such finding, but a key, or a fact at or above the level, could not be assessed; or the
       state is not the one that the previous run left: see -state-new
  4    the report could not be written, or the success notification failed
  130  stopped by a signal, after writing the results so far
`

// help describes a command.
func (c *command) help(w io.Writer) {
	_, _ = io.WriteString(w, c.head)
	c.flags.VisitAll(func(f *flag.Flag) {
		value, text := flag.UnquoteUsage(f)
		paragraph(w, strings.TrimSpace("-"+f.Name+" "+value), text, 24, helpWidth)
	})
	_, _ = io.WriteString(w, c.tail)
}

// flagsFirst puts the flags before the other arguments, where the flag package
// expects them, so that "nightly judge REPORT -policy read-only" works.
func (c *command) flagsFirst(args []string) []string {
	var flags, others []string
	for i := 0; i < len(args); i++ {
		word := args[i]
		if word == "--" {
			others = append(others, args[i+1:]...)
			break
		}
		if len(word) < 2 || word[0] != '-' {
			others = append(others, word)
			continue
		}
		flags = append(flags, word)
		if f := c.flags.Lookup(strings.TrimLeft(word, "-")); f != nil && !isSwitch(f) {
			if i++; i == len(args) {
				return flags // its value is missing; the flag package reports that
			}
			flags = append(flags, args[i])
		}
	}
	return slices.Concat(flags, []string{"--"}, others)
}

// isSwitch reports whether a flag takes no value.
func isSwitch(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}
