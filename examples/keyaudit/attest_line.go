package main

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
)

// statementToFill stands in a report's commands where a person has to write what they
// saw. It is refused as it is: nothing becomes green by copying a command.
const statementToFill = "WHAT YOU SAW"

// attestLine is the command by which a person attests what they looked up for a finding
// that could not be determined, as of a time. A key without an entry in an inventory
// gets the command that writes one; a finding that cannot be attested gets none.
func attestLine(r *audit.Result, f *audit.Finding, from []botFile, now time.Time) string {
	source := &r.Record.Source
	switch {
	case f.Outcome != audit.Undetermined || f.Waived != "" || !slices.Contains(attestableRules(), f.Rule), source.Format == "":
		return ""
	case source.Format != audit.FormatInventory:
		return initLine(source, from) + onHost(r, ", ")
	case sources.IsStream(source.File) || source.File == "" || strings.HasPrefix(r.Name, "-"):
		return ""
	}
	words := []string{"keyaudit", "attest", r.Name, f.Rule, "--keys", source.File, "--until", now.UTC().AddDate(0, 3, 0).Format(time.DateOnly)}
	if f.Rule == audit.RuleUnknownPermission {
		for _, name := range r.Snapshot.Unmapped {
			words = append(words, "--covers", name)
		}
	}
	return shellLine(append(words, "--statement", statementToFill)) + onHost(r, "  # ")
}

// onHost says, as a remark, on which host a command is for, where the reports of hosts were
// merged.
func onHost(r *audit.Result, after string) string {
	if r.Record.Host == "" {
		return ""
	}
	return after + "on the host " + access.Printable(r.Record.Host)
}

// initLine is the command that writes an inventory of a bot's keys.
func initLine(source *audit.Source, from []botFile) string {
	words := []string{"keyaudit", "init"}
	if source.Format != "env" || source.File != "" {
		path := source.File
		for _, bot := range from {
			if bot.format == source.Format {
				path = bot.path
			}
		}
		words = append(words, "--from", source.Format+"="+path)
	}
	return shellLine(append(words, "--output", "keys.yaml")) + "  # then attest in keys.yaml"
}

// shellLine is a command as a shell reads it.
func shellLine(words []string) string {
	out := make([]string, len(words))
	for i, word := range words {
		if out[i] = word; !plainWord.MatchString(word) {
			out[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)
