package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

const findHead = `keyaudit find PATH… looks for the API keys of exchanges in files and folders: bots' own files, .env
and what is like it, shell profiles and histories, Compose, Kubernetes, systemd, Terraform,
notebooks, configuration, constants and calls in source code, SQL, logs, tables, notes. It reads
only: without --audit it sends nothing, it follows no link, and it shows no secret.

  keyaudit find ~                the files of a home
  keyaudit find /etc /opt /srv   those of a server
  keyaudit find --history .      a checkout, with everything that its git repository ever had
  keyaudit find --staged .       what is about to be committed; for a pre-commit hook
  keyaudit find --audit ~        what each key may do, as its exchange reports it; asks first

Each key is named with its exchange and why it is thought to be that one, its masked id, which of
its halves are there, and who can read the file. What was not read is counted and named.

With --audit, each key that is whole, and whose exchange is named beside it, is sent to that
exchange and no other, with the same few declared reads as in a run: so say yes only if all of them
are yours. A key that may belong elsewhere is not sent, and is named with the reason. A key that
works and lies in a git repository comes first.

`

const findTail = `
Exit codes: 0 nothing was found, and every text was read; 1 a key, or half of one, was found; 2
invalid input; 3 nothing was found, but something could not be read; 4 the report could not be
written; 130 stopped by a signal.

What could not be read is named by its path: a file without permission, one that is encrypted, an
archive, a database, and whatever file was itself given as PATH. With --leave-archives, archives
and databases are only named; with --staged, encrypted files too, for they may be committed. What
is only counted leaves 0: pictures, programs and other binary files, folders of packages and
caches, lock files and minified code, links, other file systems, and git's own folder without
--history.
`

// findSettings are what the command line of find says.
type findSettings struct {
	find.Options
	format, output    string
	inventory         string // to write
	deadline, timeout time.Duration
	audit, mine       bool
	asked             settings // of the audit
}

// findCommand finds keys in files.
func (a app) findCommand() *command {
	var s findSettings
	s.format = "text"
	c := a.newCommand("find PATH…", "find exchanges' keys in files and in git's history", findHead, findTail)
	c.oneOf("format", "format", formatNames(), func(w string) { s.format = w },
		"FORMAT of the report: text, json, "+strings.Join(placeFormats, ", ")+", or with --audit also "+joined(auditFormats())+" (default text)")
	c.text(&s.output, "output", "write the report to this FILE once it is complete")
	c.Flags().BoolVar(&s.History, "history", false,
		"read every object of the git repositories in the folders too: branches, tags, stashes, and what no branch has")
	c.Flags().BoolVar(&s.Staged, "staged", false, "read, in place of files, what is staged in the git repository of each PATH")
	c.Flags().BoolVar(&s.FileSystems, "all-file-systems", false, "enter folders on other file systems too")
	c.Flags().BoolVar(&s.LeaveArchives, "leave-archives", false, "name archives and databases, which are not opened, without counting them as unread")
	c.duration(&s.deadline, "deadline", time.Second, 7*24*time.Hour, "longest TIME for the whole search; what was not read by then is reported")
	c.Flags().BoolVar(&s.audit, "audit", false, "audit each key that was found whole, and whose exchange is named beside it: it is sent to that exchange")
	c.Flags().BoolVar(&s.mine, "yes-mine", false, "all keys that --audit finds are your own; without it, you are asked")
	c.Flags().BoolVar(&s.asked.dryRun, "dry-run", false, "with --audit: show every request that could be sent, and send none")
	c.Flags().BoolVar(&s.asked.demo, "demo", false, "with --audit: ask fake exchanges on this host, which know the keys that were found")
	c.duration(&s.timeout, "timeout", time.Second, time.Hour, "longest TIME for the audit of one key, for instance 45s (default 30s)")
	c.text(&s.inventory, "write-inventory", "write an inventory of the keys that were found to this FILE, which must not exist yet: where each is kept, and no secret")
	return c.does(func(ctx context.Context, args []string) int {
		s.Paths, s.Exchanges = args, exchanges.All()
		if problem := a.consent(&s); problem != "" {
			c.problem("%s", problem)
		}
		switch {
		case !s.audit && slices.Contains(auditFormats(), s.format):
			c.problem("--format %s: it says what keys may do, and without --audit nobody is asked: add --audit", s.format)
		case len(args) == 0:
			c.problem("find: name the files or folders to look into, for instance: keyaudit find ~")
		case s.Staged && s.History:
			c.problem("--history: what is staged has none: leave out one of --staged and --history")
		}
		return a.find(ctx, c, &s)
	})
}

// findMemory is above which memory is collected however busy the search is.
const findMemory = 96 << 20

// find looks for keys, and reports them.
func (a app) find(ctx context.Context, c *command, s *findSettings) int {
	for _, path := range s.Paths { // a report must not take the place of a file that holds a key; in a folder, it takes only another report's
		if kindOf(path) != special {
			a.readsStored([]string{path})
		}
	}
	if problem := a.checkInventory(s); problem != "" {
		c.problem("%s", problem)
	}
	for _, problem := range a.checkOutputs(&settings{reporting: reporting{output: s.output}}) {
		c.problem("%s", problem)
	}
	out, err := openOutput(s.output, a.stdout)
	if err != nil {
		c.problem("--output: %s", err)
	}
	defer out.discard()
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	report, err := a.search(ctx, s)
	if err != nil {
		return a.refuse([]string{"find: " + err.Error()})
	}
	unwritten := false
	if s.inventory != "" && ctx.Err() == nil {
		if err := a.writeInventory(ctx, s.inventory, report); err != nil {
			a.log("--write-inventory: %s", err)
			unwritten = true
		}
	}
	code := a.reportFound(ctx, s, report, out)
	if unwritten && code != exitStopped {
		return exitUnwritten
	}
	return code
}

// search searches for as long as it may.
func (a app) search(ctx context.Context, s *findSettings) (*find.Report, error) {
	if a.env("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(400)) // this command is busy, unlike the others
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(findMemory))
	}
	if s.deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.deadline)
		defer cancel()
	}
	return find.Find(ctx, s.Options)
}

// reportFound reports what was found, audits it if that is wanted, and chooses the exit code.
func (a app) reportFound(ctx context.Context, s *findSettings, report *find.Report, out *output) int {
	if s.audit && len(report.Found) > 0 && ctx.Err() == nil {
		return a.auditFound(ctx, s, report, out)
	}
	if err := errors.Join(a.writeFound(out, report, s.format), out.commit()); err != nil {
		a.log("the report could not be written")
		return exitUnwritten
	}
	a.outdated(out)
	switch {
	case ctx.Err() != nil:
		return exitStopped
	case len(report.Found) > 0:
		return audit.ExitFindings
	case report.Unread() > 0 || report.Stopped:
		return audit.ExitNotAssessed
	default:
		return audit.ExitClean
	}
}

// writeFound writes the report of a search without an audit.
func (a app) writeFound(to io.Writer, report *find.Report, format string) error {
	switch format {
	case formatJSON:
		return report.JSON(to, find.Attached{})
	case "text":
		return report.Text(to)
	default:
		root, _ := os.Getwd()
		out := outputs{{output: &output{Writer: to}, format: format, options: renderOptions{root: root, rules: placeRules()}}}
		return out.whole(a.placesReport(report))
	}
}

// auditFormats are the formats that say what keys may do.
func auditFormats() (out []string) {
	for _, name := range formatNames() {
		if name != "text" && name != formatJSON && !slices.Contains(placeFormats, name) {
			out = append(out, name)
		}
	}
	return out
}
