package find

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// A key and its secret may stand in one value, K/S, or one below the other without a name, as
// the items of a list or the lines below a heading.

// apartBy are what may stand between the two.
const apartBy = "/:|,; \t"

// trims are what surrounds a value in a note.
const trims = ":|,; \t\"'`*()"

// mostSides bounds the places where a text may be taken apart.
const mostSides = 24

// sidesOf are the two values in a text that have the form of an exchange's key and secret;
// of any exchange if it is empty. What comes after them may be a passphrase. A slash may be
// part of base64: every place where they may be taken apart is tried.
func sidesOf(exchange, text string, secretFirst bool) (id, secret string, ok bool) {
	if len(text) > 3*longestPart {
		text = text[:3*longestPart]
	}
	begin := len(text) - len(strings.TrimLeft(text, " \t\"'`*("))
	text = strings.TrimRight(text[begin:], trims)
	places := placesIn(text)
	for n, at := range places {
		first := strings.TrimRight(text[:at], trims)
		if len(first) < shortestID || n > 0 && places[n-1] == at-1 {
			continue
		}
		for _, end := range append(slices.Clone(places[n+1:]), len(text)) {
			second := strings.Trim(text[at+1:end], trims)
			if len(second) < shortestPart {
				continue
			}
			if id, secret = first, second; secretFirst {
				id, secret = second, first
			}
			if fitsAny(exchange, id, secret) && plausible(id, shortestID) && plausible(secret, shortestPart) && random(secret) {
				return id, secret, true
			}
		}
	}
	return "", "", false
}

// placesIn are where a text may be taken apart.
func placesIn(text string) (places []int) {
	for i := range len(text) {
		if strings.IndexByte(apartBy, text[i]) >= 0 && len(places) < mostSides {
			places = append(places, i)
		}
	}
	return places
}

// fitsAny reports whether two texts have the form of an exchange's key and secret; of any
// exchange if it is empty.
func fitsAny(exchange, id, secret string) bool {
	if exchange != "" && fits(exchange, id, secret) {
		return true
	}
	possible, _ := fitting(id, secret)
	return exchange == "" && len(possible) > 0
}

// tellApart are the two values where something says that they are a key and its secret,
// whatever their form is: the only two.
func tellApart(text string, secretFirst bool) (id, secret string, ok bool) {
	cells := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t|,;\"'`*", r) })
	cells = slices.DeleteFunc(cells, func(c string) bool { return slices.Contains(joiners, c) || c == ":" })
	if len(cells) == 1 {
		for _, mark := range []string{":", "/"} {
			if strings.Count(cells[0], mark) == 1 {
				cells = strings.Split(cells[0], mark)
			}
		}
	}
	if len(cells) < 2 || len(cells) > 3 {
		return "", "", false
	}
	if id, secret = cells[0], cells[1]; secretFirst {
		id, secret = secret, id
	}
	return id, secret, plausible(id, shortestPart) && plausible(secret, shortestPart) && random(id) && random(secret)
}

// between are words between two labels, as in "key and secret".
var between = strings.NewReplacer(" and ", "/", " und ", "/", " et ", "/", " y ", "/", " e ", "/", " и ", "/", " ve ", "/", "和", "/", "与", "/", "・", "/", "、", "/", " & ", "/", " + ", "/", "|", "/", ",", "/", ";", "/", "+", "/", "(", " ", ")", " ", "*", " ", "`", " ", "：", " ", ":", " ")

// labels are the names that stand before two values, of which one says the key and one the
// secret: "Bybit API key/secret:".
func (s *scanner) labels(head string) (id, secret string, secretFirst, ok bool) {
	if len(head) > longestName || !mayName(head) {
		return "", "", false, false
	}
	for _, label := range strings.Split(between.Replace(head), "/") {
		name := s.phrase(strings.Fields(label))
		switch s.names.read(name).Part {
		case adapter.KeyPart:
			if id != "" {
				return "", "", false, false
			}
			id = name
		case adapter.SecretPart:
			if secret != "" {
				return "", "", false, false
			}
			secret, secretFirst = name, id == ""
		default:
		}
	}
	return id, secret, secretFirst, id != "" && secret != ""
}

// labelledSides takes the two values of a line that begins with both labels.
func (s *scanner) labelledSides(head, values, exchange, by string) bool {
	id, secret, secretFirst, ok := s.labels(head)
	if !ok {
		return false
	}
	k, v, ok := sidesOf(exchange, values, secretFirst)
	if !ok && exchange == "" {
		k, v, ok = sidesOf(s.placed(s.top), values, secretFirst)
	}
	if !ok {
		k, v, ok = tellApart(values, secretFirst)
	}
	if !ok {
		return false
	}
	f := &frame{kind: '(', parent: s.top, line: s.line}
	if exchange != "" {
		s.hint(f, "exchange", by, s.line)
	}
	for _, one := range []struct {
		part        adapter.Part
		name, value string
	}{{adapter.KeyPart, id, k}, {adapter.SecretPart, secret, v}} {
		s.add(&half{
			part: one.part, name: strings.Clone(one.name), value: adapter.NewSecret(strings.Clone(one.value)), size: len(one.value), frame: f, line: s.fileLine(s.line),
			column: s.column(s.start + max(0, strings.Index(s.rest(), one.value))),
		})
	}
	return true
}

// placed is the exchange that what surrounds a place is called after.
func (s *scanner) placed(at *frame) string {
	for ; at != nil; at = at.parent {
		if at.name == "" {
			continue
		}
		is := s.names.function(at.name)
		switch {
		case is.Foreign || is.Several:
			return ""
		case is.Exchange != "":
			return is.Exchange
		case slices.ContainsFunc(is.Words, func(w string) bool { return !s.names.plainWord(w) && !slices.Contains(partWords, w) }):
			return ""
		}
	}
	return ""
}

// oneValue takes a key and its secret that are one value, in quotes or of a variable:
// {"bybit": "K:S"}, BYBIT=K/S. Their form must be that of the exchange's.
func (s *scanner) oneValue(name string, at argument, quoted bool) bool {
	if len(at.text) < shortestID || len(name) > longestName || s.operator == 0 || strings.Contains(at.text, "://") {
		return false
	}
	whole := s.wholeValue(at, quoted)
	if len(whole) < shortestID+shortestPart || len(whole) > 3*longestPart || !strings.ContainsAny(whole, apartBy) {
		return false
	}
	exchange := s.placed(&frame{name: name, parent: s.top})
	if exchange == "" {
		return false
	}
	id, secret, ok := sidesOf(exchange, whole, false)
	if !ok || !ofForm(exchange, id, secret) {
		return false
	}
	a, b := at, at
	a.text, b.text = id, secret
	f := &frame{kind: '(', name: strings.Clone(name), parent: s.top, line: at.line}
	n := len(s.halves)
	if !s.sideBySide(f, a, b) {
		return false
	}
	for _, h := range s.halves[n:] {
		h.joined = true // nothing says which is which
	}
	return true
}

// below takes a value that is all that is on its line, and the one on a line before: two items
// of a list that is called after an exchange, or two lines below its name.
func (s *scanner) below(at argument) {
	if s.open > 0 || len(at.text) < shortestID || s.operator != 0 || at.line != s.line || !s.alone(argument{column: at.column}, s.pos) {
		return
	}
	before, in := s.single, s.singleIn
	s.single, s.singleIn = at, listOf(s.top)
	if before.text == "" || in != s.singleIn || at.line-before.line > 2 {
		return
	}
	s.single = argument{}
	exchange := s.placed(in)
	listed := exchange != "" && fits(exchange, clean(before.text), clean(at.text))
	if exchange == "" {
		exchange = s.headed(before.line)
	}
	if listed || ofForm(exchange, before.text, at.text) {
		s.sideBySide(&frame{kind: '(', parent: in, line: s.line}, before, at)
	}
}

// listOf is what an item of a list stands in.
func listOf(f *frame) *frame {
	for f.kind == '-' && f.parent != nil {
		f = f.parent
	}
	return f
}

// headed is the exchange that the line before a line names, empty ones aside.
func (s *scanner) headed(line int) string {
	text := s.text[:s.start]
	for n := s.line; n > line; n-- {
		text = text[:max(0, strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n')+1)]
	}
	text = strings.TrimRight(text, " \t\r\n=-")
	head := text[strings.LastIndexByte(text, '\n')+1:]
	if len(head) > longestName || !s.names.mayMention(head) {
		return ""
	}
	if exchange := s.names.heading(head); exchange != "" {
		return exchange
	}
	exchange, _ := s.ofLine(head)
	return exchange
}

// inBrackets takes a value without quotes in a list that is called after an exchange.
func (s *scanner) inBrackets(at argument) bool {
	if s.top.kind != '[' || len(at.text) < shortestPart || !s.names.mayMention(s.top.name) || s.names.function(s.top.name).Exchange == "" {
		return false
	}
	s.top.args = append(s.top.args, at)
	return true
}
