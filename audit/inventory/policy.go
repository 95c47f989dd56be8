package inventory

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// namedPolicy is one of the inventory's own policies. It is read when the
// first asks for it, for it may build upon one that stands below it.
type namedPolicy struct {
	node    *Node
	policy  audit.Policy
	reading bool
	done    bool
}

func (r *reader) readPolicies(n *Node) {
	r.members(n, func(m Member) {
		if _, preset := r.presets[m.Name]; preset {
			r.say(m.Line, m.Column, "the name "+show(m.Name)+" is that of a preset: choose another")
		} else if r.mayBeNamed(m) {
			r.policies[m.Name] = &namedPolicy{node: m.Value}
		}
	})
	for _, name := range slices.Sorted(maps.Keys(r.policies)) {
		r.policyOf(r.policies[name].node, name)
	}
}

// policyOf gives the policy of a name; n is where it is named.
func (r *reader) policyOf(n *Node, name string) audit.Policy {
	p, own := r.policies[name]
	switch {
	case !own:
		preset, ok := r.presets[name]
		if !ok {
			known := slices.Sorted(maps.Keys(r.policies))
			r.complain(n, "%s", unknown("policy", name, append(known, slices.Sorted(maps.Keys(r.presets))...)))
		}
		return preset
	case p.reading:
		r.complain(n, "the policy %s is built upon itself", show(name))
	case !p.done:
		p.reading = true
		p.policy = r.policy(p.node)
		p.policy.Name = r.shared(name)
		p.reading, p.done = false, true
	}
	return p.policy
}

// policy reads the name of a policy, or an object that adds to one.
func (r *reader) policy(n *Node) audit.Policy {
	switch n.Kind {
	case Text:
		if name := r.word(n); name != "" {
			return r.policyOf(n, name)
		}
		return audit.Policy{}
	case Object:
	default:
		r.complain(n, "must be the name of a policy, or an object, not %s", n.Kind)
		return audit.Policy{}
	}
	p := r.base(n)
	rights := len(p.Needs) + len(p.Allows)
	upon := func(*Node) {} // read already: the others add to it
	r.object(n, "the policy", []field{
		{"preset", upon},
		{"like", upon},
		{"needs", r.capabilities(&p.Needs)},
		{"allows", r.capabilities(&p.Allows)},
		{"max_age_days", r.days(&p.MaxAge)},
		{"expiry_notice_days", r.days(&p.ExpiryNotice)},
		{"max_idle_days", r.days(&p.MaxIdle)},
		{"max_entries", func(n *Node) { p.MaxEntries = r.whole(n, "", 100000) }},
		{"autonomous", r.boolean(&p.Autonomous)},
		{"expected_ips", r.prefixes(&p.ExpectedIPs)},
		{"attestations", r.attestations(&p.Attestations)},
		{"waivers", r.waivers(&p.Waivers)},
	})
	if len(p.Needs)+len(p.Allows) > rights && p.Name != customPolicy {
		p.Name += ", extended"
	}
	return p
}

const customPolicy = "custom"

// base is what a policy builds upon. Nothing that is added to it may end up in
// others that do, so its lists have no room left.
func (r *reader) base(n *Node) audit.Policy {
	p := audit.Policy{Name: customPolicy}
	preset, like := n.member("preset"), n.member("like")
	switch {
	case preset != nil && like != nil:
		r.complain(like, `a policy builds upon a "preset" or is "like" another, not both`)
	case preset != nil:
		if name := r.oneOf(preset, "preset", slices.Sorted(maps.Keys(r.presets))); name != "" {
			p = r.presets[name]
		}
	case like != nil:
		if name := r.word(like); name != "" {
			p = r.policyOf(like, name)
		}
	}
	p.Needs, p.Allows, p.ExpectedIPs = slices.Clip(p.Needs), slices.Clip(p.Allows), slices.Clip(p.ExpectedIPs)
	p.Attestations, p.Waivers = slices.Clip(p.Attestations), slices.Clip(p.Waivers)
	return p
}

// more are what a key adds to its policy.
type more struct {
	ips          []netip.Prefix
	attestations []audit.Attestation
	waivers      []audit.Waiver
}

// to adds them, and leaves the policy's own lists, which others share, alone.
func (m more) to(p *audit.Policy) {
	p.ExpectedIPs = append(slices.Clip(p.ExpectedIPs), m.ips...)
	p.Attestations = append(slices.Clip(p.Attestations), m.attestations...)
	p.Waivers = append(slices.Clip(p.Waivers), m.waivers...)
}

func (r *reader) capabilities(to *[]access.Capability) func(*Node) {
	return r.each(func(n *Node) {
		word := r.word(n)
		if word == "" {
			return
		}
		c := access.Capability(word)
		if !c.Valid() {
			var known []string
			for _, k := range access.Capabilities() {
				known = append(known, string(k))
			}
			r.complain(n, "%s", unknown("capability", word, append(known, "other:NAME")))
		}
		if !slices.Contains(*to, c) {
			*to = append(*to, c)
		}
	})
}

func (r *reader) attestations(to *[]audit.Attestation) func(*Node) {
	return r.each(func(n *Node) {
		var a audit.Attestation
		r.object(n, "the attestation", []field{
			{"rule", r.rule(&a.Rule)},
			{"statement", r.text(&a.Statement)},
			{"by", r.text(&a.By)},
			{"at", r.date(&a.At)},
			{"until", r.date(&a.Until)},
		}, "rule", "statement", "by", "at", "until")
		if !a.Until.IsZero() && a.Until.Before(a.At) {
			r.complain(n, "the attestation ends before it begins")
		}
		*to = append(*to, a)
	})
}

func (r *reader) waivers(to *[]audit.Waiver) func(*Node) {
	return r.each(func(n *Node) {
		var w audit.Waiver
		r.object(n, "the waiver", []field{
			{"rule", r.rule(&w.Rule)},
			{"reason", r.text(&w.Reason)},
			{"until", r.date(&w.Until)},
		}, "rule", "reason", "until")
		*to = append(*to, w)
	})
}

// rule reads the ID of a rule, which may be a former one.
func (r *reader) rule(to *string) func(*Node) {
	return func(n *Node) {
		if id, ok := audit.RenamedRules()[n.Text]; ok && n.Kind == Text {
			*to = id
			return
		}
		*to = r.oneOf(n, "rule", r.rules)
	}
}
