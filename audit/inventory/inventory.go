// Package inventory says which keys there are: from an inventory file, or from
// the files that bots keep themselves. It reads and never writes, sends
// nothing, and hands out audit.Keys whose secrets are fetched when their turn
// comes and dropped after it.
package inventory

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Options say what keys may refer to.
type Options struct {
	// Exchanges are the venues that keys may name: exchanges.All().
	Exchanges []*audit.Exchange
	// Env looks a variable up; os.Getenv for programs. Nil means that there
	// are none.
	Env func(string) string
	// Environ lists the variables as NAME=value, for formats that look for
	// keys there: os.Environ().
	Environ []string
	// Stdin is what the reference "stdin" reads, once; nil means that there
	// is none.
	Stdin io.Reader
	// AllowPlain takes secrets that stand in the inventory itself, which is
	// then a finding. Without it they are refused.
	AllowPlain bool
	// Schemes resolve references of further kinds, by the word before the
	// colon: "keyring".
	Schemes map[string]Scheme
	// Formats read further bots' files, by name.
	Formats []Format
}

// Scheme resolves the references of one kind.
type Scheme struct {
	// Title says what it is, for messages: "the system's key store".
	Title string
	// Check refuses a malformed reference; it is given what stands after the
	// colon, and must not print it. Nil takes everything.
	Check func(rest string) error
	// Resolve fetches the value. Its errors are shown, so they must not hold
	// the value.
	Resolve func(rest string) (string, error)
}

// Problem is one mistake in a file, as one sentence that says what to do. It
// holds no secret and no reference's value.
type Problem struct {
	File         string
	Line, Column int // from 1; 0 if the mistake is the whole file's
	Text         string
}

// String is the problem with its place: "keys.json:3:14: …".
func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Text
	case p.Line == 0:
		return p.File + ": " + p.Text
	default:
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
	}
}

// Problems are all the mistakes of the input, in the order of the files.
type Problems []Problem

// Error is one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// err is the problems as an error, sorted by place; nil if there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p
}
