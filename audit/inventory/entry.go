package inventory

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// key reads one entry of the list.
func (r *reader) key(n *Node) audit.Key {
	k := audit.Key{Policy: r.presets["read-only"]}
	k.Record.Source = audit.Source{Format: audit.FormatInventory, File: r.file, Line: n.Line, Column: n.Column}
	if !r.is(n, Object) {
		return k
	}
	required := []string{"name", "exchange", "key", "secret"}
	if from := n.member("from"); from != nil {
		required = required[:1]
		r.takeOver(n, &k, r.fromBot(from))
	}
	var parts []part
	var added more
	partOf := func(name string) func(*Node) {
		return func(n *Node) {
			if p, ok := r.part(name, n); ok {
				parts = append(parts, p)
			}
		}
	}
	later := func(*Node) {} // read before or after the others
	r.object(n, "the key", []field{
		{"name", r.keyName(&k.Name)},
		{"exchange", r.exchange(&k.Exchange)},
		{"environment", r.text(&k.Environment)},
		{"base_url", r.text(&k.BaseURL)},
		{"key", partOf("key")},
		{"secret", partOf("secret")},
		{"passphrase", partOf("passphrase")},
		{"otp", partOf("otp")},
		{"from", later},
		{"policy", func(n *Node) { k.Policy = r.policy(n) }},
		{"expected_ips", r.prefixes(&added.ips)},
		{"attestations", r.attestations(&added.attestations)},
		{"waivers", r.waivers(&added.waivers)},
		{"labels", r.labels(&k.Record.Labels)},
		{"owner", r.text(&k.Record.Owner)},
		{"purpose", r.text(&k.Record.Purpose)},
		{"review", r.date(&k.Record.Review)},
		{"stage", func(n *Node) { k.Record.Stage = audit.Stage(r.oneOf(n, "stage", stages)) }},
		{"egress", later},
		{"nonce_unit", func(n *Node) { k.Nonce.Unit = units[r.oneOf(n, "nonce unit", unitNames)] }},
		{"nonce_floor", r.nonce(&k.Nonce.Floor)},
	}, required...)
	added.to(&k.Policy)
	if len(parts) > 0 {
		k.Load = (&loader{parts: slices.Clip(parts), sources: r.sources}).load
		if slices.ContainsFunc(parts, r.ofStdin) {
			r.sources.stdin.waiting++
		}
	}
	if at := n.member("egress"); at != nil {
		if exit := r.exit(at, k.Name); exit != nil {
			k.Transport, k.Egress = exit, exit.name
			if k.Load != nil {
				k.Load = exit.first(k.Load)
			}
		}
	}
	if k.Exchange != nil {
		r.fits(n, &k)
	}
	return k
}

var (
	stages    = []string{string(audit.StageLive), string(audit.StageTest)}
	unitNames = []string{"s", "ms", "us", "ns"}
	units     = map[string]time.Duration{"s": time.Second, "ms": time.Millisecond, "us": time.Microsecond, "ns": time.Nanosecond}
)

// takeOver begins a key with what a bot's own file says of it. What the entry
// says itself goes before.
func (r *reader) takeOver(n *Node, k *audit.Key, bot *audit.Key) {
	for _, name := range []string{"key", "secret", "passphrase", "otp"} {
		if at := n.member(name); at != nil {
			r.complain(at, `a key has %q or "from", not both`, name)
		}
	}
	if r.options.Offline {
		k.Policy = audit.Policy{}
	}
	if bot != nil {
		record := k.Record
		*k = *bot
		k.Name, record.Stage = "", bot.Record.Stage
		k.Record = record
	}
}

// fits checks an entry against what its exchange is like.
func (r *reader) fits(n *Node, k *audit.Key) {
	at := func(name string) *Node {
		if m := n.member(name); m != nil {
			return m
		}
		return n
	}
	known := k.Environment == "" || slices.ContainsFunc(k.Exchange.Environments, func(e adapter.Environment) bool { return e.Name == k.Environment })
	if !known {
		var names []string
		for _, e := range k.Exchange.Environments {
			names = append(names, e.Name)
		}
		r.complain(at("environment"), "%s: %s", k.Exchange.Title, unknown("environment", k.Environment, names))
	}
	if k.Exchange.Needs.Passphrase && n.member("passphrase") == nil && n.member("from") == nil {
		r.complain(n, `%s keys have a passphrase, and the key has no "passphrase"`, k.Exchange.Title)
	}
	if k.BaseURL == "" {
		return
	}
	if k.Egress != "" && !strings.HasPrefix(strings.ToLower(k.BaseURL), "https:") {
		r.complain(at("base_url"), `"base_url" must be https for a key with an egress: the proxy would read the key`)
		return
	}
	aim := audit.Key{Exchange: k.Exchange, BaseURL: k.BaseURL}
	if known {
		aim.Environment = k.Environment
	}
	var problem *access.Error
	if _, err := audit.Plan(aim); errors.As(err, &problem) {
		r.complain(at("base_url"), "%s", strings.ReplaceAll(problem.Message, "the base URL", `"base_url"`))
	}
}

func (r *reader) keyName(to *string) func(*Node) {
	return func(n *Node) {
		if *to = r.word(n); *to == "" {
			return
		}
		if line, doubled := r.names[*to]; doubled {
			r.complain(n, "the name %s is taken by the key on line %d", show(*to), line)
			return
		}
		r.names[*to] = n.Line
	}
}

func (r *reader) exchange(to **adapter.Exchange) func(*Node) {
	return func(n *Node) {
		name := r.word(n)
		if name == "" {
			return
		}
		at := slices.IndexFunc(r.options.Exchanges, func(e *adapter.Exchange) bool { return e.Name == name })
		switch {
		case at < 0:
			r.complain(n, "%s", unknown("exchange", name, exchangeNames(r.options.Exchanges)))
		case *to != nil && *to != r.options.Exchanges[at]:
			r.complain(n, "the bot's file says that the key is one of %s", (*to).Title)
		default:
			*to = r.options.Exchanges[at]
		}
	}
}

func exchangeNames(exchanges []*adapter.Exchange) []string {
	names := make([]string, len(exchanges))
	for i, e := range exchanges {
		names[i] = e.Name
	}
	return names
}

func (r *reader) labels(to *map[string]string) func(*Node) {
	return func(n *Node) {
		if !r.is(n, Object) {
			return
		}
		labels := make(map[string]string, len(n.Members))
		r.members(n, func(m Member) {
			if value := r.word(m.Value); r.mayBeNamed(m) {
				labels[r.shared(m.Name)] = value
			}
		})
		*to = labels
	}
}

func (r *reader) nonce(to *uint64) func(*Node) {
	return func(n *Node) {
		if !r.is(n, Number) {
			return
		}
		floor, err := strconv.ParseUint(n.Text, 10, 63)
		if err != nil {
			r.complain(n, "must be a whole number, the largest nonce that was used")
			return
		}
		*to = floor
	}
}
