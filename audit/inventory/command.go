package inventory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	commandTime    = 10 * time.Second
	longestCommand = 120 * time.Second
	// commandGrace is how long the children of a command may keep its output
	// open after it has ended.
	commandGrace = time.Second
)

// commands run what references name. Messages show the program's name only:
// an argument may be a secret.
type commands struct {
	folder  string
	environ []string
	slots   chan struct{} // one for each that may run at a time: secret stores are slow and may ask a person
}

// commandName is the source's name of a command.
func commandName(args []string) string {
	text, _ := json.Marshal(args) //nolint:errchkjson // strings can always be marshaled
	return string(text)
}

func arguments(name string) []string {
	var args []string
	_ = json.Unmarshal([]byte(name), &args) // commandName wrote it
	return args
}

// parseCommand reads ["op", "read", …], which a JSON pointer may follow.
func parseCommand(rest string) (name, pointer string, err error) {
	end := strings.LastIndexByte(rest, ']') + 1
	var args []string
	if json.Unmarshal([]byte(rest[:end]), &args) != nil || (rest[end:] != "" && !strings.HasPrefix(rest[end:], "#/")) {
		return "", "", errors.New(`the text after exec: must be a list like ["op", "read", "op://vault/item/field"]`)
	}
	return commandName(args), strings.TrimPrefix(rest[end:], "#"), nil
}

// check finds the program.
func (c *commands) check(name string) error {
	args := arguments(name)
	switch {
	case len(args) == 0 || args[0] == "":
		return errors.New("the command is empty: name a program")
	case strings.ContainsRune(strings.Join(args, ""), 0):
		return errors.New("the command contains a NUL character: remove it")
	case args[0] != filepath.Base(args[0]) && !filepath.IsAbs(args[0]):
		return fmt.Errorf("the command %s must be the name of a program in PATH, or an absolute path", programName(args))
	}
	if _, err := exec.LookPath(args[0]); err != nil {
		return fmt.Errorf("the command %s was not found or is not executable", programName(args))
	}
	return nil
}

// files are the program and those of its arguments that are files: what it may
// take the secret from.
func (c *commands) files(name string) (paths []string) {
	for i, path := range arguments(name) {
		if _, value, is := strings.Cut(path, "="); is { // --file=PATH
			path = value
		}
		if i == 0 {
			path, _ = exec.LookPath(path)
		} else if !filepath.IsAbs(path) {
			path = filepath.Join(c.folder, path)
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			paths = append(paths, path)
		}
	}
	return paths
}

// programName is what may be shown of a command. If its first item is a whole
// command line, what follows the program is left out.
func programName(args []string) string {
	program, _, together := strings.Cut(args[0], " ")
	name := show(filepath.Base(program))
	if together {
		name += " (write each argument as a separate item)"
	}
	return name
}

var errTooMuch = errors.New("the command printed too much")

// fetch runs a command and returns what it prints on its standard output.
func (c *commands) fetch(ctx context.Context, from source) (*document, error) {
	if err := c.check(from.name); err != nil {
		return nil, err
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	args, limit := arguments(from.name), cmp.Or(from.timeout, commandTime)
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	capped, stop := context.WithCancelCause(timed)
	defer stop(nil)
	out := &cappedBuffer{room: maxSecret, full: func() { stop(errTooMuch) }}
	cmd := exec.CommandContext(capped, args[0], args[1:]...) //nolint:gosec // naming the command is what a reference is for
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.WaitDelay = c.folder, c.environ, out, commandGrace
	ownGroup(cmd)
	err := cmd.Run()
	if cmd.Process != nil && cmd.Cancel != nil {
		_ = cmd.Cancel() // ends children that it left running
	}
	exit := (*exec.ExitError)(nil)
	switch {
	case errors.Is(context.Cause(capped), errTooMuch):
		return nil, fmt.Errorf("the command %s printed more than %d KiB", programName(args), maxSecret>>10)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case timed.Err() != nil:
		return nil, fmt.Errorf("the command %s took longer than %s", programName(args), limit)
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, fmt.Errorf("the command %s left a process running that keeps its output open", programName(args))
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return nil, fmt.Errorf("the command %s failed with exit code %d: run it by hand to see why",
			programName(args), exit.ExitCode())
	case err != nil:
		return nil, fmt.Errorf("the command %s could not be run to completion: run it by hand to see why", programName(args))
	}
	return &document{text: out.kept.String()}, nil
}

// cappedBuffer keeps a limited number of bytes, and then calls full.
type cappedBuffer struct {
	kept bytes.Buffer // not embedded, or io.Copy would write past the limit
	room int
	full func()
}

// Write keeps what fits.
func (b *cappedBuffer) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > b.room {
		b.full()
		return 0, errTooMuch
	}
	return b.kept.Write(p)
}
