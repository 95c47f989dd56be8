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

// forget forgets a name whose value did not follow, on the next line or after an empty one.
func (s *scanner) forget() {
	if s.pending != "" && (s.line-s.pendingAt > 1 || strings.TrimSpace(s.rest()) != "") {
		s.pending = ""
	}
}

// isDash reports whether a word only stands between a label and its value: key - K.
func (s *scanner) isDash(word string) bool {
	return len(s.words) > 0 && strings.Trim(word, "-") == "" && s.pos < len(s.text) && s.text[s.pos] == ' '
}

// withoutAPI are words without the last if it is API and no part of the name: Secret API.
func withoutAPI(words []string, name string) []string {
	if n := len(words) - 1; n > 0 && strings.EqualFold(words[n], "api") && !strings.HasSuffix(name, words[n]) {
		return words[:n]
	}
	return words
}

// isArmoured reports whether a text is one block of PEM, such as a certificate, in which no name
// of a part stands.
func isArmoured(text string) bool {
	text, head := strings.CutPrefix(strings.TrimSpace(text), "-----BEGIN ")
	_, body, begun := strings.Cut(text, "-----")
	body, tail, ended := strings.Cut(body, "-----END ")
	if !head || !begun || !ended || strings.Contains(tail, "\n") {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if line = strings.TrimRight(strings.TrimSpace(line), "="); strings.ContainsAny(line, "=:\"' ") {
			return false
		}
	}
	return true
}

// awaited takes the value of a name on a line before. What YAML takes for something that the
// name's value stands in is none.
func (s *scanner) awaited(at argument, quoted bool) {
	if s.top.kind == 'y' && s.top.name == s.pending {
		s.leave()
	}
	s.assign(s.pending, at, quoted)
}

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

// remark skips what stands in brackets between a label and its operator, as in "API Key (read only):".
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
	if s.open > 0 || s.depth > 0 || len(text) < shortestPart || s.operator != ':' && s.operator != '=' {
		return
	}
	if slices.Contains(idLabels, folded) {
		s.weak, s.weakIn = argument{}, listOf(s.top)
		if plausible(text, shortestPart) && random(text) {
			s.weak = argument{strings.Clone(text), at.line, at.column}
		}
		return
	}
	own := slices.Contains(secretLabels, folded)
	if s.weak.text == "" || !own && s.names.read(name).Part != adapter.SecretPart || !s.besideWeak(text, at.line) {
		return
	}
	s.label(adapter.KeyPart, "key", s.weak)
	if own {
		at.text = text
		s.label(adapter.SecretPart, "secret", at)
	}
	s.weak = argument{}
}

// besideWeak reports whether a secret stands right after a value that may be its key id, and no
// other key id does.
func (s *scanner) besideWeak(text string, line int) bool {
	if line-s.weak.line > 2 || s.weakIn != listOf(s.top) || s.weak.text == text || !plausible(text, shortestPart) || !random(text) {
		return false
	}
	if len(text) == len(s.weak.text) && hexadecimal.MatchString(text) && hexadecimal.MatchString(s.weak.text) { // hashes, ids
		return false
	}
	n := len(s.halves)
	return n == 0 || s.halves[n-1].part != adapter.KeyPart || s.halves[n-1].line < s.fileLine(s.weak.line)-above
}

// label adds a half of a label.
func (s *scanner) label(part adapter.Part, name string, at argument) {
	s.add(&half{part: part, name: name, value: adapter.NewSecret(strings.Clone(at.text)), size: len(at.text), frame: s.weakIn, line: s.fileLine(at.line), column: at.column})
}

// either decides which part a label means that is used for both: beside a key id it is the
// secret.
func (f *file) either() {
	for i, h := range f.halves {
		if _, says := english(h.name); says&saysEither == 0 || says&(saysSecret|saysPublic|saysAccess) != 0 {
			continue
		}
		beside := func(at int, part adapter.Part) bool {
			return at >= 0 && at < len(f.halves) && f.halves[at].part == part && abs(f.halves[at].line-h.line) <= above
		}
		switch {
		case beside(i-1, adapter.KeyPart):
			h.part = adapter.SecretPart
		case beside(i+1, adapter.SecretPart):
			h.part = adapter.KeyPart
		}
	}
}
