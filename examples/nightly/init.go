package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const initHead = `nightly init writes an inventory of the keys it finds: those in the environment, or those in
a bot's own file. It names where each secret is kept and holds none.

  nightly init                                        the keys in the environment
  nightly init -from freqtrade=user_data/config.json  the keys of a bot

`

// initCommand writes an inventory.
func (m machine) initCommand(_ context.Context, args []string) int {
	var s settings
	c := newCommand("init", initHead, "")
	c.pair("from", botNames(), "bot", func(w, v string) { s.from = append(s.from, botFile{w, v}) },
		"list the keys in a bot's own files, `BOT=PATH` (may be repeated): "+strings.Join(botNames(), ", "))
	c.flags.StringVar(&s.output, "output", "", "write the inventory to this `FILE`, which must not exist yet")
	if c.parse(args, m.stdout) {
		return audit.ExitClean
	}
	c.noArguments()
	if len(s.from) == 0 {
		s.from = []botFile{{"env", ""}}
	}
	f, problems := m.load(&s)
	defer f.close()
	problems = append(c.problems, problems...)
	out, err := openNew(s.output, m.stdout)
	if err != nil {
		problems = append(problems, "-output: "+err.Error())
	}
	defer out.discard()
	if len(problems) > 0 {
		return m.refuse(problems)
	}
	w := bufio.NewWriter(out)
	writeInventory(w, &f)
	if err := cmp.Or(w.Flush(), out.commit()); err != nil {
		fmt.Fprintln(m.stderr, "nightly: the inventory could not be written:", err)
		return exitUnwritten
	}
	if s.output != "" {
		fmt.Fprintf(m.stderr, "nightly: %s in %s; fill in owner, purpose and review, then run: nightly -keys %s\n",
			count(len(f.keys), "key", "keys"), s.output, s.output)
	}
	return audit.ExitClean
}

const inventoryHead = `# API keys to audit: nightly -keys THIS_FILE
# Secrets stay where they are; this file says where that is, and holds none.
#
# A place is one of
#   env:NAME                  an environment variable
#   file:PATH                 a file (chmod 600), also a Kubernetes or Docker secret
#   file:PATH#/json/pointer   a value in a JSON file
#   credential:NAME           a systemd credential
#   exec:["op","read","…"]    what a command prints
#   keyring:service/user      the system's key store
#   age:PATH                  a file encrypted with age
# or the key is taken out of a bot's own file: from: freqtrade=PATH#NAME
#
# A policy says what the key is for: read-only, spot-trading, futures-trading,
# trading, treasury (may withdraw) or agent. Whatever it doesn't need is a finding.

keys:
`

// writeInventory writes an inventory for a person to complete.
func writeInventory(w io.Writer, f *fleet) {
	fmt.Fprint(w, inventoryHead)
	for i := range f.keys {
		k := &f.keys[i]
		from := k.Record.Source
		fmt.Fprintf(w, "  - name: %s\n", quoted(k.Name))
		fmt.Fprintf(w, "    exchange: %s\n", k.Exchange.Name)
		if k.Environment != "" && k.Environment != k.Exchange.Environments[0].Name {
			fmt.Fprintf(w, "    environment: %s\n", quoted(k.Environment))
		}
		fmt.Fprintf(w, "    from: %s\n", quoted(from.Format+"="+from.File+"#"+strings.TrimPrefix(k.Name, from.Format+"/")))
		fmt.Fprintf(w, "    policy: %s  # what the key is for: see above\n", quoted(k.Policy.Name))
		fmt.Fprint(w, "    # expected_ips: [203.0.113.7]   # the addresses the bot runs from\n")
		fmt.Fprint(w, "    # owner: \"\"                     # who answers for the key\n")
		fmt.Fprint(w, "    # purpose: \"\"\n")
		fmt.Fprint(w, "    # review: 2027-01-31            # when somebody looks at it again\n")
	}
	for _, s := range f.skipped {
		fmt.Fprintf(w, "  # %s: %s\n", comment(s.Name), comment(s.Snapshot.Failure.Message))
	}
}

// quoted is a text as YAML takes it, whatever is in it: JSON is YAML.
func quoted(text string) string { return strconv.QuoteToASCII(text) }

// comment is a text that stays on its line.
func comment(text string) string { return strings.Trim(strconv.QuoteToASCII(text), `"`) }

func presetNames() []string { return slices.Sorted(maps.Keys(audit.Presets())) }

func joined(words []string) string { return strings.Join(words, ", ") }
