package exchangetest

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

var answerProperties = []property{
	{
		"answers", "what the adapter reads in the venue's documented answers is reviewed once and then fixed",
		checkAnswers,
	},
	{
		"round-trip", "every key that can be made at the venue must come out as it was made",
		checkRoundTrip,
	},
	{
		"coverage", "Coverage is what owners are told about the venue: what it promises must be told, and what it denies not",
		checkCoverage,
	},
	{
		"key-kinds", "how a key signs doesn't change what it may do, and neither does where it is kept",
		checkKeyKinds,
	},
	{
		"unknown-permission", "venues add permissions: one that this version doesn't know must be shown and never dropped",
		checkUnknownPermission,
	},
}

func checkAnswers(c *trial) {
	for _, f := range c.fixtures() {
		s := c.bench(Spec{Answer: f.body}).must("answer " + f.name)
		if s == nil {
			continue
		}
		c.golden("answers/"+f.name+".golden", indented(s))
		for range 8 { // the order of a map would show
			if again := c.bench(Spec{Answer: f.body}).must("answer " + f.name); again != nil {
				c.same("answer "+f.name+", read again", s, again)
			}
		}
	}
}

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
	for i, a := range def.rights {
		small = append(small, []string{a.Name})
		for _, b := range def.rights[i+1:] {
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

func (c *trial) compareGrants(spec *Spec, s *audit.Snapshot, wrong func(string, ...any)) {
	def, coverage := c.fresh().def, c.exchange.Coverage
	want, perhaps := def.expected(spec), def.uncertain(spec)
	var granted []audit.Capability
	for _, g := range s.Grants {
		if g.State == audit.Granted {
			granted = append(granted, g.Capability)
		}
		told := slices.Contains(coverage.Tells, g.Capability) || slices.Contains(coverage.Absent, g.Capability)
		if fixed := slices.Contains(audit.Capabilities(), g.Capability); fixed && !told && g.State != audit.Unknown {
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
	for _, capability := range coverage.Tells {
		open := slices.Contains(perhaps, capability) && !slices.Contains(want, capability)
		switch g := s.Grant(capability); {
		case open && g.State != audit.Unknown:
			wrong("%s is %s, and the key may hold it or not", capability, g.State)
		case !open && g.State == audit.Unknown && !slices.Contains(want, capability):
			wrong("%s is unknown, and Coverage says that the venue tells it", capability)
		}
	}
	for _, capability := range coverage.Absent {
		if g := s.Grant(capability); g.State != audit.Denied || g.Evidence != audit.Documented {
			wrong("%s is %s (%s), and Coverage says that no key has it", capability, g.State, g.Evidence)
		}
	}
	if len(s.Unmapped) > 0 {
		wrong("%q are unmapped", s.Unmapped)
	}
}

func (c *trial) compareAllowlist(spec *Spec, s *audit.Snapshot, wrong func(string, ...any)) {
	tells, list := c.fresh().def.tells, s.IPAllowlist
	if !tells.Allowlist {
		if list.State != audit.AllowlistUnknown && list.Evidence != audit.Documented {
			wrong("the allowlist is %s, and the venue doesn't tell", list.State)
		}
		return
	}
	want := audit.AllowlistUnrestricted
	if len(spec.IPs) > 0 {
		want = audit.AllowlistRestricted
	}
	if list.State != want || list.Evidence != audit.Told {
		wrong("the allowlist is %s (%s) and should be %s (told)", list.State, list.Evidence, want)
	}
	if !tells.Entries {
		if list.State == audit.AllowlistRestricted && list.Disclosed == audit.EntriesComplete {
			wrong("the allowlist is said to be complete, and the venue hides its entries")
		}
		return
	}
	if got, want := prefixes(list), prefixes(audit.NewIPAllowlist(spec.IPs)); want != nil && !slices.Equal(got, want) {
		wrong("the allowlist's entries are %v and should be %v", got, want)
	}
}

func prefixes(list audit.IPAllowlist) []netip.Prefix {
	var out []netip.Prefix
	for _, e := range list.Entries {
		out = append(out, e.Prefix)
	}
	slices.SortFunc(out, func(a, b netip.Prefix) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func (c *trial) compareFacts(spec *Spec, s *audit.Snapshot, wrong func(string, ...any)) {
	tells := c.fresh().def.tells
	unit := tells.Unit
	if unit == 0 {
		unit = time.Second
	}
	at := func(name string, told bool, want, got time.Time) {
		switch off := want.Sub(got).Abs(); {
		case !told && !got.IsZero():
			wrong("%s is %s, and the venue doesn't tell", name, dated(got))
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
	kind := audit.AccountUnknown
	if tells.Account {
		kind = audit.AccountKindOf(!spec.SubAccount)
	}
	if s.Account.Kind != kind {
		wrong("the account is %s and should be %s", s.Account.Kind, kind)
	}
	if s.KeyState != audit.KeyActive {
		wrong("the key's state is %s and should be active", s.KeyState)
	}
	if kind := c.fresh().def.kinds[0]; s.KeyKind != kind {
		wrong("the key is %s and should be %s", s.KeyKind, kind)
	}
	if len(s.Contradictions) > 0 {
		wrong("there are contradictions: %q", s.Contradictions)
	}
}

// checkCoverage counts how often each fact was told, over keys for which the
// venue has something to tell.
func checkCoverage(c *trial) {
	coverage := c.exchange.Coverage
	keys, told := 0, map[string]int{}
	count := func(name string, yes bool) {
		if yes {
			told[name]++
		}
	}
	ever := map[audit.Capability]bool{}
	def := c.fresh().def
	for _, spec := range c.specs() {
		for _, capability := range def.expected(&spec) {
			ever[capability] = true
		}
		if len(spec.IPs) == 0 || spec.Expires.IsZero() {
			continue
		}
		spec.Label, spec.LastUsed = "a key", noon.Add(-day)
		b := c.bench(spec)
		b.venue.Issue(Spec{Label: "sibling"})
		s, err := b.inspect()
		if err != nil {
			continue // round-trip says so
		}
		keys++
		count("Allowlist", s.IPAllowlist.State != audit.AllowlistUnknown && s.IPAllowlist.Evidence != audit.Documented)
		count("AllowlistEntries", len(s.IPAllowlist.Entries) > 0)
		count("Created", !s.Created.IsZero())
		count("Expires", !s.Expires.IsZero())
		count("LastUsed", !s.LastUsed.IsZero())
		count("AccountKind", s.Account.Kind != audit.AccountUnknown)
		count("Siblings", len(s.Siblings) > 0)
	}
	for name, says := range map[string]audit.Telling{
		"Allowlist": coverage.Allowlist, "AllowlistEntries": coverage.AllowlistEntries, "Created": coverage.Created,
		"Expires": coverage.Expires, "LastUsed": coverage.LastUsed, "AccountKind": coverage.AccountKind, "Siblings": coverage.Siblings,
	} {
		switch n := told[name]; {
		case says == audit.Always && n < keys, says == audit.Never && n > 0, says == audit.Sometimes && n == 0:
			c.Errorf("Coverage.%s is %q, and it was told for %d of %d keys that have it", name, says, n, keys)
		}
	}
	for _, capability := range coverage.Tells {
		if !ever[capability] {
			c.Errorf("Coverage says that the venue tells %s, and no key that can be made has it: it is absent, or not told", capability)
		}
	}
}

// checkKeyKinds compares every kind of key, and a signer in place of the
// secret, with the first kind.
func checkKeyKinds(c *trial) {
	spec := c.rich()
	want := c.bench(spec).must("a key with every right")
	if want == nil {
		return
	}
	for _, kind := range c.fresh().def.kinds {
		for _, kept := range []string{"by its secret", "by a signer"} {
			spec.Kind = kind
			b := c.bench(spec)
			if kept == "by a signer" {
				b.key.Credentials.Signer = newSigner(b.key.Credentials, kind, c.exchange.Needs.Encoding)
				b.key.Credentials.Secret = audit.Secret{}
			}
			got := b.must(fmt.Sprintf("a %s key, %s", kind, kept))
			if got == nil {
				continue
			}
			if got.KeyKind != kind {
				c.Errorf("a %s key, %s, is said to be %s", kind, kept, got.KeyKind)
			}
			got.KeyKind, got.KeyID = want.KeyKind, want.KeyID
			c.same(fmt.Sprintf("a %s key, %s, comes out differently", kind, kept), want, got)
		}
	}
}

// checkUnknownPermission gives a key one permission more, that nobody knows.
func checkUnknownPermission(c *trial) {
	def := c.fresh().def
	names := def.unknown
	if names == nil {
		for _, r := range def.rights {
			if name := teleport(r.Name); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		for _, spec := range []Spec{{}, c.rich()} {
			want, _ := c.bench(spec).inspect()
			spec.Permissions = append(slices.Clip(spec.Permissions), name)
			got := c.bench(spec).must("a key with the unknown permission " + name)
			if got == nil {
				continue
			}
			if !slices.ContainsFunc(got.Unmapped, func(u string) bool { return strings.Contains(strings.ToLower(u), strings.ToLower(name)) }) {
				c.Errorf("the unknown permission %s is not among the unmapped ones, which are %q", name, got.Unmapped)
			}
			got.Unmapped, got.Permissions, want.Permissions = nil, nil, nil
			if w, g := indented(want), indented(got); !bytes.Equal(w, g) {
				c.Errorf("the unknown permission %s changes something else:\n%s", name, differing(string(w), string(g)))
			}
		}
	}
}

// teleport makes up a permission after the form of a real one: its last part
// is replaced, in the same case.
func teleport(name string) string {
	cut := strings.LastIndexAny(name, ".:/_- ") + 1
	if cut == 0 { // enableWithdrawals: keep the verb
		for cut = 1; cut < len(name) && (name[cut] < 'A' || name[cut] > 'Z'); cut++ {
		}
		if cut == len(name) || name == strings.ToUpper(name) {
			cut = 0
		}
	}
	switch tail := name[cut:]; tail {
	case strings.ToLower(tail):
		return name[:cut] + "teleport"
	case strings.ToUpper(tail):
		return name[:cut] + "TELEPORT"
	default:
		return name[:cut] + "Teleport"
	}
}
