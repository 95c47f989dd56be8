package inventory

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Format reads the keys out of a bot's own files.
type Format struct {
	Name  string // as the caller of From and Source.Format say it: "freqtrade"
	Title string // what it reads, and where a key is kept: "freqtrade's config.json"
	// Environ: the path may be left out, and the environment is read then.
	Environ bool
	// Read finds the keys. It is called once to learn which there are, and
	// again for each key when its turn comes, so that no secret is held in
	// between. It opens files through f only. Its errors are shown if they
	// are Problems, and otherwise only that there was one.
	Read func(f *Files) ([]Found, error)
}

// Found is a key in a bot's file. One whose Key and Secret are both empty is
// dropped, as placeholders are.
type Found struct {
	Name     string // the exchange's or the user's name for it there
	Exchange string // the bot's name of the exchange, or this library's: "okex", "gate_io", "Binance US Spot"
	// Environment is the exchange's name of it, or a bot's word for play money:
	// "testnet", "demo", "sandbox". Empty means what Exchange says, and
	// otherwise the exchange's first.
	Environment string
	Market      Market      // what the bot trades with the key; what Exchange says if empty
	Stage       audit.Stage // what the bot is run as; the environment may say it too
	Key         Part
	Secret      Part
	Passphrase  Part   // the third part, under whatever name the bot gives it
	File        string // where the key stands; as given to Files.Read, and empty for the environment
	Line        int    // from 1; 0 if not known
	Column      int
	// Skip says, as a clause, why the key cannot be audited; empty if it can.
	Skip string
}

// Part is one part of a key.
type Part struct {
	Value adapter.Secret
	// Open fetches the value in place of Value, for one that takes long to
	// decrypt. It is called when the key's turn comes; its errors are shown,
	// so they must not hold the value.
	Open         func() (adapter.Secret, error)
	File         string // where the part stands, if not in Found.File
	Line, Column int    // from 1; 0 if not known
	// Environ: it stands in an environment variable.
	Environ bool
	// Clear says why the part is as good as in clear although the bot has a
	// better place for it; see audit.Storage.
	Clear string
}

func (p Part) isZero() bool { return p.Value.IsZero() && p.Open == nil }

// NewPart is a part that stands in the file as it is.
func NewPart(value string) Part { return Part{Value: adapter.NewSecret(value)} }

// Files is what a Format may read. It notes how each file is kept.
type Files struct {
	Path    string // what the user named: a file or a folder; empty for the environment
	options *Options
	storage map[string]access.Storage // of the files that were read
	texts   map[string][]byte         // what stands in for files
}

func newFiles(path string, o *Options) *Files {
	return &Files{Path: path, options: o, storage: map[string]access.Storage{}}
}

const maxFile = 16 << 20 // bytes; bots' files are a hundredth of it

// Read reads a file: Path, or one that it leads to. The error is of the type
// Problems.
func (f *Files) Read(path string) ([]byte, error) {
	if text, ok := f.texts[path]; ok {
		return text, nil
	}
	data, storage, err := openSecret(path, maxFile)
	if err != nil {
		return nil, Problems{{Text: err.Error()}}
	}
	f.storage[path] = storage
	return data, nil
}

// With is f with a text in place of one file: what a format decrypted, for
// another to read.
func (f *Files) With(path string, text []byte) *Files {
	out := *f
	out.texts = map[string][]byte{path: text}
	return &out
}

// Find is the file to read: Path, or if that is a folder, the first of names
// that exists in it. The names have slashes.
func (f *Files) Find(names ...string) string {
	if !isFolder(f.Path) {
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

// Glob lists the files of the folder Path that a pattern fits, as path.Match
// has it; it is Path itself if that is a file.
func (f *Files) Glob(patterns ...string) []string {
	if !isFolder(f.Path) {
		return []string{f.Path}
	}
	var out []string
	for _, pattern := range patterns {
		names, _ := fs.Glob(os.DirFS(f.Path), pattern) // a pattern of ours is well formed
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

// Env looks a variable up.
func (f *Files) Env(name string) string {
	if f.options.Env == nil {
		return ""
	}
	return f.options.Env(name)
}

// Environ lists the variables as NAME=value.
func (f *Files) Environ() []string { return f.options.Environ }

// kept says how a part of a key is kept.
func (f *Files) kept(part string, p Part, found *Found, title string) access.Storage {
	path := cmp.Or(p.File, found.File)
	s := f.storage[path]
	s.In, s.File = title, path
	if p.Environ || path == "" {
		s = access.Storage{In: "environment"}
	}
	if s.Part = part; part != "key" { // the public half may stand anywhere
		s.Plaintext = p.Clear
	}
	return s
}
