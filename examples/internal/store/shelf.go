package store

import (
	"bufio"
	"encoding/binary"
	"os"
)

// shelf is a file of what waits for its turn, and eight bytes of memory per key. The file
// has no name where the system allows that, so that not even a killed program leaves
// it behind.
type shelf struct {
	file *os.File
	to   *bufio.Writer
	at   []int64 // where the text of a key begins, plus one; 0 if there is none
	size int64
}

// shelfName is also that of a report that isn't complete yet: the program keyaudit
// removes what was left of one.
const shelfName = ".keyaudit-*.tmp"

// put appends a text.
func (s *shelf) put(folder string, keys, key int, text []byte) error {
	if s.file == nil {
		file, err := os.CreateTemp(folder, shelfName)
		if err != nil {
			return ErrNoAccess
		}
		_ = os.Remove(file.Name()) // some systems can't while it is open: see close
		s.file, s.to, s.at = file, bufio.NewWriterSize(file, 1<<16), make([]int64, keys)
	}
	head := binary.AppendUvarint(nil, uint64(len(text)))
	for _, part := range [][]byte{head, text} {
		if _, err := s.to.Write(part); err != nil {
			return err
		}
	}
	s.at[key], s.size = s.size+1, s.size+int64(len(head)+len(text))
	return nil
}

// take is the text of a key, once.
func (s *shelf) take(key int) ([]byte, error) {
	if key >= len(s.at) || s.at[key] == 0 {
		return nil, nil
	}
	at := s.at[key] - 1
	s.at[key] = 0
	if err := s.to.Flush(); err != nil {
		return nil, err
	}
	var head [binary.MaxVarintLen64]byte
	n, _ := s.file.ReadAt(head[:], at) // the last text may be shorter
	length, used := binary.Uvarint(head[:n])
	if used <= 0 || int64(length) > s.size-at {
		return nil, ErrDamaged
	}
	text := make([]byte, length)
	if _, err := s.file.ReadAt(text, at+int64(used)); err != nil {
		return nil, ErrDamaged
	}
	return text, nil
}

func (s *shelf) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name()) //nolint:gosec // its own name
		*s = shelf{}
	}
}
