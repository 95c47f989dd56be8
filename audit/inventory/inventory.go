// Package inventory lists the keys to audit: from an inventory file, or from
// the files that bots keep themselves. It reads and never writes, and sends
// nothing. It returns audit.Keys whose secrets are fetched when their turn
// comes and dropped afterwards.
//
// # The inventory file
//
// It is JSON in which comments and trailing commas are allowed. Unknown and
// duplicate fields are refused.
//
//	{
//	  "policies": {
//	    "grid": {"preset": "spot-trading", "max_age_days": 60, "expected_ips": ["203.0.113.7"]}
//	  },
//	  "egress": {
//	    "tokyo": {"proxy": "env:TOKYO_PROXY"},
//	    "office": {"proxy": "env:OFFICE_PROXY", "ips": ["203.0.113.99"]}
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
// A key has name, exchange, environment, base_url, key, account (where keys are wallets: what the key
// trades for, by its wallet address or what else the exchange calls it; key may be left out), secret, passphrase,
// otp, key_passphrase (of a private key that is encrypted), policy, expected_ips, attestations, waivers, labels, owner, purpose,
// review, stage (live or test), egress, probe, held_by (software and vendors that hold the key too), replaces (the name of the key that this one takes the place of), nonce_unit (s, ms, us, ns) and
// nonce_floor. A probe is an egress that the key's IP allowlist should keep out, with
// the IP addresses that it sends from (ips): one read is sent through it, once in a
// run, if the exchange reports that the key is restricted to others. In place of exchange, key and secret it may have "from", which
// takes them from a bot's own file: FORMAT=PATH#NAME. Its expected_ips,
// attestations and waivers are added to those of its policy.
//
// A policy is the name of a preset or of one of "policies", or an object:
// preset or like, needs, allows, max_age_days, expiry_notice_days,
// max_idle_days, off_hours (in which the bot does not run, in UTC: "22:00-06:00",
// "Sat,Sun 00:00-24:00"), max_entries, autonomous, expected_ips, attestations (rule,
// statement, by, at, until, covers) and waivers (rule, reason, until).
//
// The inventory may list "incidents" at those who hold keys, besides the public ones
// that this version knows: holder, what, until (the last day on which what was held then
// was exposed) and source, an https URL. In place of the list it may name a JSON file.
//
// The inventory of a fleet's coordinator names the worker of each key, "worker": "tokyo-1",
// and nothing of how that is kept or sent. "workers" says which of them share an IP address:
// {"tokyo-1": "tokyo", "tokyo-2": "tokyo"}.
//
// # References
//
// Secrets are kept outside the inventory and referred to. The public half of a
// key may be kept outside too:
//
//	env:NAME          an environment variable
//	file:PATH         a file, relative to the inventory's folder
//	credential:NAME   a systemd credential: a file in $CREDENTIALS_DIRECTORY
//	exec:["op", …]    the output of a command
//	stdin             standard input, which can be used once
//
// Each may end in a JSON pointer (RFC 6901), #/a/b, which takes a text or
// number from JSON: file:secrets.json#/grid/secret. Parts of a key that come
// from the same source fetch it once. A command may be written as an object,
// {"exec": […], "pointer": "/a/b", "timeout": 20}. The timeout is in seconds,
// 10 by default and at most 120, and counts against the time limit of the key.
// Commands run without a shell, in the inventory's folder, with the program's
// environment and no input, a few at a time. Each has a process group of its
// own, which is ended with it. What they print on standard error is discarded.
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
	// Env looks up an environment variable: os.Getenv in programs. Nil means
	// that no variable is set.
	Env func(string) string
	// Environ lists the variables as NAME=value, for formats that search them
	// for keys and for the commands that are run: os.Environ(). If it is nil,
	// commands get the program's own environment.
	Environ []string
	// Stdin is what the reference "stdin" reads, once. Nil means that there
	// is no standard input.
	Stdin io.Reader
	// AllowPlain accepts secrets in plaintext in the inventory itself, each of
	// which is then a finding. Without it they are refused.
	AllowPlain bool
	// Offline reads the inventory alone, to judge stored snapshots, possibly
	// on another machine: no reference is followed and no bot's file is read.
	// The keys cannot be audited then. A key taken from a bot's file has no
	// Exchange unless its entry names one, and no policy.
	Offline bool
	// Fleet reads the inventory of a fleet's coordinator: each key names the worker that
	// audits it, and nothing of how it is kept or sent. The keys cannot be audited here. If
	// Offline, it is read as what it is.
	Fleet bool
	// Reads gets the path of every file that keys are read from or refer to,
	// also of those that are read only when a key's turn comes or, if Offline,
	// not at all: a program that writes files must write none of these. A folder
	// stands for all that is in it. It may be called by several goroutines, and
	// may be nil.
	Reads func(path string)
	// Schemes resolve further types of references, by the word before the
	// colon: "keyring". They cannot replace the types of this package.
	Schemes map[string]Scheme
	// Formats read further bots' files, by name.
	Formats []Format
	// Decoders turn bots' files of other kinds into JSON, by the end of their
	// names: ".toml". Their errors are not shown.
	Decoders map[string]func([]byte) ([]byte, error)

	stated string            // the exchange of keys in a bot's file that does not say it
	names  map[string]string // a bot's own names of exchanges, besides those that all know
}

// Scheme resolves references of one type.
type Scheme struct {
	// Title names the source in messages: "the system's key store".
	Title string
	// Check refuses a malformed reference. It gets the text after the colon,
	// which its error must not contain. Nil accepts everything.
	Check func(rest string) error
	// Resolve fetches the value. Its errors are shown, so they must not
	// contain the value. It may be called by several goroutines.
	Resolve func(ctx context.Context, rest string) (string, error)
	// Files are the files that Resolve reads, for Options.Reads. Nil means that
	// it reads none.
	Files func(rest string) []string
}

// reads notes files that are read.
func (o *Options) reads(paths ...string) {
	for _, path := range paths {
		if o.Reads != nil && path != "" {
			o.Reads(path)
		}
	}
}

// Inventory holds the keys of a file and what they share.
type Inventory struct {
	Keys []audit.Key
	// Skipped are keys in bots' files that cannot be audited.
	Skipped []Skipped
	// Absent are references that lead to nothing now, such as a variable that is
	// not set. Each costs its key, whose Load fails, and not the others.
	Absent Problems
	// Policies are the file's own policies, by their names.
	Policies map[string]audit.Policy
	// Fleet says which worker audits which key; nil without Options.Fleet.
	Fleet *Fleet

	egresses []*egress
	large    *large // nil if Keys are all
}

// Close closes the idle connections of the keys' proxies, and the file of a large
// inventory. The keys that were taken can still be used.
func (i *Inventory) Close() {
	if i.large != nil {
		_ = i.large.file.file.Close() // opened for reading
	}
	for _, e := range i.egresses {
		e.Close()
	}
}

// Read reads an inventory file. Everything that can be checked without
// fetching a secret is checked. The error is a Problems with all of them, and
// then there is no inventory. A reference that leads to nothing now is no error if
// it is the only mistake: see Inventory.Absent.
func Read(path string, o Options) (*Inventory, error) {
	o.reads(path)
	data, _, err := readFile(path, maxConfig)
	if err != nil {
		return nil, Problems{{Text: "the inventory: " + err.Error()}}
	}
	return Parse(data, path, o)
}

// Parse is Read for the text of a file, for instance from standard input.
func Parse(data []byte, file string, o Options) (*Inventory, error) {
	data = stripJSONC(data)
	root, at := parseJSON(data)
	if root == nil {
		return nil, Problems{malformed(file, data, at)}
	}
	return Decode(root, file, o)
}

// malformed says where JSON is malformed, or that the file is no JSON.
func malformed(path string, data []byte, at int) Problem {
	if p, is := Mistaken(path, data, kindJSON); is {
		return p
	}
	p := Problem{File: path, Text: "the JSON is malformed here: check for a missing or extra comma, quote or bracket"}
	if at == len(data) {
		p.Text = "the JSON ends too early: a quote or a bracket is still open"
	}
	p.Line, p.Column = position(data, at)
	return p
}

// Decode is Read for a tree that the caller built, for instance from YAML. The
// file is the one that problems and records name, and paths are relative to
// its folder.
func Decode(root *Node, file string, o Options) (*Inventory, error) {
	o.reads(file)
	if root == nil {
		root = &Node{Line: 1, Column: 1}
	}
	o.Fleet = o.Fleet || o.Offline && namesWorkers(root)
	r := newReader(file, o)
	var keys []audit.Key
	r.inventory(root, func(n *Node) { keys = r.keys(n) })
	if len(r.problems) > 0 { // everything at once
		return nil, append(r.problems, r.absent...).err()
	}
	_ = r.absent.err() // in order
	return &Inventory{Keys: keys, Absent: r.absent, Policies: r.ownPolicies(), Fleet: r.fleet, egresses: r.egresses}, nil
}

// Problem is one mistake in a file, as one sentence that says what to do. It
// contains no secret and no reference's value.
type Problem struct {
	File         string
	Line, Column int // from 1; 0 for a problem with the whole file
	Text         string
	Key          string // the name of the only key that it costs, of those in Inventory.Absent
}

// String returns the problem with its place: "keys.json:3:14: …".
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

// Problems are all the mistakes in the input, in the order of the files.
type Problems []Problem //nolint:errname // it is a list first, which callers print line by line

// Error returns the problems, one per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// err returns the problems as an error, sorted by place; nil if there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p
}
