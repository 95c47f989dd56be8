package inventory

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Format reads the keys in a bot's own files.
type Format struct {
	Name  string // for From and Source.Format: "freqtrade"
	Title string // what it reads, and where a key is kept: "freqtrade's config.json"
	// Environ: the path may be left out, and then the environment is read.
	Environ bool
	// Several: files separated by commas are one configuration, in which a later
	// one overrides an earlier one.
	Several bool
	// Read finds the keys. It is called once to list them, and again for each
	// key when its turn comes, so that no secret is held in between. It opens
	// files through f only. Its errors are shown if they are Problems;
	// otherwise only the fact that there was one is.
	Read func(f *Files) ([]Found, error)
}

// Found is a key in a bot's file. One whose Key and Secret are both empty is
// dropped. One whose parts are references of other tools or words of samples is
// skipped, with that reason.
type Found struct {
	Name     string // the exchange's name, or the user's for the key
	Exchange string // the bot's name of the exchange, or this library's: "okex", "gate_io", "Binance US Spot"
	// Environment is the exchange's name of it, or a bot's word for a test
	// network: "testnet", "demo", "sandbox". Empty means the one that Exchange
	// implies, and otherwise the exchange's first.
	Environment string
	// URLs are what the bot's file names as the exchange's API, also hosts alone.
	// They decide the environment: one that none of the exchange's has costs the
	// key. Those of streams count only if there is no other.
	URLs   []string
	Market Market      // what the bot trades with the key; empty means what Exchange implies
	Stage  audit.Stage // how the bot is run; a test network implies it too
	// Policy is what the file promises of the key; nil means what Market implies.
	Policy     *audit.Policy
	Key        Part
	Account    Part // the account for which a wallet's key trades
	Secret     Part
	Passphrase Part // the third part, whatever the bot calls it
	// KeyPassphrase opens a private key that is encrypted.
	KeyPassphrase Part
	File          string // as given to Files.Read; empty for the environment
	Line          int    // from 1; 0 if unknown
	Column        int
	// Skip says, as a clause, why the key cannot be audited; empty if it can.
	Skip string

	private Part     // a wallet's private key, in a field of its own
	besides []beside // what else is in the key's entry
	where   []whereField
	labels  []string // the user's own names of the key, besides Name
	placed  bool     // the format read where the key belongs, also where that is the first environment

	named  adapter.Secret // the value for which it is skipped, if that is no part
	begins [2]int         // line and column of an entry that is skipped whole, for a mistake in it

	beside bool   // it is in a file that lies beside the one that is read
	by     string // the variable that decided Environment
}

// Part is one part of a key.
type Part struct {
	Value adapter.Secret
	// Open fetches the value in place of Value, for a part that is slow to
	// decrypt. It is called when the key's turn comes. Its errors are shown,
	// so they must not contain the value.
	Open         func() (adapter.Secret, error)
	File         string // if the part is not in Found.File
	Line, Column int    // from 1; 0 if unknown
	// Environ: the part is in an environment variable.
	Environ bool
	// Plaintext says, as a clause, why the part is as good as in plaintext
	// although the bot has a safer place for it; see access.Storage.
	Plaintext string

	none string // why the value is none, as the end of a sentence; empty if it is one
}

func (p Part) isZero() bool { return p.Value.IsZero() && p.Open == nil }

// NewPart is a part whose value is in the file unchanged.
func NewPart(value string) Part { return Part{Value: adapter.NewSecret(value)} }

// Files gives a Format access to files and variables. It notes how each file is
// kept.
type Files struct {
	Path    string   // as the user gave it: a file or a folder; empty for the environment
	Later   []string // further paths of a format that reads Several, in their order
	options *Options
	storage map[string]access.Storage // of the files that were read
	texts   map[string][]byte         // in place of files; see With
	alone   bool                      // there are no files but these
	trees   *[]*botFile               // what unread looks through
	found   []Found                   // what the format found in them
}

func newFiles(path string, o *Options) *Files {
	return &Files{Path: path, options: o, storage: map[string]access.Storage{}, trees: new([]*botFile)}
}

const maxFile = 16 << 20 // bytes; a hundred times a bot's usual file

// WillRead notes that a file is read later, and not with Read.
func (f *Files) WillRead(path string) { f.options.reads(path) }

// Read reads a file: Path, or one that it leads to. The error is a Problems.
func (f *Files) Read(path string) ([]byte, error) {
	f.options.reads(path)
	switch text, ok := f.texts[path]; {
	case ok:
		return text, nil
	case f.alone:
		return nil, Problems{{Text: "the file is not read"}}
	}
	data, storage, err := readFile(path, maxFile)
	if err != nil {
		return nil, Problems{{Text: err.Error()}}
	}
	f.storage[path] = storage
	return data, nil
}

// With returns f with a text in place of one file, so that a format can decrypt
// a file for another to read.
func (f *Files) With(path string, text []byte) *Files {
	out := *f
	out.texts = map[string][]byte{path: text}
	return &out
}

// Find returns the file to read: Path, or if that is a folder, the first of the
// names that exists in it. Names are written with slashes.
func (f *Files) Find(names ...string) string {
	if f.alone || !isFolder(f.Path) {
		return f.Path
	}
	for _, name := range names {
		path := filepath.Join(f.Path, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return filepath.Join(f.Path, filepath.FromSlash(names[0]))
}

// Missing reports whether there is no such file.
func (f *Files) Missing(path string) bool {
	_, err := os.Stat(path)
	return f.alone || errors.Is(err, fs.ErrNotExist)
}

// FindAll is Find for Path and each path in Later.
func (f *Files) FindAll(names ...string) []string {
	out := []string{f.Find(names...)}
	for _, path := range f.Later {
		one := Files{Path: path, alone: f.alone}
		out = append(out, one.Find(names...))
	}
	return out
}

// Glob lists the files in the folder Path that match a pattern of path.Match. If
// Path is a file, it is the only one.
func (f *Files) Glob(patterns ...string) []string {
	if f.alone || !isFolder(f.Path) {
		return []string{f.Path}
	}
	var out []string
	for _, pattern := range patterns {
		names, _ := fs.Glob(os.DirFS(f.Path), pattern) // formats have valid patterns
		for _, name := range names {
			out = append(out, filepath.Join(f.Path, filepath.FromSlash(name)))
		}
	}
	return out
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Env looks up an environment variable.
func (f *Files) Env(name string) string {
	if f.options.Env == nil {
		return ""
	}
	return f.options.Env(name)
}

// Environ lists the environment variables as NAME=value.
func (f *Files) Environ() []string { return f.options.Environ }

// partStorage says how a part of a key is kept.
func (f *Files) partStorage(part string, p Part, found *Found, title string) access.Storage {
	path := cmp.Or(p.File, found.File)
	s := f.storage[path]
	s.In, s.File = title, path
	if p.Environ || path == "" {
		s = access.Storage{In: "environment"}
	}
	if s.Part = part; part != "key" { // the public half may be kept anywhere
		s.Plaintext = p.Plaintext
	}
	return s
}
