package render

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"os"
	"slices"
	"strings"
)

// spoolMemory is how much is kept in memory before it goes into a file.
const spoolMemory = 1 << 20

// spool keeps what can't be written yet: in memory, and in a temporary file if it is
// much. The file has no name where the system allows that, so that not even a killed
// program leaves it behind.
type spool struct {
	folder string // of the file; os.TempDir() if empty
	buf    bytes.Buffer
	file   *os.File
	filed  int64 // bytes in the file; what follows them is in buf
}

// spoolName is also that of a report that isn't complete yet: the program keyaudit
// removes what was left of one.
const spoolName = ".keyaudit-*.tmp"

func (s *spool) Write(p []byte) (int, error) {
	n, _ := s.buf.Write(p)
	if s.buf.Len() <= spoolMemory {
		return n, nil
	}
	return n, s.flush()
}

// flush moves what is in memory into the file.
func (s *spool) flush() error {
	if s.file == nil {
		file, err := os.CreateTemp(s.folder, spoolName)
		if err != nil {
			return err
		}
		s.file = file
		_ = os.Remove(file.Name()) // some systems can't while it is open: see discard
	}
	n, err := s.buf.WriteTo(s.file)
	s.filed += n
	return err
}

// reader reads all of it.
func (s *spool) reader() io.Reader {
	return io.MultiReader(io.NewSectionReader(s.file, 0, s.filed), bytes.NewReader(s.buf.Bytes()))
}

// discard removes it.
func (s *spool) discard() {
	s.buf = bytes.Buffer{}
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
		s.file = nil
	}
}

// sorter is a spool of records that come out by their keys, those with the same key in
// the order they came in. It sorts what fits into memory, and merges what it has sorted.
type sorter struct {
	spool
	records []record
	held    int        // bytes of the records
	runs    [][2]int64 // sorted records in the spool: from where, how much
}

type record struct {
	key   string
	value []byte
}

// recordSize is what a record takes besides its texts.
const recordSize = 64

func (s *sorter) add(key string, value []byte) error {
	s.records = append(s.records, record{key, value})
	if s.held += len(key) + len(value) + recordSize; s.held <= spoolMemory {
		return nil
	}
	return s.sorted()
}

// sorted moves the records into the file.
func (s *sorter) sorted() error {
	at := s.filed
	s.sort()
	var head []byte
	for _, r := range s.records {
		head = binary.AppendUvarint(head[:0], uint64(len(r.key)))
		head = binary.AppendUvarint(head, uint64(len(r.value)))
		for _, p := range [][]byte{head, []byte(r.key), r.value} {
			if _, err := s.Write(p); err != nil {
				return err
			}
		}
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.runs = append(s.runs, [2]int64{at, s.filed - at})
	clear(s.records)
	s.records, s.held = s.records[:0], 0
	return nil
}

func (s *sorter) sort() {
	slices.SortStableFunc(s.records, func(a, b record) int { return strings.Compare(a.key, b.key) })
}

// each gives every record, as often as it is called. The value is valid until the next.
func (s *sorter) each(do func(key string, value []byte) error) error {
	s.sort()
	runs := make([]*sortedRun, 0, len(s.runs)+1)
	for i, at := range s.runs {
		runs = append(runs, &sortedRun{number: i, from: bufio.NewReaderSize(io.NewSectionReader(s.file, at[0], at[1]), 4<<10)})
	}
	runs = append(runs, &sortedRun{number: len(s.runs), left: s.records})
	for i := range runs {
		if err := runs[i].next(); err != nil {
			return err
		}
	}
	slices.SortFunc(runs, compareRuns)
	for len(runs) > 0 && !runs[0].done {
		first := runs[0]
		if err := do(first.now.key, first.now.value); err != nil {
			return err
		}
		if err := first.next(); err != nil {
			return err
		}
		at, _ := slices.BinarySearchFunc(runs[1:], first, compareRuns)
		copy(runs, runs[1:at+1])
		runs[at] = first
	}
	return nil
}

// sortedRun reads sorted records, from the file or from memory.
type sortedRun struct {
	number int
	from   *bufio.Reader
	left   []record
	now    record
	done   bool
}

// compareRuns sorts by the record that each has reached, and those at their end last.
func compareRuns(a, b *sortedRun) int {
	if a.done != b.done {
		if a.done {
			return 1
		}
		return -1
	}
	return cmp.Or(strings.Compare(a.now.key, b.now.key), a.number-b.number)
}

// next goes on to the next record.
func (r *sortedRun) next() error {
	if r.from == nil {
		if r.done = len(r.left) == 0; !r.done {
			r.now, r.left = r.left[0], r.left[1:]
		}
		return nil
	}
	key, err := binary.ReadUvarint(r.from)
	if err == io.EOF { //nolint:errorlint // as bufio gives it
		r.done, r.now = true, record{}
		return nil
	}
	if err != nil {
		return err
	}
	value, err := binary.ReadUvarint(r.from)
	if err != nil {
		return err
	}
	text := make([]byte, key+value)
	if _, err := io.ReadFull(r.from, text); err != nil {
		return err
	}
	r.now = record{string(text[:key]), text[key:]}
	return nil
}

func (s *sorter) discard() {
	s.spool.discard()
	s.records, s.runs = nil, nil
}
