package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// keyFile is a key file while it is read. It goes on after a mistake, so that
// its owner learns of all of them at once.
type keyFile struct {
	path     string
	data     []byte
	env      func(string) string
	keys     []audit.Key
	lines    map[string]int // where each name was first seen
	problems []problem
}

type problem struct {
	at   int
	text string
}

// readKeyFile reads which keys there are. With any problem it gives no keys.
func readKeyFile(path string, env func(string) string) ([]audit.Key, []string) {
	data, err := os.ReadFile(path) //nolint:gosec // the file is the user's choice
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, []string{fmt.Sprintf("the key file %s does not exist", showPath(path))}
	case err != nil:
		return nil, []string{fmt.Sprintf("the key file %s cannot be read", showPath(path))}
	}
	f := &keyFile{path: path, data: data, env: env, lines: map[string]int{}}
	root, at := parseJSON(data)
	switch {
	case root == nil && at == len(data):
		f.complain(at, "the JSON ends too early: a quote or a bracket is still open")
		return nil, f.sorted()
	case root == nil:
		f.complain(at, "the JSON is malformed here: a comma, a quote or a bracket may be missing or too many")
		return nil, f.sorted()
	}
	f.object(root, "the key file", fields{"keys": func(n *node) {
		f.each(f.key)(n)
		if n.kind == list && len(n.items) == 0 {
			f.complain(n.at, `"keys" is empty: there is nothing to audit`)
		}
	}}, "keys")
	if len(f.problems) > 0 {
		return nil, f.sorted()
	}
	return f.keys, nil
}

// complain adds a problem at a place in the file.
func (f *keyFile) complain(at int, format string, args ...any) {
	f.problems = append(f.problems, problem{at, fmt.Sprintf(format, args...)})
}

// sorted lists the problems from the top of the file to its end.
func (f *keyFile) sorted() []string {
	slices.SortStableFunc(f.problems, func(a, b problem) int { return a.at - b.at })
	out := make([]string, len(f.problems))
	for i, p := range f.problems {
		line, column := position(f.data, p.at)
		out[i] = fmt.Sprintf("%s:%d:%d: %s", f.path, line, column, p.text)
	}
	return out
}

// key reads one entry of the list.
func (f *keyFile) key(n *node) {
	k := audit.Key{Policy: audit.ReadOnly()}
	var from references
	f.object(n, "the key", fields{
		"name":        f.name(&k.Name),
		"exchange":    func(n *node) { k.Exchange = f.exchange(n) },
		"environment": f.text(&k.Environment),
		"key":         f.reference("key", &from.key),
		"secret":      f.reference("secret", &from.secret),
		"passphrase":  f.reference("passphrase", &from.passphrase),
		"otp":         f.reference("otp", &from.otp),
		"policy":      func(n *node) { k.Policy = f.policy(n) },
		"base_url":    f.text(&k.BaseURL),
		"nonce_unit":  func(n *node) { k.Nonce.Unit = f.unit(n) },
	}, "name", "exchange", "key", "secret")
	if k.Exchange != nil {
		f.fits(n, &k)
	}
	k.Load = from.loader(f.env)
	f.keys = append(f.keys, k)
}

// fits checks an entry against what its venue is like.
func (f *keyFile) fits(n *node, k *audit.Key) {
	names := make([]string, len(k.Exchange.Environments))
	for i, e := range k.Exchange.Environments {
		names[i] = e.Name
	}
	if k.Environment != "" && !slices.Contains(names, k.Environment) {
		f.complain(n.member("environment").at, "%s: %s", k.Exchange.Title, unknown("environment", k.Environment, names))
	}
	if k.Exchange.Needs.Passphrase && n.member("passphrase") == nil {
		f.complain(n.at, `%s keys have a passphrase, and the key has no "passphrase"`, k.Exchange.Title)
	}
	if k.BaseURL != "" {
		var problem *audit.Error
		if _, err := audit.Plan(audit.Key{Exchange: k.Exchange, BaseURL: k.BaseURL}); errors.As(err, &problem) {
			f.complain(n.member("base_url").at, "%s", strings.ReplaceAll(problem.Message, "BaseURL", `"base_url"`))
		}
	}
}

func (f *keyFile) name(to *string) func(*node) {
	return func(n *node) {
		f.text(to)(n)
		if *to == "" {
			return
		}
		if line, doubled := f.lines[*to]; doubled {
			f.complain(n.at, "the name %q is taken by the key on line %d", *to, line)
			return
		}
		f.lines[*to], _ = position(f.data, n.at)
	}
}

func (f *keyFile) exchange(n *node) *audit.Exchange {
	var name string
	if f.text(&name)(n); name == "" {
		return nil
	}
	e, ok := exchanges.Lookup(name)
	if !ok {
		all := exchanges.All()
		names := make([]string, len(all))
		for i := range all {
			names[i] = all[i].Name
		}
		f.complain(n.at, "%s", unknown("exchange", name, names))
	}
	return e
}

func (f *keyFile) reference(field string, to *reference) func(*node) {
	return func(n *node) {
		if !f.is(n, text) {
			return
		}
		r, err := parseReference(n.text, filepath.Dir(f.path))
		switch {
		case err != nil:
		case r.source == plain && field != "key":
			err = errors.New("must be a reference, env:NAME or file:PATH: no secret belongs in a key file (it is not shown here)")
		default:
			err = r.check(f.env)
		}
		if err != nil {
			f.complain(n.at, "%q: %v", field, err)
		}
		*to = r
	}
}

// policy reads the name of a preset, or an object that adds to one.
func (f *keyFile) policy(n *node) audit.Policy {
	switch n.kind {
	case text:
		return f.preset(n)
	case object:
	default:
		f.complain(n.at, "must be the name of a policy, or an object, not %s", n.kind)
		return audit.Policy{}
	}
	p := audit.Policy{Name: "custom"}
	if preset := n.member("preset"); preset != nil {
		p = f.preset(preset)
	}
	listed := len(p.Needs) + len(p.Allows)
	f.object(n, "the policy", fields{
		"preset":             func(*node) {}, // read already: the others add to it
		"needs":              f.capabilities(&p.Needs),
		"allows":             f.capabilities(&p.Allows),
		"max_age_days":       f.days(&p.MaxAge),
		"expiry_notice_days": f.days(&p.ExpiryNotice),
		"expected_ips":       f.each(func(n *node) { p.ExpectedIPs = append(p.ExpectedIPs, f.prefix(n)) }),
		"attestations":       f.each(func(n *node) { p.Attestations = append(p.Attestations, f.attestation(n)) }),
		"waivers":            f.each(func(n *node) { p.Waivers = append(p.Waivers, f.waiver(n)) }),
	})
	if n.member("preset") != nil && len(p.Needs)+len(p.Allows) > listed {
		p.Name += ", extended"
	}
	return p
}

func (f *keyFile) preset(n *node) audit.Policy {
	var name string
	if f.text(&name)(n); name == "" {
		return audit.Policy{}
	}
	p, ok := audit.Presets()[name]
	if !ok {
		f.complain(n.at, "%s", unknown("policy", name, slices.Sorted(maps.Keys(audit.Presets()))))
	}
	return p
}

func (f *keyFile) capabilities(to *[]audit.Capability) func(*node) {
	return f.each(func(n *node) {
		var word string
		if f.text(&word)(n); word == "" {
			return
		}
		c := audit.Capability(word)
		if !c.Valid() {
			var known []string
			for _, k := range audit.Capabilities() {
				known = append(known, string(k))
			}
			f.complain(n.at, "%s", unknown("capability", word, append(known, "other:NAME")))
		}
		if !slices.Contains(*to, c) {
			*to = append(*to, c)
		}
	})
}

func (f *keyFile) attestation(n *node) (a audit.Attestation) {
	f.object(n, "the attestation", fields{
		"rule": f.rule(&a.Rule), "statement": f.text(&a.Statement), "by": f.text(&a.By), "at": f.date(&a.At), "until": f.date(&a.Until),
	}, "rule", "statement", "by", "at", "until")
	if !a.Until.IsZero() && a.Until.Before(a.At) {
		f.complain(n.at, "the attestation ends before it begins")
	}
	return a
}

func (f *keyFile) waiver(n *node) (w audit.Waiver) {
	f.object(n, "the waiver", fields{
		"rule": f.rule(&w.Rule), "reason": f.text(&w.Reason), "until": f.date(&w.Until),
	}, "rule", "reason", "until")
	return w
}

func (f *keyFile) rule(to *string) func(*node) {
	return func(n *node) {
		if f.text(to)(n); *to == "" {
			return
		}
		var ids []string
		for _, r := range audit.Rules() {
			ids = append(ids, r.ID)
		}
		if !slices.Contains(ids, *to) {
			f.complain(n.at, "%s", unknown("rule", *to, ids))
		}
	}
}

// The small values.

// fields say how each member of an object is read.
type fields map[string]func(*node)

func (f *keyFile) object(n *node, what string, known fields, required ...string) {
	if !f.is(n, object) {
		return
	}
	seen := map[string]bool{}
	for _, m := range n.members {
		read, ok := known[m.name]
		switch {
		case !ok:
			f.complain(m.at, "%s", unknown("field", m.name, slices.Sorted(maps.Keys(known))))
		case seen[m.name]:
			f.complain(m.at, "the field %q stands twice", m.name)
		default:
			read(m.value)
		}
		seen[m.name] = true
	}
	for _, name := range required {
		if !seen[name] {
			f.complain(n.at, "%s has no %q", what, name)
		}
	}
}

func (f *keyFile) is(n *node, want kind) bool {
	if n.kind != want {
		f.complain(n.at, "must be %s, not %s", want, n.kind)
	}
	return n.kind == want
}

func (f *keyFile) each(read func(*node)) func(*node) {
	return func(n *node) {
		if f.is(n, list) {
			for _, item := range n.items {
				read(item)
			}
		}
	}
}

func (f *keyFile) text(to *string) func(*node) {
	return func(n *node) {
		if !f.is(n, text) {
			return
		}
		*to = strings.TrimSpace(n.text)
		switch {
		case *to == "":
			f.complain(n.at, "must not be empty")
		case strings.ContainsFunc(*to, unicode.IsControl):
			f.complain(n.at, "must not hold line breaks or other control characters")
		}
	}
}

func (f *keyFile) days(to *time.Duration) func(*node) {
	return func(n *node) {
		if !f.is(n, number) {
			return
		}
		days, err := strconv.Atoi(n.text)
		if err != nil || days < 1 || days > 36500 {
			f.complain(n.at, "must be a whole number of days, from 1 to 36500")
			return
		}
		*to = time.Duration(days) * 24 * time.Hour
	}
}

func (f *keyFile) date(to *time.Time) func(*node) {
	return func(n *node) {
		var word string
		if f.text(&word)(n); word == "" {
			return
		}
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if at, err := time.Parse(layout, word); err == nil {
				*to = at
				return
			}
		}
		f.complain(n.at, "%s is not a date: write 2026-11-22 or 2026-11-22T10:00:00Z", show(word))
	}
}

func (f *keyFile) prefix(n *node) netip.Prefix {
	var word string
	if f.text(&word)(n); word == "" {
		return netip.Prefix{}
	}
	if addr, err := netip.ParseAddr(word); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen())
	}
	p, err := netip.ParsePrefix(word)
	if err != nil {
		f.complain(n.at, "%s is not an IP address or range", show(word))
	}
	return p
}

func (f *keyFile) unit(n *node) time.Duration {
	units := map[string]time.Duration{"s": time.Second, "ms": time.Millisecond, "us": time.Microsecond, "ns": time.Nanosecond}
	var word string
	if f.text(&word)(n); word == "" {
		return 0
	}
	if units[word] == 0 {
		f.complain(n.at, "%s", unknown("nonce unit", word, []string{"s", "ms", "us", "ns"}))
	}
	return units[word]
}
