package store

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// samples are results of inspections of fakes of all exchanges, several keys each.
func samples(tb testing.TB, keysEach int) []*audit.Result {
	tb.Helper()
	results, _ := samplesAndSecrets(tb, keysEach)
	return results
}

// samplesAndSecrets also gives the parts of the keys that nobody may read.
func samplesAndSecrets(tb testing.TB, keysEach int) (results []*audit.Result, secrets []string) {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var keys []audit.Key
	for k := range keysEach {
		for i, fake := range exchangetest.All() {
			fake.SetCaller(netip.MustParseAddr("198.51.100.20"))
			fake.SetAccount(k)
			exchange, _ := exchanges.Lookup(fake.Name())
			spec := exchangetest.Spec{IPs: []string{"198.51.100.20"}, Created: noon.AddDate(0, 0, -20), SubAccount: r.IntN(2) == 0}
			for _, right := range fake.Rights() {
				if r.IntN(2) == 0 && len(spec.Permissions) < 3 {
					spec.Permissions = append(spec.Permissions, right.Name)
				}
			}
			c := fake.Issue(spec)
			for _, part := range []string{c.Key, c.Secret.Reveal(), c.Passphrase.Reveal()} {
				if len(part) > 8 {
					secrets = append(secrets, part)
				}
			}
			keys = append(keys, audit.Key{
				Name: fmt.Sprintf("bot-%03d-%02d", i, k), Exchange: exchange, Policy: audit.Trading(), Credentials: c, Transport: fake,
				Egress: fmt.Sprint("exit-", k), Record: audit.Record{Owner: "desk", Source: audit.Source{Format: audit.FormatInventory, File: "keys.yaml", Line: len(keys) + 2}},
			})
		}
	}
	opts := &audit.Options{Clock: func() time.Time { return noon }, Attempts: 1}
	out := slices.Collect(audit.Run(tb.Context(), slices.Values(keys), opts))
	slices.SortFunc(out, func(a, b *audit.Result) int { return strings.Compare(a.Name, b.Name) })
	return out, secrets
}

// TestDictionary: the dictionary is the beginning of a body of each exchange, and makes
// bodies of other keys small. UPDATE_DICTIONARY=1 writes it, for a new coding only: one
// that was shipped is what bodies are read with.
func TestDictionary(t *testing.T) {
	t.Parallel()
	bytes, n := 0, 0
	var text strings.Builder
	results := samples(t, 2)
	p := newPacker()
	for i, r := range results {
		var e encoder
		b, _ := e.bodyOf(r.Snapshot, r.Exchange)
		require.NoError(t, e.err)
		if i%2 == 0 {
			text.Write(b.text[:min(len(b.text), 690)])
			continue
		}
		packed := slices.Clone(p.pack(b.text))
		bytes, n = bytes+len(packed), n+1
		back, err := p.unpack(coding, packed)
		require.NoError(t, err)
		require.Equal(t, string(b.text), string(back))
	}
	if os.Getenv("UPDATE_DICTIONARY") != "" {
		require.NoError(t, os.WriteFile("dictionary1.txt", []byte(text.String()), 0o644))
		return
	}
	assert.Less(t, len(dictionary), 1<<15, "more is never used")
	assert.Equal(t, "7b7395838907a59b3c38b5cf69f7ffb59fbbf0e5eb24ce003c06ab8895c467d1", fmt.Sprintf("%x", sha256.Sum256(dictionary)), "a dictionary that was shipped stays as it is")
	assert.Less(t, bytes/n, 300, "bytes per snapshot")
	t.Log(bytes/n, "bytes per snapshot,", len(dictionary), "of dictionary")
}

// TestUnpackBounds: a body of another coding, one that is too large and one that is none
// are refused.
func TestUnpackBounds(t *testing.T) {
	t.Parallel()
	p := newPacker()
	bomb := slices.Clone(p.pack(make([]byte, mostOfBody+1)))
	_, err := p.unpack(coding, bomb)
	require.ErrorIs(t, err, ErrDamaged)
	_, err = p.unpack(coding, append(slices.Clone(p.pack([]byte("body"))), 0))
	require.ErrorIs(t, err, ErrDamaged)
	_, err = p.unpack(coding, []byte("none"))
	require.ErrorIs(t, err, ErrDamaged)
	_, err = p.unpack(coding+1, bomb)
	require.ErrorIs(t, err, ErrNewer)
}

// anyRun is results of a few owners' keys, among them duplicates, keys without an
// answer or that were never read, and masked siblings.
func anyRun(r *rand.Rand, at time.Time) []*audit.Result {
	var out []*audit.Result
	for owner := range 1 + r.IntN(4) {
		exchange := fmt.Sprint("toy", r.IntN(3))
		for range 1 + r.IntN(5) {
			next := anyResult(r, at, exchange, owner)
			if !slices.ContainsFunc(out, func(x *audit.Result) bool { return x.Name == next.Name && x.Snapshot.KeyID == next.Snapshot.KeyID }) { // two that are alike in all have no order
				out = append(out, next)
			}
		}
	}
	return out
}

func one[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func anyResult(r *rand.Rand, at time.Time, exchange string, owner int) *audit.Result {
	key := r.IntN(6)
	s := anySnapshot(r, at, owner, key)
	s.Exchange, s.Environment, s.TakenAt, s.Requests = exchange, one(r, "live", "live", "test"), at.Add(time.Duration(r.IntN(1e9))), r.IntN(3)
	s.Clock = access.Clock{Known: true, Offset: one(r, 0, -2*time.Second), Window: time.Minute}
	s.Account.ID = one(r, "", fmt.Sprintf("12%d4…5678", owner))
	for range r.IntN(4) {
		other := anySnapshot(r, at, owner, (key+1+r.IntN(7))%8)
		other.TakenAt = one(r, s.TakenAt, time.Time{})
		if r.IntN(5) == 0 {
			other.Fingerprint, other.KeyID = "", one(r, other.KeyID, "k…", "")
		}
		s.Siblings = append(s.Siblings, other)
	}
	if r.IntN(4) == 0 {
		s.Failure = &access.Error{Kind: one(r, access.KindUnavailable, access.KindInput, access.KindIPNotAllowed, access.KindBadKey)}
		s.Grants, s.Siblings, s.Unmapped, s.Account = nil, nil, nil, access.Account{}
		if s.Failure.Kind == access.KindInput {
			s.Fingerprint, s.KeyID, s.Exchange, s.Environment = "", "", one(r, "", s.Exchange), one(r, "", "live")
		}
	}
	policy := one(r, audit.ReadOnly(), audit.Trading(), audit.Treasury())
	if r.IntN(3) == 0 {
		policy.Waivers = []audit.Waiver{{Rule: one(r, "unlisted-key", "ip-allowlist", "shared-key", "not-inspected"), Reason: "known", Until: at.AddDate(0, 1, 0)}}
	}
	result := &audit.Result{Name: fmt.Sprintf("%c-%d", 'a'+r.IntN(6), owner), Exchange: one(r, exchange, s.Exchange), Title: "Toy", Snapshot: s}
	if r.IntN(4) == 0 {
		result.Record.Replaces = fmt.Sprintf("%c-%d", 'a'+r.IntN(6), owner)
	}
	result = result.Rejudge(policy, at, nil)
	result.Findings = nil // as the program has it
	return result
}

func anySnapshot(r *rand.Rand, at time.Time, owner, key int) *access.Snapshot {
	s := &access.Snapshot{Inspection: access.Inspection{Schema: access.SnapshotSchema, KeyID: fmt.Sprintf("ky%d%d…%04d", owner, key, 100*owner+key), Fingerprint: fmt.Sprintf("%08d%08d", owner, key)}}
	for _, c := range access.Capabilities() {
		if state := one(r, access.Unknown, access.Denied, access.Denied, access.Granted); state != access.Unknown {
			s.Grants = append(s.Grants, access.Grant{Capability: c, State: state, Evidence: access.Reported, Names: []string{string(c)}})
		}
	}
	if r.IntN(6) == 0 {
		s.Unmapped = []string{one(r, "Quotes", "PayOut", "Copy")}
	}
	s.IPAllowlist = access.NewIPAllowlist(one(r, nil, []string{"8.8.8.8"}, []string{"8.8.8.8", "9.9.9.9"}))
	s.Created = one(r, time.Time{}, at.AddDate(0, 0, -30))
	s.LastUsed = one(r, time.Time{}, at.Add(-time.Hour))
	return s
}
