package inventory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	commandTime    = 10 * time.Second
	longestCommand = 120 * time.Second
	// commandGrace is how long a command's children may keep its output open
	// once it has ended or was ended.
	commandGrace = time.Second
)

// commands run what references name. They are shown by the program's name
// only: an argument may be anything.
type commands struct {
	folder  string
	environ []string
	slots   chan struct{} // one for each that may run at a time: stores of secrets are slow, and may ask a person
}

// newCommand is the source's name of a command.
func newCommand(args []string) string {
	text, _ := json.Marshal(args) //nolint:errchkjson // texts always can be written
	return string(text)
}

func arguments(name string) []string {
	var args []string
	_ = json.Unmarshal([]byte(name), &args) // newCommand wrote it
	return args
}

// parseCommand reads ["op", "read", …] and a pointer behind it.
func parseCommand(rest string) (name, pointer string, err error) {
	end := strings.LastIndexByte(rest, ']') + 1
	var args []string
	if json.Unmarshal([]byte(rest[:end]), &args) != nil || (rest[end:] != "" && !strings.HasPrefix(rest[end:], "#/")) {
		return "", "", errors.New(`what follows exec: is not a list like ["op", "read", "op://vault/item/field"]`)
	}
	return newCommand(args), strings.TrimPrefix(rest[end:], "#"), nil
}

// check finds the program.
func (c *commands) check(name string) error {
	args := arguments(name)
	switch {
	case len(args) == 0 || args[0] == "":
		return errors.New("the command names no program")
	case strings.ContainsRune(strings.Join(args, ""), 0):
		return errors.New("the command holds a character that no command may hold")
	case args[0] != filepath.Base(args[0]) && !filepath.IsAbs(args[0]):
		return fmt.Errorf("the command %s must be named by its name alone, to be found in PATH, or by its whole path", title(args))
	}
	if _, err := exec.LookPath(args[0]); err != nil {
		return fmt.Errorf("the command %s is not found, or may not be run", title(args))
	}
	return nil
}

// title is what may be shown of a command: the program's name. What follows it
// in the same item are arguments that somebody did not take apart.
func title(args []string) string {
	program, _, together := strings.Cut(args[0], " ")
	name := show(filepath.Base(program))
	if together {
		name += " (each argument is an item of its own)"
	}
	return name
}

var errTooMuch = errors.New("the command wrote too much")

// fetch runs a command and takes what it writes on its standard output.
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
		_ = cmd.Cancel() // what it left behind
	}
	exit := (*exec.ExitError)(nil)
	switch {
	case errors.Is(context.Cause(capped), errTooMuch):
		return nil, fmt.Errorf("the command %s wrote more than %d KiB", title(args), maxSecret>>10)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case timed.Err() != nil:
		return nil, fmt.Errorf("the command %s took longer than %s", title(args), limit)
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, fmt.Errorf("the command %s left a process behind that keeps its output open", title(args))
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return nil, fmt.Errorf("the command %s failed with exit code %d: run it by hand to see why", title(args), exit.ExitCode())
	case err != nil:
		return nil, fmt.Errorf("the command %s could not be run to its end", title(args))
	}
	return &document{text: out.kept.String()}, nil
}

// cappedBuffer takes so many bytes and then says that it is full.
type cappedBuffer struct {
	kept bytes.Buffer // and not embedded, or io.Copy would write past the cap
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
