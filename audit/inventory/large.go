package inventory

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"os"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Open is Read for an inventory that may be large. The keys of a large one are not held
// in memory: Inventory.Each reads its file again for each use, and gets the same keys or
// an error. An inventory is held as by Read if it is small, has a mistake, or if its keys
// depend on one another: where one refers to standard input, has "from", or an egress
// of its own.
func Open(path string, o Options) (*Inventory, error) {
	if in := openLarge(path, o, heldSize); in != nil {
		return in, nil
	}
	return Read(path, o)
}

const (
	heldSize = 1 << 20 // of the largest file that is held, in bytes: some thousand keys
	// longestRest is how long all of a large inventory but its keys may be, and any one key.
	longestRest = 1 << 20
)

// large is an inventory whose keys are read from the file one by one.
type large struct {
	*reader
	file *sameFile
	err  error // why the keys ended early
}

// openLarge reads a file twice: what its keys refer to, and then the keys, to check them.
// It returns nil if the file cannot be read one key at a time or has a mistake, which
// Read then reports.
func openLarge(path string, o Options, held int64) *Inventory {
	file, info, err := openFile(path, maxConfig)
	if err != nil {
		return nil
	}
	l := &large{reader: newReader(path, o), file: &sameFile{file: file, path: path}}
	if info.Size() <= held || !l.check() {
		_ = file.Close()
		return nil
	}
	o.reads(path)
	_ = l.absent.err() // in order
	return &Inventory{Absent: l.absent, Policies: l.ownPolicies(), Fleet: l.fleet, egresses: l.egresses, large: l}
}

// check reads everything once, and reports whether all is well.
func (l *large) check() bool {
	rest, err := l.scan(func([]byte, int, int) bool { return true })
	if err != nil {
		return false
	}
	root, _ := parseJSON(stripJSONC(rest))
	if root == nil {
		return false
	}
	names, seed := map[uint64]struct{}{}, maphash.MakeSeed()
	l.nameTaken = func(name string, _ int) (int, bool) { // of two with one hash, Read finds out whether they are the same
		hash := maphash.String(seed, name)
		_, taken := names[hash]
		names[hash] = struct{}{}
		return 0, taken
	}
	l.inventory(root, func(*Node) {})
	l.about("keys", func() { l.each(func(audit.Key) bool { return len(l.problems) == 0 && !l.dependent }) })
	l.nameTaken = func(string, int) (int, bool) { return 0, false }
	l.sources.checked, l.fetched = true, fetchCache{}
	return l.err == nil && len(l.problems) == 0 && !l.dependent
}

// each reads the keys.
func (l *large) each(yield func(audit.Key) bool) {
	_, l.err = l.scan(func(text []byte, line, column int) bool {
		n := parseItem(text, line, column)
		if n == nil {
			l.report(&Node{Line: line, Column: column}, "the JSON is malformed here")
			return false
		}
		l.subject.item = true
		return yield(l.key(n))
	})
	if l.err == nil && l.sources.checked {
		l.err = l.problems.err() // which were none before
	}
}

// parseItem reads one key.
func parseItem(text []byte, line, column int) *Node {
	text = stripJSONC(text)
	defer clear(text) // a secret may be in plaintext
	if !utf8.Valid(text) {
		return nil
	}
	return parseJSONAt(text, line, column)
}

// Each are the keys. Those of a large inventory are read from the file again; Err says
// whether they were all.
func (i *Inventory) Each() iter.Seq[audit.Key] {
	return func(yield func(audit.Key) bool) {
		for _, k := range i.Keys {
			if !yield(k) {
				return
			}
		}
		if i.large != nil {
			i.large.each(yield)
		}
	}
}

// Large reports whether the keys are not held.
func (i *Inventory) Large() bool { return i.large != nil }

// Err is why Each ended before the last key, if it did: the file is no longer the one
// that was opened.
func (i *Inventory) Err() error {
	if i.large == nil {
		return nil
	}
	return i.large.err
}

// sameFile reads a file any number of times. What the first reading found is what the
// others find, or they fail: of each block, a hash is kept.
type sameFile struct {
	file   *os.File
	path   string
	hashes [][sha256.Size]byte
	whole  bool // all of it was read
	next   int
	block  [64 << 10]byte
}

// read returns the next block; nothing at the end.
func (f *sameFile) read() ([]byte, error) {
	n, err := f.file.ReadAt(f.block[:], int64(f.next)*int64(len(f.block)))
	hash := sha256.Sum256(f.block[:n])
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("the file %s cannot be read", showPath(f.path))
	case f.next >= maxConfig/len(f.block) && n > 0:
		return nil, tooLarge(f.path, maxConfig)
	case !f.whole && f.next == len(f.hashes):
		f.hashes = append(f.hashes, hash)
		f.whole = n == 0
	case f.next >= len(f.hashes) || f.hashes[f.next] != hash:
		return nil, fmt.Errorf("the file %s changed while it was in use", showPath(f.path))
	}
	f.next++
	return f.block[:n], nil
}

var errUnusual = errors.New("the file is not one list of keys that can be read one by one")

// scan reads the file once. It hands out the text of each item of "keys", which is an
// object, with its place, until it is told to stop, and returns all the other text.
// Both are not yet checked to be JSON. Where the file is unusual it gives up.
func (l *large) scan(item func(text []byte, line, column int) bool) (rest []byte, err error) {
	l.file.next = 0
	s := &scanner{file: l.file, item: item, line: 1, column: 1}
	s.object()
	clear(l.file.block[:])
	switch {
	case s.err != nil:
		return nil, s.err
	case s.stopped:
		return nil, nil
	case s.odd || !s.ended || s.lists == 0 || !utf8.Valid(s.out):
		return nil, errUnusual
	}
	return s.out, nil
}

// scanner cuts JSON with comments at its brackets and quotes.
type scanner struct {
	file         *sameFile
	item         func(text []byte, line, column int) bool
	block        []byte // what is left of it
	out          []byte // what was read and is kept
	line, column int    // of the next byte
	lists        int    // lists of keys that were found
	odd          bool   // this is no such file
	ended        bool   // at the end of the file
	stopped      bool   // by the caller
	err          error
}

// object reads the whole inventory.
func (s *scanner) object() {
	depth, name, isKeys := 0, 0, false // name is where that of a member ends
	for first := true; !s.odd; first = false {
		c := s.next()
		switch {
		case c == 0:
			return
		case first && c != '{', len(s.out) > longestRest:
			s.odd = true
		case c == '[' && depth == 1 && isKeys:
			s.lists++
			s.odd = s.lists > 1 || !s.list()
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			depth--
		}
		isKeys = c == ':' && name > 0 && bytes.HasSuffix(s.out[:name], []byte(`"keys"`))
		if name = 0; c == '"' && depth == 1 {
			name = len(s.out)
		}
	}
}

// list reads the list of keys, and leaves an empty one.
func (s *scanner) list() bool {
	begin := len(s.out)
	keep := func(end string) {
		clear(s.out[begin:])
		s.out = append(s.out[:begin], end...)
	}
	c := s.next()
	for c == '{' {
		at, line, column := len(s.out)-1, s.line, s.column-1
		for depth := 1; depth > 0; {
			switch c := s.next(); {
			case c == 0, len(s.out)-at > longestRest:
				return false
			case c == '{', c == '[':
				depth++
			case c == '}', c == ']':
				depth--
			}
		}
		if !s.item(s.out[at:], line, column) {
			s.stopped = true
			return false
		}
		keep("")
		switch c = s.next(); c {
		case ',': // which may be a trailing one
			c = s.next()
			if c != '{' && c != ']' {
				return false
			}
		case ']':
		default:
			return false
		}
		if c == ']' {
			keep("]")
			return true
		}
	}
	return false // empty, or not of objects
}

// next consumes a string, or any other byte outside of strings, spaces and comments, and
// returns the first one; 0 at the end.
func (s *scanner) next() byte {
	for {
		switch c := s.byte(); c {
		case ' ', '\t', '\r', '\n':
		case '/':
			if !s.comment() {
				return 0
			}
		case '"':
			s.text()
			return c
		default:
			return c
		}
	}
}

// text consumes the rest of a string.
func (s *scanner) text() {
	for {
		switch s.byte() {
		case '\\':
			s.byte()
		case '"', 0:
			return
		}
	}
}

// comment consumes the rest of a comment. In columns it counts by bytes, as its bytes
// become spaces.
func (s *scanner) comment() bool {
	kind := s.byte()
	if kind != '/' && kind != '*' {
		s.odd = true
		return false
	}
	for last := byte(0); ; {
		c := s.byte()
		switch {
		case c == 0:
			return kind == '/' && s.ended
		case c == '\n' && kind == '/', c == '/' && last == '*':
			return true
		case c&0xc0 == 0x80:
			s.column++
		}
		last = c
	}
}

// byte consumes a byte; 0 is the end, or what cannot be in JSON.
func (s *scanner) byte() byte {
	if len(s.block) == 0 && !s.ended && s.err == nil {
		s.block, s.err = s.file.read()
		s.ended = s.err == nil && len(s.block) == 0
	}
	if len(s.block) == 0 {
		return 0
	}
	c := s.block[0]
	s.block = s.block[1:]
	s.out = append(s.out, c)
	switch {
	case c == '\n':
		s.line, s.column = s.line+1, 1
	case c&0xc0 != 0x80: // columns count characters
		s.column++
	}
	return c
}
