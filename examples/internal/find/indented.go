package find

import "strings"

// Indentation says in YAML what stands in what, and in much else.

// items leaves what the indentation of a line ends, and begins the items of lists that
// the line does.
func (s *scanner) items(line string) {
	at := len(line) - len(strings.TrimLeft(line, " \t"))
	for strings.HasPrefix(line[min(at, len(line)):], "- ") {
		for s.top.indented() && (s.top.indent > at || s.top.indent == at && s.top.kind == '-') {
			s.leave()
		}
		s.enter(&frame{kind: '-', indent: at})
		at += 2
		s.pos = s.start + at
		for at < len(line) && line[at] == ' ' {
			at++
		}
	}
	for s.top.indented() && s.top.indent >= at {
		s.leave()
	}
}

func (f *frame) indented() bool { return f.kind == 'y' || f.kind == '-' }

// block reads YAML's texts of several lines, after | or >.
func (s *scanner) block() {
	line, rest, _ := strings.Cut(s.text[s.pos:], "\n")
	mark := strings.TrimSpace(line)
	if s.open > 0 || mark == "" || mark[0] != '|' && mark[0] != '>' || strings.Trim(mark, "|>+-0123456789") != "" || strings.Trim(mark, "+-0123456789") == "" {
		return
	}
	indent, end := s.indent(), 0
	for text := rest; text != ""; {
		row, after, more := strings.Cut(text, "\n")
		if bare := strings.TrimLeft(row, " \t"); bare != "" && len(row)-len(bare) <= indent {
			break
		}
		end += len(row) + 1
		if !more {
			end--
			break
		}
		text = after
	}
	name, text := s.name, rest[:end]
	s.pos += len(line) + 1 + end
	s.line++
	if isPEM(text) || strings.Count(strings.TrimSpace(text), "\n") == 0 {
		s.assign(name, argument{text, s.line, 1}, true)
	} else {
		s.nest(argument{text, s.line, 1}, name)
	}
	s.line += strings.Count(text, "\n")
	s.start = s.pos
	s.separate()
	if s.pos <= len(s.text) {
		s.beginLine()
	}
}
