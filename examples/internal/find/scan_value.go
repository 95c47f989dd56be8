package find

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// isRun reports whether a character may be part of a bare name or value.
func isRun(c byte) bool { return inRun[c] }

var inRun = func() (table [256]bool) {
	for c := range 256 {
		table[c] = classOf[c] != 0 || strings.IndexByte("_-.+/=$%@~", byte(c)) >= 0
	}
	return table
}()

const wide = 0xef // the first byte of signs of full width

// operatorAt is the length of the operator that a text begins with, such as := or =>.
func operatorAt(text string) int {
	next := byte(0)
	if len(text) > 1 {
		next = text[1]
	}
	switch c := text[0]; {
	case c == wide && (strings.HasPrefix(text, "：") || strings.HasPrefix(text, "＝")): // as Chinese and Japanese have them
		return len("：")
	case c == ':' && next == '=', c == '=' && (next == '>' || next == '='), c == '<' && next == '-', (c == '|' || c == '?') && next == c:
		return 2
	case c == '=' || c == ':':
		return 1
	default:
		return 0
	}
}

// bare reads a name or a value without quotes.
func (s *scanner) bare() {
	end := s.endOfRun()
	word, at := s.text[s.pos:end], argument{line: s.line, column: s.column(s.pos)}
	s.pos = end
	if s.prefixed(word) {
		return
	}
	at.text = withoutStop(word)
	if begin := end - len(word); s.operator == ':' && begin > 0 && s.text[begin-1] == ':' { // ${NAME:-value}
		at.text = strings.TrimPrefix(word, "-")
	}
	if s.loose(at) {
		return
	}
	if word == "-e" || strings.HasPrefix(word, "--") {
		s.separate()
	}
	if s.top.kind == '(' && len(word) >= shortestPrivate && walletKey.MatchString(word) && s.names.callsWallet(s.top.name) {
		s.top.args = append(s.top.args, at)
	}
	if s.isDash(word) {
		return
	}
	s.words = append(s.words, word)
	if len(s.words) > 8 {
		s.words = slices.Delete(s.words, 0, 4)
	}
}

// prefixed takes a text in quotes if the word before them only says of what kind it is.
func (s *scanner) prefixed(word string) bool {
	quote := strings.TrimPrefix(s.text[s.pos:min(len(s.text), s.pos+2)], "#")
	if len(word) >= 4 || quote == "" || quote[0] != '"' && quote[0] != '\'' || !slices.Contains(stringPrefixes, strings.ToLower(word)) {
		return false
	}
	s.pos += strings.IndexByte(s.text[s.pos:], quote[0])
	s.literal(quote[0])
	return true
}

// stringPrefixes stand before the quotes of texts: of bytes, raw, formatted and wide ones,
// in Python, Rust, C, C#, SQL, Objective-C, Scala.
var stringPrefixes = []string{"b", "r", "f", "u", "l", "n", "e", "s", "v", "x", "br", "rb", "fr", "rf", "u8", "lr", "raw", "@", "$", "@$", "$@"}

// endOfRun is where a name or a value without quotes ends. An = belongs to it at its end
// only, where base64 has it.
func (s *scanner) endOfRun() int {
	end := s.pos
	for end < len(s.text) && s.text[end] != '=' {
		switch c := s.text[end]; {
		case c == ':' && strings.HasPrefix(s.text[end:], "::"), c == '-' && strings.HasPrefix(s.text[end:], "->"): // Binance::new
			end++
		case inRun[c] || isMark(s.text[s.pos:end+1]):
		case s.translates && c >= utf8.RuneSelf && letterAt(s.text[end:]) > 0:
			end += letterAt(s.text[end:]) - 1
		default:
			return s.padded(end)
		}
		end++
	}
	return s.padded(end)
}

// padded is where a run ends that may have the = of base64 at its end.
func (s *scanner) padded(end int) int {
	padded := end
	for padded < len(s.text) && s.text[padded] == '=' {
		padded++
	}
	if padded == end || padded > end+2 || (padded-s.pos)%4 != 0 || end-s.pos < 20 {
		return end
	}
	if padded < len(s.text) && strings.IndexByte(" \t\r\n,;)]}\"'`&|<\\", s.text[padded]) < 0 {
		return end
	}
	return padded
}

// withoutStop is a value without the full stop of the sentence that it ends. More than one
// say that something is left out.
func withoutStop(word string) string {
	if text, is := strings.CutSuffix(word, "."); is && len(text) >= shortestID && !strings.HasSuffix(text, ".") {
		return text
	}
	return word
}

// isMark reports whether a text begins a key of NEAR's or Orderly's: ed25519:… is one value.
func isMark(text string) bool { return text == "ed25519:" }

// loose takes a value without quotes, and reports whether it is surely no name.
func (s *scanner) loose(at argument) bool {
	switch {
	case s.operator != 0 && s.name != "":
		return s.assigned(at)
	case s.operator == 0 && len(s.words) == 0 && (s.listed(at) || s.inBrackets(at)):
		return true
	case len(s.words) > 0 && len(at.text) >= shortestID:
		return s.prose(at)
	case len(s.words) == 0 && s.pending != "" && s.alone(at, s.pos):
		s.awaited(at, false)
		return true
	case len(s.words) == 0:
		s.below(at)
	}
	return false
}

// assigned takes a value without quotes of a name, and reports whether it was encrypted,
// and is done with.
func (s *scanner) assigned(at argument) bool {
	next := s.text[s.pos:min(len(s.text), s.pos+2)]
	if next == "" || next[0] != '(' && next[0] != '[' && next != "::" {
		s.assign(s.name, at, false)
	}
	if at.text == "ENC" && strings.HasPrefix(next, "[") { // SOPS
		s.sealed()
		return true
	}
	s.typed, s.name, s.operator = s.name, "", 0
	return false
}

// sealed skips a value that is encrypted.
func (s *scanner) sealed() {
	s.separate()
	s.pos += max(0, strings.IndexAny(s.text[s.pos:], "]\n"))
}

// alone reports whether a value is all that is on its line.
func (s *scanner) alone(at argument, end int) bool {
	rest, _, _ := strings.Cut(s.text[end:], "\n")
	return strings.TrimSpace(rest) == "" && strings.Trim(s.text[s.start:min(len(s.text), s.start+at.column-1)], " \t\"'`>*-") == ""
}

// setsPassphrase reports whether a command of a shell sets an exchange's passphrase.
func (s *scanner) setsPassphrase(before []string, name string) bool {
	n := s.names.read(name)
	return before[0] == "set" && n.Part == adapter.PassphrasePart && n.Exchange != ""
}

// prose reads "key X" and "set -gx NAME X", where no operator stands.
func (s *scanner) prose(at argument) bool {
	before := s.words
	if last := before[len(before)-1]; last == "is" || last == "to" {
		before = before[:len(before)-1]
	}
	name := s.phrase(before)
	before = withoutAPI(before, name)
	text := clean(at.text)
	if len(before) == 0 || name != before[len(before)-1] && !strings.HasSuffix(name, " "+before[len(before)-1]) || !s.names.hasRole(name) ||
		!s.setsPassphrase(before, name) && (!plausible(text, shortestPart) || !random(text) || !strings.ContainsAny(text, digit)) {
		return false
	}
	n := len(s.halves)
	s.assign(name, at, false)
	for _, h := range s.halves[n:] {
		h.prose = (!s.names.read(name).Lone || s.names.read(name).Exchange == "") && !s.isLabel(name, at)
	}
	s.separate()
	return true
}

const digit = "0123456789"

// pem reads a private key that begins here, up to its last line.
func (s *scanner) pem() argument {
	at := argument{line: s.line, column: s.column(s.pos)}
	text := s.text[s.pos:min(len(s.text), s.pos+longestPEM)]
	end := strings.Index(text, "-----END ")
	if end < 0 {
		s.pos += len("-----BEGIN ")
		return at
	}
	tail := strings.Index(text[end+9:], "-----")
	if tail < 0 {
		s.pos += len("-----BEGIN ")
		return at
	}
	if block := text[:end+9+tail+5]; isPEM(block) || isArmoured(block) {
		at.text = block
		s.skip(len(block))
	} else { // what stands in it is read as anywhere
		s.pos += len("-----BEGIN ")
	}
	return at
}

// skip goes on after a text of several lines.
func (s *scanner) skip(n int) {
	text := s.text[s.pos : s.pos+n]
	if last := strings.LastIndexByte(text, '\n'); last >= 0 {
		s.line += strings.Count(text, "\n")
		s.start = s.pos + last + 1
	}
	s.pos += n
}

// quoted reads a text in quotes: a name, a value, an argument.
func (s *scanner) quoted(quote byte) {
	begin := s.pos
	if begin > 0 && quote == '\'' && isRun(s.text[begin-1]) && s.text[begin-1] != '=' { // don't
		s.pos++
		return
	}
	s.literal(quote)
}

var triples = [256]string{'"': `"""`, '\'': "'''", '`': "```"}

// literal reads a text in quotes that begins here.
func (s *scanner) literal(quote byte) {
	begin := s.pos
	triple := triples[quote]
	from, closing := begin+1, triple[:1]
	if strings.HasPrefix(s.text[begin:], triple) {
		from, closing = begin+3, triple
	}
	end := s.closing(from, closing)
	if end < 0 { // nothing closes it
		s.pos = from
		return
	}
	text := s.text[from:end]
	at := argument{line: s.line, column: s.column(from)}
	s.skip(end + len(closing) - begin)
	if strings.Contains(text, `\`) {
		text = unescape(text)
	}
	at.text = text
	after := strings.TrimLeft(s.text[s.pos:], " \t")
	isName := (strings.HasPrefix(after, ":") || strings.HasPrefix(after, "：")) && !strings.HasPrefix(after, "::") || strings.HasPrefix(after, "=") && !strings.HasPrefix(after, "==")
	if isName && s.operator == 0 {
		s.words = append(s.words[:0], text)
		s.last = -1
		return
	}
	s.value(at, true)
}

// closing finds the end of a text in quotes; -1 if nothing closes it. Only triple
// quotes and private keys span lines.
func (s *scanner) closing(from int, closing string) int {
	limit := len(s.text)
	if len(closing) == 1 && !strings.HasPrefix(strings.TrimLeft(s.text[from:min(limit, from+40)], " \t\r\n"), "-----BEGIN ") {
		if end := strings.IndexByte(s.text[from:], '\n'); end >= 0 {
			limit = from + end
		}
	}
	for at := from; at < limit; at++ {
		switch {
		case s.text[at] == '\\':
			at++
		case strings.HasPrefix(s.text[at:limit], closing):
			return at
		}
	}
	return -1
}

var escape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|.)`)

// unescape undoes one layer of escapes.
func unescape(text string) string {
	return escape.ReplaceAllStringFunc(text, func(e string) string {
		switch e[1] {
		case 'n':
			return "\n"
		case 't', 'r':
			return " "
		case 'u':
			if n, err := strconv.ParseUint(e[2:], 16, 16); err == nil {
				return string(rune(n))
			}
		}
		return e[1:]
	})
}

// value takes a text in quotes, or a private key.
func (s *scanner) value(at argument, quoted bool) {
	switch {
	case s.continues(at):
		return
	case s.operator != 0 && s.name != "":
		s.assign(s.name, at, quoted)
		s.separate()
	case len(s.words) > 0 && s.names.hasRole(s.phrase(s.words)) && s.top.kind != '(': // #define NAME "…"
		s.assign(s.phrase(s.words), at, quoted)
		s.separate()
	default:
		s.unnamed(at, quoted)
	}
}

// unnamed takes a text in quotes that no operator gives a name: an argument, a name that
// no operator follows, a line of its own.
func (s *scanner) unnamed(at argument, quoted bool) {
	if s.listed(at) {
		return
	}
	brackets := s.top.kind == '(' || s.top.kind == '{' || s.top.kind == '['
	switch n := len(s.top.args); {
	case n > 0 && s.top.kind == '(' && s.adjacent(at):
		s.top.args[n-1].text += at.text
		return
	case brackets:
		s.top.args = append(s.top.args, at)
	}
	if s.top.kind != '(' && s.names.hasRole(at.text) { // `KEY` "…" and the like
		s.words = append(s.words[:0], at.text)
	}
	if s.pending != "" && s.alone(argument{column: max(1, at.column)}, s.pos) {
		s.awaited(at, quoted)
	} else {
		s.below(at)
	}
	if !isArmoured(at.text) && (len(at.text) < longestPart || strings.ContainsAny(at.text, "=:")) {
		s.nest(at, s.top.name)
	}
}

// continues joins the parts of a text that is written in several pieces.
func (s *scanner) continues(at argument) bool {
	if s.last < 0 || s.last >= len(s.halves) || s.operator != 0 {
		return false
	}
	h := s.halves[s.last]
	if at.line > h.line+4 || !s.adjacent(at) {
		s.last = -1
		return false
	}
	joined := h.value.Reveal() + at.text
	if !plausible(joined, shortestID) {
		return false
	}
	h.value, h.size = adapter.NewSecret(joined), len(joined)
	return true
}

// adjacent reports whether nothing but a joining sign stands between a text and the
// text in quotes before it.
func (s *scanner) adjacent(at argument) bool {
	open := s.start + at.column - 2
	if open <= 0 || open > len(s.text) {
		return false
	}
	before := strings.TrimRight(s.text[max(0, open-120):open], " \t\r\n+\\.&_")
	return before != "" && strings.IndexByte("\"'`", before[len(before)-1]) >= 0
}
