package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// command is one of the program's commands: its flags, and all problems with
// what it was given. Only a flag that does not exist, or has no value, ends the
// parsing.
type command struct {
	*cobra.Command
	tail     string // of the help, after the flags
	problems []string
	repeated []string // the flags that may be repeated
}

// exit is an exit code other than 0, on its way through cobra.
type exit int

// Error says what cobra would print, which the program never lets it.
func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// newCommand makes a command of its usage line, such as "diff OLD NEW", and its
// help: one line, and what stands before and after the flags.
func (a app) newCommand(use, about, head, tail string) *command {
	c := &command{tail: tail, Command: &cobra.Command{
		Use: use, Short: about, Long: head, Args: cobra.ArbitraryArgs,
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
	}}
	c.Flags().SortFlags = false
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		c.problem("%s", flagSentence(err, c.Flags()))
		return exit(a.refuse(c.problems))
	})
	c.SetHelpFunc(func(*cobra.Command, []string) { c.help(a.stdout) })
	return c
}

// does is the last step of making a command: what it does, once its flags are
// defined.
func (c *command) does(do func(ctx context.Context, args []string) int) *command {
	c.InitDefaultHelpFlag()
	c.Flags().Lookup("help").Usage = "show this help"
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && !slices.Contains(c.repeated, f.Name) {
			f.Value = &once{Value: f.Value, flag: f.Name, command: c}
		}
	})
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if code := do(cmd.Context(), args); code != audit.ExitClean {
			return exit(code)
		}
		return nil
	}
	return c
}

// once is a flag that may be given once: of two values, one would be ignored.
type once struct {
	pflag.Value
	flag    string
	command *command
	given   bool
}

// Set sets the value the first time.
func (o *once) Set(word string) error {
	if o.given {
		o.command.problem("--%s: it is given twice, and takes one value: keep one of them", o.flag)
		return nil
	}
	o.given = true
	return o.Value.Set(word)
}

// problem notes one problem with the command line.
func (c *command) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// noArguments notes arguments, for a command that takes none.
func (c *command) noArguments(args []string) {
	if len(args) > 0 {
		c.problem("%s: unexpected argument %s", c.Name(), show(args[0]))
	}
}

// word is a flag whose value is given to a function, which notes its problems.
type word struct {
	form string // what the help calls the value
	set  func(string)
}

// Set gives the word to the function.
func (w *word) Set(text string) error { w.set(text); return nil }

// String is the value before it is set, which the help does not show.
func (w *word) String() string { return "" }

// Type is what the help calls the value.
func (w *word) Type() string { return w.form }

// takes is a flag with a value. The first word in capitals of its help names the
// value.
func (c *command) takes(name, text string, set func(word string)) {
	c.Flags().Var(&word{form: valueName.FindString(text), set: set}, name, text)
}

var valueName = regexp.MustCompile(`\b[A-Z]{4,}(=[A-Z]+)?`)

// text is a flag that takes any text, such as a path.
func (c *command) text(to *string, name, text string) {
	c.takes(name, text, func(word string) { *to = word })
}

// oneOf is a flag that takes one of several words.
func (c *command) oneOf(name, what string, words []string, set func(string), text string) {
	c.takes(name, text, func(word string) {
		if slices.Contains(words, word) {
			set(word)
		} else {
			c.problem("--%s: %s", name, unknown(what, word, words))
		}
	})
	c.complete(name, words, cobra.ShellCompDirectiveNoFileComp)
}

// duration is a flag that takes a duration between two bounds.
func (c *command) duration(to *time.Duration, name string, least, most time.Duration, text string) {
	c.takes(name, text, func(word string) {
		var err error
		if *to, err = time.ParseDuration(word); err != nil || *to < least || *to > most {
			c.problem("--%s: %s is not a duration from %s to %s, such as 45s or 1h30m",
				name, show(word), brief(least), brief(most))
		}
	})
}

// pair is a flag of the given form, WORD=VALUE, that may be repeated. An empty
// value is refused unless the flag is --from: the environment has no path.
func (c *command) pair(name, form string, words []string, add func(word, value string), text string) {
	what, _, _ := strings.Cut(form, "=")
	c.repeated = append(c.repeated, name)
	c.takes(name, text, func(arg string) {
		word, value, ok := strings.Cut(arg, "=")
		_, after, _ := strings.Cut(form, "=")
		switch {
		case !ok && slices.Contains(words, word):
			c.problem("--%s: write %s=%s", name, word, after)
		case !ok || (value == "" && name != "from"):
			c.problem("--%s: write %s, where %s is one of %s", name, form, what, joined(words))
		case !slices.Contains(words, word):
			c.problem("--%s: %s", name, unknown(strings.ToLower(what), word, words))
		default:
			add(word, value)
		}
	})
	starts := make([]string, len(words))
	for i := range words {
		starts[i] = words[i] + "="
	}
	c.complete(name, starts, cobra.ShellCompDirectiveNoSpace)
}

// list is a flag that may be repeated, each time with one value.
func (c *command) list(to *[]string, name, text string) {
	c.repeated = append(c.repeated, name)
	c.takes(name, text, func(word string) { *to = append(*to, word) })
}

// complete offers words to the shell.
func (c *command) complete(flag string, words []string, how cobra.ShellCompDirective) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, how)) // the flag was just defined
}

// flagSentence says what is wrong with a flag, and repeats no word that may be a
// secret.
func flagSentence(err error, flags *pflag.FlagSet) string {
	var (
		none  *pflag.NotExistError
		empty *pflag.ValueRequiredError
		value *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &none):
		name := none.GetSpecifiedName()
		if whole := none.GetSpecifiedShortnames(); len(whole) == 1 {
			return "-" + whole + ": flags are whole words with two dashes; see --help"
		} else if whole != "" {
			if flags.Lookup(whole) != nil {
				return "-" + whole + ": flags have two dashes: write --" + whole
			}
			name = whole
		}
		var names []string
		flags.VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		return unknown("flag", "--"+name, names)
	case errors.As(err, &empty):
		return "--" + empty.GetSpecifiedName() + ": its value is missing; see --help"
	case errors.As(err, &value):
		return "--" + value.GetFlag().Name + ": unexpected value: write it without one"
	default:
		return "the command line is wrong; see --help"
	}
}

// helpWidth is how wide help is, in columns, unless the terminal is narrower.
const helpWidth = 100

// help describes a command.
func (c *command) help(w io.Writer) {
	fmt.Fprint(w, c.Long)
	if c.HasAvailableSubCommands() {
		fmt.Fprint(w, "Commands, each with a --help of its own:\n\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(w, "  %-12s%s\n", sub.Name(), sub.Short)
			}
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "Flags:\n\n", c.LocalFlags().FlagUsagesWrapped(min(helpWidth, terminalWidth(w, helpWidth))), c.tail)
}

// terminalWidth is the number of columns of a terminal, and a default for
// anything else.
func terminalWidth(w io.Writer, otherwise int) int {
	if file, ok := fileOf(w); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return otherwise
}

// brief is a duration without its zero parts: 1h, not 1h0m0s.
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
