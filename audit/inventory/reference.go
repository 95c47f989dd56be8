package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// reference says where one part of a key is kept.
type reference struct {
	source
	pointer string // into the JSON of the source; empty means all of it
}

// source is what references are fetched from. Equal ones are the same place.
type source struct {
	scheme  *scheme
	name    string        // variable, path, command as JSON: what the scheme makes of it
	json    bool          // JSON pointers are followed in it
	timeout time.Duration // of a command; 0 means the default
}

// scheme is a type of reference, by the word before its colon.
type scheme struct {
	title string // as access.Storage.In has it
	// parse splits the text after the colon.
	parse func(rest string) (name, pointer string, err error)
	// check finds out, without fetching, whether fetch would succeed.
	check func(name string) error
	fetch func(ctx context.Context, s source) (*document, error)
	// files are those that fetch reads; nil means none.
	files func(name string) []string
	// local: fetching is quick and asks no other program or person, so JSON
	// pointers are followed while the inventory is read.
	local bool
}

// sources resolve the references of one inventory. None of their errors
// contains a value, or what may be one.
type sources struct {
	folder  string
	env     func(string) string
	file    access.Storage // how the inventory itself is kept
	stdin   *input
	schemes map[string]*scheme
	checked bool // all references were, and need not be again
}

func newSources(file string, o *Options) *sources {
	s := &sources{
		folder: filepath.Dir(file), env: o.Env,
		file: access.Storage{In: "inventory", File: file}, stdin: &input{from: o.Stdin},
	}
	if s.env == nil {
		s.env = func(string) string { return "" }
	}
	if info, err := os.Stat(file); err == nil {
		s.file = storageOf(file, info)
		s.file.In = "inventory"
	}
	commands := &commands{folder: s.folder, environ: o.Environ, slots: make(chan struct{}, 4)}
	s.schemes = map[string]*scheme{}
	for word, custom := range o.Schemes {
		s.schemes[word] = customScheme(custom)
	}
	maps.Copy(s.schemes, map[string]*scheme{
		"env":        {title: "environment", parse: cutPointer, check: s.checkVariable, fetch: s.variable, local: true},
		"file":       {title: "file", parse: s.parsePath, check: s.checkPath, fetch: s.path, files: itself, local: true},
		"credential": {title: "credential", parse: cutPointer, check: s.checkCredential, fetch: s.credential, files: s.credentialFile, local: true},
		"exec":       {title: "command", parse: parseCommand, check: commands.check, fetch: commands.fetch, files: commands.files},
		"stdin":      {title: "standard input", parse: cutPointer, check: s.stdin.check, fetch: s.stdin.fetch},
	})
	for _, scheme := range s.schemes {
		check := scheme.check
		if o.Offline {
			scheme.local, check = false, func(string) error { return nil }
		}
		scheme.check = func(name string) error {
			if s.checked {
				return nil
			}
			if scheme.files != nil {
				o.reads(scheme.files(name)...)
			}
			return check(name)
		}
	}
	return s
}

// parse reads a reference. If the text is none, ok is false, and the text may
// be plaintext.
func (s *sources) parse(text string) (r reference, ok bool, err error) {
	word, rest, _ := strings.Cut(text, ":")
	if tail, is := strings.CutPrefix(text, "stdin"); is && (tail == "" || tail[0] == '#') {
		word, rest = "stdin", tail
	}
	scheme := s.schemes[word]
	switch {
	case text == "":
		return r, false, errors.New("the value is empty")
	case shellVariable.MatchString(text):
		return r, false, errors.New("write an environment variable as env:NAME")
	case scheme == nil && word != text:
		if best := nearest(word, slices.Sorted(maps.Keys(s.schemes))); best != "" {
			return r, false, fmt.Errorf("unknown reference type: did you mean %q?", best+":")
		}
		return r, false, nil
	case scheme == nil:
		return r, false, nil
	}
	name, pointer, err := scheme.parse(rest)
	if err != nil {
		return r, true, err
	}
	r, err = newReference(source{scheme: scheme, name: name}, pointer)
	return r, true, err
}

// absent is the error of a reference that is well-formed and leads to nothing now. It
// costs the key that has it, and not the run: the key's turn may find it there.
type absent struct{ error }

func newReference(from source, pointer string) (reference, error) {
	from.json = pointer != ""
	r := reference{source: from, pointer: pointer}
	if err := checkPointer(pointer); err != nil {
		return r, err
	}
	return r, from.scheme.check(from.name)
}

// cutPointer cuts a JSON pointer off a reference.
func cutPointer(rest string) (name, pointer string, err error) {
	if at := strings.Index(rest, "#/"); at >= 0 {
		return rest[:at], rest[at+1:], nil
	}
	return rest, "", nil
}

var (
	variable      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	shellVariable = regexp.MustCompile(`^\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[^{}]*\})$`)
)

func (s *sources) checkVariable(name string) error {
	switch {
	case !variable.MatchString(name):
		return errors.New("the text after env: must be the name of an environment variable")
	case strings.TrimSpace(s.env(name)) == "":
		return absent{fmt.Errorf("the environment variable %s is not set", show(name))}
	}
	return nil
}

func (s *sources) variable(_ context.Context, from source) (*document, error) {
	return &document{text: s.env(from.name)}, s.checkVariable(from.name)
}

func (s *sources) parsePath(rest string) (name, pointer string, err error) {
	path, pointer, err := cutPointer(rest)
	switch {
	case path == "":
		return "", "", errors.New("the path after file: is missing")
	case strings.HasPrefix(path, "~"):
		return "", "", errors.New("~ is not expanded in a path: write the full path")
	}
	return s.within(path), pointer, err
}

// itself: the name of such a source is its file.
func itself(path string) []string { return []string{path} }

// within resolves a path relative to the inventory's folder.
func (s *sources) within(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.folder, path)
}

func (s *sources) checkPath(path string) error {
	if err := checkFile(path, maxConfig); err != nil {
		return absent{s.redact(path, err)}
	}
	return nil
}

func (s *sources) path(_ context.Context, from source) (*document, error) {
	limit := int64(maxSecret)
	if from.json {
		limit = maxConfig
	}
	data, storage, err := readFile(from.name, limit)
	if err != nil {
		return nil, s.redact(from.name, err)
	}
	return &document{text: string(data), storage: storage}, nil
}

// redact keeps an error from showing a path that may be a secret in the wrong
// place. A secret may contain slashes, so the folders that the inventory names
// are checked as well.
func (s *sources) redact(path string, err error) error {
	if within, outside := filepath.Rel(s.folder, path); outside == nil && !strings.HasPrefix(within, "..") {
		path = within
	}
	if looksSecret(path) {
		return fmt.Errorf("the file %s cannot be read", show(path))
	}
	return err
}

// credentialPath is where systemd puts a credential.
func (s *sources) credentialPath(name string) (string, error) {
	folder := s.env("CREDENTIALS_DIRECTORY")
	switch {
	case name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`):
		return "", errors.New("the text after credential: must be the name of a systemd credential")
	case folder == "":
		return "", errors.New("there are no systemd credentials: $CREDENTIALS_DIRECTORY is not set")
	}
	return filepath.Join(folder, name), nil
}

func (s *sources) credentialFile(name string) []string {
	path, _ := s.credentialPath(name) // empty if there is none
	return []string{path}
}

func (s *sources) checkCredential(name string) error {
	path, err := s.credentialPath(name)
	if err != nil {
		return err
	}
	if err := checkFile(path, maxConfig); err != nil {
		return absent{err}
	}
	return nil
}

// credential does not report the file's mode: with the access control lists
// that systemd may set, it looks more open than it is.
func (s *sources) credential(_ context.Context, from source) (*document, error) {
	path, err := s.credentialPath(from.name)
	if err != nil {
		return nil, err
	}
	data, _, err := readFile(path, maxConfig)
	return &document{text: string(data)}, err
}

// customScheme is a scheme of the caller's.
func customScheme(custom Scheme) *scheme {
	return &scheme{
		title: custom.Title,
		parse: cutPointer,
		files: custom.Files,
		check: func(rest string) error {
			if custom.Check == nil {
				return nil
			}
			return custom.Check(rest)
		},
		fetch: func(ctx context.Context, from source) (*document, error) {
			if custom.Resolve == nil {
				return nil, fmt.Errorf("references to %s cannot be resolved", custom.Title)
			}
			text, err := custom.Resolve(ctx, from.name)
			return &document{text: text}, err
		},
	}
}
