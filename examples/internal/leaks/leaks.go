// Package leaks reads lists of leaked keys: texts or their hashes, one a line, and the
// reports of scanners for secrets.
package leaks

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Entry is one key, or pair of them, on a list.
type Entry struct {
	Line  int
	Texts []string // that may be a key, or the hash of one
	State State
}

// State is what can be done with an entry.
type State uint8

// The states.
const (
	Clear    State = iota // it can be compared
	Aside                 // it is no entry: a comment, a heading, a line of a log
	Unclear               // it is not understood
	Redacted              // the key is not in it, or not wholly
)

// Count is what is on a list.
type Count struct {
	Entries, Unclear, Redacted int
	Lines                      []int // the first that cannot be compared
}

const mostLines = 5

func (c *Count) add(e Entry) {
	if e.State == Aside {
		return
	}
	c.Entries++
	switch e.State {
	case Unclear:
		c.Unclear++
	case Redacted:
		c.Redacted++
	default:
		return
	}
	if len(c.Lines) < mostLines {
		c.Lines = append(c.Lines, e.Line)
	}
}

// Left says what could not be compared, as a clause; empty if all could.
func (c *Count) Left() string {
	var parts []string
	if c.Unclear > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d entries not understood", c.Unclear, c.Entries))
	}
	if c.Redacted > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d entries redacted", c.Redacted, c.Entries))
	}
	if len(parts) == 0 {
		return ""
	}
	lines := make([]string, len(c.Lines))
	for i, n := range c.Lines {
		lines[i] = strconv.Itoa(n)
	}
	text := strings.Join(parts, ", ") + " (line " + strings.Join(lines, ", ")
	if more := c.Unclear + c.Redacted - len(lines); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + ")"
}

// Read gives the entries of a list. An error says, as the rest of a sentence that begins
// with the file, why it is no list.
func Read(path string, each func(Entry)) (Count, error) {
	var c Count
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return c, errors.New("is not a file")
	}
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	switch {
	case errors.Is(err, os.ErrNotExist):
		return c, errors.New("does not exist")
	case err != nil:
		return c, errors.New("cannot be opened by this user")
	}
	defer file.Close() //nolint:errcheck // opened for reading
	from := bufio.NewReaderSize(file, 64<<10)
	head, _ := from.Peek(4 << 10)
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = from.Discard(3)
		head = head[3:]
	}
	take := func(e Entry) {
		c.add(e)
		each(e)
	}
	begin := bytes.TrimSpace(head)
	switch {
	case len(begin) == 0:
		return c, errors.New("is empty")
	case !isText(head):
		return c, errors.New("is no text in UTF-8: unpack or convert it first")
	case begin[0] == '{' || begin[0] == '[':
		err = readJSON(from, take)
	default:
		if err = readLines(from, take); err == nil && c.Entries == 0 {
			err = errors.New("has no entry, only comments or a heading: a key, or its SHA-256, per line")
		}
	}
	if err == nil && c.Entries > 0 && c.Unclear == c.Entries {
		err = fmt.Errorf("is no list of keys, of their SHA-256, or report of gitleaks, TruffleHog or Kingfisher as JSON: none of its %d entries is understood", c.Entries)
	}
	return c, err
}

// isText reports whether the beginning of a file is of a text.
func isText(head []byte) bool {
	for len(head) > 0 {
		r, size := utf8.DecodeRune(head)
		if r == utf8.RuneError && len(head) >= utf8.UTFMax || r < ' ' && !strings.ContainsRune("\t\n\r\f", r) {
			return false
		}
		head = head[size:]
	}
	return true
}

// longestLine is how long an entry may be.
const longestLine = 1 << 20

// readLines reads a list of texts: key, key:secret, CSV, hashes.
func readLines(from *bufio.Reader, each func(Entry)) error {
	for line, first := 1, true; ; line++ {
		text, err := from.ReadString('\n')
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return errors.New("cannot be read to its end")
		}
		if text = strings.TrimSpace(text); text != "" {
			e := ofLine(text)
			if first && e.State == Unclear && isHeading(text) {
				e.State = Aside
			}
			e.Line, first = line, first && e.State == Aside
			each(e)
		}
		if last {
			return nil
		}
	}
}

// ofLine is the entry in a line.
func ofLine(text string) Entry {
	e := Entry{State: Unclear, Texts: []string{text}}
	switch {
	case strings.HasPrefix(text, "#"), strings.HasPrefix(text, "//"), strings.HasPrefix(text, "-----BEGIN "), strings.HasPrefix(text, "-----END "):
		e.State = Aside
		return e
	case len(text) > longestLine, !utf8.ValidString(text):
		return e
	case isRedacted(text):
		e.State = Redacted
		return e
	}
	separated := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;:|\t", r) })
	if len(separated) == 1 && len(strings.Fields(text)) <= 4 {
		separated = strings.Fields(text)
	}
	for _, field := range separated {
		if field = strings.Trim(field, " \"'`"); isKey(field) {
			e.State = Clear
		}
	}
	return e
}

// isKey reports whether a field may be a key, or the hash of one; not a salted hash, $2b$….
func isKey(field string) bool {
	return !strings.ContainsAny(field, " \t") && !strings.HasPrefix(field, "$") && (len(field) >= 16 || len(field) >= 8 && strings.ContainsAny(field, "0123456789"))
}

// isHeading reports whether a line names columns.
func isHeading(text string) bool {
	return strings.ContainsAny(text, ",;\t|:") && strings.IndexFunc(text, func(r rune) bool {
		return (r|0x20 < 'a' || r|0x20 > 'z') && !strings.ContainsRune(" _-,;:|\t\"'.0123456789", r)
	}) < 0
}

// isRedacted reports whether a scanner left out a key, or part of it.
func isRedacted(text string) bool {
	text = strings.ToLower(text)
	for _, mark := range []string{"***", "…", "...", "redacted", "[masked", "<masked", "xxxxxxxx"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}
