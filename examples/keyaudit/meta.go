package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// released and commit are set by the linker in a release, which Go itself tells
// neither: it is built from a work tree of two modules.
var released, commit string

// build is what is known of how the program was built.
func build() (version, revision string) {
	version, revision = released, commit
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(version, "(devel)"), revision
	}
	if revision == "" {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				revision += " with changes" // the settings are sorted: the revision came before
			}
		}
	}
	return cmp.Or(version, info.Main.Version, "(devel)"), revision
}

// version is that of the release or of the program's module: v0.1.0, or (devel) if
// it was built from a checkout.
func version() string {
	v, _ := build()
	return v
}

// exchangeMap is what this program knows of the exchanges, for its reports.
func exchangeMap() audit.Map {
	v, revision := build()
	return audit.Map{Version: v, Commit: revision, Checked: exchanges.Checked()}
}

// versionCommand prints what a report of a fault should contain.
func (a app) versionCommand() *command {
	c := a.newCommand("version", "print the version", "keyaudit version prints the version, the commit it was built from, and the date of its exchange map.\n\n", "")
	return c.does(func(_ context.Context, args []string) int {
		if c.noArguments(args); len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		m := exchangeMap()
		fmt.Fprintf(a.stdout, "keyaudit %s, commit %s, exchange map of %s (%d exchanges), %d rules, %s %s/%s\n",
			m.Version, cmp.Or(m.Commit, "not recorded"), m.Checked, len(exchanges.All()), len(audit.Rules()), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return audit.ExitClean
	})
}

// helpCommand is --help for those who write it as a command.
func (a app) helpCommand(root *command) *command {
	c := a.newCommand("help COMMAND", "show the help of a command", "keyaudit help COMMAND shows the help of a command.\n\n", "")
	return c.does(func(_ context.Context, args []string) int {
		at := root.Command
		for _, word := range args {
			sub, _, err := at.Find([]string{word})
			if err != nil || sub == at {
				return a.refuse([]string{unknown("command", word, root.names())})
			}
			at = sub
		}
		return helped(at)
	})
}

func helped(c *cobra.Command) int {
	_ = c.Help() // our help functions return no error
	return audit.ExitClean
}

// completionCommand makes cobra's command for shells say what is wrong in the way
// of the others.
func (a app) completionCommand(root *command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		var shells []string
		for _, shell := range c.Commands() {
			shells = append(shells, shell.Name())
		}
		c.Short = "write the completion of commands and flags for bash, fish, powershell or zsh"
		c.Args = cobra.ArbitraryArgs
		c.SetHelpFunc(func(c *cobra.Command, _ []string) { // also of the commands under it
			c.InitDefaultHelpFlag()
			fmt.Fprintf(a.stdout, "%s\n\nUsage: %s\n\n%s", strings.TrimSpace(c.Long), c.UseLine(), c.LocalFlags().FlagUsagesWrapped(helpWidth))
		})
		c.RunE = func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return exit(a.refuse([]string{"completion: name a shell: " + joined(shells)}))
			}
			return exit(a.refuse([]string{"completion: " + unknown("shell", args[0], shells)}))
		}
	}
}

// manCommand writes the man pages, for those who package the program.
func (a app) manCommand() *command {
	c := a.newCommand("man FOLDER", "write the man pages", "keyaudit man FOLDER writes a man page for each command.\n\n", "")
	c.Hidden = true
	return c.does(func(_ context.Context, args []string) int {
		if len(args) != 1 {
			return a.refuse([]string{"man: name a folder that exists"})
		}
		if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
			return a.refuse([]string{"man: " + showPath(args[0]) + " is not a folder"})
		}
		root := a.root()
		root.DisableAutoGenTag = true
		header := &doc.GenManHeader{Section: "1", Source: "keyaudit " + version(), Manual: "keyaudit"}
		if err := doc.GenManTree(root.Command, header, args[0]); err != nil {
			a.log("the man pages could not be written to %s", showPath(args[0]))
			return exitUnwritten
		}
		return audit.ExitClean
	})
}
