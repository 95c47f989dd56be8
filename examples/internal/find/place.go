package find

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// A key is sent where its file says that it belongs, or not at all. What says so are its
// own names, switches (testnet: true) and URLs beside it. They are only collected here:
// package inventory decides what they mean, as for the keys of an environment.

// setting is a name and a value that may say where keys belong.
type setting struct {
	name  string
	said  string         // its name in the file, where name has more to it
	value adapter.Secret // a URL may hold a password
	frame *frame
	line  int
}

// whereabouts are what else an audit of a key needs to know.
type whereabouts struct {
	passphrase, keyPassphrase *half
	words                     []string // of the key's names
	settings                  []setting
	tested                    bool               // its names say that it is for a test network
	doubt                     string             // why it is not certain where the key belongs, as a clause
	bots                      *inventory.TextKey // the key as its bot reads it
}

const (
	longestSetting = 200    // bytes of a value
	mostSettings   = 500    // in one text
	mostKept       = 50_000 // of all keys, of one file as of the whole search

	notAll = "there are more settings that may say where it belongs than are looked at" + listPlace
)

// settingWords are in the names of settings that say where keys belong. Package
// inventory has the last word.
var settingWords = newWordSet(
	"test", "sandbox", "demo", "paper", "sim", "stag", "uat", "live", "real", "prod", "main", "url", "uri", "host", "endpoint", "domain", "server", "env", "net", "mode",
	"site", "region", "tld", "flag", "base", "api", "account", "type", "proxy", "exchange", "venue", "broker", "connector",
)

// tells reports whether a text may say where a key belongs whatever its name is: a switch
// that is on, or a URL.
func tells(text string) bool {
	if strings.Contains(text, "://") {
		url := address.FindStringIndex(text)
		return url != nil && url[0] == 0
	}
	return slices.ContainsFunc([]string{"true", "1", "yes", "on"}, func(w string) bool { return strings.EqualFold(w, text) })
}

// setting notes what may be one. Any name may be a switch that is on, or that of a URL.
func (s *scanner) setting(name, text string, line int) {
	rest := s.text[min(s.pos, len(s.text)):]
	if strings.HasPrefix(rest, "://") { // a URL without quotes
		if url := address.FindString(text + rest[:min(len(rest), longestSetting)]); strings.HasPrefix(url, text) {
			text = url
		}
	} else if strings.HasPrefix(rest, "=") || strings.Contains(text, "=") && !strings.Contains(text, "://") { // systemd's Environment=NAME=value
		return
	}
	if len(text) > longestSetting || len(name) > longestName || len(s.settings) > mostSettings || strings.HasPrefix(name, "//") { // a URL, and its port
		return
	}
	if (tells(text) || s.names.folding(name).where) && !s.names.hasRole(name) {
		s.settings = append(s.settings, setting{name: strings.Clone(name), value: adapter.NewSecret(strings.Clone(text)), frame: s.top, line: s.fileLine(line)})
	}
}

// locate finds out about a key that may be audited what else stands with it.
func (f *file) locate(k *key) {
	if k.id == nil || k.secret == nil || k.strength != Named {
		return
	}
	k.passphrase, k.keyPassphrase = f.chosen(k, adapter.PassphrasePart), f.chosen(k, adapter.KeyPassphrasePart)
	for _, h := range []*half{k.id, k.secret} {
		k.words = union(k.words, f.scope(k, h)...)
	}
	seen := map[int]bool{}
	for _, set := range f.settings {
		seen[set.line] = true
		if name, ok := f.concerns(k, &set); ok {
			set.said, set.name, set.frame = set.name, name, nil
			k.settings = append(k.settings, set)
		}
	}
	if f.kept += len(k.settings); len(f.settings) > mostSettings || f.kept > mostKept {
		k.settings, k.doubt = nil, notAll
	}
	k.uncertain = cmp.Or(k.uncertain, f.mayBeOther(k))
	k.doubt = cmp.Or(k.doubt, f.doubt(k, seen))
}

// scope are the words of a half's name that tell keys of one exchange apart, and those
// of what it stands in that say where it belongs.
func (f *file) scope(k *key, h *half) (words []string) {
	if !h.positional {
		own := f.names.read(h.name)
		words = without(own.Stem, f.named(h).exchange, k.exchange)
	}
	for at := h.frame; at != nil; at = at.parent {
		if at.kind != '<' { // tr is no country there
			words = union(words, f.located(k, at.name)...)
		}
	}
	return words
}

// located are the words of a frame's name that say where a key belongs. "Test" does if
// nothing else is said: a TestClient tests a client.
func (f *file) located(k *key, name string) (words []string) {
	all := f.names.read(name).Words
	only := !slices.ContainsFunc(all, func(w string) bool { return !f.names.Locates(k.exchange, w) && !f.ofExchange(k.exchange, w) })
	for _, w := range all {
		if f.names.Locates(k.exchange, w) && (only || f.names.Tests(w) && w != "test") {
			words = append(words, w)
		}
	}
	return words
}

// without are the words of a name but for those of its exchange and of its part.
func without(stem []string, exchanges ...string) (out []string) {
	for _, w := range stem {
		if !slices.Contains(partWords, w) && !slices.Contains(exchanges, w) {
			out = append(out, w)
		}
	}
	return out
}

func union(all []string, more ...string) []string {
	for _, w := range more {
		if !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}

// concerns reports whether a setting may be about a key, and how it is called then: the
// name has the exchange if what it stands in says which.
func (f *file) concerns(k *key, set *setting) (name string, ok bool) {
	own := inside(k.id.frame, set.frame) || inside(k.secret.frame, set.frame)
	if !own && f.ofAnother(k, set.frame) {
		return "", false
	}
	if path := f.within(k, set); path != "" && f.names.read(path).Exchange == "" {
		return k.exchange + "_" + path, true
	}
	if f.names.read(set.name).Exchange != "" {
		return set.name, true
	}
	for at := set.frame; at != nil && at.parent != nil; at = at.parent {
		if e, ok := f.hinted(at, k.id); ok {
			return e.exchange + "_" + set.name, true
		}
		if n := f.names.read(at.name); n.Exchange != "" {
			return n.Exchange + "_" + set.name, true
		}
	}
	if own && set.frame.parent != nil {
		return k.exchange + "_" + set.name, true
	}
	return set.name, true
}

// within is the name of a setting in something that stands beside a half of the key, with the
// names that lead there: urls_api_private. It is empty for others.
func (f *file) within(k *key, set *setting) string {
	for _, h := range []*half{k.id, k.secret} {
		if h.frame.parent == nil || set.frame == h.frame || !inside(set.frame, h.frame) || f.holds(set.frame) {
			continue
		}
		path := set.name
		for at := set.frame; at != h.frame; at = at.parent {
			path = at.name + "_" + path
		}
		return path
	}
	return ""
}

// ofAnother reports whether a frame, or what it is in, has parts of other keys, and none
// of this one.
func (f *file) ofAnother(k *key, at *frame) bool {
	for ; at != nil && at.parent != nil; at = at.parent {
		if inside(k.id.frame, at) || inside(k.secret.frame, at) {
			return false
		}
		if f.holds(at) {
			return true
		}
	}
	return false
}

// holds reports whether a part of a key stands in a frame, however deep.
func (f *file) holds(at *frame) bool {
	if f.holders == nil {
		f.holders = map[*frame]bool{}
		for _, h := range f.halves {
			for in := h.frame; in != nil && !f.holders[in]; in = in.parent {
				f.holders[in] = true
			}
		}
	}
	return f.holders[at]
}

// chosen is a key's passphrase, or that of its private key: the nearest whose name goes
// with the key's names. In source code it is a literal like them.
func (f *file) chosen(k *key, part adapter.Part) (best *half) {
	least := farthest + 1
	for _, h := range f.parts(part) {
		distance := min(abs(h.line-k.id.line), abs(h.line-k.secret.line))
		if distance > least || !f.goesWith(k, h, distance) {
			continue
		}
		if best != nil && distance == least && !best.value.Equal(h.value) {
			k.uncertain = "another passphrase stands as near: list the key in an inventory, with the one that is its own"
		}
		best, least = h, distance
	}
	return best
}

// goesWith reports whether a passphrase is one of the key's: by its name, and by where it
// stands.
func (f *file) goesWith(k *key, h *half, distance int) bool {
	if !f.mayGoWith(k, h) {
		return false
	}
	own := f.names.read(h.name)
	if own.Part == adapter.NoPart { // which only this exchange calls so
		own = f.names.read(k.exchange + "_" + h.name)
	}
	words := without(own.Stem, k.exchange)
	same := slices.Equal(words, f.words(k, k.id)) || slices.Equal(words, f.words(k, k.secret))
	in := f.frameOf(h)
	one := in == f.frameOf(k.id) || in == f.frameOf(k.secret)
	switch {
	case same && one:
		return own.Exchange != "" || !own.Weak || in.parent != nil || f.names.read(k.id.name).Exchange == ""
	case same:
		return own.Exchange != ""
	default:
		return one && len(words) == 0 && !own.Weak && distance <= apart
	}
}

// mayGoWith reports whether nothing speaks against it.
func (f *file) mayGoWith(k *key, h *half) bool {
	v := f.named(h)
	return !h.positional && !v.foreign && (v.exchange == "" || v.exchange == k.exchange) && isLiteral(k, h)
}

// words are those of a half's name, without its exchange's.
func (f *file) words(k *key, h *half) []string {
	return without(f.names.read(h.name).Stem, k.exchange)
}

// isLiteral reports whether a passphrase is written out, and not the name of one.
func isLiteral(k *key, h *half) bool {
	text := h.value.Reveal()
	return (h.quoted || !k.id.quoted || !k.secret.quoted) && inventory.Placeholder(text) == "" && !strings.ContainsAny(text, "\\\n") && !reference.MatchString(text)
}

// reference matches what stands for a value that is kept elsewhere.
var reference = regexp.MustCompile(`^\$|[$%]\{|\{\{|^<.*>$|^%.*%$|(?i)^(?:env|op|vault|file|ref|credential|keyring|exec):|environ|getenv|process\.env|^ENC\[`)

// address matches a URL.
var address = regexp.MustCompile(`(?i)(?:https?|wss?)://[a-z0-9.-]+(?::[0-9]*)?`)

// switched matches a switch to a test network, in any language; remarked a remark on one.
var (
	switched = regexp.MustCompile(`(?i)(?:testnet|sandbox|demo|paper|simulated)[a-z_]{0,20}["'\]]?\s{0,3}(?:[:=(,]|=>)+\s{0,3}["']?(?:true|1|yes|on)\b`)
	remarked = regexp.MustCompile(`(?i)(?:\b|_)(?:testnet|sandbox|demo|paper)(?:\b|_)`)
)

const above = 4 // lines before a key that may be about it

// remark is a line that speaks of where keys belong.
type remark struct {
	line     int
	switched bool     // it switches something to a test network
	said     bool     // it speaks of one
	urls     []string // that it has
}

// remarksOf are all lines of the file that do, found once for all its keys.
func (f *file) remarksOf() []remark {
	if f.remarked {
		return f.remarks
	}
	f.remarked = true
	line := f.skipped
	for row := range strings.SplitSeq(f.text, "\n") {
		line++
		r := remark{line, switched.MatchString(row), remarked.MatchString(row), address.FindAllString(row, -1)}
		if r.switched || r.said || len(r.urls) > 0 {
			f.remarks = append(f.remarks, r)
		}
	}
	return f.remarks
}

// doubtfulPath is the doubt about a key whose names don't speak of a test network, and
// whose path does.
func doubtfulPath(path string) string {
	word := remarked.FindString(strings.NewReplacer("_", " ", "-", " ").Replace(path))
	if word == "" {
		return ""
	}
	return fmt.Sprintf("its path speaks of a test network (%q), and its own names don't say whether it is for that"+listPlace, strings.ToLower(word))
}

// lineOfAnother reports whether parts of keys stand in a line, and none of this one.
func (f *file) lineOfAnother(k *key, line int) bool {
	return line != k.id.line && line != k.secret.line && slices.ContainsFunc(f.halves, func(h *half) bool { return h.line == line })
}

// doubt is what else in the file speaks of a test network, beyond the settings that were
// understood, which are on the lines seen.
func (f *file) doubt(k *key, seen map[int]bool) string {
	if k.tested = slices.ContainsFunc(k.words, f.names.Tests); k.tested {
		return ""
	}
	first, last := min(k.id.line, k.secret.line), max(k.id.line, k.secret.line)
	for _, r := range f.remarksOf() {
		if seen[r.line] {
			continue
		}
		for _, url := range r.urls {
			switch known, main := f.names.Default(k.exchange, url); {
			case known && !main:
				return fmt.Sprintf("line %d has a URL of another environment of the exchange, or of another port, and whether the key is for that is not certain"+listPlace, r.line)
			case !known && r.line >= first && r.line <= last:
				return fmt.Sprintf("line %d has a URL beside the key that is none of the exchange's, and whether the key is for that is not certain"+listPlace, r.line)
			}
		}
		if r.switched || r.said && r.line >= first-above && r.line <= last && !f.lineOfAnother(k, r.line) {
			return fmt.Sprintf("line %d speaks of a test network, and whether the key is for that is not certain"+listPlace, r.line)
		}
	}
	return ""
}
