package copies

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"strings"
)

// Gap is why something was not read, or not wholly.
type Gap uint8

// The gaps. The zero value is none.
const (
	None      Gap = iota
	Failed        // the file could not be read on
	Large         // larger than what is read
	Packed        // an archive of a kind that is not opened
	Encrypted     // in an archive
	Damaged       // an archive that ends too early, or is none
)

// Place is where a text was first found in a file.
type Place struct {
	Text   int
	Line   int    // from 1; of the archive's file
	Form   string // how it is written; empty if it is as it is
	Member string // of the archive; empty if it is in none
}

const (
	window   = 1 << 20  // bytes of a file that are looked at together
	overlap  = 64 << 10 // of them, those that the next window has too
	mostRead = 4 << 30  // bytes of one file
	inMemory = 64 << 20 // of an archive that is in another, and cannot be opened there
	deepest  = 4        // archives in one another
)

// Reader looks for texts in one file at a time.
type Reader struct {
	values   *Values
	depth    []level
	unpacked int64 // bytes of all that is in one archive, that are read
}

// level is what is needed at one depth of archives.
type level struct {
	buffer []byte
	views  [][]byte
}

// NewReader makes a reader. Each reads one file at a time.
func NewReader(v *Values) *Reader {
	return &Reader{values: v, depth: make([]level, deepest+1), unpacked: 1 << 30}
}

// file is one that is being read.
type file struct {
	*Reader
	seen   map[int32]bool
	places []Place
	gap    Gap
	left   int64 // bytes that may yet be unpacked
	line   int   // of the base64 that is being read, in the file; 0 if none is
}

// Read finds the texts in a file: each where it is first. Of an archive, also in its name
// and those of its members. It says how many bytes were read.
func (r *Reader) Read(from io.Reader) (places []Place, gap Gap, read int64) {
	f := &file{Reader: r, seen: map[int32]bool{}, left: r.unpacked}
	counted := &counter{Reader: from}
	if at, ok := from.(interface {
		io.ReaderAt
		Stat() (fs.FileInfo, error)
	}); ok {
		if info, err := at.Stat(); err == nil {
			counted.at, counted.size = at, info.Size()
		}
	}
	f.stream(counted, "", 0)
	return f.places, f.gap, counted.read
}

// In finds the texts in a name, such as a file's.
func (v *Values) In(name string) []Place {
	f := &file{Reader: &Reader{values: v}, seen: map[int32]bool{}}
	f.short(name)
	return f.places
}

// Hide is a path in which … stands for the names that have one of the texts.
func (v *Values) Hide(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if len(v.In(part)) > 0 {
			parts[i] = "…"
		}
	}
	if path = strings.Join(parts, "/"); len(v.In(path)) > 0 {
		return "…"
	}
	return path
}

// counter counts what is read of a file, and has the file itself if it is one.
type counter struct {
	io.Reader
	read, size int64
	at         io.ReaderAt
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.read += int64(n)
	return n, err
}

// misses notes why something was not read. What was first stays.
func (f *file) misses(why Gap) {
	if f.gap == None {
		f.gap = why
	}
}

// stream reads what may be an archive.
func (f *file) stream(from io.Reader, member string, depth int) {
	head := bufio.NewReaderSize(from, 512)
	begin, err := head.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		f.fails(err, depth)
		return
	}
	kind := packing(begin)
	if kind != nil && depth == deepest {
		f.misses(Packed)
		kind = nil
	}
	if kind == nil {
		f.text(head, member, depth)
		return
	}
	if kind.open == nil {
		f.misses(Packed)
		return
	}
	kind.open(f, &packed{head, from, member}, depth+1)
}

// fails notes that reading failed: of a file, or of what is in an archive.
func (f *file) fails(err error, depth int) {
	switch {
	case errors.Is(err, errFull):
		f.misses(Large)
	case depth == 0:
		f.misses(Failed)
	case errors.Is(err, zip.ErrAlgorithm):
		f.misses(Packed)
	default:
		f.misses(Damaged)
	}
}

// text reads what is no archive, in memory that does not grow with it.
func (f *file) text(from io.Reader, member string, depth int) {
	l := &f.depth[depth]
	if l.buffer == nil {
		l.buffer = make([]byte, window)
	}
	line, total := 1, int64(0)
	for kept := 0; ; {
		n, err := fill(from, l.buffer[kept:])
		data := l.buffer[:kept+n]
		f.look(depth, data, line, member)
		switch total += int64(n); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			f.fails(err, depth)
			return
		case total >= mostRead:
			f.misses(Large)
			return
		}
		line += bytes.Count(data[:len(data)-overlap], []byte("\n"))
		kept = copy(l.buffer, data[len(data)-overlap:])
	}
}

// fill reads until a buffer is full. Unlike io.ReadFull it does not take an archive that
// ends too early for a file that ends.
func fill(from io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var more int
		more, err = from.Read(buffer[n:])
		n += more
	}
	return n, err
}

// view undoes one way of writing a text. It appends to out what it makes of it, stops at
// most bytes, and says how many bytes of the text that took.
type view struct {
	form string
	make func(out, text []byte, most int) ([]byte, int)
	// may reports whether there is anything to undo.
	may func(text []byte) bool
}

var views = []view{
	{"escaped text", unescape, hasEscapes},
	{"escaped text", unescape, hasEscapes},
	{"escaped text", unescape, hasEscapes},
	{"several lines", join, goOn},
}

// look finds the texts in a piece of a file.
func (f *file) look(depth int, data []byte, line int, member string) {
	l := &f.depth[depth]
	at := func(raw int) int { return line + bytes.Count(data[:raw], []byte("\n")) }
	f.values.in(data, f.seen, func(m match) { f.found(m, m.form.String(), at(m.at), member) })
	steps, texts := []view{}, [][]byte{data}
	for i, v := range views {
		last := texts[len(texts)-1]
		if !v.may(last) {
			continue
		}
		for len(l.views) <= i {
			l.views = append(l.views, nil)
		}
		made, _ := v.make(l.views[i][:0], last, 2*len(last)+1)
		l.views[i] = made
		steps, texts = append(steps, v), append(texts, made)
		f.values.in(made, f.seen, func(m match) {
			form := m.form.String()
			if form == "" {
				form = v.form
			}
			f.found(m, form, at(origin(steps, texts, m.at)), member)
		})
	}
	f.inBase64(texts[len(texts)-1], func(in int) int { return at(origin(steps, texts, in)) }, member, depth+1)
}

// origin is where in a text a place comes from after some steps.
func origin(steps []view, texts [][]byte, at int) int {
	for k := len(steps) - 1; k >= 0; k-- {
		_, at = steps[k].make(nil, texts[k], at)
	}
	return at
}

// short finds the texts in a name.
func (f *file) short(name string) {
	f.values.in([]byte(name), f.seen, func(m match) { f.found(m, m.form.String(), 0, "") })
}

func (f *file) found(m match, form string, line int, member string) {
	if f.line > 0 {
		line, form = f.line, base64at0.String()
	}
	if !f.seen[m.text] {
		f.seen[m.text] = true
		f.places = append(f.places, Place{int(m.text), line, form, member})
	}
}
