// Package inventory says which keys there are: from an inventory file, or from
// the files that bots keep themselves. It reads and never writes, sends
// nothing, and hands out audit.Keys whose secrets are fetched when their turn
// comes and dropped after it.
//
// # The inventory file
//
// It is JSON, in which comments and trailing commas are let pass. What isn't
// known, or stands twice, is refused.
//
//	{
//	  "policies": {
//	    "grid": {"preset": "spot-trading", "max_age_days": 60, "expected_ips": ["203.0.113.7"]}
//	  },
//	  "egress": {
//	    "tokyo": {"proxy": "env:TOKYO_PROXY"}
//	  },
//	  "keys": [
//	    {"name": "grid-1", "exchange": "bybit", "key": "env:GRID_KEY", "secret": "file:grid.secret",
//	     "policy": "grid", "egress": "tokyo", "owner": "desk-3", "labels": {"fund": "a"}},
//	    {"name": "maker-1", "exchange": "okx", "policy": "spot-trading",
//	     "key": {"exec": ["op", "item", "get", "okx", "--format", "json"], "pointer": "/fields/0/value"},
//	     "secret": {"exec": ["op", "item", "get", "okx", "--format", "json"], "pointer": "/fields/1/value"},
//	     "passphrase": "credential:okx-passphrase"},
//	    {"name": "octo", "from": "octobot=user/config.json#binance", "policy": "spot-trading"}
//	  ]
//	}
//
// A key has name, exchange, environment, base_url, key, secret, passphrase,
// otp, policy, expected_ips, attestations, waivers, labels, owner, purpose,
// review, stage (live or test), egress, nonce_unit (s, ms, us, ns) and
// nonce_floor. In place of exchange, key and secret it may say "from", which
// takes them from a bot's own file: FORMAT=PATH#NAME. Its expected_ips,
// attestations and waivers add to those of its policy.
//
// A policy is the name of a preset or of one of "policies", or an object:
// preset or like, needs, allows, max_age_days, expiry_notice_days,
// max_idle_days, max_entries, autonomous, expected_ips, attestations (rule,
// statement, by, at, until) and waivers (rule, reason, until).
//
// # References
//
// Secrets stand elsewhere, and so may the public half of a key:
//
//	env:NAME          an environment variable
//	file:PATH         a file, relative to the inventory's folder
//	credential:NAME   a systemd credential: a file in $CREDENTIALS_DIRECTORY
//	exec:["op", …]    what a command prints
//	stdin             standard input, once
//
// Behind each, #/a/b takes a text or number out of JSON by its JSON pointer
// (RFC 6901): file:secrets.json#/grid/secret. Parts of a key that are taken
// out of the same place fetch it once. A command may be written as an object,
// {"exec": […], "pointer": "/a/b", "timeout": 20}; the time is in seconds, 10
// if not said and at most 120, and counts against the time limit of the key.
// Commands are run without a shell, in the inventory's folder, with the
// program's environment and no input, a few at a time, each in a process group
// of its own, which is ended with it. What they print on standard error is
// dropped.
package inventory

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Options say what keys may refer to.
type Options struct {
	// Exchanges are the exchanges that keys may name: exchanges.All().
	Exchanges []*adapter.Exchange
	// Env looks a variable up; os.Getenv for programs. Nil means that there
	// are none.
	Env func(string) string
	// Environ lists the variables as NAME=value, for formats that look for
	// keys there and for the commands that are run: os.Environ(). Commands get
	// the program's own if it is nil.
	Environ []string
	// Stdin is what the reference "stdin" reads, once; nil means that there
	// is none.
	Stdin io.Reader
	// AllowPlain takes secrets that stand in the inventory itself, which is
	// then a finding. Without it they are refused.
	AllowPlain bool
	// Offline reads only what the inventory says itself, to judge what was
	// stored, maybe on another machine: no reference and no bot's file is
	// looked at. The keys cannot be audited then. One that is taken from a
	// bot's file has no Exchange unless its entry names one, and no policy.
	Offline bool
	// Schemes resolve references of further kinds, by the word before the
	// colon: "keyring". The words of this package stay its own.
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
	// the value. It may be called by several goroutines.
	Resolve func(ctx context.Context, rest string) (string, error)
}

// Inventory is the keys of a file, and what they share.
type Inventory struct {
	Keys []audit.Key
	// Skipped are keys of bots' files that cannot be audited.
	Skipped []Skipped

	exits []*egress
}

// Close closes the idle connections of the keys' own ways out. The keys can
// still be used.
func (i *Inventory) Close() {
	for _, e := range i.exits {
		e.Close()
	}
}

// Read reads an inventory file. Everything that can be known without fetching
// a secret is checked, so the error is all Problems at once; then there is no
// inventory.
func Read(path string, o Options) (*Inventory, error) {
	data, _, err := openSecret(path, maxConfig)
	if err != nil {
		return nil, Problems{{Text: "the inventory: " + err.Error()}}
	}
	data = stripJSONC(data)
	root, at := parseJSON(data)
	if root == nil {
		line, column := position(data, at)
		return nil, Problems{{File: path, Line: line, Column: column, Text: malformed(at == len(data))}}
	}
	return Decode(root, path, o)
}

// malformed says what is wrong with JSON.
func malformed(early bool) string {
	if early {
		return "the JSON ends too early: a quote or a bracket is still open"
	}
	return "the JSON is malformed here: a comma, a quote or a bracket may be missing or too many"
}

// Decode is Read for a tree that the caller made, for instance of YAML. The
// file is that of the problems and records, and paths are relative to its
// folder.
func Decode(root *Node, file string, o Options) (*Inventory, error) {
	r := newReader(file, o)
	if root == nil {
		root = &Node{Line: 1, Column: 1}
	}
	keys := r.inventory(root)
	if err := r.problems.err(); err != nil {
		return nil, err
	}
	return &Inventory{Keys: keys, exits: r.exits}, nil
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
type Problems []Problem //nolint:errname // its reader has problems, and each has a line

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
