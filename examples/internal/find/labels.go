package find

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// In notes, a label and its value may have more between them than an operator, and a label
// may be a word that means a part of a key beside the other part only.

// listMarks begin the lines of lists, and stand between a label and its value.
const listMarks = "-–—→>*•+`._ \t0123456789()[]"

// isLabel reports whether a line has nothing but a name and the value after it.
func (s *scanner) isLabel(name string, at argument) bool {
	before := s.text[s.start:min(len(s.text), s.start+max(0, at.column-1))]
	rest, _, _ := strings.Cut(s.text[min(s.pos, len(s.text)):], "\n")
	return strings.TrimSpace(rest) == "" && strings.EqualFold(strings.Trim(before, listMarks), name)
}

// isRule reports whether a line is one that is drawn: below a heading, between two parts.
func isRule(trimmed string) bool {
	return len(trimmed) > 2 && strings.IndexByte("=-~*_#", trimmed[0]) >= 0 && strings.Trim(trimmed, trimmed[:1]) == ""
}

// longestRemark is that of one in brackets after a label, in bytes.
const longestRemark = 40

// remark skips what stands in brackets between a label and its operator: API Key (read only):
func (s *scanner) remark() bool {
	if s.operator != 0 || len(s.words) == 0 || s.pos == s.start || s.text[s.pos-1] != ' ' {
		return false
	}
	text := s.text[s.pos+1 : min(len(s.text), s.pos+longestRemark)]
	end := strings.IndexAny(text, "()\n")
	if end < 0 || text[end] != ')' {
		return false
	}
	after := strings.TrimLeft(text[end+1:], " *`")
	if op := operatorAt(after + " "); op == 0 || op > 1 && after[0] != wide || !s.names.hasRole(s.phrase(s.words)) {
		return false
	}
	s.pos += end + 2
	return true
}

// Labels that mean a key's id beside a secret, and a secret beside such an id, in small
// letters. As they are names of anything, the lines must follow each other.
var (
	idLabels     = []string{"api", "id", "public", "pub", "k", "login", "user", "username", "access", "apiid", "uid", "publica", "publique", "öffentlich"}
	secretLabels = []string{"private", "priv", "s", "sec", "password", "pass", "pw"}
)

// weakly takes a value whose label means a part only beside the other one's.
func (s *scanner) weakly(folded, name, text string, at argument) {
	if s.open > 0 || s.operator != ':' && s.operator != '=' || len(text) < shortestPart || s.depth > 0 {
		return
	}
	if slices.Contains(idLabels, folded) && plausible(text, shortestPart) && random(text) {
		s.weak, s.weakIn = argument{strings.Clone(text), at.line, at.column}, listOf(s.top)
		return
	}
	secret := slices.Contains(secretLabels, folded)
	if s.weak.text == "" || at.line-s.weak.line > 2 || s.weakIn != listOf(s.top) || s.weak.text == text || !secret && s.names.read(name).Part != adapter.SecretPart {
		return
	}
	if n := len(s.halves); n > 0 && s.halves[n-1].part == adapter.KeyPart && s.halves[n-1].line >= s.fileLine(s.weak.line)-above || !plausible(text, shortestPart) || !random(text) {
		return
	}
	s.label(adapter.KeyPart, "key", s.weak)
	if secret {
		at.text = text
		s.label(adapter.SecretPart, "secret", at)
	}
	s.weak = argument{}
}

// label adds a half of a label.
func (s *scanner) label(part adapter.Part, name string, at argument) {
	s.add(&half{part: part, name: name, value: adapter.NewSecret(strings.Clone(at.text)), size: len(at.text), frame: s.weakIn, line: s.fileLine(at.line), column: at.column})
}
