package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

const initHead = `keyaudit init writes an inventory of the keys it finds in the environment or in a bot's own file.
The inventory names where each secret is kept, and holds none.

  keyaudit init                                        the keys in the environment
  keyaudit init --from freqtrade=user_data/config.json  the keys of a bot

`

// initCommand writes an inventory.
func (a app) initCommand() *command {
	var s settings
	c := a.newCommand("init", "write an inventory, without secrets, of the keys in the environment or in a bot's file",
		initHead, "")
	c.pair("from", "BOT=PATH", botNames(), func(w, v string) { s.from = append(s.from, botFile{w, v}) },
		"list the keys in a bot's own files, BOT=PATH (may be repeated): "+joined(botNames()))
	c.text(&s.output, "output", "write the inventory to this FILE, which must not exist yet")
	return c.does(func(_ context.Context, args []string) int {
		c.noArguments(args)
		return a.init(c, &s)
	})
}

// init writes the inventory that the settings ask for.
func (a app) init(c *command, s *settings) int {
	if len(s.from) == 0 {
		s.from = []botFile{{"env", ""}}
	}
	var d draft
	for _, from := range together(s.from, a.options()) {
		if err := d.take(from, a.options()); err != nil {
			c.problems = append(c.problems, strings.Split(err.Error(), "\n")...)
		}
	}
	if len(c.problems) == 0 && len(d.keys) == 0 {
		d.none(c)
	}
	out, err := openNew(s.output, a.stdout)
	if err != nil {
		c.problem("--output: %s", err)
	}
	defer out.discard()
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	w := bufio.NewWriter(out)
	d.write(w, a.now())
	if err := cmp.Or(w.Flush(), out.commit()); err != nil {
		a.log("the inventory could not be written: %s", err)
		return exitUnwritten
	}
	if s.output != "" {
		a.log("%s in %s; fill in owner, purpose and review, then run: keyaudit --keys %s",
			count(len(d.keys), "key", "keys"), s.output, s.output)
	}
	return audit.ExitClean
}

// draft is an inventory for a person to complete.
type draft struct {
	keys    []drafted
	skipped []inventory.Skipped
	names   map[string]bool
}

// drafted is one key, with the reference to where it is kept.
type drafted struct {
	audit.Key
	from string
}

// take adds the keys of a bot.
func (d *draft) take(bot botFile, o inventory.Options) error {
	found, err := inventory.From(bot.format, bot.path, o)
	if err != nil {
		return err
	}
	found.Close()
	path, err := absolute(bot.path)
	if err != nil {
		return err
	}
	d.skipped = append(d.skipped, found.Skipped...)
	for _, k := range found.Keys {
		name := strings.TrimPrefix(k.Name, bot.format+"/")
		if strings.Contains(name, "#") { // which ends the path
			why := "an inventory cannot refer to a name with a #: rename the key, and add it here"
			d.skipped = append(d.skipped, inventory.Skipped{Name: k.Name, Why: why})
			continue
		}
		k.Name = d.unique(k.Name)
		d.keys = append(d.keys, drafted{k, bot.format + "=" + path + "#" + name})
	}
	return nil
}

// none says that there is no key to list, and of each that was found, why.
func (d *draft) none(c *command) {
	for _, s := range d.skipped {
		c.problem("init: %s is not listed: %s", s.Name, s.Why)
	}
	if len(d.skipped) == 0 {
		c.problem("init: found no key: name a bot's own file by --from BOT=PATH")
	}
}

// absolute is a bot's path from anywhere, so that the inventory can be moved.
func absolute(path string) (string, error) {
	if path == "" {
		return "", nil // the environment
	}
	if _, err := os.Stat(path); err != nil { // what follows a # chooses a key of the file
		if at := strings.LastIndexByte(path, '#'); at >= 0 {
			path = path[:at]
		}
	}
	if _, err := os.Stat(path); err == nil {
		return filepath.Abs(path)
	}
	var all []string // several files of one configuration
	for each := range strings.SplitSeq(path, ",") {
		one, err := filepath.Abs(each)
		if err != nil {
			return "", err
		}
		all = append(all, one)
	}
	return strings.Join(all, ","), nil
}

// unique numbers the names that several bots use.
func (d *draft) unique(name string) string {
	if d.names == nil {
		d.names = map[string]bool{}
	}
	own := name
	for n := 2; d.names[own]; n++ {
		own = fmt.Sprintf("%s-%d", name, n)
	}
	d.names[own] = true
	return own
}

// In the inventory, # and a word is a setting that is enabled by removing the #;
// # and a space is a comment.
const inventoryHead = `# API keys to audit: keyaudit --keys THIS_FILE
#
# Secrets stay where they are; this file says where that is, and holds none. Below,
# "from" reads each key from its bot's own file. Instead of "from", a key can have
# key, secret and passphrase, each kept at one of
#
#   env:NAME                  an environment variable
#   file:PATH                 a file (chmod 600), also a Kubernetes or Docker secret
#   file:PATH#/json/pointer   a value in a JSON file
#   credential:NAME           a systemd credential
#   exec:["op","read","…"]    what a command prints
#   keyring:service/user      the system's key store
#   age:PATH                  a file encrypted with age
#
# A policy says what the key is for: read-only, spot-trading, futures-trading,
# trading, treasury (may withdraw) or agent (decides by itself). Any further right of
# the key is a finding. "policies" defines policies of your own, "egress" the proxies
# through which keys send their requests. To use a setting, remove the # before it.

#policies: {grid: {preset: spot-trading, max_age_days: 60, expected_ips: [203.0.113.7]}}
#egress: {tokyo: {proxy: "env:TOKYO_PROXY"}}

keys:
`

// Further settings of a key. TODAY and LATER become dates.
const keySettings = `    #expected_ips: [203.0.113.7]  # where the bot runs: any other IP address is a finding
    #owner: "trading desk"  # who is responsible for the key
    #purpose: "grid bot, EU"
    #review: LATER  # when to review the key
`

const firstSettings = `    #egress: tokyo
    #attestations: [{rule: ip-allowlist, statement: "restricted to 203.0.113.7 on the key's page", by: "maria", at: TODAY, until: LATER}]
    #waivers: [{rule: weak-key, reason: "the bot signs with shared secrets only", until: LATER}]
`

// write writes the inventory as YAML.
func (d *draft) write(w io.Writer, now time.Time) {
	fmt.Fprint(w, inventoryHead)
	today, later := now.UTC(), now.UTC().AddDate(0, 3, 0)
	dated := strings.NewReplacer("TODAY", today.Format(time.DateOnly), "LATER", later.Format(time.DateOnly))
	for i := range d.keys {
		k := &d.keys[i]
		fmt.Fprintf(w, "  - name: %s\n", quoted(k.Name))
		fmt.Fprintf(w, "    exchange: %s\n", k.Exchange.Name)
		if k.Environment != k.Exchange.Environments[0].Name {
			fmt.Fprintf(w, "    environment: %s\n", quoted(k.Environment))
		}
		fmt.Fprintf(w, "    from: %s\n", quoted(k.from))
		fmt.Fprintf(w, "    policy: %s\n", policyText(&k.Policy))
		_, _ = dated.WriteString(w, keySettings)
		if i == 0 {
			_, _ = dated.WriteString(w, firstSettings)
		}
	}
	if len(d.skipped) > 0 {
		fmt.Fprint(w, "\n# Not listed:\n")
	}
	for _, s := range d.skipped {
		fmt.Fprintf(w, "#   %s: %s\n", comment(s.Name), comment(s.Why))
	}
}

// policyText is a policy as an inventory has it: the name of a preset, or what an
// agent's file adds to it.
func policyText(p *audit.Policy) string {
	preset := audit.Presets()[p.Name]
	if p.Autonomous == preset.Autonomous && p.MaxAge == preset.MaxAge {
		return p.Name
	}
	return fmt.Sprintf("{preset: %s, autonomous: %t, max_age_days: %d}", p.Name, p.Autonomous, int(p.MaxAge.Hours()/24))
}

// quoted is any text as a YAML string: YAML knows every escape that Go writes.
func quoted(text string) string { return strconv.Quote(text) }

// comment is a text without line breaks.
func comment(text string) string {
	text = strconv.Quote(text)
	return strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
}

func presetNames() []string { return slices.Sorted(maps.Keys(audit.Presets())) }

func joined(words []string) string { return strings.Join(words, ", ") }
