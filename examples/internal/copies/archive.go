package copies

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
)

// errFull is of an archive in which there is more than is read.
var errFull = errors.New("more is packed than is read")

// budget reads what is unpacked, as long as there may be more.
type budget struct {
	*file
	from io.Reader
}

func (b budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errFull
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// packed is an archive that is being opened.
type packed struct {
	*bufio.Reader
	from   io.Reader
	member string
}

// inside is a member of an archive, by its name in the file.
func (f *file) inside(p *packed, name string) string {
	if name = f.values.Hide(name); p.member == "" {
		return name
	}
	return p.member + "!" + name
}

// packing is a kind of archive, by how it begins. Sources: the formats' documentation, and
// the tables of file(1).
func packing(begin []byte) *kind {
	for i := range kinds() {
		k := &kinds()[i]
		if len(begin) > k.at && bytes.HasPrefix(begin[k.at:], []byte(k.magic)) {
			return k
		}
	}
	return nil
}

type kind struct {
	at    int
	magic string
	open  func(f *file, p *packed, depth int) // nil: it is not opened
}

func kinds() []kind {
	return []kind{
		{0, "PK\x03\x04", (*file).zip}, // documents, apps and Java's packages are ZIP too
		{0, "PK\x05\x06", (*file).zip},
		{0, "\x1f\x8b\x08", (*file).gzip},
		{4, "1AY&SY", (*file).bzip2},
		{257, "ustar", (*file).tar},
		{0, "\xfd7zXZ\x00", nil},
		{0, "7z\xbc\xaf\x27\x1c", nil},
		{0, "\x28\xb5\x2f\xfd", nil}, // Zstandard
		{0, "\x04\x22\x4d\x18", nil}, // LZ4
		{0, "Rar!\x1a\x07", nil},
		{0, "!<arch>\ndebian", nil},
		{0, "\xed\xab\xee\xdb", nil}, // RPM
	}
}

func (f *file) gzip(p *packed, depth int) {
	z, err := gzip.NewReader(p)
	if err != nil {
		f.misses(Damaged)
		return
	}
	f.short(z.Name)
	f.stream(budget{f, z}, p.member, depth)
}

func (f *file) bzip2(p *packed, depth int) {
	f.stream(budget{f, bzip2.NewReader(p)}, p.member, depth)
}

func (f *file) tar(p *packed, depth int) {
	t := tar.NewReader(p)
	for {
		head, err := t.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			f.fails(err, depth)
			return
		}
		f.short(head.Name + " " + head.Linkname)
		if head.Typeflag == tar.TypeReg {
			f.stream(t, f.inside(p, head.Name), depth)
		}
	}
}

func (f *file) zip(p *packed, depth int) {
	at, size := p.whole()
	if at == nil {
		data, err := io.ReadAll(io.LimitReader(p, inMemory+1))
		if err != nil || len(data) > inMemory {
			f.fails(cmp.Or(err, errFull), depth)
			return
		}
		at, size = bytes.NewReader(data), int64(len(data))
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		f.misses(Damaged)
		return
	}
	f.short(z.Comment)
	for _, member := range z.File {
		f.short(member.Name + " " + member.Comment)
		const encrypted = 1
		switch open, err := member.Open(); {
		case member.Flags&encrypted != 0:
			f.misses(Encrypted)
		case err != nil:
			f.fails(err, depth)
		default:
			f.stream(budget{f, open}, f.inside(p, member.Name), depth)
			_ = open.Close()
		}
	}
}

// whole is the file of an archive that is a file itself.
func (p *packed) whole() (io.ReaderAt, int64) {
	if c, ok := p.from.(*counter); ok && c.at != nil {
		return c.at, c.size
	}
	return nil, 0
}
