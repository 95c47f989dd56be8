package render

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// The log of a build acts on some lines that a program prints: GitHub's on ::error::x at
// the beginning of one, and on ##[error]x anywhere in it; that of Azure Pipelines on
// ##vso[…]x, and TeamCity's on ##teamcity[…], anywhere. Whoever can name a key on one
// host had command of the log of the one where reports are merged. The commands of
// GitLab, and Jenkins's notes, need control characters, which are escaped anyway.
//
// A name of a command has a letter that no IPv6 address has, so that ::beef stays.
var logCommand = regexp.MustCompile(`##[A-Za-z]*\[|::[A-Za-z-]*[G-Zg-z][A-Za-z-]*(?:::| |$)`)

// inert escapes the beginning of each command of a log, wherever it is: a line may be
// broken before it.
func inert(text string) string { return escaped(escaped(text, "##"), "::") }

// escaped escapes one sign of the commands that begin with two of it.
func escaped(text, signs string) string {
	if !strings.Contains(text, signs) {
		return text
	}
	var b strings.Builder
	for {
		at := logCommand.FindStringIndex(text)
		if at == nil {
			break
		}
		next := at[0] + len(signs) // the end of one command may begin another
		if text[at[0]:next] == signs {
			fmt.Fprintf(&b, `%s\u%04x%s`, text[:at[0]], signs[0], signs[1:])
		} else {
			b.WriteString(text[:next])
		}
		text = text[next:]
	}
	return b.String() + text
}

// ForLog returns a writer for what is no report, such as messages with the names of
// files: it escapes the same commands, as \u005b for the bracket and \u003a for the colon,
// which JSON and Go read back. It holds nothing back, so it suits questions too.
func ForLog(w io.Writer) io.Writer { return &logWriter{w: w} }

type logWriter struct {
	w     io.Writer
	hash  hashCommand
	colon colonCommand
}

// Write writes a piece, which may begin and end within a command.
func (l *logWriter) Write(p []byte) (int, error) {
	out := make([]byte, 0, len(p)+16)
	for _, c := range p {
		hash, colon := l.hash.completed(c), l.colon.completed(c)
		if hash || colon {
			out = fmt.Appendf(out, `\u%04x`, c)
		} else {
			out = append(out, c)
		}
	}
	if _, err := l.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// JSONForLog returns a writer for JSON that is no report. It escapes what a terminal or
// the log of a build would act on, so that the same texts are read back. A piece must not
// begin or end within a text; a json.Encoder writes each value at once.
func JSONForLog(w io.Writer) io.Writer { return jsonLogWriter{w} }

type jsonLogWriter struct{ w io.Writer }

// Write writes a piece of JSON.
func (j jsonLogWriter) Write(p []byte) (int, error) {
	if _, err := j.w.Write(escapeJSON(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// hashCommand looks for ##name[ anywhere.
type hashCommand struct {
	hashes int // the last signs
	name   bool
}

// completed reports whether a sign makes a command of those before it.
func (h *hashCommand) completed(c byte) bool {
	switch {
	case c == '#' && !h.name:
		h.hashes++
	case c == '#':
		*h = hashCommand{hashes: 1}
	case isLetter(c) && h.hashes > 1:
		h.name = true
	default:
		was := h.hashes
		*h = hashCommand{}
		return c == '[' && was > 1
	}
	return false
}

// colonCommand looks for ::name at the beginning of a line.
type colonCommand struct {
	colons  int
	name    bool
	command bool // the name has a letter that no IPv6 address has
	inside  bool // the line began with something else
}

// completed reports whether a sign makes a command of those before it.
func (n *colonCommand) completed(c byte) bool {
	space := c >= 0x80 || strings.IndexByte(" \t\v\f", c) >= 0 // the first may be of white space
	switch {
	case c == '\n' || c == '\r':
		*n = colonCommand{}
	case n.inside, n.colons == 0 && space:
	case c == ':' && !n.name:
		n.colons++
	case n.colons > 1 && (isLetter(c) || c == '-'):
		n.name, n.command = true, n.command || isLetter(c) && c|0x20 > 'f'
	default:
		n.inside = true
		return n.command && (c == ' ' || c == ':')
	}
	return false
}
