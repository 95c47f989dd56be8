package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// inventoryProblems are what is wrong with a file that --keys names. Of one that is something
// else it is what, and how that is read, in place of each word that no inventory has.
func (a app) inventoryProblems(path string, err error) []string {
	const most = 1 << 20
	file, failed := os.Open(path) //nolint:gosec // the file is the user's choice
	if failed != nil || kindOf(path) == special {
		return eachProblem(err)
	}
	defer file.Close() //nolint:errcheck // opened for reading
	text, failed := io.ReadAll(io.LimitReader(file, most))
	name := showPath(path)
	switch {
	case failed != nil || len(bytes.TrimSpace(text)) == 0:
		return eachProblem(err)
	case kindOf(path) == database:
		return []string{"--keys: " + name + " is a state and no inventory: write --state " + name}
	case isReport(path):
		return []string{"--keys: " + name + " is a report and no inventory: keyaudit judge and keyaudit diff read reports"}
	case len(text) == most || bytes.Contains(text, []byte("keys")):
		return eachProblem(err)
	}
	o := a.options()
	o.Offline, o.Reads, o.Stdin = true, nil, nil
	how := "--from BOT=" + name + " if it is a bot's own file, or keyaudit init for an inventory to fill in"
	var fit []string
	for _, bot := range botNames() {
		if in, err := inventory.From(bot, path, o); err == nil {
			if len(in.Keys) > 0 {
				fit = append(fit, "--from "+bot+"="+name)
			}
			in.Close()
		}
	}
	if at := slices.Index(fit, "--from env="+name); at >= 0 { // some bots read variables, too
		fit = fit[at : at+1]
	}
	if len(fit) > 0 {
		how = strings.Join(fit, " or ")
	}
	return []string{fmt.Sprintf(`--keys: %s is no inventory, which has "keys": write %s`, name, how)}
}
