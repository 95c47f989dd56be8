package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/attest"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
)

const attestHead = `keyaudit attest KEY RULE writes into an inventory that you have looked up what the exchange does
not report: what you saw, who you are, and until when that holds. Comments, order and everything
else in the file stay as they are. A report has the command for each such fact.

  keyaudit attest grid-1 withdrawal --keys keys.yaml --until 2027-02-28 \
      --statement "the right to withdraw is off on the key's page"
  keyaudit attest --list --keys keys.yaml     what has expired, or expires within a month

`

// attestation is what the command line of attest says.
type attestation struct {
	file, statement, by, until string
	covers                     []string
	list                       bool
}

// attestCommand writes attestations, and lists those that run out.
func (a app) attestCommand() *command {
	var s attestation
	c := a.newCommand("attest KEY RULE", "attest in an inventory what the exchange does not report, or list what runs out", attestHead, "")
	c.ValidArgs = attestableRules()
	c.text(&s.file, "keys", "the inventory FILE, JSON or YAML")
	c.text(&s.statement, "statement", "TEXT: what you looked at, and what you saw")
	c.text(&s.until, "until", "DATE, as 2027-02-28, on which somebody has to look again; at most a year away")
	c.text(&s.by, "by", "NAME of who looked (default: the user's)")
	c.list(&s.covers, "covers", "PERMISSION that you looked at, for the rule unknown-permission (may be repeated)")
	c.Flags().BoolVar(&s.list, "list", false, "list the attestations that have expired or expire within a month")
	return c.does(func(_ context.Context, args []string) int {
		if s.list {
			return a.listAttestations(c, &s, args)
		}
		return a.attest(c, &s, args)
	})
}

// attest writes one attestation.
func (a app) attest(c *command, s *attestation, args []string) int {
	made := c.attestation(s, a.today(), cmp.Or(s.by, a.user()))
	if len(args) != 2 {
		c.problem("attest: name one key and one rule: keyaudit attest KEY RULE")
		return a.refuse(c.problems)
	}
	made.Rule = c.attestable(args[1], s.covers)
	text, keys := a.inventoryText(c, s.file)
	if text != nil {
		c.checkKey(keys, args[0], &made)
	}
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	again, err := attest.Add(text, s.file, args[0], made)
	if err == nil {
		_, err = sources.Parse(again, s.file, a.attestOptions())
	}
	if err != nil {
		return a.refuse(eachProblem(err))
	}
	if err := a.replace(s.file, text, again); err != nil {
		a.log("the inventory could not be written: %s", err)
		return exitUnwritten
	}
	a.log("%s: %s attested by %s until %s, in %s", show(args[0]), made.Rule, access.Printable(made.By), s.until, showPath(s.file))
	return audit.ExitClean
}

// attestation is what the flags say, but for the rule.
func (c *command) attestation(s *attestation, today time.Time, by string) audit.Attestation {
	made := audit.Attestation{Statement: strings.TrimSpace(s.statement), By: strings.TrimSpace(by), At: today, Covers: s.covers}
	switch {
	case !strings.ContainsFunc(made.Statement, unicode.IsLetter): // zero-width characters say nothing
		c.problem("--statement: say what you looked at, and what you saw")
	case strings.Contains(strings.ToUpper(made.Statement), statementToFill):
		c.problem("--statement: write what you saw in place of %q", statementToFill)
	}
	switch {
	case made.By != "":
	case by == "":
		c.problem("--by: name who looked: neither the environment nor the system names this user")
	default:
		c.problem("--by: name who looked")
	}
	var err error
	switch made.Until, err = time.Parse(time.DateOnly, s.until); {
	case s.until == "":
		c.problem("--until: name the day on which somebody has to look again, such as %s", today.AddDate(0, 3, 0).Format(time.DateOnly))
	case err != nil:
		c.problem("--until: %s is not a date: write it as 2027-02-28", show(s.until))
	case !made.Until.After(today):
		c.problem("--until: %s has passed: an attestation ends when that day begins", s.until)
	case made.Until.After(today.AddDate(1, 0, 0)):
		c.problem("--until: %s is more than a year away, when nobody remembers what was looked at: choose an earlier day", s.until)
	}
	return made
}

// attestable is the rule's present ID, if it can be attested.
func (c *command) attestable(id string, covers []string) string {
	id = cmp.Or(audit.RenamedRules()[id], id)
	switch {
	case !slices.Contains(ruleIDs(), id):
		c.problem("attest: %s", unknown("rule", id, attestableRules()))
	case !slices.Contains(attestableRules(), id):
		c.problem("attest: %s cannot be attested: only an audit or the inventory shows it; see keyaudit explain %s", id, id)
	case id != audit.RuleUnknownPermission && len(covers) > 0:
		c.problem("--covers: only %s is about named permissions", audit.RuleUnknownPermission)
	}
	return id
}

// attestableRules is asked for each finding of a report.
var attestableRules = sync.OnceValue(func() (ids []string) {
	for _, r := range audit.Rules() {
		if r.Attestable() {
			ids = append(ids, r.ID)
		}
	}
	return ids
})

// mostInventory is the size of the largest inventory that is edited.
const mostInventory = 64 << 20

// attestOptions read an inventory for what it says itself: no reference is followed.
func (a app) attestOptions() inventory.Options {
	o := a.options()
	o.Offline, o.AllowPlain = true, true
	return o
}

// inventoryText is the text of an inventory, and its keys.
func (a app) inventoryText(c *command, path string) ([]byte, []audit.Key) {
	switch {
	case path == "":
		c.problem("--keys: name the inventory to write to; for keys of a bot's own file write one first: keyaudit init")
		return nil, nil
	case sources.IsStream(path):
		c.problem("--keys: an attestation is written to the inventory, which must be a file")
		return nil, nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostInventory {
		c.problem("--keys: %s does not exist, is not a file or is too large", showPath(path))
		return nil, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the user's choice
	if err != nil {
		c.problem("--keys: %s cannot be read by this user", showPath(path))
		return nil, nil
	}
	read, err := sources.Parse(text, path, a.attestOptions())
	if err != nil {
		c.problems = append(c.problems, a.inventoryProblems(path, err)...)
		return nil, nil
	}
	read.Close()
	return text, read.Keys
}

// checkKey finds the key, and what speaks against another attestation of it.
func (c *command) checkKey(keys []audit.Key, name string, made *audit.Attestation) {
	at := slices.IndexFunc(keys, func(k audit.Key) bool { return k.Name == name })
	if at < 0 {
		bot, _, ofBot := strings.Cut(name, "/")
		listed := slices.ContainsFunc(keys, func(k audit.Key) bool { return strings.HasPrefix(k.Name, bot+"/") }) // so it is misspelt
		if ofBot && !listed && slices.Contains(botNames(), bot) {
			c.problem("attest: %s is of a bot's own file and has no entry in the inventory: write one with keyaudit init --from %s=PATH",
				show(name), bot)
			return
		}
		names := make([]string, len(keys))
		for i := range keys {
			names[i] = keys[i].Name
		}
		c.problem("attest: %s", unknown("key", name, names))
		return
	}
	for _, old := range keys[at].Policy.Attestations {
		if old.Rule == made.Rule && !made.Until.IsZero() && !old.Until.Before(made.Until) && slices.Equal(old.Covers, made.Covers) {
			c.problem("attest: %s of %s is attested already, by %s until %s: choose a later day, or change it in the inventory",
				made.Rule, show(name), access.Printable(old.By), old.Until.Format(time.DateOnly))
			return
		}
	}
}

// replace replaces the inventory as a whole. Mode and owner stay.
func (a app) replace(path string, was, is []byte) error {
	out, err := openOutput(path, nil)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := cmp.Or(out.setMode(0, 0o600), keepOwner(out.file, out.path)); err != nil {
		return err
	}
	if _, err := out.Write(is); err != nil {
		return err
	}
	if now, err := os.ReadFile(out.path); err != nil || !bytes.Equal(now, was) {
		return fmt.Errorf("%s was changed meanwhile: try again", showPath(path))
	}
	return out.commit()
}

// listAttestations lists what has expired or expires within a month, the first to
// expire on top. What was renewed is left out.
func (a app) listAttestations(c *command, s *attestation, args []string) int {
	c.noArguments(args)
	if s.statement+s.until+s.by != "" || len(s.covers) > 0 {
		c.problem("--list: leave out what describes an attestation")
	}
	_, keys := a.inventoryText(c, s.file)
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	type row struct {
		key string
		audit.Attestation
	}
	var rows []row
	month := a.now().UTC().AddDate(0, 1, 0)
	for i := range keys {
		last := map[string]audit.Attestation{}
		for _, x := range keys[i].Policy.Attestations {
			if id := x.Rule + "\x00" + strings.Join(x.Covers, "\x00"); x.Until.After(last[id].Until) {
				last[id] = x
			}
		}
		for _, x := range last {
			if x.Until.Before(month) {
				rows = append(rows, row{keys[i].Name, x})
			}
		}
	}
	if len(rows) == 0 {
		fmt.Fprintf(a.stdout, "No attestation in %s expires before %s.\n", showPath(s.file), month.Format(time.DateOnly))
		return audit.ExitClean
	}
	slices.SortFunc(rows, func(x, y row) int {
		return cmp.Or(x.Until.Compare(y.Until), strings.Compare(x.key, y.key), strings.Compare(x.Rule, y.Rule))
	})
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tRULE\tBY\tUNTIL")
	for _, r := range rows {
		until := r.Until.Format(time.DateOnly)
		if !a.now().Before(r.Until) {
			until += " (expired)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", access.Printable(r.key), r.Rule, access.Printable(r.By), until)
	}
	_ = w.Flush()
	fmt.Fprintln(a.stdout, "\nLook again, then renew each: keyaudit attest KEY RULE --keys FILE --until DATE --statement TEXT")
	return audit.ExitClean
}

// today is the day that an attestation is of.
func (a app) today() time.Time { return a.now().UTC().Truncate(24 * time.Hour) }

// user is who runs the program, by the environment or else by the system: services and
// containers often have no USER.
func (a app) user() string {
	name := cmp.Or(a.env("USER"), a.env("LOGNAME"), a.env("USERNAME"))
	if name == "" && a.account != nil {
		if account, err := a.account(); err == nil {
			return account.Username
		}
	}
	return name
}
