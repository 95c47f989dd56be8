package inventory

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// part reads one part of a key, or a proxy's URL: a reference, or what may be
// in plaintext.
func (r *reader) part(name string, n *Node) (p part, ok bool) {
	p.name = name
	before := len(r.problems)
	switch {
	case n.Kind == Text, n.Kind == Number && name == "account": // which some exchanges number
		r.textPart(&p, n)
	case n.Kind == Object:
		r.commandPart(&p, n)
	default:
		r.must(n, "be a reference, for instance env:NAME, not %s", n.Kind)
	}
	if len(r.problems) > before {
		return p, false
	}
	if r.isStdin(p) {
		r.dependent = true
		if err := r.sources.stdin.claim(!p.ref.json); err != nil {
			r.report(n, "%q: %v", name, err)
		}
	}
	if p.ref.json && !r.sources.checked {
		r.valueNow(&p, n)
	}
	return p, len(r.problems) == before
}

func (r *reader) isStdin(p part) bool {
	return p.ref.scheme != nil && p.ref.scheme == r.sources.schemes["stdin"]
}

func (r *reader) textPart(p *part, n *Node) {
	text := strings.TrimSpace(n.Text)
	ref, is, err := r.sources.parse(text)
	why := placeholder(p.name, text)
	switch {
	case is && r.usable(n, p.name, err):
		p.ref = ref
	case !is && err == nil && why != "":
		r.report(n, "%q: the value %s", p.name, why)
	case err != nil: // which was reported, if it is a reference
		if !is {
			r.report(n, "%q: %v", p.name, err)
		}
	case p.name == "key", p.name == "account", r.options.AllowPlain, p.name == "proxy" && !strings.Contains(text, "@"):
		p.plaintext = adapter.NewSecret(text)
	default:
		r.must(n, "be a reference, for instance env:NAME or file:PATH: "+
			"do not put secrets into the inventory (the value is not shown here)")
	}
}

// commandPart reads a command that is written as an object.
func (r *reader) commandPart(p *part, n *Node) {
	var args []string
	var pointer string
	from := source{scheme: r.sources.schemes["exec"]}
	before := len(r.problems)
	r.object(n, "the reference", []field{
		{"exec", r.each(func(n *Node) {
			if r.is(n, Text) {
				args = append(args, n.Text)
			}
		})},
		{"pointer", r.text(&pointer)},
		{"timeout", func(n *Node) {
			from.timeout = time.Duration(r.integer(n, " of seconds", int(longestCommand/time.Second))) * time.Second
		}},
	}, "exec")
	if len(r.problems) > before {
		return
	}
	from.name = commandName(args)
	var err error
	p.ref, err = newReference(from, pointer)
	r.usable(n, p.name, err)
}

// usable reports whether a reference can be kept, and what is wrong with it. One that
// leads to nothing now can: its key fails, alone.
func (r *reader) usable(n *Node, name string, err error) bool {
	if err == nil {
		return true
	}
	lost := absent{}
	if !errors.As(err, &lost) {
		r.report(n, "%q: %v", name, err)
		return false
	}
	reported := len(r.problems)
	r.report(n, "%q: %v", name, err)
	r.absent = append(r.absent, r.problems[reported:]...)
	r.problems = r.problems[:reported]
	return true
}

// valueNow fetches a part if its source is local. It reports a JSON pointer
// that matches nothing.
func (r *reader) valueNow(p *part, n *Node) (value string, ok bool) {
	if !p.plaintext.IsZero() {
		return p.plaintext.Reveal(), true
	}
	if !p.ref.scheme.local {
		return "", false
	}
	if len(r.fetched) >= 16 {
		clear(r.fetched)
	}
	if p.ref.scheme.check(p.ref.name) != nil { // it leads to nothing now, which was reported
		return "", false
	}
	value, _, err := p.value(context.Background(), r.fetched, r.sources)
	if err != nil {
		r.report(n, "%q: %v", p.name, err)
	}
	return value, err == nil
}

// proxy reads an egress. Keys that use the same proxy share one egress, unless
// the inventory gives it several names.
func (r *reader) proxy(n *Node, name string, named bool) (e *egress) {
	var ips []netip.Prefix
	r.object(n, "the egress", []field{{"ips", r.prefixes(&ips)}, {"proxy", func(n *Node) {
		p, ok := r.part("proxy", n)
		if !ok {
			return
		}
		if address, known := r.valueNow(&p, n); known {
			if _, err := parseProxyURL(address); err != nil {
				r.report(n, `"proxy": %s`, err)
				return
			}
		}
		id := proxyID{p.ref, p.plaintext.Reveal()}
		if e = r.egressesByProxy[id]; e != nil && !named {
			return
		}
		e = newEgress(name, p, r.sources)
		r.proxies[e] = id
		r.egresses, r.egressesByProxy[id] = append(r.egresses, e), e
		if r.isStdin(p) {
			r.sources.stdin.waiting++
		}
	}}}, "proxy")
	if e != nil {
		e.ips = append(slices.Clip(e.ips), ips...)
	}
	return e
}

// egress reads the egress of a key: the name of one, or one of its own.
func (r *reader) egress(n *Node, key string) *egress {
	switch n.Kind {
	case Object:
		r.dependent = true // others may share it
		return r.proxy(n, "proxy of "+key, false)
	case Text:
	default:
		r.must(n, "be the name of an egress or an object, not %s", n.Kind)
		return nil
	}
	name := r.textOf(n)
	e, ok := r.egressesByName[name]
	if name != "" && !ok {
		r.report(n, "%s", unknown("egress", name, slices.Sorted(maps.Keys(r.egressesByName))))
	}
	return e
}

// botPath is where a bot's files are, whose paths are as from the inventory.
func (r *reader) botPath(format, path string) string {
	if path == "" {
		return ""
	}
	kind, _ := Lookup(format, *r.options)
	paths := kind.split(r.sources.within(path))
	for i, later := range paths[1:] {
		paths[i+1] = r.sources.within(later)
	}
	if r.options.Offline {
		r.options.reads(paths...)
	}
	return strings.Join(paths, ",")
}

// fromBot finds a key in a bot's own file: FORMAT=PATH#NAME. The exchange is the one
// that the entry names, for a file that does not say it; it may be nil. It returns nil if
// there is none, which it reports.
func (r *reader) fromBot(n *Node, e *adapter.Exchange) *audit.Key {
	r.dependent = true
	text := r.textOf(n)
	if text == "" {
		return nil
	}
	format, rest, is := strings.Cut(text, "=")
	hash := strings.LastIndexByte(rest, '#')
	if !is || hash < 0 || hash == len(rest)-1 {
		r.must(n, `be FORMAT=PATH#NAME, for instance "octobot=user/config.json#binance"`)
		return nil
	}
	path, name := r.botPath(format, rest[:hash]), rest[hash+1:]
	if r.options.Offline {
		return nil
	}
	stated := ""
	if e != nil {
		stated = e.Name
	}
	bot := r.bot(n, format, path, stated)
	if bot == nil {
		return nil
	}
	names := make([]string, len(bot.Keys))
	for i := range bot.Keys {
		names[i] = strings.TrimPrefix(bot.Keys[i].Name, format+"/")
		if names[i] == name {
			return &bot.Keys[i]
		}
	}
	for _, s := range bot.Skipped {
		if s.Name == format+"/"+name && e == nil && strings.Contains(s.Why, withExchange) {
			why, _, _ := strings.Cut(s.Why, ": "+withExchange)
			r.report(n, `%s: add "exchange" to the entry of the key`, why)
			return nil
		}
		if s.Name == format+"/"+name {
			r.report(n, "this key cannot be audited: %s", s.Why)
			return nil
		}
	}
	r.report(n, "%s", unknown("key", name, names))
	return nil
}

// bot reads a bot's files once for all the keys that are taken from them.
func (r *reader) bot(n *Node, format, path, exchange string) *Inventory {
	id := format + "=" + path + "\x00" + exchange
	bot, ok := r.bots[id]
	if ok {
		return bot
	}
	o := *r.options
	o.stated = exchange
	bot, err := From(format, path, o)
	r.bots[id] = bot
	var problems Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			if p.File == "" {
				r.report(n, "%s", p.Text)
			} else {
				r.problems = append(r.problems, p)
			}
		}
	}
	return bot
}
