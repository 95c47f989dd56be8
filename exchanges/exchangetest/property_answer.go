package exchangetest

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
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
		"recorded", "what the exchange really answered, and people gave, is read as it was when it was recorded",
		checkRecorded,
	},
	{
		"round-trip", "every key that can be created at the exchange must be reported as it was created",
		checkRoundTrip,
	},
	{
		"coverage", "owners rely on Coverage: what it promises must be reported, and what it denies must not",
		checkCoverage,
	},
	{
		"implied", "what a right quietly includes is a power of the key: it is never denied while the right is held",
		checkImplied,
	},
	{
		"key-kinds", "how a key signs, and where it is kept, does not change what it may do",
		checkKeyKinds,
	},
	{
		"unknown-permission", "exchanges add permissions: one that this version does not know must be shown, never dropped",
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
		for range 8 { // the random order of a map would show
			if again := c.bench(Spec{Answer: f.body}).must("answer " + f.name); again != nil {
				c.same("answer "+f.name+", read again", s, again)
			}
		}
	}
}

// checkRecorded replays the recorded cases, if there are any.
func checkRecorded(c *trial) {
	paths, _ := filepath.Glob(filepath.Join(c.dir, "recorded", "*.json")) // the pattern is not malformed
	for _, path := range paths {
		recorded, err := ReadCase(path)
		if err != nil {
			c.Errorf("%v", err)
			continue
		}
		if problem := recorded.replay(context.Background(), c.exchange, path); problem != "" {
			c.Errorf("%s", problem)
		}
	}
}

// checkCoverage counts how often the adapter reports each fact, over keys that have
// all of them.
func checkCoverage(c *trial) {
	coverage := c.exchange.Coverage
	keys, reported := 0, map[string]int{}
	for _, spec := range c.specs() {
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
		for name, yes := range reportedFacts(s) {
			if yes {
				reported[name]++
			}
		}
	}
	for name, promise := range map[string]adapter.Reporting{
		"Allowlist": coverage.Allowlist, "AllowlistEntries": coverage.AllowlistEntries, "Created": coverage.Created,
		"Expires": coverage.Expires, "LastUsed": coverage.LastUsed, "AccountKind": coverage.AccountKind, "Siblings": coverage.Siblings,
	} {
		switch n := reported[name]; {
		case promise == adapter.Always && n < keys, promise == adapter.Never && n > 0, promise == adapter.Sometimes && n == 0:
			c.Errorf("Coverage.%s is %q, and the adapter reports it for %d of %d keys that have it", name, promise, n, keys)
		}
	}
	ever := c.everGranted()
	for _, capability := range coverage.Reports {
		if !ever[capability] {
			c.Errorf("Coverage.Reports has %s, and no key that can exist has it: it belongs in Coverage.Absent, or in neither", capability)
		}
	}
}

// reportedFacts says which facts a snapshot has from the exchange.
func reportedFacts(s *access.Snapshot) map[string]bool {
	return map[string]bool{
		"Allowlist":        s.IPAllowlist.State != access.AllowlistUnknown && s.IPAllowlist.Evidence != access.Documented,
		"AllowlistEntries": len(s.IPAllowlist.Entries) > 0,
		"Created":          !s.Created.IsZero(),
		"Expires":          !s.Expires.IsZero(),
		"LastUsed":         !s.LastUsed.IsZero(),
		"AccountKind":      s.Account.Kind != access.AccountUnknown,
		"Siblings":         len(s.Siblings) > 0,
	}
}

// everGranted are the capabilities that any key has, or may have.
func (c *trial) everGranted() map[access.Capability]bool {
	def, ever := c.fresh().def, map[access.Capability]bool{}
	for _, spec := range c.specs() {
		for _, capability := range slices.Concat(def.expected(&spec), def.uncertain(&spec)) {
			ever[capability] = true
		}
	}
	return ever
}

// checkKeyKinds compares every kind of key, and a signer instead of the secret,
// with the first kind.
func checkKeyKinds(c *trial) {
	spec := c.rich()
	want := c.bench(spec).must("a key with many rights")
	if want == nil {
		return
	}
	for _, kind := range c.fresh().def.Kinds {
		for _, how := range []string{"with its secret", "with a signer"} {
			if how == "with a signer" && c.exchange.Needs.SecretSent {
				continue // the secret itself is sent
			}
			what := fmt.Sprintf("a %s key, %s", kind, how)
			spec.Kind = kind
			b := c.bench(spec)
			if how == "with a signer" {
				b.key.Credentials.Signer = newSigner(b.key.Credentials, kind, c.exchange.Needs.Encoding)
				b.key.Credentials.Secret = adapter.Secret{}
			}
			got := b.must(what)
			if got == nil {
				continue
			}
			if got.KeyKind != kind {
				c.Errorf("%s, is reported as %s", what, got.KeyKind)
			}
			got.KeyKind, got.KeyID, got.KeyBits, got.Fingerprint = want.KeyKind, want.KeyID, want.KeyBits, want.Fingerprint
			c.same(what+", gives another snapshot", want, got)
		}
	}
}

// checkUnknownPermission gives a key one more permission, which the adapter cannot
// know.
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
				c.Errorf("the unknown permission %s is not in Unmapped, which is %q", name, got.Unmapped)
			}
			got.Unmapped, got.Permissions, want.Permissions = nil, nil, nil
			if w, g := indented(want), indented(got); !bytes.Equal(w, g) {
				c.Errorf("the unknown permission %s changes something else:\n%s", name, differing(string(w), string(g)))
			}
		}
	}
}

// teleport makes up a permission in the form of a real one: it replaces the last
// part, in the same case.
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
