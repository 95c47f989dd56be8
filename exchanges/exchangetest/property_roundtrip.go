package exchangetest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// specs are the keys that can be made: no right, each, each pair, all; from
// anywhere, from one address, from a list; with and without dates; of a main
// and of a sub-account. Small sets of rights meet every circumstance, and
// pairs take turns.
func (c *trial) specs() []Spec {
	def := c.fresh().def
	circumstances := []Spec{{}}
	vary := func(change ...func(*Spec)) {
		var more []Spec
		for _, s := range circumstances {
			for _, f := range change {
				varied := s
				f(&varied)
				more = append(more, varied)
			}
		}
		circumstances = more
	}
	vary(
		func(*Spec) {},
		func(s *Spec) { s.IPs = []string{caller} },
		func(s *Spec) { s.IPs = []string{"203.0.113.7", "198.51.100.0/24"} },
	)
	vary(
		func(*Spec) {},
		func(s *Spec) {
			s.Label, s.Created, s.Changed, s.LastUsed = "a key", noon.Add(-40*day), noon.Add(-20*day), noon.Add(-2*day-time.Minute)
		},
		func(s *Spec) { s.Created, s.Expires = noon.Add(-3*day), noon.Add(30*day+time.Hour) },
	)
	vary(func(*Spec) {}, func(s *Spec) { s.SubAccount = true })

	var small, pairs [][]string
	small = append(small, nil)
	for _, spec := range c.riches() {
		small = append(small, spec.Permissions)
	}
	for i, a := range def.Rights {
		small = append(small, []string{a.Name})
		for _, b := range def.Rights[i+1:] {
			pairs = append(pairs, []string{a.Name, b.Name})
		}
	}
	var out []Spec
	add := func(permissions []string, s Spec) {
		if s.Permissions = permissions; def.can(&s) {
			out = append(out, s)
		}
	}
	for _, permissions := range small {
		for _, s := range circumstances {
			add(permissions, s)
		}
	}
	for i, permissions := range pairs {
		add(permissions, circumstances[i%len(circumstances)])
	}
	return out
}

func (s *Spec) describe() string {
	kind := "main account"
	if s.SubAccount {
		kind = "sub-account"
	}
	return fmt.Sprintf("a key of a %s with %q, addresses %q, created %s, expiring %s", kind, s.Permissions, s.IPs, dated(s.Created), dated(s.Expires))
}

func dated(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format(time.RFC3339)
}

func checkRoundTrip(c *trial) {
	for _, spec := range c.specs() {
		b := c.bench(spec)
		s := b.must(spec.describe())
		if s == nil {
			continue
		}
		wrong := func(format string, args ...any) {
			c.Errorf("%s: %s", spec.describe(), fmt.Sprintf(format, args...))
		}
		c.compareGrants(&spec, s, wrong)
		c.compareAllowlist(&spec, s, wrong)
		c.compareFacts(&spec, s, wrong)
		if len(c.problems) > 200 {
			return
		}
	}
}

func (c *trial) compareGrants(spec *Spec, s *access.Snapshot, wrong func(string, ...any)) {
	def, coverage := c.fresh().def, c.exchange.Coverage
	want, perhaps := def.expected(spec), def.uncertain(spec)
	var granted []access.Capability
	for _, g := range s.Grants {
		if g.State == access.Granted {
			granted = append(granted, g.Capability)
		}
		told := slices.Contains(coverage.Reports, g.Capability) || slices.Contains(coverage.Absent, g.Capability)
		if fixed := slices.Contains(access.Capabilities(), g.Capability); fixed && !told && g.State != access.Unknown {
			wrong("%s is %s, and Coverage doesn't list it", g.Capability, g.State)
		}
	}
	for _, capability := range want {
		if !slices.Contains(granted, capability) {
			wrong("%s is %s and not granted", capability, s.Grant(capability).State)
		}
	}
	for _, capability := range granted {
		if !slices.Contains(want, capability) {
			wrong("%s is granted (by %q) and should not be", capability, s.Grant(capability).Names)
		}
	}
	for _, capability := range coverage.Reports {
		open := slices.Contains(perhaps, capability) && !slices.Contains(want, capability)
		switch g := s.Grant(capability); {
		case open && g.State != access.Unknown:
			wrong("%s is %s, and the key may hold it or not", capability, g.State)
		case !open && g.State == access.Unknown && !slices.Contains(want, capability):
			wrong("%s is unknown, and Coverage says that the exchange tells it", capability)
		}
	}
	for _, capability := range coverage.Absent {
		if g := s.Grant(capability); g.State != access.Denied || g.Evidence != access.Documented {
			wrong("%s is %s (%s), and Coverage says that no key has it", capability, g.State, g.Evidence)
		}
	}
	if len(s.Unmapped) > 0 {
		wrong("%q are unmapped", s.Unmapped)
	}
}

func (c *trial) compareAllowlist(spec *Spec, s *access.Snapshot, wrong func(string, ...any)) {
	tells, list := c.fresh().def.Reports, s.IPAllowlist
	if !tells.Allowlist {
		if list.State != access.AllowlistUnknown && list.Evidence != access.Documented {
			wrong("the allowlist is %s, and the exchange doesn't tell", list.State)
		}
		return
	}
	want := access.AllowlistUnrestricted
	if len(spec.IPs) > 0 {
		want = access.AllowlistRestricted
	}
	if list.State != want || list.Evidence != access.Reported {
		wrong("the allowlist is %s (%s) and should be %s (told)", list.State, list.Evidence, want)
	}
	if !tells.Entries {
		if list.State == access.AllowlistRestricted && list.Disclosed == access.EntriesComplete {
			wrong("the allowlist is said to be complete, and the exchange hides its entries")
		}
		return
	}
	if got, want := prefixes(list), prefixes(access.NewIPAllowlist(spec.IPs)); want != nil && !slices.Equal(got, want) {
		wrong("the allowlist's entries are %v and should be %v", got, want)
	}
}

func prefixes(list access.IPAllowlist) []netip.Prefix {
	var out []netip.Prefix
	for _, e := range list.Entries {
		out = append(out, e.Prefix)
	}
	slices.SortFunc(out, func(a, b netip.Prefix) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func (c *trial) compareFacts(spec *Spec, s *access.Snapshot, wrong func(string, ...any)) {
	tells := c.fresh().def.Reports
	unit := tells.Unit
	if unit == 0 {
		unit = time.Second
	}
	at := func(name string, told bool, want, got time.Time) {
		switch off := want.Sub(got).Abs(); {
		case !told && !got.IsZero():
			wrong("%s is %s, and the exchange doesn't tell", name, dated(got))
		case told && !want.IsZero() && off >= unit:
			wrong("%s is %s and should be %s", name, dated(got), dated(want))
		}
	}
	at("Created", tells.Created, spec.Created, s.Created)
	at("Changed", tells.Changed, spec.Changed, s.Changed)
	at("Expires", tells.Expires, spec.Expires, s.Expires)
	at("LastUsed", tells.LastUsed, spec.LastUsed, s.LastUsed)
	if spec.Expires.IsZero() && !s.Expires.IsZero() {
		wrong("Expires is %s, and no expiry is set", dated(s.Expires))
	}
	if !spec.Expires.IsZero() && tells.Expires && s.NeverExpires {
		wrong("the key is said never to expire")
	}
	if tells.Label && s.Label != spec.Label {
		wrong("Label is %q and should be %q", s.Label, spec.Label)
	}
	kind := access.AccountUnknown
	if tells.Account {
		kind = access.AccountKindOf(!spec.SubAccount)
	}
	if s.Account.Kind != kind {
		wrong("the account is %s and should be %s", s.Account.Kind, kind)
	}
	if s.KeyState != access.KeyActive {
		wrong("the key's state is %s and should be active", s.KeyState)
	}
	if kind := c.fresh().def.Kinds[0]; s.KeyKind != kind {
		wrong("the key is %s and should be %s", s.KeyKind, kind)
	}
	if len(s.Contradictions) > 0 {
		wrong("there are contradictions: %q", s.Contradictions)
	}
}
