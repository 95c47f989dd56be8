package audit_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// anyFleet is keys of a few accounts that list one another, each right and
// allowlist known or not.
func anyFleet(r *rand.Rand) map[string]*access.Snapshot {
	facts := func(s *access.Snapshot) *access.Snapshot {
		for _, c := range []access.Capability{access.TransferInternal, access.Withdraw} {
			if state := access.State(r.IntN(3)); state != access.Unknown {
				s.Grants = append(s.Grants, access.Grant{Capability: c, State: state, Evidence: access.Reported})
			}
		}
		if state := pick(r, access.Unknown, access.Denied, access.Denied, access.Denied, access.Denied, access.Denied, access.Granted); state != access.Unknown {
			s.Grants = append(s.Grants, access.Grant{Capability: access.TransferExternal, State: state, Evidence: access.Reported})
		}
		s.IPAllowlist = pick(r, access.IPAllowlist{}, access.NewIPAllowlist(nil), access.NewIPAllowlist([]string{"8.8.8.8"}))
		return s
	}
	keys := map[string]*access.Snapshot{}
	for i := range 2 + r.IntN(5) {
		id := r.IntN(8)
		s := facts(&access.Snapshot{Inspection: access.Inspection{Exchange: "toy", Environment: "live", TakenAt: now, Requests: 1, Fingerprint: fmt.Sprintf("f%d", id), KeyID: fmt.Sprintf("id%d", id)}})
		s.Account.ID = pick(r, "", "", "…42", "1234…7890", "4321…0987")
		for other := range 8 {
			if other != id && r.IntN(5) == 0 {
				s.Siblings = append(s.Siblings, facts(&access.Snapshot{Inspection: access.Inspection{Fingerprint: fmt.Sprintf("f%d", other), KeyID: fmt.Sprintf("id%d", other)}}))
			}
		}
		if r.IntN(8) == 0 {
			*s = access.Snapshot{Inspection: access.Inspection{Exchange: "toy", Environment: "live", TakenAt: now, Fingerprint: s.Fingerprint, Failure: down}}
			if r.IntN(2) == 0 {
				s.Fingerprint = ""
			}
		}
		keys[fmt.Sprintf("k%d", i)] = s
	}
	return keys
}

// three is moving, withdrawing and working from everywhere, each known or not.
type three [3]access.State

func naiveThree(s *access.Snapshot) three {
	free := map[access.AllowlistState]access.State{access.AllowlistUnrestricted: access.Granted, access.AllowlistRestricted: access.Denied}
	out := naiveState(s, access.Withdraw)
	switch external := naiveState(s, access.TransferExternal); { // money leaves by that as well
	case external == access.Granted:
		out = access.Granted
	case external == access.Unknown && out == access.Denied:
		out = access.Unknown
	}
	return three{naiveState(s, access.TransferInternal), out, free[s.IPAllowlist.State]}
}

// naiveStronger is what stronger-sibling must say of a key, pair by pair.
func naiveStronger(keys map[string]*access.Snapshot, name string) audit.Outcome {
	s := keys[name]
	if s.Failure != nil { // that is what not-inspected asks
		return audit.NotApplicable
	}
	own := naiveThree(s)
	if own[1] == access.Granted {
		return audit.NotApplicable
	}
	lists := func(a, b *access.Snapshot) *access.Snapshot {
		i := slices.IndexFunc(a.Siblings, func(s *access.Snapshot) bool { return b.Fingerprint != "" && s.Fingerprint == b.Fingerprint })
		if i < 0 {
			return nil
		}
		return a.Siblings[i]
	}
	var others []three
	for _, sibling := range s.Siblings {
		all := naiveThree(sibling)
		for _, other := range keys { // an inspection of its own may show more, or worse
			if other.Fingerprint == sibling.Fingerprint {
				for i, state := range naiveThree(other) {
					all[i] = max(all[i], state)
				}
			}
		}
		others = append(others, all)
	}
	for _, other := range keys {
		same := len(s.Account.ID) > 8 && other.Account.ID == s.Account.ID
		if other != s && other.Fingerprint != s.Fingerprint && (same || lists(other, s) != nil) {
			others = append(others, naiveThree(other))
		}
	}
	out := audit.NotApplicable
	for _, other := range others {
		for _, all := range [][]access.State{{own[0], other[1]}, {3 - own[1], 3 - own[2], other[1], other[2]}} {
			for i, state := range all {
				if state == 3 { // the contrary of unknown
					all[i] = access.Unknown
				}
			}
			switch {
			case slices.Contains(all, access.Denied):
				if out == audit.NotApplicable {
					out = audit.Passed
				}
			case slices.Contains(all, access.Unknown):
				if out != audit.Failed {
					out = audit.Undetermined
				}
			default:
				out = audit.Failed
			}
		}
	}
	return out
}

// TestFleetAgainstPairs: what the rules say with indexes, they say pair by pair.
func TestFleetAgainstPairs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 36))
		keys := anyFleet(r)
		again := audit.Compare(nil, night(0, audit.ReadOnly(), keys), nil)
		unread := false
		audited := map[string][]string{}
		for name, s := range keys {
			unread = unread || s.Fingerprint == ""
			audited[s.Fingerprint] = append(audited[s.Fingerprint], name)
		}
		said := map[string]bool{}
		for _, result := range again.Results {
			s := keys[result.Name]
			where := fmt.Sprintf("seed %d, %s\n%s", seed, result.Name, show(keys))
			require.Equal(t, naiveStronger(keys, result.Name).String(), result.Finding("stronger-sibling").Outcome.String(), where)

			shared := result.Finding("shared-key")
			require.Equal(t, s.Fingerprint != "" && len(audited[s.Fingerprint]) > 1, shared.Outcome == audit.Failed, where)
			for _, name := range audited[s.Fingerprint] {
				require.Equal(t, name != result.Name && shared.Outcome == audit.Failed, strings.Contains(shared.Message, `"`+name+`"`), where)
			}

			unlisted := result.Finding("unlisted-key")
			for _, sibling := range s.Siblings {
				mine := len(audited[sibling.Fingerprint]) == 0 && !said[sibling.Fingerprint]
				require.Equal(t, mine, strings.Contains(unlisted.Message, sibling.KeyID), "%s: %s", where, unlisted.Message)
				said[sibling.Fingerprint] = true
				if mine {
					require.Equal(t, unread, unlisted.Outcome == audit.Undetermined, where)
					require.Equal(t, !unread, unlisted.Outcome == audit.Failed, where)
				}
			}
		}
	}
}

// TestSharedKeyNamesTheFile: two bots may use one name.
func TestSharedKeyNamesTheFile(t *testing.T) {
	t.Parallel()
	report := reportOf(0, entry{"bot", "toy", "live", "f1", nil}, entry{"bot", "toy", "live", "f1", nil})
	report.Results[1].Record.Source.File = "/srv/b/config.json"
	f := audit.Compare(nil, report, nil).Results[0].Finding("shared-key")
	assert.Equal(t, `The same key is also listed as "bot" (Toy live) in "/srv/b/config.json"`, f.Message)
}

// TestManyKeysAreCounted: a sentence names ten and no more.
func TestManyKeysAreCounted(t *testing.T) {
	t.Parallel()
	keys := map[string]*access.Snapshot{}
	for i := range 14 {
		keys[fmt.Sprintf("k%02d", i)] = &access.Snapshot{
			Inspection: access.Inspection{
				Exchange:    "toy",
				Environment: "live",
				TakenAt:     now,
				Requests:    1,
				Fingerprint: fmt.Sprintf("f%d", i),
			},
			Answer: access.Answer{
				Account:     access.Account{ID: "1234…7890"},
				Grants:      []access.Grant{{Capability: access.Withdraw, State: access.StateOf(i > 0), Evidence: access.Reported}, {Capability: access.TransferInternal, State: access.Granted, Evidence: access.Reported}},
				IPAllowlist: access.NewIPAllowlist(nil),
			},
		}
	}
	message := audit.Compare(nil, night(0, audit.ReadOnly(), keys), nil).Results[0].Finding("stronger-sibling").Message
	assert.Contains(t, message, `"k10" (Toy live) and others can withdraw them`)
	assert.NotContains(t, message, "k11")
}

// FuzzCompare: stored reports that can be read can be compared, whatever is
// missing in them, and with themselves they have nothing to report.
func FuzzCompare(f *testing.F) {
	for seed := range uint64(3) {
		before, after := oneNight(oneKey(rand.New(rand.NewPCG(seed, 37)))), oneNight(oneKey(rand.New(rand.NewPCG(seed, 38))))
		after.Results[0].Findings = nil
		f.Add([]byte(show(before.Results[0])), []byte(show(after)))
	}
	f.Add([]byte(`{"results":[null,{},{"snapshot":{"siblings":[null,{}]}},{"last":{"siblings":[null]}}]}`), []byte(`{"results":[{"snapshot":{"failure":{}},"last":{}}]}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var before, after audit.Report
		if json.Unmarshal(first, &before) != nil || json.Unmarshal(second, &after) != nil || len(before.Results)+len(after.Results) > 20 {
			return
		}
		again := audit.Compare(&before, &after, nil)
		if text, err := json.Marshal(again); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if changes := drifted(audit.Compare(again, again, nil)); len(changes) > 0 {
			t.Fatal(changes)
		}
		for _, r := range again.Results {
			if n := len(r.Headlines()); n < 1 || n > 3 {
				t.Fatalf("%d headlines", n)
			}
		}
	})
}

// TestOneLookAtTheKeyList: an attestation for one key of an account answers for all,
// whichever comes first.
func TestOneLookAtTheKeyList(t *testing.T) {
	t.Parallel()
	for _, looked := range []string{"a", "b"} {
		report := &audit.Report{Finished: now}
		for _, name := range []string{"a", "b"} {
			s := harmless()
			s.Requests, s.Exchange, s.Fingerprint, s.Account.ID, s.TakenAt = 1, "toy", "f"+name, "1234…7890", now
			r := &audit.Result{Name: name, Exchange: "toy", Snapshot: s, JudgedBy: audit.ReadOnly()}
			if name == looked {
				r.JudgedBy = attesting(r.JudgedBy, "unlisted-key")
			}
			report.Results = append(report.Results, r)
		}
		for _, r := range audit.Compare(nil, report, nil).Results {
			f := r.Finding(audit.RuleUnlistedKey)
			assert.Equal(t, map[bool]audit.Outcome{true: audit.Passed, false: audit.NotApplicable}[r.Name == looked], f.Outcome, "%s of %s: %s", r.Name, looked, f.Message)
			assert.NotContains(t, r.Finding(audit.RuleAttestation).Message, "not used")
		}
	}
}
