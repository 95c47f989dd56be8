package store

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"io"
)

// dictionary is the beginnings of a snapshot of each exchange: what a body shares with
// them takes no room. A body can be read only with the dictionary it was packed with, so
// one that was shipped stays; another gets another number.
//
//go:embed dictionary1.txt
var dictionary []byte

const (
	coding     = 1
	packLevel  = 6        // a lower one ignores the dictionary
	mostOfBody = 32 << 20 // bytes, unpacked: a state is input
)

type packer struct {
	to     bytes.Buffer
	writer *flate.Writer
	reader io.ReadCloser
}

func newPacker() *packer {
	p := &packer{}
	p.writer, _ = flate.NewWriterDict(&p.to, packLevel, dictionary) // fails for a wrong level only
	p.reader = flate.NewReaderDict(bytes.NewReader(nil), dictionary)
	return p
}

// pack returns what is valid until the next call.
func (p *packer) pack(body []byte) []byte {
	p.to.Reset()
	p.writer.Reset(&p.to)
	_, _ = p.writer.Write(body) // into memory
	_ = p.writer.Close()
	return p.to.Bytes()
}

func (p *packer) unpack(how int, data []byte) ([]byte, error) {
	if how != coding {
		return nil, ErrNewer
	}
	return p.unpackUpTo(mostOfBody+1, data)
}

func (p *packer) unpackUpTo(most int64, data []byte) ([]byte, error) {
	from := bytes.NewReader(data)
	if p.reader.(flate.Resetter).Reset(from, dictionary) != nil {
		return nil, ErrDamaged
	}
	body, err := io.ReadAll(io.LimitReader(p.reader, most))
	if err != nil || int64(len(body)) == most || from.Len() > 0 { // nothing may follow the end unnoticed
		return nil, ErrDamaged
	}
	return body, nil
}
