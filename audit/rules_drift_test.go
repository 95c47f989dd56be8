package audit_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// naive is what two snapshots of one key differ in, worked out once more and in
// the plainest way: names of rights, entries and keys.
type naive struct{ gained, lost, forgotten, entries, appeared, vanished []string }

func naively(was, is *access.Snapshot) naive {
	var n naive
	every := map[access.Capability]bool{}
	for _, c := range access.Capabilities() {
		every[c] = true
	}
	for _, g := range append(slices.Clone(was.Grants), is.Grants...) {
		every[g.Capability] = true
	}
	for c := range every {
		switch a, b := naiveState(was, c), naiveState(is, c); {
		case a == access.Denied && b == access.Granted && naiveLearned(was, is, c):
		case a != access.Granted && b == access.Granted:
			n.gained = append(n.gained, string(c))
		case a == access.Granted && b == access.Granted && naiveFurther(was, is, c):
			n.gained = append(n.gained, string(c))
		case a == access.Granted && b == access.Denied:
			n.lost = append(n.lost, string(c))
		case a != access.Unknown && b == access.Unknown && naiveTold(was, c):
			n.forgotten = append(n.forgotten, string(c))
		}
	}
	for _, name := range is.Unmapped {
		if !slices.Contains(was.Unmapped, name) {
			n.gained = append(n.gained, name)
		}
	}
	toldNow := slices.ContainsFunc(is.Grants, func(g access.Grant) bool { return g.Evidence == access.Reported && g.State != access.Unknown })
	for _, name := range was.Unmapped {
		switch {
		case slices.Contains(is.Unmapped, name):
		case toldNow:
			n.lost = append(n.lost, name)
		default:
			n.forgotten = append(n.forgotten, name)
		}
	}
	if naiveShown(&was.IPAllowlist) && naiveShown(&is.IPAllowlist) {
		n.entries = append(naiveMissing(&is.IPAllowlist, &was.IPAllowlist), naiveMissing(&was.IPAllowlist, &is.IPAllowlist)...)
	}
	n.appeared, n.vanished = naiveKeys(is, was), naiveKeys(was, is)
	for _, list := range []*[]string{&n.gained, &n.lost, &n.forgotten, &n.entries, &n.appeared, &n.vanished} {
		slices.Sort(*list)
	}
	return n
}

// naiveLearned: no right was for it, by the documentation, and what is known now to
// include it was held then.
func naiveLearned(was, is *access.Snapshot, c access.Capability) bool {
	before := append(slices.Clone(was.Permissions), was.Unmapped...)
	for _, g := range was.Grants {
		if g.State == access.Granted {
			before = append(before, g.Names...)
		}
	}
	g := is.Grant(c)
	for _, name := range g.Names {
		if !slices.Contains(before, name) || slices.Contains(was.Unmapped, name) {
			return false
		}
	}
	return was.Grant(c).Evidence == access.Documented && g.Implied > access.NotImplied && len(g.Names) > 0
}

// naiveFurther: a right that both have is carried by a name that was nowhere
// before, if the exchange names what carries it.
func naiveFurther(was, is *access.Snapshot, c access.Capability) bool {
	before := append(slices.Clone(was.Permissions), was.Unmapped...)
	for _, g := range was.Grants {
		if g.State == access.Granted {
			before = append(before, g.Names...)
		}
	}
	names := is.Grant(c).Names
	return len(was.Grant(c).Names) > 0 && slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(before, name) })
}

// naiveState: one entry that says granted is enough; denied needs evidence; and
// what the vocabulary has no word for is known by being listed.
func naiveState(s *access.Snapshot, c access.Capability) access.State {
	said := map[access.State]bool{}
	for _, g := range s.Grants {
		if g.Capability == c && g.State == access.Denied && g.Evidence == access.NoEvidence {
			g.State = access.Unknown
		}
		said[g.State] = said[g.State] || g.Capability == c
	}
	switch {
	case said[access.Granted]:
		return access.Granted
	case said[access.Denied] && !said[access.Unknown]:
		return access.Denied
	case said[access.Unknown] || slices.Contains(access.Capabilities(), c):
		return access.Unknown
	}
	reported := false
	trading := map[access.Capability]bool{access.TradeSpot: true, access.TradeMargin: true, access.TradeFutures: true, access.TradeOptions: true}
	for _, g := range s.Grants {
		if g.State != access.Unknown && g.Evidence != access.NoEvidence {
			reported = reported || g.Evidence == access.Reported
			delete(trading, g.Capability)
		}
	}
	if reported && len(trading) == 0 {
		return access.Denied
	}
	return access.Unknown
}

func naiveTold(s *access.Snapshot, c access.Capability) bool {
	return slices.ContainsFunc(s.Grants, func(g access.Grant) bool {
		return g.Capability == c && (g.Evidence == access.Reported || g.Evidence == access.Inferred)
	})
}

func naiveShown(l *access.IPAllowlist) bool {
	return l.Disclosed != access.NotDisclosed || len(l.Entries) > 0 || l.State == access.AllowlistDenyAll ||
		l.State == access.AllowlistUnrestricted || l.State == access.AllowlistOff
}

// naiveMissing are the entries of one list that the other lacks. What the masked
// one of arbitrary could be is written out.
func naiveMissing(in, from *access.IPAllowlist) (out []string) {
	for _, e := range in.Entries {
		if !slices.ContainsFunc(from.Entries, func(other access.AllowlistEntry) bool {
			a, b := e.Text, other.Text
			if a != "203.**.154" {
				a, b = b, a
			}
			return a == b || (a == "203.**.154" && slices.Contains([]string{"203.0.113.0/24", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"}, b))
		}) {
			out = append(out, e.Text)
		}
	}
	return out
}

// naiveKeys are the keys of one list that the other has fewer of.
func naiveKeys(in, from *access.Snapshot) (out []string) {
	left := map[string]int{}
	for _, s := range from.Siblings {
		left[s.KeyID]++
	}
	for _, s := range in.Siblings {
		if left[s.KeyID]--; left[s.KeyID] < 0 {
			out = append(out, s.KeyID)
		}
	}
	return out
}

var (
	quotedWord = regexp.MustCompile(`"([^"]+)"`)
	firstWord  = regexp.MustCompile(`^(?:whether it holds )?([^ ,;]+)`)
)

// named lists what findings of some rules name, each right, entry or key once.
func named(r *audit.Result, find func(string) []string, rules ...string) []string {
	var out []string
	for _, rule := range rules {
		f := r.Finding(rule)
		_, list, ok := strings.Cut(f.Message, ": ")
		if ok && (f.Outcome == audit.Failed || rule == "key-vanished") {
			out = append(out, find(list)...)
		}
	}
	slices.Sort(out)
	return out
}

func bySemicolon(list string) (out []string) {
	for text := range strings.SplitSeq(list, "; ") {
		if strings.Contains(text, "allowlist") || strings.HasPrefix(text, "when") || strings.Contains(text, "whose account") || strings.Contains(text, "expires") {
			continue // facts, which cases test
		}
		if names, ok := strings.CutPrefix(text, "unrecognised permissions: "); ok {
			out = append(out, byQuotes(names)...)
			continue
		}
		out = append(out, firstWord.FindStringSubmatch(text)[1])
	}
	return out
}

func byQuotes(list string) (out []string) {
	for _, found := range quotedWord.FindAllStringSubmatch(list, -1) {
		out = append(out, found[1])
	}
	return out
}

func byComma(list string) []string { return strings.Split(list, ", ") }

// oneKey is a key that was inspected, with keys beside it.
func oneKey(r *rand.Rand) *access.Snapshot {
	s := arbitrary(r)
	s.Failure, s.TakenAt, s.Fingerprint = nil, now, "f"
	for i := range 6 {
		if r.IntN(3) == 0 {
			s.Siblings = append(s.Siblings, &access.Snapshot{Inspection: access.Inspection{KeyID: fmt.Sprintf("Key%d…", i), Fingerprint: fmt.Sprintf("f%d", i)}})
		}
		if r.IntN(5) == 0 {
			s.Siblings = append(s.Siblings, &access.Snapshot{Inspection: access.Inspection{KeyID: fmt.Sprintf("Mask%d…****", i%2)}})
		}
	}
	return s
}

// TestEveryChangeIsNamedOnce: every right, entry and key that differs is named
// by one finding, once, and nothing else is: also when nobody could look in
// between.
func TestEveryChangeIsNamedOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 34))
		was, is := oneKey(r), oneKey(r)
		if r.IntN(3) == 0 { // a run like the previous one but for one thing
			is = clone(t, was)
			edits := forgetting(is)
			edits[slices.Sorted(maps.Keys(edits))[r.IntN(len(edits))]](is)
		}
		nights := []*audit.Report{oneNight(was), oneNight(is)}
		if r.IntN(2) == 0 {
			nights = slices.Insert(nights, 1, oneNight(unanswered(r, was)))
		}
		result := compared(nights...).Results[0]
		want := naively(was, is)
		where := fmt.Sprintf("seed %d\n%s\n%s", seed, show(was), show(is))
		require.Equal(t, want.gained, named(result, bySemicolon, "gained-permission"), where)
		require.Equal(t, want.lost, named(result, bySemicolon, "lost-permission"), where)
		require.Equal(t, want.forgotten, named(result, bySemicolon, "facts-lost"), where)
		require.Equal(t, want.entries, named(result, byQuotes, "allowlist-widened"), where)
		require.Equal(t, want.appeared, named(result, byComma, "key-appeared"), where)
		require.Equal(t, want.vanished, named(result, byComma, "key-vanished"), where)
	}
}

func oneNight(s *access.Snapshot) *audit.Report {
	r := &audit.Result{Name: "bot", Exchange: s.Exchange, Snapshot: s}
	return audit.Collect(slices.Values([]*audit.Result{r.Rejudge(audit.SpotTrading(), now, nil)}), func() time.Time { return now })
}

// TestLessKnowledgeIsNoGain: who knows less than the previous run claims nothing but
// that, and never that all is as it was.
func TestLessKnowledgeIsNoGain(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 35))
		was := oneKey(r)
		for what, forget := range forgetting(was) {
			if strings.HasPrefix(what, "whether to believe") || strings.HasPrefix(what, "the entry of") {
				continue // these say more, or leave the rest to the exchange's words
			}
			is := clone(t, was)
			forget(is)
			result := compared(oneNight(was), oneNight(is)).Results[0]
			for _, rule := range []string{"gained-permission", "lost-permission", "allowlist-widened"} {
				require.NotEqual(t, audit.Failed, result.Finding(rule).Outcome, "seed %d: %s: %s", seed, what, result.Finding(rule).Message)
			}
			for c := range maps.Keys(map[access.Capability]bool{access.Withdraw: true, access.TradeSpot: true, "other:pay": true}) {
				before, after := naiveState(was, c), naiveState(is, c)
				if before == access.Denied && after == access.Unknown {
					require.Equal(t, audit.Undetermined, result.Finding("gained-permission").Outcome, "seed %d: %s", seed, what)
				}
				if before == access.Granted && after == access.Unknown {
					require.Equal(t, audit.Undetermined, result.Finding("lost-permission").Outcome, "seed %d: %s", seed, what)
				}
			}
		}
	}
}
