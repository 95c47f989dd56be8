package find

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// Names of fields that don't say what their value is, in small letters without
// separators.
var (
	exchangeFields = []string{"exchange", "exchangename", "exchangeid", "venue", "connector", "broker", "platform", "market", "marketplace", "gateway", "provider", "site", "cex", "host", "codename"}
	saysExchange   = []string{"exchange", "exchangename", "exchangeid", "venue", "connector", "broker", "provider", "platform", "cex"} // and nothing else
	labelFields    = []string{"name", "id", "type", "label", "title", "account", "alias", "service", "slug"}
	nameFields     = []string{"name", "key", "variable", "var", "field", "param", "parameter", "option", "property", "setting", "envname", "ref"}
	valueFields    = []string{"value", "val", "default", "content", "defaultvalue", "data", "text", "stringvalue", "plaintext", "v"}
)

// assign takes a name and its value.
func (s *scanner) assign(name string, at argument, quoted bool) {
	text := clean(at.text)
	if text == "" {
		return
	}
	if s.unit(name, at, quoted) || s.oneValue(name, at, quoted) || s.joined(name, at, quoted) {
		return
	}
	s.setting(name, text, at.line)
	folded := s.names.fold(name)
	s.top.wallet = s.top.wallet || isAddress(text) && s.names.holdsAddress(folded)
	s.labelled(folded, text, at)
	s.hints(name, folded, text, at.line)
	s.weakly(folded, name, text, at)
	if !s.field(folded, text, at, quoted) {
		s.take(name, at, s.top, quoted)
	}
}

// field takes what is called "name" or "value", and stands for the name or the value of
// something else. It reports whether it was one that could be taken.
func (s *scanner) field(folded, text string, at argument, quoted bool) bool {
	if slices.Contains(nameFields, folded) && (s.isName(text) || folded != "key" && isUpperName(text) || s.names.saysExchange(text)) {
		if s.top.side = (argument{text, at.line, at.column}); s.top.given.text != "" {
			s.variable(text, s.top.given, quoted)
		}
		return true
	}
	if !slices.Contains(valueFields, folded) {
		return false
	}
	of := s.top.side.text
	switch {
	case of != "":
	case s.names.hasRole(s.top.name):
		of = s.top.name
	case s.top.kind == '(' && len(s.top.args) > 0 && s.isName(strings.TrimLeft(s.top.args[0].text, "-")): // add_argument('--api-key', default='…')
		of = strings.TrimLeft(s.top.args[0].text, "-")
	default:
		s.top.given = at
		return false
	}
	s.variable(of, at, quoted)
	return true
}

// hint notes a field that names an exchange.
func (s *scanner) hint(in *frame, field, text string, line int) {
	exchange, known := s.names.Exchange(text)
	if lower := strings.ToLower(text); !known && slices.Contains(unsupported, lower) {
		exchange, known = lower, true
	}
	switch {
	case known:
		in.hints = append(in.hints, hint{exchange, field, s.fileLine(line), s.names.scopeOf(field)})
	case !slices.Contains(saysExchange, s.names.fold(field)) && !s.names.saysExchange(field):
	case plausible(text, shortestPart): // a word of it would be shown
		in.other = "unknown"
	default:
		in.other = strings.Clone(text)
	}
}

// take makes a half of a name and its value, if they are one; otherwise the value may
// be a text with names and values of its own.
func (s *scanner) take(name string, at argument, in *frame, quoted bool) {
	if in == nil {
		in = s.top
	}
	text := clean(at.text)
	s.last = -1
	if s.takesPrivate(name, at, in) {
		return
	}
	if !mayName(name) && !selfEvident(text) {
		s.deeper(name, at, text, quoted)
		return
	}
	name, n := s.names.member(name)
	text = s.plain(name, text)
	h := &half{part: partOf(n, text), name: name, frame: in, line: s.fileLine(at.line), column: at.column, quoted: quoted, variable: s.operator == '='}
	switch {
	case n.Leads != "" && !strings.HasPrefix(text, "{") || strings.HasSuffix(text, ".pem") || strings.HasSuffix(text, ".key"):
		h.path = text
		s.lead(h, n.Leads)
	case !s.mayBePart(h, text):
		s.deeper(name, at, text, quoted)
	case chosen(h.part) && !quoted && s.partial(at.text): // a passphrase of several words
	default:
		h.name, h.value, h.size = strings.Clone(name), adapter.NewSecret(strings.Clone(text)), len(text)
		s.add(h)
		if quoted && !chosen(h.part) {
			s.last = len(s.halves) - 1
		}
	}
}

// mayBePart reports whether a value may be the part that its name says.
func (s *scanner) mayBePart(h *half, text string) bool {
	folded := s.names.fold(h.name)
	if h.part == adapter.NoPart && !slices.Contains(clientNames, folded) {
		return false
	}
	return chosen(h.part) || folded == "memo" || plausible(text, shortestID)
}

// plain is a value as it is meant: a Kubernetes Secret has it in base64, and OctoBot
// encrypted with a key that everybody knows.
func (s *scanner) plain(name, text string) string {
	if s.kind.secret && s.names.hasRole(name) {
		return decoded(text)
	}
	if plain, ok := inventory.OctoBotPlain(text); ok {
		return plain
	}
	return text
}

// partOf is the part that a name means, or that the value shows itself.
func partOf(n *inventory.Name, text string) adapter.Part {
	switch {
	case isOrganization.MatchString(text):
		return adapter.KeyPart
	case isPEM(text) && strings.Contains(text, "-----END "):
		return adapter.SecretPart
	default:
		return n.Part
	}
}

// selfEvident reports whether a text is part of a key whatever its name is.
func selfEvident(text string) bool {
	return strings.HasPrefix(text, "-----BEGIN ") || strings.HasPrefix(text, "organizations/")
}

// deeper looks into a value that is no part, if it may be a text with some.
func (s *scanner) deeper(name string, at argument, text string, quoted bool) {
	if quoted || len(text) > 3*longestPart/2 || len(text) > shortestIn && encodes(name) {
		s.nest(at, name)
	}
}

// lead notes a name that leads to a file with the secret.
func (s *scanner) lead(h *half, leads string) {
	named := leads == "names a file" || leads == ""
	if named && (h.part == adapter.SecretPart || h.part == adapter.KeyPart && strings.HasSuffix(h.path, ".pem")) {
		h.part = adapter.SecretPart
		s.refs = append(s.refs, h)
	}
}

func (s *scanner) add(h *half) {
	switch {
	case h.size == 0:
	case len(s.halves) < mostHalves:
		s.halves = append(s.halves, h)
	default:
		s.cut = true
	}
}

// isName reports whether a text is the name of a part, and no part.
func (s *scanner) isName(text string) bool {
	return s.names.hasRole(text) && (s.names.read(text).Lone || !plausible(text, shortestPart))
}

// arguments takes what a call is given without names: a name and its value, the one
// value of a setter, or a key and a secret side by side.
func (s *scanner) arguments(f *frame) {
	args := f.args
	if s.privates(f) {
		return
	}
	if f.kind != '[' && len(args) == 1 {
		s.argument(f)
		return
	}
	in := f.parent
	if len(args) > 3 { // more than one name and its value
		in = f
	}
	for i := 0; i+1 < len(args); i++ {
		a, b := args[i], args[i+1]
		switch name := strings.TrimLeft(a.text, "-"); {
		case s.isName(name):
			s.take(name, b, in, false)
			i++
		case slices.Contains(exchangeFields, adapter.Fold(name)) && len(b.text) < 40:
			s.hint(in, name, b.text, b.line)
		case min(len(a.text), len(b.text)) >= shortestPart && (f.kind != '[' && s.takesKeys(f) || s.listsKey(f, i)) && s.sideBySide(f, a, b):
			return
		}
	}
}

// privates takes the private keys of wallets in a list or a call, if it has any.
func (s *scanner) privates(f *frame) bool {
	switch {
	case !slices.ContainsFunc(f.args, func(a argument) bool { return len(a.text) >= shortestPrivate }):
		return false
	case f.kind == '[':
		return s.listsPrivate(f)
	default:
		return s.signs(f)
	}
}

// argument takes the one argument of a call: a setter's, or that of a wrapper, as in
// Some("…").
func (s *scanner) argument(f *frame) {
	callee := f.name[strings.LastIndexAny(f.name, ".:>")+1:]
	for _, prefix := range []string{"set", "with", "Set", "With"} {
		callee = strings.TrimPrefix(callee, prefix)
	}
	switch {
	case s.names.hasRole(callee):
		s.take(callee, f.args[0], f.parent, false)
	case f.kind == '(' && f.parent != nil && f.parent.kind == '(':
		f.parent.args = append(f.parent.args, f.args[0])
	}
}

// sideBySide takes two arguments as a key and its secret, if both look drawn.
func (s *scanner) sideBySide(f *frame, a, b argument) bool {
	x, y := strings.Clone(clean(a.text)), strings.Clone(clean(b.text)) // of a text that is not kept
	for _, text := range []string{x, y} {
		if !plausible(text, shortestPart) || !random(text) {
			return false
		}
	}
	if x == y {
		return false
	}
	for _, h := range []*half{
		{part: adapter.KeyPart, value: adapter.NewSecret(x), size: len(x), line: s.fileLine(a.line), column: a.column},
		{part: adapter.SecretPart, value: adapter.NewSecret(y), size: len(y), line: s.fileLine(b.line), column: b.column},
	} {
		h.name, h.frame, h.positional = f.name, f, true
		s.add(h)
	}
	return true
}

var client = regexp.MustCompile(`(?i)client|credential|exchange|^http$|account|auth|api|trade|market|bot|session|key|rest|ws|spot|futures`)

// takesKeys reports whether a function is called as those are that take a key.
func (s *scanner) takesKeys(f *frame) bool {
	return client.MatchString(f.name) || s.names.read(f.name).Exchange != ""
}

const (
	deepest    = 2        // texts in texts
	longestIn  = 64 << 10 // bytes of one
	shortestIn = 24
)

// nest looks for names and values in a text within the text: JSON in a string, a line
// of a notebook, an environment file in base64. Its lines may be those of the file.
func (s *scanner) nest(at argument, name string) {
	text := at.text
	if len(text) < shortestIn {
		return
	}
	if s.depth >= deepest || len(text) > longestIn {
		s.cut = s.cut || mayHold([]byte(text)) || (encodes(name) || s.kind.secret) && decoded(text) != text
		return
	}
	if text = s.opened(text, name); text == "" || wordIn(text, keyWords) < 0 {
		return
	}
	in := newScanner(s.names, text, s.kind)
	in.top = &frame{kind: 'n', parent: s.top, name: name, line: s.line}
	in.depth, in.base, in.flat = s.depth+1, s.fileLine(at.line), s.flat || !s.writes(text)
	if !in.flat {
		in.base--
	}
	outermost := in.top
	in.scan()
	s.adopt(in, outermost)
}

// writes reports whether a text of several lines that was just read stands in this one as it
// is, and was neither decoded nor has it escapes.
func (s *scanner) writes(text string) bool {
	const quotes = "\"'`"
	return strings.IndexByte(text, '\n') >= 0 && strings.HasSuffix(strings.TrimRight(s.text[:s.pos], quotes), strings.TrimRight(text, quotes))
}

// adopt takes what a text within the text has.
func (s *scanner) adopt(in *scanner, outermost *frame) {
	s.cut = s.cut || in.cut
	for _, h := range in.halves {
		if h.frame == outermost && s.top.kind == '[' {
			h.frame = s.top // a line of several, as notebooks have them
		}
		s.add(h)
	}
	s.top.hints = append(s.top.hints, outermost.hints...)
	s.refs = append(s.refs, in.refs...)
	s.settings = append(s.settings, in.settings...)
	s.last = -1
}

// opened is a text that may have names and values, decoded if it is in base64; empty if
// it can have none.
func (s *scanner) opened(text, name string) string {
	if strings.IndexByte(text, ' ') >= 0 {
		return text
	}
	if strings.ContainsAny(text, "=:") && (len(text) <= 40 || !isBase64(text)) {
		return text
	}
	if !encodes(name) && !s.kind.secret {
		return ""
	}
	if plain := decoded(text); plain != text && strings.ContainsAny(plain, "=:") {
		return plain
	}
	return ""
}

// isBase64 reports whether a text may be base64.
func isBase64(text string) bool {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	for i := range len(text) {
		if classOf[text[i]] == 0 && strings.IndexByte("+/_-", text[i]) < 0 {
			return false
		}
	}
	return text != ""
}

// encoders are words in the names of texts in base64.
var encoders = newWordSet("b64", "base64", "config", "secret", "env", "credential")

// encodes reports whether a name says that its value may be a text in base64.
func encodes(name string) bool { return wordIn(name, encoders) >= 0 }

// decoded is a text in base64 in plaintext, if it is one and that is printable.
func decoded(text string) string {
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(data) < 4 {
		return text
	}
	for _, c := range data {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c > '~' {
			return text
		}
	}
	return strings.TrimSpace(string(data))
}
