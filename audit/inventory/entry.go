package inventory

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// entry is a key while it is read.
type entry struct {
	key   audit.Key
	parts []part
	added additions
	// worker audits the key, in the inventory of a fleet's coordinator.
	worker string
}

// key reads one item of "keys".
func (r *reader) key(n *Node) audit.Key {
	e := entry{key: audit.Key{Policy: r.presets["read-only"]}}
	k := &e.key
	k.Record.Source = audit.Source{Format: audit.FormatInventory, File: r.file, Line: n.Line, Column: n.Column}
	if !r.is(n, Object) {
		return *k
	}
	required := []string{"name", "exchange", "key", "secret"}
	if r.options.Fleet {
		required = []string{"name", "exchange", "worker"}
		r.onlyForWorkers(n, workersOwn...)
	} else if from := n.member("from"); from != nil {
		required = required[:1]
		var bot *audit.Key
		r.about("from", func() { bot = r.fromBot(from, r.stated(n)) })
		r.startFrom(bot, n, k)
	} else if hasWallets(r.stated(n)) {
		required = []string{"name", "exchange", "secret"} // from which the key derives
	}
	lost := len(r.absent)
	r.object(n, "the key", r.keyFields(&e), required...)
	for i := range r.absent[lost:] {
		r.absent[lost+i].Key = k.Name
	}
	e.added.to(&k.Policy)
	if e.worker != "" && !r.sources.checked { // which the first reading has noted
		r.fleet.assign(k.Name, e.worker)
	}
	for _, i := range r.incidents {
		if slices.ContainsFunc(k.Record.HeldBy, i.Concerns) {
			k.Record.Incidents = append(k.Record.Incidents, i)
		}
	}
	if len(e.parts) > 0 {
		k.Load = (&loader{parts: slices.Clip(e.parts), sources: r.sources}).load
		if slices.ContainsFunc(e.parts, r.isStdin) {
			r.sources.stdin.waiting++
		}
	}
	var own *egress
	if at := n.member("egress"); at != nil {
		r.about("egress", func() { own = r.setEgress(at, k) })
	}
	if at := n.member("probe"); at != nil {
		r.about("probe", func() { r.setProbe(at, k, own) })
	}
	if k.Exchange != nil {
		r.checkAgainstExchange(n, k)
	}
	return *k
}

func (r *reader) keyFields(e *entry) []field {
	k := &e.key
	part := func(name string) field {
		return field{name, func(n *Node) {
			if r.options.Fleet { // which was reported
				return
			}
			if p, ok := r.part(name, n); ok {
				e.parts = append(e.parts, p)
			}
		}}
	}
	elsewhere := func(*Node) {} // read before the others, or after them
	return []field{
		{"name", r.keyName(&k.Name)},
		{"exchange", r.exchange(&k.Exchange)},
		{"environment", r.text(&k.Environment)},
		{"base_url", r.text(&k.BaseURL)},
		part("key"),
		part("account"),
		part("secret"),
		part("passphrase"),
		part("otp"),
		part("key_passphrase"),
		{"from", elsewhere},
		{"policy", func(n *Node) { k.Policy = r.policy(n) }},
		{"worker", r.worker(&e.worker)},
		{"expected_ips", r.prefixes(&e.added.ips)},
		{"attestations", r.attestations(&e.added.attestations)},
		{"waivers", r.waivers(&e.added.waivers)},
		{"labels", r.labels(&k.Record.Labels)},
		{"owner", r.text(&k.Record.Owner)},
		{"purpose", r.text(&k.Record.Purpose)},
		{"review", r.date(&k.Record.Review)},
		{"stage", func(n *Node) { k.Record.Stage = audit.Stage(r.oneOf(n, "stage", stages)) }},
		{"egress", elsewhere},
		{"probe", elsewhere},
		{"held_by", r.texts(&k.Record.HeldBy)},
		{"replaces", r.text(&k.Record.Replaces)},
		{"nonce_unit", func(n *Node) { k.Nonce.Unit = nonceUnits[r.oneOf(n, "nonce_unit", nonceUnitNames)] }},
		{"nonce_floor", r.nonce(&k.Nonce.Floor)},
	}
}

var (
	stages         = []string{string(audit.StageLive), string(audit.StageTest)}
	nonceUnitNames = []string{"s", "ms", "us", "ns"}
	nonceUnits     = map[string]time.Duration{
		"s": time.Second, "ms": time.Millisecond, "us": time.Microsecond, "ns": time.Nanosecond,
	}
)

// stated is the exchange that an entry names; nil if it names none that is known.
func (r *reader) stated(n *Node) *adapter.Exchange {
	if of := n.member("exchange"); of != nil {
		return exchangeNamed(of.Text, r.options.Exchanges)
	}
	return nil
}

// startFrom starts a key with what a bot's own file says about it. The fields
// of the entry override that. The bot's key is nil if it could not be read.
func (r *reader) startFrom(bot *audit.Key, n *Node, k *audit.Key) {
	for _, name := range []string{"key", "account", "secret", "passphrase", "otp", "key_passphrase"} {
		if at := n.member(name); at != nil {
			r.report(at, `a key takes %q or "from", not both`, name)
		}
	}
	if r.options.Offline {
		k.Policy = audit.Policy{}
	}
	if bot != nil {
		record := k.Record
		record.Stage = bot.Record.Stage
		*k = *bot
		k.Name, k.Record = "", record
	}
}

func (r *reader) setEgress(n *Node, k *audit.Key) *egress {
	e := r.egress(n, k.Name)
	if e == nil {
		return nil
	}
	k.Transport, k.Egress = e, e.name
	if k.Load != nil {
		k.Load = e.beforeLoad(k.Load)
	}
	return e
}

// setProbe reads the egress that the key's IP allowlist should keep out. What can be
// seen to prove nothing is a mistake here; the rest is found out before it is sent.
func (r *reader) setProbe(n *Node, k *audit.Key, own *egress) {
	e := r.egress(n, k.Name+" (probe)")
	if e == nil {
		return
	}
	switch {
	case own != nil && r.proxies[e] == r.proxies[own]:
		r.must(n, "be another egress than the key's own")
	case len(e.ips) == 0:
		r.must(n, `be an egress with its IP addresses: add "ips" to it, for instance "ips": ["203.0.113.9"]`)
	case k.Exchange != nil && k.Exchange.Probe == "":
		r.report(n, `remove "probe": nothing rules out that %s bans or locks after a refused request`, k.Exchange.Title)
	}
	k.Probe = &adapter.Probe{Transport: e, Egress: e.name, IPs: e.ips}
	k.Record.Probe = e.name
}

// checkAgainstExchange checks an entry against what its exchange needs and
// has.
func (r *reader) checkAgainstExchange(n *Node, k *audit.Key) {
	at := func(name string) *Node {
		if m := n.member(name); m != nil {
			return m
		}
		return n
	}
	names := environmentNames(k.Exchange)
	target := audit.Key{Exchange: k.Exchange, BaseURL: k.BaseURL}
	if k.Environment == "" || slices.Contains(names, k.Environment) {
		target.Environment = k.Environment
	} else {
		r.report(at("environment"), "%s: %s", k.Exchange.Title, unknown("environment", k.Environment, names))
	}
	if r.options.Fleet {
		return
	}
	r.checkParts(n, at("account"), k.Exchange)
	if k.BaseURL == "" {
		return
	}
	if k.Egress != "" && !strings.HasPrefix(strings.ToLower(k.BaseURL), "https:") {
		r.report(at("base_url"), `"base_url" must be https for a key with an egress: otherwise the proxy could read the key`)
		return
	}
	var problem *access.Error
	if _, err := audit.Plan(target); errors.As(err, &problem) {
		r.report(at("base_url"), `"base_url": %s`, problem.Message)
	}
}

// checkParts checks that the parts of a key are those that its exchange requires; from a
// bot's file, they are all in there.
func (r *reader) checkParts(n, account *Node, e *adapter.Exchange) {
	whole := n.member("from") != nil
	ofWallet := hasWallets(e) && n.member("key") == nil // no API key, which would have one
	if e.Needs.Passphrase && n.member("passphrase") == nil && !whole && !ofWallet {
		r.report(n, `the key has no "passphrase", which %s requires`, e.Title)
	}
	switch w := e.Needs.Wallet; {
	case w == nil && e.Needs.Account == nil && n.member("account") != nil:
		r.report(account, `"account" is for keys that are wallets, which those of %s are not`, e.Title)
	case w != nil && w.NeedsAccount && n.member("account") == nil && !whole:
		r.report(n, `the key has no "account", which %s requires`, e.Title)
	}
}

// walletsOf is hasWallets, and the form of the key of an account's own wallet where that is
// no key of the exchange.
func walletsOf(e *adapter.Exchange) (bool, *regexp.Regexp) {
	if !hasWallets(e) {
		return false, nil
	}
	return true, e.Needs.OwnerForm
}

// hasWallets reports whether the exchange's keys are wallets, or bots hold a wallet's in
// their place.
func hasWallets(e *adapter.Exchange) bool {
	return e != nil && (e.Needs.Wallet != nil || e.Needs.OwnerForm != nil)
}

func environmentNames(e *adapter.Exchange) []string {
	names := make([]string, len(e.Environments))
	for i := range e.Environments {
		names[i] = e.Environments[i].Name
	}
	return names
}

func (r *reader) keyName(to *string) func(*Node) {
	return func(n *Node) {
		if *to = r.textOf(n); *to == "" {
			return
		}
		if *to != access.Printable(*to) { // which workers are told it as
			r.must(n, "have at most %d bytes, and no invisible characters", access.MaxText)
		}
		if line, taken := r.nameTaken(*to, n.Line); taken {
			r.report(n, "%s", duplicate("key name", *to, line))
		}
	}
}

func (r *reader) exchange(to **adapter.Exchange) func(*Node) {
	return func(n *Node) {
		name := r.textOf(n)
		if name == "" {
			return
		}
		switch exchange := exchangeNamed(name, r.options.Exchanges); {
		case exchange == nil:
			r.report(n, "%s", unknown("exchange", name, exchangeNames(r.options.Exchanges)))
		case *to != nil && *to != exchange:
			r.report(n, `the bot's file says that the exchange is %s: remove "exchange" or correct "from"`, (*to).Title)
		default:
			*to = exchange
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
			if value := r.textOf(m.Value); r.validName(m) {
				labels[r.intern(m.Name)] = value
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
			r.must(n, "be a whole number: the largest nonce used so far")
			return
		}
		*to = floor
	}
}
