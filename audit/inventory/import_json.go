package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// botFile is a JSON file of a bot while it is read. It goes on after a mistake.
type botFile struct {
	path     string
	root     *Node    // never nil
	unset    []string // what stands for no value in this bot's files, in small letters
	problems Problems
}

// json reads a file that may have comments and trailing commas. What is not
// JSON at all is the only problem that ends it.
func (f *Files) json(path string, unset ...string) (*botFile, error) {
	data, err := f.Read(path)
	if err != nil {
		return nil, err
	}
	root, at := parseJSON(stripJSONC(data))
	if root != nil {
		return &botFile{path: path, root: root, unset: unset}, nil
	}
	line, column := position(data, at)
	return nil, Problems{{File: path, Line: line, Column: column, Text: malformed(at == len(data))}}
}

func (r *botFile) complain(line, column int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.path, Line: line, Column: column, Text: fmt.Sprintf(format, args...)})
}

// found begins the key that stands at a place.
func (r *botFile) found(name, exchange string, line, column int) Found {
	return Found{Name: name, Exchange: exchange, File: r.path, Line: line, Column: column}
}

// members are an object's members, each once.
func (r *botFile) members(n *Node) []Member {
	if n == nil {
		return nil
	}
	seen := map[string]bool{}
	var out []Member
	for _, m := range n.Members {
		if seen[m.Name] {
			r.complain(m.Line, m.Column, "%s stands here a second time: delete one of the two", show(m.Name))
			continue
		}
		seen[m.Name] = true
		out = append(out, m)
	}
	return out
}

// get is the one member of that name; nil if there is none, or null.
func (r *botFile) get(n *Node, name string) *Node {
	if n == nil {
		return nil
	}
	var out *Node
	for _, m := range n.Members {
		switch {
		case m.Name != name || m.Value.Kind == Null:
		case out == nil:
			out = m.Value
		default:
			r.complain(m.Line, m.Column, "%q stands here a second time: delete one of the two", name)
		}
	}
	return out
}

// object is the member of that name, which must be an object.
func (r *botFile) object(n *Node, name string) *Node {
	return r.of(Object, r.get(n, name), name)
}

// of is n if it is of that kind. Without a name it is the whole file.
func (r *botFile) of(kind Kind, n *Node, name string) *Node {
	if n == nil || n.Kind == kind {
		return n
	}
	what := "the file"
	if name != "" {
		what = show(name)
	}
	r.complain(n.Line, n.Column, "%s must be %s, and is %s", what, kind, n.Kind)
	return nil
}

// flag is a member that is true or false, also as text.
func (r *botFile) flag(n *Node, name string) (value, set bool) {
	v := r.get(n, name)
	if v == nil {
		return false, false
	}
	text := strings.ToLower(v.Text)
	return text == "true", text == "true" || text == "false"
}

// text is the one value that stands under any of names in any of nodes. What
// is empty, or a placeholder, is none. Two different values are a mistake, for
// nobody could tell which is meant.
func (r *botFile) text(names []string, nodes ...*Node) (string, Member) {
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
				r.complain(m.Value.Line, m.Value.Column, "%q must be text, and is %s", m.Name, m.Value.Kind)
			case isUnset(text, r.unset):
			case value == "":
				value, at = text, m
			case value != text && at.Name == m.Name:
				r.complain(m.Line, m.Column, "%q stands here a second time, with another value: delete one of the two", m.Name)
			case value != text:
				r.complain(m.Line, m.Column, "%q and %q are the same part of a key and have different values: delete one of the two", at.Name, m.Name)
			}
		}
	}
	return value, at
}

// part is text as the part of a key.
func (r *botFile) part(names []string, nodes ...*Node) Part {
	value, at := r.text(names, nodes...)
	p := NewPart(value)
	p.File, p.Line, p.Column = r.path, at.Line, at.Column
	return p
}

// passphrase is the third part of a key. People choose theirs, so where the key
// is none, it is no placeholder either.
func (r *botFile) passphrase(found *Found, names []string, nodes ...*Node) Part {
	p := r.part(names, nodes...)
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

// word is text that is no part of a key.
func (r *botFile) word(n *Node, name string) string {
	value, _ := r.text([]string{name}, n)
	return value
}

// isUnset: the value is empty, one of the words that a bot's samples have in
// its place, or asks for "your" key.
func isUnset(value string, words []string) bool {
	lower := strings.ToLower(value)
	return value == "" || slices.Contains(words, lower) ||
		slices.ContainsFunc([]string{"your_", "your-", "your ", "<", "0x_your"}, func(p string) bool { return strings.HasPrefix(lower, p) })
}

// ccxt are the parts of a key under the names that ccxt has for them, and the
// other ones that bots on top of it take.
func (r *botFile) ccxt(found *Found, nodes ...*Node) {
	found.Key = r.part([]string{"apiKey", "api_key", "key"}, nodes...)
	found.Secret = r.part([]string{"secret", "api_secret", "apiSecret"}, nodes...)
	found.Passphrase = r.passphrase(found, passphraseNames(found.Exchange), nodes...)
	for _, n := range nodes {
		options := r.get(n, "options")
		for _, name := range []string{"sandbox", "testnet"} {
			if test, _ := r.flag(options, name); test {
				found.Environment = playMoney(true)
			}
		}
		if r.word(r.get(n, "headers"), "x-simulated-trading") == "1" { // OKX's demo trading
			found.Environment = playMoney(true)
		}
	}
	found.Skip = cmp.Or(found.Skip, r.wallet(found, nodes...))
}

// Why a key is not sent to the exchange from here as its bot would send it.
const (
	byAddress = "its file sends it to an address of its own: put it into an inventory, which says which environment that is"
	byProxy   = "its bot sends through a proxy: put it into an inventory with an egress"
)

// ccxtWays are ccxt's settings for where requests go, and over which way.
var ccxtWays = map[string]string{
	"hostname": byAddress, "urls": byAddress,
	"proxies": byProxy, "proxy": byProxy, "proxyUrl": byProxy, "proxy_url": byProxy, "aiohttp_proxy": byProxy, "aiohttpProxy": byProxy,
	"httpProxy": byProxy, "http_proxy": byProxy, "httpsProxy": byProxy, "https_proxy": byProxy, "socksProxy": byProxy, "socks_proxy": byProxy,
}

// ccxtWay is why a key cannot be sent as its bot does; empty if it can.
func (r *botFile) ccxtWay(nodes ...*Node) (why string) {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for _, m := range n.Members {
			if isGiven(m.Value) {
				why = cmp.Or(why, ccxtWays[m.Name])
			}
		}
	}
	return why
}

// isGiven: the member says something.
func isGiven(n *Node) bool {
	switch n.Kind {
	case Object:
		return slices.ContainsFunc(n.Members, func(m Member) bool { return isGiven(m.Value) })
	case List:
		return slices.ContainsFunc(n.Items, isGiven)
	default:
		text := strings.TrimSpace(n.Text)
		return n.Kind != Null && text != "" && text != "false"
	}
}

// skip says why a key is skipped, if there is a key and nothing was said.
func (f *Found) skip(why string) {
	if !f.Key.isZero() || !f.Secret.isZero() {
		f.Skip = cmp.Or(f.Skip, why)
	}
}

// byWallet is why a key that has no API key cannot be audited.
const byWallet = "it signs with a wallet, which has every right there is, so no exchange can tell more"

// wallet says that a key is a wallet's if all it has is a private key.
func (r *botFile) wallet(found *Found, nodes ...*Node) string {
	private := r.part([]string{"privateKey", "private_key"}, nodes...)
	if found.Key.isZero() && found.Secret.isZero() && !private.isZero() {
		return byWallet
	}
	return ""
}
