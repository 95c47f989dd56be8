package exchangetest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

var answerProperties = []property{
	{
		"answers", "what the adapter reads in the exchange's documented answers is reviewed once and then fixed",
		checkAnswers,
	},
	{
		"round-trip", "every key that can be made at the exchange must come out as it was made",
		checkRoundTrip,
	},
	{
		"coverage", "Coverage is what owners are told about the exchange: what it promises must be told, and what it denies not",
		checkCoverage,
	},
	{
		"key-kinds", "how a key signs doesn't change what it may do, and neither does where it is kept",
		checkKeyKinds,
	},
	{
		"unknown-permission", "exchanges add permissions: one that this version doesn't know must be shown and never dropped",
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

// checkCoverage counts how often each fact was told, over keys for which the
// exchange has something to tell.
func checkCoverage(c *trial) {
	coverage := c.exchange.Coverage
	keys, told := 0, map[string]int{}
	count := func(name string, yes bool) {
		if yes {
			told[name]++
		}
	}
	ever := map[access.Capability]bool{}
	def := c.fresh().def
	for _, spec := range c.specs() {
		for _, capability := range slices.Concat(def.expected(&spec), def.uncertain(&spec)) {
			ever[capability] = true
		}
		if len(spec.IPs) == 0 || spec.Expires.IsZero() {
			continue
		}
		spec.Label, spec.LastUsed = "a key", noon.Add(-day)
		b := c.bench(spec)
		b.fake.Issue(Spec{Label: "sibling"})
		s, err := b.inspect()
		if err != nil {
			continue // round-trip says so
		}
		keys++
		count("Allowlist", s.IPAllowlist.State != access.AllowlistUnknown && s.IPAllowlist.Evidence != access.Documented)
		count("AllowlistEntries", len(s.IPAllowlist.Entries) > 0)
		count("Created", !s.Created.IsZero())
		count("Expires", !s.Expires.IsZero())
		count("LastUsed", !s.LastUsed.IsZero())
		count("AccountKind", s.Account.Kind != access.AccountUnknown)
		count("Siblings", len(s.Siblings) > 0)
	}
	for name, says := range map[string]adapter.Reporting{
		"Allowlist": coverage.Allowlist, "AllowlistEntries": coverage.AllowlistEntries, "Created": coverage.Created,
		"Expires": coverage.Expires, "LastUsed": coverage.LastUsed, "AccountKind": coverage.AccountKind, "Siblings": coverage.Siblings,
	} {
		switch n := told[name]; {
		case says == adapter.Always && n < keys, says == adapter.Never && n > 0, says == adapter.Sometimes && n == 0:
			c.Errorf("Coverage.%s is %q, and it was told for %d of %d keys that have it", name, says, n, keys)
		}
	}
	for _, capability := range coverage.Reports {
		if !ever[capability] {
			c.Errorf("Coverage says that the exchange tells %s, and no key that can be made has it: it is absent, or not told", capability)
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
	for _, kind := range c.fresh().def.Kinds {
		for _, kept := range []string{"by its secret", "by a signer"} {
			if kept == "by a signer" && c.exchange.Needs.SecretSent {
				continue // nothing can stand in for the secret
			}
			spec.Kind = kind
			b := c.bench(spec)
			if kept == "by a signer" {
				b.key.Credentials.Signer = newSigner(b.key.Credentials, kind, c.exchange.Needs.Encoding)
				b.key.Credentials.Secret = adapter.Secret{}
			}
			got := b.must(fmt.Sprintf("a %s key, %s", kind, kept))
			if got == nil {
				continue
			}
			if got.KeyKind != kind {
				c.Errorf("a %s key, %s, is said to be %s", kind, kept, got.KeyKind)
			}
			got.KeyKind, got.KeyID, got.KeyBits, got.Fingerprint = want.KeyKind, want.KeyID, want.KeyBits, want.Fingerprint
			c.same(fmt.Sprintf("a %s key, %s, comes out differently", kind, kept), want, got)
		}
	}
}

// checkUnknownPermission gives a key one permission more, that nobody knows.
func checkUnknownPermission(c *trial) {
	def := c.fresh().def
	names := def.UnknownPermissions
	if names == nil {
		for _, r := range def.Rights {
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
