package inventory

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// namedPolicy is one of the inventory's own policies. It is read when it is
// first asked for, because it may be based on one further down.
type namedPolicy struct {
	node    *Node
	policy  audit.Policy
	reading bool
	done    bool
}

func (r *reader) readPolicies(n *Node) {
	if !r.is(n, Object) {
		return
	}
	r.members(n, func(m Member) {
		if _, preset := r.presets[m.Name]; preset {
			r.reportAt(m.Line, m.Column, show(m.Name)+" is the name of a preset: choose another name for this policy")
		} else if r.validName(m) {
			r.policies[m.Name] = &namedPolicy{node: m.Value}
		}
	})
	for _, name := range slices.Sorted(maps.Keys(r.policies)) {
		r.policyNamed(r.policies[name].node, name)
	}
}

// ownPolicies are the inventory's own policies, all of which have been read.
func (r *reader) ownPolicies() map[string]audit.Policy {
	own := make(map[string]audit.Policy, len(r.policies))
	for name, p := range r.policies {
		own[name] = p.policy
	}
	return own
}

// policyNamed returns the policy of that name. The node is where it is named.
func (r *reader) policyNamed(n *Node, name string) audit.Policy {
	p, own := r.policies[name]
	switch {
	case !own:
		preset, ok := r.presets[name]
		if !ok {
			known := slices.Sorted(maps.Keys(r.policies))
			r.report(n, "%s", unknown("policy", name, append(known, slices.Sorted(maps.Keys(r.presets))...)))
		}
		return preset
	case p.reading:
		r.report(n, "the policy %s is based on itself: break the cycle", show(name))
	case !p.done:
		p.reading = true
		r.about(name, func() { p.policy = r.policy(p.node) })
		p.policy.Name = r.intern(name)
		p.reading, p.done = false, true
	}
	return p.policy
}

// policy reads the name of a policy, or an object that adds to one.
func (r *reader) policy(n *Node) audit.Policy {
	switch n.Kind {
	case Text:
		if name := r.textOf(n); name != "" {
			return r.policyNamed(n, name)
		}
		return audit.Policy{}
	case Object:
	default:
		r.must(n, "be the name of a policy or an object, not %s", n.Kind)
		return audit.Policy{}
	}
	p := r.basePolicy(n)
	rights := len(p.Needs) + len(p.Allows)
	base := func(*Node) {} // read already: the other fields add to it
	r.object(n, "the policy", []field{
		{"preset", base},
		{"like", base},
		{"needs", r.capabilities(&p.Needs)},
		{"allows", r.capabilities(&p.Allows)},
		{"max_age_days", r.days(&p.MaxAge)},
		{"expiry_notice_days", r.days(&p.ExpiryNotice)},
		{"max_idle_days", r.days(&p.MaxIdle)},
		{"off_hours", r.hours(&p.Off)},
		{"max_entries", func(n *Node) { p.MaxEntries = r.integer(n, "", 100000) }},
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

// basePolicy is what a policy is based on. Other policies share its lists, so
// they are clipped: appending to them copies them.
func (r *reader) basePolicy(n *Node) audit.Policy {
	p := audit.Policy{Name: customPolicy}
	preset, like := n.member("preset"), n.member("like")
	switch {
	case preset != nil && like != nil:
		r.report(like, `a policy takes "preset" or "like", not both`)
	case preset != nil:
		r.about("preset", func() {
			if name := r.oneOf(preset, "preset", slices.Sorted(maps.Keys(r.presets))); name != "" {
				p = r.presets[name]
			}
		})
	case like != nil:
		r.about("like", func() {
			if name := r.textOf(like); name != "" {
				p = r.policyNamed(like, name)
			}
		})
	}
	p.Needs, p.Allows, p.ExpectedIPs = slices.Clip(p.Needs), slices.Clip(p.Allows), slices.Clip(p.ExpectedIPs)
	p.Attestations, p.Waivers, p.Off = slices.Clip(p.Attestations), slices.Clip(p.Waivers), slices.Clip(p.Off)
	return p
}

// additions are what a key adds to its policy.
type additions struct {
	ips          []netip.Prefix
	attestations []audit.Attestation
	waivers      []audit.Waiver
}

// to adds them to a policy, without changing the lists that it shares with
// others.
func (a additions) to(p *audit.Policy) {
	p.ExpectedIPs = append(slices.Clip(p.ExpectedIPs), a.ips...)
	p.Attestations = append(slices.Clip(p.Attestations), a.attestations...)
	p.Waivers = append(slices.Clip(p.Waivers), a.waivers...)
}

func (r *reader) capabilities(to *[]access.Capability) func(*Node) {
	return r.each(func(n *Node) {
		word := r.textOf(n)
		if word == "" {
			return
		}
		c := access.Capability(word)
		if !c.Valid() {
			var known []string
			for _, k := range access.Capabilities() {
				known = append(known, string(k))
			}
			r.report(n, "%s", unknown("capability", word, append(known, "other:NAME")))
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
			{"covers", r.each(func(n *Node) {
				var name string
				r.text(&name)(n)
				a.Covers = append(a.Covers, name)
			})},
		}, "rule", "statement", "by", "at", "until")
		if !a.Until.IsZero() && a.Until.Before(a.At) {
			r.report(n, `"until" of the attestation must not be before "at"`)
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
