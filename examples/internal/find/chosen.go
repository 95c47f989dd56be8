package find

import (
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// chosen reports whether a part is what people choose, and looks like anything.
func chosen(part adapter.Part) bool {
	return part == adapter.PassphrasePart || part == adapter.KeyPassphrasePart
}

// partial reports whether a value without quotes goes on after what was read of it, or
// began before. What
// follows the variables before a command of a shell is the command.
func (s *scanner) partial(value string) bool {
	if !strings.HasSuffix(s.text[:min(s.pos, len(s.text))], value) { // a cell of a table
		return false
	}
	if begin := min(s.pos, len(s.text)) - len(value); begin > 0 && strings.IndexByte("!#^?+&", s.text[begin-1]) >= 0 {
		return true
	}
	rest, _, _ := strings.Cut(s.text[min(s.pos, len(s.text)):], "\n")
	next := strings.TrimSpace(rest)
	if next == "" || strings.IndexByte(",;}])&|<\"'`", rest[0]) >= 0 {
		return false
	}
	before := s.text[s.start:min(s.pos, len(s.text))]
	return rest[0] != ' ' || next[0] != '#' && next[0] != '\\' && strings.Count(before, "=") < 2
}

// wholeLine matches a line of a .env file whose value has neither blanks nor quotes: all of
// it is the value, whatever signs it has.
var wholeLine = regexp.MustCompile("^\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\\s*=\\s*([^\\s\"'`\\\\#][^\\s\"'`\\\\]*)\\s*$")

// phrased takes a passphrase of a .env file, if the line is one. Exchanges demand signs in
// them, at which a value ends in other files.
func (s *scanner) phrased() bool {
	if !s.kind.dotenv || s.operator != '=' {
		return false
	}
	line := s.rest()
	at := wholeLine.FindStringSubmatchIndex(line)
	if at == nil || s.pos > s.start+at[4] || !chosen(s.names.read(line[at[2]:at[3]]).Part) {
		return false
	}
	s.pos = s.start + at[5]
	s.assign(line[at[2]:at[3]], argument{line[at[4]:at[5]], s.line, at[4] + 1}, false)
	s.separate()
	return true
}
