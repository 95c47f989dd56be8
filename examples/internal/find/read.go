package find

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/copies"
)

const (
	window   = 1 << 20  // bytes of a file that are looked at together
	overlap  = 64 << 10 // of them, those that the next window has too
	mostRead = 64 << 20 // bytes of one file
	follows  = 64 << 10 // bytes of a file that another leads to
)

// reader reads files, one at a time.
type reader struct {
	names  *names
	inner  *os.Root
	buffer []byte
	copies *copies.Reader // of texts, that are looked for in place of keys
	values *copies.Values
}

// reader is one for files below a folder, or for objects of git.
func (o *Options) reader(inner *os.Root) *reader {
	if o.Copies != nil {
		return &reader{inner: inner, copies: copies.NewReader(o.Copies), values: o.Copies}
	}
	return &reader{names: newNames(o.Exchanges), inner: inner, buffer: make([]byte, window)}
}

// file finds the keys in a file, and says why it was not read, or not wholly.
func (r *reader) file(j job) (keys []key, skipped Why, read int64) {
	defer func() {
		if recover() != nil { // whatever a file made of this, its text is not shown
			keys, skipped = nil, SkippedOdd
		}
	}()
	in, name := r.inner, j.path
	if j.in != nil {
		in, name = j.in.Root, filepath.Base(j.path)
	}
	open, err := openIn(in, name)
	if err != nil {
		return nil, because(err), 0
	}
	defer open.Close() //nolint:errcheck // opened for reading
	return r.stream(j.path, open, r.follow)
}

// stream finds the keys in a text of any length, in memory that does not grow with it.
func (r *reader) stream(path string, from io.Reader, follow func(string) (string, bool)) (keys []key, skipped Why, read int64) {
	if r.copies != nil {
		return r.lookFor(path, from)
	}
	s := &pass{reader: r, path: path, follow: follow}
	for kept := 0; ; {
		n, err := io.ReadFull(from, r.buffer[kept:])
		read += int64(n)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return s.keys, because(err), read
		}
		data := r.buffer[:kept+n]
		if !s.window(data) || last {
			return s.keys, s.skipped, read
		}
		if read >= mostRead || order(data) != nil { // the units of UTF-16 are not cut
			s.open(SkippedLarge)
			return s.keys, s.skipped, read
		}
		kept = copy(r.buffer, data[s.next(data):])
	}
}

// pass is one way through a text, a window at a time.
type pass struct {
	*reader
	path    string
	follow  func(string) (string, bool)
	keys    []key
	skipped Why
	line    int  // that the window begins on, from 0
	begun   bool // it was a text so far
	torn    bool // the window begins within a line, perhaps within a string
}

// open says why the answer is open. What does is not replaced by something else.
func (s *pass) open(why Why) {
	if !s.skipped.Unread() {
		s.skipped = why
	}
}

// isOwn looks at a file's beginning, and reports whether keyaudit wrote it.
func (s *pass) isOwn(data []byte) bool {
	if s.open(container(data)); len(data) < len(s.buffer) && isCase(s.path, data) {
		s.open(SkippedOwn)
	}
	return s.skipped == SkippedOwn
}

// window finds the keys in a piece of the text, and reports whether more can be read.
func (s *pass) window(data []byte) bool {
	if !s.begun && s.isOwn(data) {
		return false
	}
	plain, why := s.plain(data)
	if why == SkippedBinary && s.begun {
		why = SkippedOdd
	}
	if why != "" {
		s.open(why)
		return false
	}
	s.begun = true
	if s.torn && mayHold(data[:endOfLine(data)]) {
		s.open(SkippedLong)
	}
	if why := sealedBy(data); why != "" {
		s.open(why)
	}
	if plain == "" {
		return true
	}
	found, more := s.names.inspectFrom(s.line, s.path, plain, s.follow)
	if more {
		s.open(SkippedMany)
	}
	for _, k := range found {
		if s.line > 0 || len(data) == len(s.buffer) {
			k.uncertain, k.bots = notWhole, nil
		}
		if !contains(s.keys, &k) {
			s.keys = append(s.keys, k)
		}
	}
	return true
}

// next is where the next window begins: at a line, and early enough to have what belongs
// together.
func (s *pass) next(data []byte) int {
	at := len(data) - overlap
	if end := endOfLine(data[at:]); end < overlap {
		s.torn, at = false, at+end+1
	} else if s.torn = true; mayHold(data[bytes.LastIndexAny(data, "\r\n")+1:]) {
		s.open(SkippedLong)
	}
	s.line += countLines(data[:at])
	return at
}

// endOfLine is where the first line ends, or the text. Lines may end in \r, as those of old
// editors do, and those that a program wrote over each other.
func endOfLine(data []byte) int {
	for _, mark := range []byte("\n\r") {
		if end := bytes.IndexByte(data, mark); end >= 0 {
			return end
		}
	}
	return len(data)
}

// countLines counts the lines that end in it.
func countLines(data []byte) int {
	return bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) - bytes.Count(data, []byte("\r\n"))
}

// sealed are values that hold a key, which only its owner can open, beside others that
// anybody can read: GoCryptoTrader's, Ansible's, those of PGP, SOPS and age, and of sealed
// secrets. The pattern says what must be around a mark, which is searched for first: it is
// many times as fast.
var sealed = [...]struct {
	mark    string
	pattern *regexp.Regexp // nil: the mark is enough
	why     Why
}{
	{"THORS-HAMMER", nil, SkippedGCT},
	{"$ANSIBLE_VAULT", nil, SkippedEncrypted},
	{"BEGIN PGP MESSAGE", nil, SkippedEncrypted},
	{"ENC[AES256_GCM,", nil, SkippedEncrypted},
	{"BEGIN AGE ENCRYPTED FILE", nil, SkippedEncrypted},
	{"SealedSecret", regexp.MustCompile(`kind["']?\s*:\s*["']?SealedSecret`), SkippedEncrypted},
}

var sealedMarks = func() *markSet {
	var texts []string
	for _, s := range sealed {
		texts = append(texts, s.mark)
	}
	return newMarkSet(texts...)
}()

// hummingbot is a value that Hummingbot encrypted: JSON in hexadecimal digits.
var (
	hummingbot  = regexp.MustCompile(`:\s*["']?7b22[0-9a-f]{60,}`)
	sealedDigit = func() (table [256]bool) {
		for _, c := range []byte("0123456789abcdef") {
			table[c] = true
		}
		return table
	}()
)

// sealedBy says what such a value in a text is; empty if there is none.
func sealedBy(data []byte) Why {
	var seen [len(sealed)]bool
	for _, which := range sealedMarks.in(data) {
		if s := sealed[which]; !seen[which] && (s.pattern == nil || s.pattern.Match(data)) {
			return s.why
		}
		seen[which] = true
	}
	for from, to := range stretches(data, &sealedDigit, len("7b22")+60, len(data)) {
		if bytes.HasPrefix(data[from:to], []byte("7b22")) && hummingbot.Match(data) {
			return SkippedHummingbot
		}
	}
	return ""
}

// plain is the text of what was read; empty if no key can be in it.
func (r *reader) plain(data []byte) (string, Why) {
	if order(data) == nil {
		switch {
		case bytes.HasPrefix(data, []byte("$ANSIBLE_VAULT")), bytes.HasPrefix(data, []byte("THORS-HAMMER")), bytes.HasPrefix(data, []byte("-----BEGIN AGE ENCRYPTED FILE")):
			return "", sealedBy(data)
		case isBinary(data):
			return "", SkippedBinary
		case !mayHold(data) && (countLines(data) == bytes.Count(data, []byte("\n")) || !mayHold(bytes.ReplaceAll(data, []byte("\r"), []byte("\n")))):
			return "", ""
		}
	}
	plain, ok := text(data)
	if !ok {
		return "", SkippedBinary
	}
	return plain, ""
}

// openIn opens a regular file, and never waits for one that is none: a pipe may have
// taken the place of what was listed.
func openIn(in *os.Root, path string) (*os.File, error) {
	open, err := in.OpenFile(path, os.O_RDONLY|nonblocking, 0)
	if err != nil {
		return nil, err
	}
	info, err := open.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		_ = open.Close()
		return nil, err
	}
	return open, nil
}

// follow is the text of a small file inside the root that a name leads to.
func (r *reader) follow(path string) (string, bool) {
	info, err := r.inner.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > follows {
		return "", false
	}
	open, err := openIn(r.inner, path)
	if err != nil {
		return "", false
	}
	defer open.Close() //nolint:errcheck // opened for reading
	data, err := io.ReadAll(io.LimitReader(open, follows))
	return strings.TrimSpace(string(data)), err == nil
}

// contains reports whether a key was found already, in the window before.
func contains(keys []key, k *key) bool {
	same := func(a, b *half) bool {
		return a == b || a != nil && b != nil && a.line == b.line && a.value.Equal(b.value)
	}
	for i := range keys {
		if same(keys[i].id, k.id) && same(keys[i].secret, k.secret) {
			return true
		}
	}
	return false
}
