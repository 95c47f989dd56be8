package inventory

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// botFile reads a JSON file of a bot. It goes on after a mistake.
type botFile struct {
	path         string
	root         *Node    // never nil
	placeholders []string // what this bot's samples have in place of values, in lower case
	problems     Problems
	lost         []Found // sections that cannot be read
	variables    bool    // its keys are variables; see unread
	of           string  // the exchange of all that is in it; empty if its entries say that
}

// json reads a file that may contain comments and trailing commas. Only JSON
// that is malformed ends the reading.
func (f *Files) json(path string, placeholders ...string) (*botFile, error) {
	data, err := f.Read(path)
	if err != nil {
		return nil, err
	}
	data = []byte(keytext.Decode(string(data)))
	kind := strings.ToLower(filepath.Ext(path))
	decode := f.options.Decoders[kind]
	if kind == ".toml" && decode == nil {
		return nil, Problems{{File: path, Text: "the file is TOML, which this program does not read"}}
	}
	if decode != nil {
		text := data
		if data, err = decode(text); err != nil { // the error may show what it found
			if p, is := Mistaken(path, text, strings.ToUpper(strings.TrimPrefix(kind, "."))); is {
				return nil, Problems{p}
			}
			return nil, Problems{{File: path, Text: "the file is malformed: check its quotes, brackets and names"}}
		}
	}
	root, at := parseJSON(stripJSONC(data))
	switch {
	case root == nil && f.alone: // nobody reads what it is instead
		return nil, Problems{{File: path, Text: "the file is no JSON"}}
	case root == nil:
		return nil, Problems{malformed(path, data, at)}
	}
	if decode != nil {
		root.withoutPlaces()
	}
	return &botFile{path: path, root: root, placeholders: placeholders}, nil
}

func (r *botFile) report(line, column int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.path, Line: line, Column: column, Text: fmt.Sprintf(format, args...)})
}

// withoutPlaces forgets where the values are, because the text is not the file's.
func (n *Node) withoutPlaces() {
	n.Line, n.Column = 0, 0
	for i := range n.Members {
		n.Members[i].Line, n.Members[i].Column = 0, 0
		n.Members[i].Value.withoutPlaces()
	}
	for _, item := range n.Items {
		item.withoutPlaces()
	}
}

// again reports a member that occurs again.
func (r *botFile) again(m Member, first int) {
	r.report(m.Line, m.Column, "%s: delete one of them", duplicate("field", m.Name, first))
}

// found begins the key at a place.
func (r *botFile) found(name, exchange string, line, column int) Found {
	return Found{Name: name, Exchange: exchange, File: r.path, Line: line, Column: column}
}

// eachKey reads the entries of keys, which are the members of an object or the items of a list.
// A mistake in an entry costs its own key, which is named, and no other.
func (r *botFile) eachKey(n *Node, read func(m Member) []Found) (out []Found) {
	if n == nil {
		return nil
	}
	lines := map[string]int{}
	for _, m := range n.Members {
		first, again := lines[m.Name]
		if !again {
			lines[m.Name] = m.Line
		}
		out = append(out, r.oneKey(m, func() []Found {
			if again {
				r.again(m, first)
				return nil
			}
			return read(m)
		})...)
	}
	for _, item := range n.Items {
		m := Member{Line: item.Line, Column: item.Column, Value: item}
		out = append(out, r.oneKey(m, func() []Found { return read(m) })...)
	}
	return out
}

// oneKey reads one of them.
func (r *botFile) oneKey(m Member, read func() []Found) []Found {
	before := len(r.problems)
	out := read()
	if len(r.problems) == before {
		return out
	}
	mistake := r.problems[before]
	r.problems = r.problems[:before]
	if len(out) == 0 {
		out = []Found{r.found(m.Name, "", m.Line, m.Column)}
	}
	for i := range out {
		out[i] = Found{Name: out[i].Name, Exchange: out[i].Exchange, Key: out[i].Key, Secret: out[i].Secret, begins: [2]int{m.Line, m.Column}}
		out[i].mistaken(mistake)
	}
	return out
}

// get is the one member of that name; nil if there is none, or null.
func (r *botFile) get(n *Node, name string) *Node {
	if n == nil {
		return nil
	}
	var first Member
	for _, m := range n.Members {
		switch {
		case m.Name != name || m.Value.Kind == Null:
		case first.Value == nil:
			first = m
		default:
			r.again(m, first.Line)
		}
	}
	return first.Value
}

// object is the member of that name, which must be an object.
func (r *botFile) object(n *Node, name string) *Node {
	return r.expect(Object, r.get(n, name), name)
}

// mistaken skips a key for a mistake in its entry.
func (f *Found) mistaken(p Problem) {
	f.File, f.Line, f.Column, f.Skip = p.File, p.Line, p.Column, p.Text
}

// section is object, but one of another kind costs only what would be in it.
func (r *botFile) section(n *Node, name string) *Node {
	var out *Node
	m := Member{Name: name}
	if value := r.get(n, name); value != nil {
		m.Line, m.Column = value.Line, value.Column
	}
	r.lost = append(r.lost, r.oneKey(m, func() []Found {
		out = r.object(n, name)
		return nil
	})...)
	return out
}

// expect returns n if it is of that kind, and nil otherwise. An empty name
// means the whole file.
func (r *botFile) expect(kind Kind, n *Node, name string) *Node {
	if n == nil || n.Kind == kind {
		return n
	}
	what := "the file"
	if name != "" {
		what = show(name)
	}
	r.report(n.Line, n.Column, "%s must be %s, not %s", what, kind, n.Kind)
	return nil
}

// flag is a member that is true or false, possibly as text or a number.
func (r *botFile) flag(n *Node, name string) (value, set bool) {
	v := r.get(n, name)
	if v == nil {
		return false, false
	}
	return switchWord(v.Text)
}

// switchWord reads a switch as people write it. It is not set if it has neither
// a word for on nor one for off.
func switchWord(text string) (on, set bool) {
	value := switchValue(text)
	on = slices.Contains(onWords, value)
	return on, on || slices.Contains(offWords, value)
}

// text is the one value under any of the names in any of the nodes. Empty
// values and placeholders do not count. Two different values are a mistake,
// because it is unclear which is meant.
func (r *botFile) text(names []string, nodes ...*Node) (string, Member) {
	return r.value(names, func(text string) bool { return isPlaceholder(text, r.placeholders) }, nodes...)
}

// value is text with another idea of what does not count.
func (r *botFile) value(names []string, none func(string) bool, nodes ...*Node) (string, Member) {
	var value string
	var at Member
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for _, m := range n.Members {
			text := strings.TrimSpace(m.Value.Text)
			switch {
			case !slices.Contains(names, m.Name) || m.Value.Kind == Null:
			case m.Value.Kind != Text && m.Value.Kind != Number:
				r.report(m.Value.Line, m.Value.Column, "%q must be text, not %s", m.Name, m.Value.Kind)
			case none(text):
			case value == "":
				value, at = text, m
			case value != text && at.Name == m.Name:
				r.report(m.Line, m.Column, "%s with a different value: delete one of them", duplicate("field", m.Name, at.Line))
			case value != text:
				r.report(m.Line, m.Column,
					"%q and %q are the same part of a key and have different values: delete one of them", at.Name, m.Name)
			}
		}
	}
	return value, at
}

// part is text as the key or the secret. If there is none, but something that
// stands in its place, it is that, so that the key is named.
func (r *botFile) part(names []string, nodes ...*Node) Part {
	value, at := r.value(names, func(text string) bool {
		return isPlaceholder(text, r.placeholders) || keytext.Placeholder(text) != ""
	}, nodes...)
	for _, n := range nodes {
		if n == nil || value != "" {
			continue
		}
		for _, m := range n.Members {
			if text := strings.TrimSpace(m.Value.Text); value == "" && slices.Contains(names, m.Name) &&
				!slices.Contains(r.placeholders, strings.ToLower(text)) && keytext.Placeholder(text) != "" {
				value, at = text, m
			}
		}
	}
	return r.partAt(value, at)
}

func (r *botFile) partAt(value string, at Member) Part {
	p := NewPart(value)
	p.File, p.Line, p.Column = r.path, at.Line, at.Column
	return p
}

// passphrase is the third part of a key. People choose theirs, so it may look
// like a placeholder. If the API key is not one, neither is the passphrase.
func (r *botFile) passphrase(found *Found, names []string, nodes ...*Node) Part {
	p := r.partAt(r.text(names, nodes...))
	if !p.isZero() || found.Key.isZero() {
		return p
	}
	for _, n := range nodes {
		for _, name := range names {
			if m := r.get(n, name); p.isZero() && m != nil && m.Kind == Text {
				p = Part{Value: adapter.NewSecret(strings.TrimSpace(m.Text)), File: r.path, Line: m.Line, Column: m.Column}
			}
		}
	}
	return p
}

// word is text that is not part of a key.
func (r *botFile) word(n *Node, name string) string {
	value, _ := r.text([]string{name}, n)
	return value
}

// isPlaceholder reports whether the value is empty, one of the words in a bot's
// samples, or asks for "your" key.
func isPlaceholder(value string, words []string) bool {
	lower := strings.ToLower(value)
	return value == "" || slices.Contains(words, lower) ||
		slices.ContainsFunc([]string{"your_", "your-", "your ", "<", "0x_your"}, func(p string) bool { return strings.HasPrefix(lower, p) })
}

// ccxt reads the parts of a key under ccxt's names for them, and under those that
// bots built on it accept; and where the key belongs.
func (r *botFile) ccxt(found *Found, nodes ...*Node) {
	found.Key = r.part([]string{"apiKey", "api_key", "key"}, nodes...)
	found.Secret = r.part([]string{"secret", "api_secret", "apiSecret"}, nodes...)
	found.Passphrase = r.passphrase(found, passphraseNames(found.Exchange), nodes...)
	r.wallet(found, nodes...)
	for _, n := range nodes {
		r.ccxtPlace(found, n, r.get(n, "options"))
	}
}

// hasValue reports whether the value contains anything but false.
func hasValue(n *Node) bool {
	switch n.Kind {
	case Object:
		return slices.ContainsFunc(n.Members, func(m Member) bool { return hasValue(m.Value) })
	case List:
		return slices.ContainsFunc(n.Items, hasValue)
	default:
		text := strings.TrimSpace(n.Text)
		return n.Kind != Null && text != "" && text != "false"
	}
}

// unreadFile is why a file is left out that lies beside others.
const unreadFile = "the file cannot be read as JSON with comments: list its keys in an inventory"

// Why a key is skipped although all its parts are there.
const (
	skipProxy  = "its bot connects through a proxy: list the key in an inventory, with an egress"
	skipSwitch = "its file has a switch for a test network that is neither on nor off: list the key in an inventory, with its environment"
	skipWallet = "it is a wallet's private key: list it in an inventory, if its exchange is supported"
	skipSecond = "it is a private key beside another secret of the same API key: list it in an inventory, if the API key is its own"
	skipNoForm = "its private key is in no form that its exchange takes: copy it again, whole, as PEM"
	// skipUnnamed is skipWallet where an entry that names the exchange is all that is missing.
	skipUnnamed = "it is a wallet's private key, and nothing says of which exchange: " + withExchange
	skipPair    = "it is an API key beside a wallet's private key, and only keys that are wallets can be audited at its exchange: list the wallet's key in an inventory"
)

// skip skips a key, if there is one and it is not skipped yet.
func (f *Found) skip(why string) {
	if !f.Key.isZero() || !f.Secret.isZero() || !f.private.isZero() {
		f.Skip = cmp.Or(f.Skip, why)
	}
}
