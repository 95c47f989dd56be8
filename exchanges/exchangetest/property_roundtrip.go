package exchangetest

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// specs are the keys that can be created: with no right, each, each pair, all;
// usable from any IP address, from one, from a list; with and without dates; of a
// main account and of a sub-account. Small sets of rights are combined with every
// circumstance, and pairs with one each.
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
	add := func(permissions []string, s Spec) bool {
		s.Permissions = permissions
		fits := def.can(&s)
		if fits {
			out = append(out, s)
		}
		return fits
	}
	for _, permissions := range small {
		for _, s := range circumstances {
			add(permissions, s)
		}
	}
	for i, permissions := range pairs {
		for j := range circumstances { // the first that such a key can be in
			if add(permissions, circumstances[(i+j)%len(circumstances)]) {
				break
			}
		}
	}
	return out
}

func (s *Spec) describe() string {
	kind := "main account"
	if s.SubAccount {
		kind = "sub-account"
	}
	return fmt.Sprintf("a key of a %s with %q, IP allowlist %q, created %s, expiring %s", kind, s.Permissions, s.IPs, dated(s.Created), dated(s.Expires))
}

func dated(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format(time.RFC3339)
}

func checkRoundTrip(c *trial) {
	for _, spec := range c.specs() {
		s := c.bench(spec).must(spec.describe())
		if s == nil {
			continue
		}
		r := &roundTrip{trial: c, def: &c.fresh().def, spec: &spec, got: s}
		r.compareGrants()
		r.compareCoverage()
		r.compareAllowlist()
		r.compareTimes()
		r.compareKey()
		if len(c.problems) > 200 {
			return
		}
	}
}

// roundTrip is a key as it was issued, and what the adapter reports of it.
type roundTrip struct {
	*trial
	def  *Definition
	spec *Spec
	got  *access.Snapshot
}

func (r *roundTrip) wrong(format string, args ...any) {
	r.Errorf("%s: %s", r.spec.describe(), fmt.Sprintf(format, args...))
}

func (r *roundTrip) compareGrants() {
	want := r.def.expected(r.spec)
	for _, capability := range want {
		if g := r.got.Grant(capability); g.State != access.Granted {
			r.wrong("%s is %s, and should be granted", capability, g.State)
		}
	}
	for _, g := range r.got.Grants {
		if g.State == access.Granted && !slices.Contains(want, g.Capability) {
			r.wrong("%s is granted (by %q), and should not be", g.Capability, g.Names)
		}
	}
	outright := r.def.outright(r.spec)
	for _, i := range r.def.implied(r.spec) {
		mark := access.ImpliedAlways
		if i.OnMain {
			mark = access.ImpliedOnMain
		}
		if slices.Contains(outright, i.Capability) {
			mark = access.NotImplied
		}
		if g := r.got.Grant(i.Capability); g.Implied != mark || len(g.Names) == 0 {
			r.wrong("%s is marked as implied: %s, by %q; it should be: %s", i.Capability, g.Implied, g.Names, mark)
		}
	}
	if len(r.got.Unmapped) > 0 {
		r.wrong("Unmapped has %q, which are documented", r.got.Unmapped)
	}
}

// compareCoverage demands of each capability what Coverage says of it.
func (r *roundTrip) compareCoverage() {
	coverage := r.exchange.Coverage
	want, may := r.def.expected(r.spec), r.def.uncertain(r.spec)
	for _, g := range r.got.Grants {
		listed := slices.Contains(coverage.Reports, g.Capability) || slices.Contains(coverage.Absent, g.Capability)
		if g.Capability.Standard() && !listed && g.State != access.Unknown {
			r.wrong("%s is %s, and Coverage does not list it", g.Capability, g.State)
		}
	}
	for _, capability := range coverage.Reports {
		if slices.Contains(want, capability) {
			continue
		}
		open, state := slices.Contains(may, capability), r.got.Grant(capability).State
		if open && state != access.Unknown {
			r.wrong("%s is %s, and should be unknown: the key may have it", capability, state)
		}
		if !open && state == access.Unknown {
			r.wrong("%s is unknown, and Coverage says that the exchange reports it", capability)
		}
	}
	for _, capability := range coverage.Absent {
		if g := r.got.Grant(capability); g.State != access.Denied || g.Evidence != access.Documented {
			r.wrong("%s is %s (%s), and Coverage says that no key has it", capability, g.State, g.Evidence)
		}
	}
}

func (r *roundTrip) compareAllowlist() {
	list := r.got.IPAllowlist
	if !r.def.Reports.Allowlist {
		if list.State != access.AllowlistUnknown && list.Evidence != access.Documented {
			r.wrong("the IP allowlist is %s, and the exchange does not report it", list.State)
		}
		return
	}
	want := access.AllowlistUnrestricted
	if list.State == want && list.Evidence == access.Documented && len(r.spec.IPs) == 0 {
		return // of keys of a kind that has no list
	}
	if len(r.spec.IPs) > 0 {
		want = access.AllowlistRestricted
	}
	if list.State != want || list.Evidence != access.Reported {
		r.wrong("the IP allowlist is %s (%s), and should be %s (reported)", list.State, list.Evidence, want)
	}
	if !r.def.Reports.Entries {
		if list.State == access.AllowlistRestricted && list.Disclosed == access.EntriesComplete {
			r.wrong("the IP allowlist is called complete, and the exchange hides its entries")
		}
		return
	}
	if got, want := prefixes(list), prefixes(access.NewIPAllowlist(r.spec.IPs)); want != nil && !slices.Equal(got, want) {
		r.wrong("the IP allowlist has %v, and should have %v", got, want)
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

func (r *roundTrip) compareTimes() {
	reports := r.def.Reports
	unit := cmp.Or(reports.Unit, time.Second)
	for _, t := range []struct {
		name      string
		reported  bool
		want, got time.Time
	}{
		{"Created", reports.Created, r.spec.Created, r.got.Created},
		{"Changed", reports.Changed, r.spec.Changed, r.got.Changed},
		{"Expires", reports.Expires, r.spec.Expires, r.got.Expires},
		{"LastUsed", reports.LastUsed, r.spec.LastUsed, r.got.LastUsed},
	} {
		switch off := t.want.Sub(t.got).Abs(); {
		case !t.reported && !t.got.IsZero():
			r.wrong("%s is %s, and the exchange does not report it", t.name, dated(t.got))
		case t.reported && !t.want.IsZero() && off >= unit:
			r.wrong("%s is %s, and should be %s", t.name, dated(t.got), dated(t.want))
		}
	}
	if r.spec.Expires.IsZero() && !r.got.Expires.IsZero() {
		r.wrong("Expires is %s, and no expiry is set", dated(r.got.Expires))
	}
	if !r.spec.Expires.IsZero() && reports.Expires && r.got.NeverExpires {
		r.wrong("NeverExpires is set, and the key expires")
	}
}

// compareKey compares what is left: label, account, state and kind of the key.
func (r *roundTrip) compareKey() {
	if r.def.Reports.Label && r.got.Label != r.spec.Label {
		r.wrong("Label is %q, and should be %q", r.got.Label, r.spec.Label)
	}
	account := access.AccountUnknown
	if r.def.Reports.Account {
		account = access.AccountKindOf(!r.spec.SubAccount)
	}
	if r.got.Account.Kind != account {
		r.wrong("the account is %s, and should be %s", r.got.Account.Kind, account)
	}
	if r.got.KeyState != access.KeyActive {
		r.wrong("the key's state is %s, and should be active", r.got.KeyState)
	}
	if kind := r.def.kind(r.spec.Kind); r.got.KeyKind != kind {
		r.wrong("the key's kind is %s, and should be %s", r.got.KeyKind, kind)
	}
	if len(r.got.Contradictions) > 0 {
		r.wrong("Contradictions has %q", r.got.Contradictions)
	}
}
