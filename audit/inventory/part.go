package inventory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// part reads one part of a key, or a proxy's address: a reference, or what may
// stand in clear.
func (r *reader) part(name string, n *Node) (p part, ok bool) {
	p.name = name
	before := len(r.problems)
	switch n.Kind {
	case Text:
		r.partOfText(&p, n)
	case Object:
		r.partOfCommand(&p, n)
	default:
		r.complain(n, "%q: must be a reference, for instance env:NAME, not %s", name, n.Kind)
	}
	if len(r.problems) > before {
		return p, false
	}
	if r.ofStdin(p) {
		if err := r.sources.stdin.share(!p.from.json); err != nil {
			r.complain(n, "%q: %v", name, err)
		}
	}
	if p.from.json {
		r.known(&p, n)
	}
	return p, len(r.problems) == before
}

func (r *reader) ofStdin(p part) bool {
	return p.from.scheme != nil && p.from.scheme == r.sources.schemes["stdin"]
}

func (r *reader) partOfText(p *part, n *Node) {
	text := strings.TrimSpace(n.Text)
	from, is, err := r.sources.parse(text)
	switch {
	case err == nil && is:
		p.from = from
	case err != nil:
		r.complain(n, "%q: %v", p.name, err)
	case p.name == "key", r.options.AllowPlain, p.name == "proxy" && !strings.Contains(text, "@"):
		p.clear = adapter.NewSecret(text)
	default:
		r.complain(n, "%q: must be a reference, for instance env:NAME or file:PATH: no secret belongs in an inventory (it is not shown here)", p.name)
	}
}

// partOfCommand reads a command with what can't be said in its text.
func (r *reader) partOfCommand(p *part, n *Node) {
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
			from.timeout = time.Duration(r.whole(n, " of seconds", int(longestCommand/time.Second))) * time.Second
		}},
	}, "exec")
	if len(r.problems) > before {
		return
	}
	from.name = newCommand(args)
	var err error
	if p.from, _, err = newReference(from, pointer); err != nil {
		r.complain(n, "%q: %v", p.name, err)
	}
}

// known is what a part holds, if finding out is quick and asks nobody. It
// complains of a pointer that leads nowhere.
func (r *reader) known(p *part, n *Node) (string, bool) {
	if !p.clear.IsZero() {
		return p.clear.Reveal(), true
	}
	if !p.from.scheme.near {
		return "", false
	}
	if len(r.near) >= 16 {
		clear(r.near)
	}
	value, _, err := p.value(context.Background(), r.near, r.sources)
	if err != nil {
		r.complain(n, "%q: %v", p.name, err)
	}
	return value, err == nil
}

// proxy reads a way out. Those through the same proxy are the same one, unless
// they have names of their own.
func (r *reader) proxy(n *Node, name string, own bool) (exit *egress) {
	r.object(n, "the egress", []field{{"proxy", func(n *Node) {
		p, ok := r.part("proxy", n)
		if !ok {
			return
		}
		if address, known := r.known(&p, n); known {
			if _, err := proxyURL(address); err != nil {
				r.complain(n, `"proxy": %s`, err)
				return
			}
		}
		same := proxyPart{p.from, p.clear.Reveal()}
		if exit = r.proxies[same]; exit != nil && !own {
			return
		}
		exit = newEgress(name, p, r.sources)
		r.exits, r.proxies[same] = append(r.exits, exit), exit
		if r.ofStdin(p) {
			r.sources.stdin.waiting++
		}
	}}}, "proxy")
	return exit
}

// exit reads the egress of a key: the name of one, or one of its own.
func (r *reader) exit(n *Node, key string) *egress {
	switch n.Kind {
	case Object:
		return r.proxy(n, "proxy of "+key, false)
	case Text:
	default:
		r.complain(n, "must be the name of an egress, or an object, not %s", n.Kind)
		return nil
	}
	name := r.word(n)
	exit, ok := r.named[name]
	if name != "" && !ok {
		r.complain(n, "%s", unknown("egress", name, slices.Sorted(maps.Keys(r.named))))
	}
	return exit
}

// fromBot finds the key that a bot's own file holds: FORMAT=PATH#NAME.
func (r *reader) fromBot(n *Node) *audit.Key {
	text := r.word(n)
	format, rest, is := strings.Cut(text, "=")
	cut := strings.LastIndexByte(rest, '#')
	if text == "" {
		return nil
	}
	if !is || cut < 0 || cut == len(rest)-1 {
		r.complain(n, `must name a bot, its file and a key there, for instance "octobot=user/config.json#binance"`)
		return nil
	}
	if r.options.Offline {
		return nil
	}
	path, name := rest[:cut], rest[cut+1:]
	if path != "" {
		path = r.sources.within(path)
	}
	bot := r.bot(n, format, path)
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
		if s.Name == format+"/"+name {
			r.complain(n, "the key cannot be audited: %s", s.Why)
			return nil
		}
	}
	r.complain(n, "%s", unknown("key of the bot's file", name, names))
	return nil
}

// bot reads a bot's files once for all keys that are taken from there.
func (r *reader) bot(n *Node, format, path string) *Inventory {
	bot, ok := r.bots[format+"="+path]
	if ok {
		return bot
	}
	bot, err := From(format, path, *r.options)
	r.bots[format+"="+path] = bot
	var problems Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			if p.File == "" {
				r.complain(n, "%s", p.Text)
			} else {
				r.problems = append(r.problems, p)
			}
		}
	}
	return bot
}
