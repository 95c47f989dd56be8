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
	pointer string // into the JSON that stands there; empty means all of it
}

// source is what one reference or several are fetched from. Equal ones are the
// same place.
type source struct {
	scheme  *scheme
	name    string        // variable, path, command as JSON: what the scheme makes of it
	json    bool          // it is read for what pointers find in it
	timeout time.Duration // of a command; 0 means the default
}

// scheme is a kind of reference, by the word before its colon.
type scheme struct {
	in string // as audit.Storage says it
	// parse takes what stands after the colon apart.
	parse func(rest string) (name, pointer string, err error)
	// check finds out, without fetching, whether fetch would succeed.
	check func(name string) error
	fetch func(ctx context.Context, s source) (*document, error)
	// near: fetching is quick and asks nobody, so pointers are followed at
	// once.
	near bool
}

// sources are where references of one inventory lead. None of its errors holds
// a value, nor what may be one.
type sources struct {
	folder  string
	env     func(string) string
	file    access.Storage // how the inventory itself is kept
	stdin   *input
	schemes map[string]*scheme
}

func newSources(file string, o *Options) *sources {
	s := &sources{folder: filepath.Dir(file), env: o.Env, file: access.Storage{In: "inventory", File: file}, stdin: &input{from: o.Stdin}}
	if s.env == nil {
		s.env = func(string) string { return "" }
	}
	if info, err := os.Stat(file); err == nil {
		s.file = kept(file, info)
		s.file.In = "inventory"
	}
	commands := &commands{folder: s.folder, environ: o.Environ, slots: make(chan struct{}, 4)}
	s.schemes = map[string]*scheme{}
	for word, of := range o.Schemes {
		s.schemes[word] = foreignScheme(of)
	}
	maps.Copy(s.schemes, map[string]*scheme{
		"env":        {in: "environment", parse: cutPointer, check: s.checkVariable, fetch: s.variable, near: true},
		"file":       {in: "file", parse: s.parsePath, check: s.checkPath, fetch: s.path, near: true},
		"credential": {in: "credential", parse: cutPointer, check: s.checkCredential, fetch: s.credential, near: true},
		"exec":       {in: "command", parse: parseCommand, check: commands.check, fetch: commands.fetch},
		"stdin":      {in: "standard input", parse: cutPointer, check: s.stdin.check, fetch: s.stdin.fetch},
	})
	if o.Offline {
		for _, of := range s.schemes {
			of.near, of.check = false, func(string) error { return nil }
		}
	}
	return s
}

// words lists what may stand before a colon.
func (s *sources) words() []string { return slices.Sorted(maps.Keys(s.schemes)) }

// parse reads a reference. It is ok if the text is one, and otherwise it may
// be clear text.
func (s *sources) parse(text string) (r reference, ok bool, err error) {
	word, rest, _ := strings.Cut(text, ":")
	if tail, is := strings.CutPrefix(text, "stdin"); is && (tail == "" || tail[0] == '#') {
		word, rest = "stdin", tail
	}
	of := s.schemes[word]
	switch {
	case text == "":
		return r, false, errors.New("it is empty")
	case strings.HasPrefix(text, "$"):
		return r, false, errors.New("variables are written env:NAME")
	case of == nil && word != text && nearest(word, s.words()) != "":
		return r, false, fmt.Errorf("it begins like no reference: did you mean %q?", nearest(word, s.words())+":")
	case of == nil:
		return r, false, nil
	}
	name, pointer, err := of.parse(rest)
	if err != nil {
		return r, true, err
	}
	return newReference(source{scheme: of, name: name}, pointer)
}

func newReference(from source, pointer string) (reference, bool, error) {
	from.json = pointer != ""
	r := reference{source: from, pointer: pointer}
	if err := checkPointer(pointer); err != nil {
		return r, true, err
	}
	return r, true, from.scheme.check(from.name)
}

// cutPointer cuts a JSON pointer off a reference.
func cutPointer(rest string) (name, pointer string, err error) {
	if at := strings.Index(rest, "#/"); at >= 0 {
		return rest[:at], rest[at+1:], nil
	}
	return rest, "", nil
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (s *sources) checkVariable(name string) error {
	switch {
	case !variable.MatchString(name):
		return errors.New("what follows env: is not the name of an environment variable")
	case strings.TrimSpace(s.env(name)) == "":
		return fmt.Errorf("the environment variable %s is not set", show(name))
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
		return "", "", errors.New("~ is not understood in a path: write the whole path")
	}
	return s.within(path), pointer, err
}

// within takes a path as the inventory means it.
func (s *sources) within(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.folder, path)
}

func (s *sources) checkPath(path string) error {
	if err := checkFile(path, maxConfig); err != nil {
		return s.hide(path, err)
	}
	return nil
}

func (s *sources) path(_ context.Context, from source) (*document, error) {
	limit := int64(maxSecret)
	if from.json {
		limit = maxConfig
	}
	data, kept, err := openSecret(from.name, limit)
	if err != nil {
		return nil, s.hide(from.name, err)
	}
	return &document{text: string(data), storage: kept}, nil
}

// hide keeps an error from showing a path that may be a secret put in the
// wrong place. One may well hold slashes, so the folders count that the
// inventory names.
func (s *sources) hide(path string, err error) error {
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
		return "", errors.New("what follows credential: is not the name of a systemd credential")
	case folder == "":
		return "", errors.New("there are no systemd credentials here: $CREDENTIALS_DIRECTORY is not set")
	}
	return filepath.Join(folder, name), nil
}

func (s *sources) checkCredential(name string) error {
	path, err := s.credentialPath(name)
	if err != nil {
		return err
	}
	return checkFile(path, maxConfig)
}

// credential says nothing of the file's mode: with the access lists that
// systemd may set, it looks wider than it is.
func (s *sources) credential(_ context.Context, from source) (*document, error) {
	path, err := s.credentialPath(from.name)
	if err != nil {
		return nil, err
	}
	data, _, err := openSecret(path, maxConfig)
	return &document{text: string(data)}, err
}

// foreignScheme is a scheme of the caller's.
func foreignScheme(of Scheme) *scheme {
	return &scheme{
		in:    of.Title,
		parse: cutPointer,
		check: func(rest string) error {
			if of.Check == nil {
				return nil
			}
			return of.Check(rest)
		},
		fetch: func(ctx context.Context, from source) (*document, error) {
			if of.Resolve == nil {
				return nil, fmt.Errorf("%s cannot be asked", of.Title)
			}
			text, err := of.Resolve(ctx, from.name)
			return &document{text: text}, err
		},
	}
}
