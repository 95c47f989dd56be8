package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/record"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

const recordHead = `keyaudit record DIR audits one key, and keeps in the folder DIR what its exchange answered, so that
it can be given to this project: the tests then replay it, and what an exchange reports is known
from the exchange itself.

  keyaudit record --keys keys.yaml --key grid-1 cases
  keyaudit record --demo --key tax-report cases   on a fake exchange

What is yours is replaced by invented values of the same shape, the same by the same: identifiers,
labels, IP addresses, balances, dates, and every number and word that is not the same for all of the
exchange's users. Nothing of the requests is kept but which call it was. You are shown all that
would be written, and asked, before it is. Read it through: it is yours to give away.

`

const recordTail = `
Exit codes: 0 the case was written; 2 invalid input, or you did not say yes; 3 the exchange did not
answer, or the case could not be made without a value of yours; 4 the case could not be written;
130 stopped by a signal.

A case is one new file that only you can read. No file is ever overwritten.
`

// recordSettings are what the command line of record says.
type recordSettings struct {
	settings
	key, folder string
	yes         bool
}

// recordCommand keeps what an exchange answers.
func (a app) recordCommand() *command {
	var s recordSettings
	c := a.newCommand("record DIR", "keep what an exchange answers, with invented values in place of yours, to give it away", recordHead, recordTail)
	c.text(&s.key, "key", "the NAME of the key to audit")
	c.list(&s.keys, "keys", "the inventory FILE that has it, JSON or YAML; - is standard input (may be repeated)")
	c.pair("from", "BOT=PATH", botNames(), func(w, v string) { s.from = append(s.from, botFile{w, v}) },
		"the bot's own files that have it, BOT=PATH (may be repeated): "+joined(botNames()))
	c.Flags().BoolVar(&s.allowPlain, "allow-plain", false, "accept secrets written in the inventory in plaintext")
	c.Flags().BoolVar(&s.demo, "demo", false, "ask fake exchanges on this host")
	c.Flags().BoolVar(&s.yes, "yes", false, "write the case without asking, where nobody can be asked")
	return c.does(func(ctx context.Context, args []string) int {
		if len(args) != 1 {
			c.problem("record: name the folder for the case: keyaudit record --key NAME --keys FILE DIR")
		} else {
			s.folder = args[0]
		}
		if s.key == "" {
			c.problem("--key: name the key to audit")
		}
		if !s.demo && len(s.keys)+len(s.from) == 0 {
			c.problem("--keys: name the inventory that has the key, or the bot's files by --from")
		}
		if !s.yes && a.terminal() == nil {
			c.problem("--yes: the case must be looked at before it is written, and nobody can be asked here: add --yes to write it unseen")
		}
		if len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		return a.record(ctx, &s)
	})
}

// record audits the key, and keeps what was answered.
func (a app) record(ctx context.Context, s *recordSettings) int {
	r := &auditRun{app: a, settings: &s.settings}
	var problems []string
	if len(s.keys)+len(s.from) > 0 {
		r.fleet, problems = a.load(&s.settings)
	}
	defer func() { r.fleet.close() }()
	if len(problems) > 0 {
		return a.refuse(problems)
	}
	if err := r.connect(ctx); err != nil {
		return a.refuse([]string{err.Error()})
	}
	key, problem := r.fleet.key(s.key)
	if problem != "" {
		return a.refuse([]string{problem})
	}
	recording := record.Audit(ctx, *key, r.fleet.options)
	if ctx.Err() != nil {
		return exitStopped
	}
	failure := recording.Snapshot.Failure
	if len(recording.Answers) == 0 {
		a.log("record: nothing was recorded: %s", cmp.Or(failure, &access.Error{Kind: access.KindUnavailable}))
		if failure != nil && failure.Kind == access.KindInput {
			return audit.ExitUsage
		}
		return audit.ExitNotAssessed
	}
	made, err := recording.Make(ctx, record.Learn(ctx, key.Exchange, fakeOf(key.Exchange.Name), exchanges.Documented(key.Exchange.Name)))
	switch {
	case ctx.Err() != nil:
		return exitStopped
	case err != nil:
		a.log("record: %s", err)
		return audit.ExitNotAssessed
	}
	return a.keep(s, made, failure)
}

// fakeOf makes fakes of an exchange; nil where there is none.
func fakeOf(name string) func() *exchangetest.Fake {
	return func() *exchangetest.Fake {
		all := exchangetest.All()
		if at := slices.IndexFunc(all, func(f *exchangetest.Fake) bool { return f.Name() == name }); at >= 0 {
			return all[at]
		}
		return nil
	}
}

// key is the key of that name. A demonstration adds to the names of an inventory's keys.
func (f *fleet) key(name string) (*audit.Key, string) {
	names := make([]string, len(f.keys))
	for i := range f.keys {
		names[i] = strings.TrimSuffix(f.keys[i].Name, " (demonstration)")
		if names[i] == name {
			return &f.keys[i], ""
		}
	}
	for _, skipped := range f.skipped {
		if skipped.Name == name {
			return nil, "--key: " + show(name) + " cannot be audited: " + skipped.Snapshot.Failure.Message
		}
	}
	return nil, "--key: " + unknown("key", name, names)
}

// keep shows the case, asks, and writes it.
func (a app) keep(s *recordSettings, made *record.Made, failure *access.Error) int {
	path := filepath.Join(s.folder, caseName(made))
	fmt.Fprintf(a.stderr, "%s\n", made.Text)
	a.log("record: %s of %s; replaced by invented values: %s, %s, %s and %s", count(len(made.Answers), "answer", "answers"), made.Exchange,
		count(made.Counts.Words, "word", "words"), count(made.Counts.Numbers, "number", "numbers"),
		count(made.Counts.Addresses, "IP address", "IP addresses"), count(made.Counts.Times, "time", "times"))
	if failure != nil {
		a.log("record: the exchange refused the key, so the case is about that: %s", failure)
	}
	if len(made.Lost) > 0 {
		a.log("record: the invented values change what is read in the answers: %s", strings.Join(made.Lost, ", "))
	}
	if !s.yes && !a.agrees(path) {
		return a.refuse([]string{"record: nothing was written"})
	}
	if err := os.Mkdir(s.folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		a.log("record: the folder %s cannot be created", showPath(s.folder))
		return exitUnwritten
	}
	if err := writeNew(path, made.Text); err != nil {
		a.log("record: %s", err)
		return exitUnwritten
	}
	a.log("record: %s was written; CONTRIBUTING.md says how to give it", showPath(path))
	return audit.ExitClean
}

// agrees asks whether the case may be written.
func (a app) agrees(path string) bool {
	from := a.terminal()
	if from == nil {
		return false
	}
	fmt.Fprintf(a.stderr, "Above is all that would be written to %s. Read it through: none of it should be yours.\nType yes to write it: ", showPath(path))
	answer, _ := bufio.NewReader(from).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// caseName is a name of the case's own, which says nothing of its owner.
func caseName(made *record.Made) string {
	sum := sha256.Sum256(made.Text)
	return made.Exchange + "-" + hex.EncodeToString(sum[:4]) + ".json"
}
