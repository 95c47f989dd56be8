package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func full() *audit.Snapshot {
	return &audit.Snapshot{
		Schema: audit.SnapshotSchema, Exchange: "toy", Environment: "live", Test: true, TakenAt: now, KeyID: "toyK…cdef", KeyKind: audit.RSAKey,
		Label: "bot", Account: audit.Account{ID: "…42", Kind: audit.SubAccount}, KeyState: audit.KeyActive,
		Grants: []audit.Grant{{
			Capability: audit.Withdraw, State: audit.Granted, Evidence: audit.Told, Names: []string{"Wallet"}, Qualifier: "to saved addresses", Implies: []string{"more"},
		}},
		Permissions: []string{"Wallet"}, Unmapped: []string{"New"},
		IPAllowlist: audit.NewIPAllowlist([]string{"198.51.100.20", "2001:db8::/64", "203.**.154"}),
		Created:     now, Changed: now, LastUsed: now, Expires: now, NeverExpires: true, ExpiryOffered: true,
		Deadlines: []audit.Deadline{{What: "ends", At: now}, {What: "some day"}}, Clock: audit.Clock{Known: true, Offset: time.Second, Window: time.Minute},
		Insecure: []string{"plain http"}, Siblings: []*audit.Snapshot{{KeyID: "…99"}}, Contradictions: []string{"yes and no"},
		Facts: []audit.Fact{{Name: "vip", Value: "0"}}, Notes: []string{"a note"}, Requests: 2,
		Failure: &audit.Error{
			Exchange: "Toy", Operation: "GET /key", Kind: audit.KindAmbiguous, Candidates: []audit.Kind{audit.KindBadKey}, Status: 401, Code: "-2015",
			Message: "no", Address: addr("203.0.113.7"), RetryAfter: time.Second,
		},
	}
}

func TestSnapshotInJSON(t *testing.T) {
	t.Parallel()
	s := full()
	assert.Equal(t, s, clone(t, s), "every field comes back")
	text, err := json.Marshal(s)
	require.NoError(t, err)
	for _, word := range []string{`"state":"granted"`, `"evidence":"told"`, `"key_state":"active"`, `"kind":"sub"`, `"key_kind":"rsa"`, `"2026-11-22T12:00:00Z"`, `"prefix":"198.51.100.20/32"`, `"address":"203.0.113.7"`} {
		assert.Contains(t, string(text), word, "words and no numbers stand in a stored snapshot")
	}
	text, err = json.Marshal(audit.Snapshot{})
	require.NoError(t, err)
	for _, name := range []string{"created", "changed", "expires", "last_used", "prefix", "failure"} {
		assert.NotContains(t, string(text), `"`+name+`"`, "what was not told does not stand there as a time")
	}
}

// FuzzSnapshot: what can be read can be written, and is then the same.
func FuzzSnapshot(f *testing.F) {
	text, err := json.Marshal(full())
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"grants":null,"siblings":[null],"failure":{"retry_after":-1}}`))
	f.Add([]byte(`{"ip_allowlist":{"entries":[{"text":"x","prefix":"::ffff:1.2.3.4/100"}]}}`))
	f.Add([]byte(`{"taken_at":"0000-01-01T00:00:00+23:59","clock":{"offset":-9223372036854775808}}`))
	files, err := filepath.Glob("testdata/rules/k*.json")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		var cases []struct {
			Snapshot json.RawMessage `json:"snapshot"`
		}
		require.NoError(f, json.Unmarshal(text, &cases))
		f.Add([]byte(cases[0].Snapshot))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var first, second audit.Snapshot
		if json.Unmarshal(text, &first) != nil {
			return
		}
		once, err := json.Marshal(&first)
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		if err := json.Unmarshal(once, &second); err != nil {
			t.Fatalf("written but not read: %v\n%s", err, once)
		}
		twice, err := json.Marshal(&second)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
		for i, f := range audit.Judge(&first, audit.SpotTrading(), now, nil) {
			if g := audit.Judge(&second, audit.SpotTrading(), now, nil)[i]; f != g {
				t.Fatalf("%+v\n%+v", f, g)
			}
		}
	})
}

func TestArbitrarySnapshotsInJSON(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		s := arbitrary(rand.New(rand.NewPCG(seed, 24)))
		assert.Equal(t, show(s), show(clone(t, s)))
	}
}

// finding is an adapter that sends one request and finds what it is told to.
func finding(s *audit.Snapshot) func(context.Context, *audit.Session) (*audit.Snapshot, error) {
	return func(ctx context.Context, session *audit.Session) (*audit.Snapshot, error) {
		_, err := session.Do(ctx, audit.Request{Method: http.MethodGet, Path: "/key"})
		return s, err
	}
}

// TestWhatAnAdapterFindsIsPutInOrder: one canonical form, masked and without
// control characters, whatever an adapter returns.
func TestWhatAnAdapterFindsIsPutInOrder(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("", 3600)
	nasty := "a\x1b[31m\u202eb " + toySecret
	key := toyKey(func(k *audit.Key) {
		k.Exchange = toyExchange(func(e *audit.Exchange) {
			e.Coverage = audit.Coverage{Confirmed: "made up", Absent: []audit.Capability{audit.APIKeyManage, audit.Withdraw, audit.Read}}
			e.Inspect = finding(&audit.Snapshot{
				Label: nasty, Account: audit.Account{ID: "1234567890123456" + nasty},
				Grants: []audit.Grant{
					{Capability: "other:b", State: audit.Granted, Names: []string{"z", "a", nasty}, Qualifier: nasty},
					{Capability: "other:a"},
					{Capability: audit.Withdraw, State: audit.Granted, Evidence: audit.Told},
					{Capability: audit.Read, Evidence: audit.Inferred, State: audit.Granted},
				},
				Permissions: []string{"b", "a", "b", nasty}, Unmapped: []string{"y", "x", "y"},
				IPAllowlist: audit.IPAllowlist{Vendor: nasty, Entries: []audit.AllowlistEntry{{Text: nasty}}},
				Created:     now.In(berlin), Expires: now.In(berlin), Changed: now.In(berlin), LastUsed: now.In(berlin),
				Deadlines: []audit.Deadline{{What: nasty, At: now.In(berlin)}}, Facts: []audit.Fact{{Name: nasty, Value: nasty}},
				Contradictions: []string{nasty}, Notes: []string{nasty}, Siblings: []*audit.Snapshot{{Label: nasty}},
			})
		})
	})
	s, _ := inspectToy(t, key, via(func(*http.Request) (*http.Response, error) { return reply(http.StatusOK, "{}"), nil }))
	require.Nil(t, s.Failure)
	text := show(s)
	assert.NotContains(t, text, toySecret)
	for _, r := range text {
		assert.False(t, r != '\n' && (r < ' ' || r == '\u202e'), "%q", r)
	}
	assert.NotContains(t, text, `\u001b`)
	var order []audit.Capability
	for _, g := range s.Grants {
		order = append(order, g.Capability)
	}
	assert.Equal(t, []audit.Capability{audit.Read, audit.Withdraw, audit.APIKeyManage, "other:a", "other:b"}, order)
	assert.Equal(t, audit.Grant{Capability: audit.APIKeyManage, State: audit.Denied, Evidence: audit.Documented}, s.Grant(audit.APIKeyManage))
	assert.Equal(t, audit.Granted, s.Grant(audit.Withdraw).State, "what the venue tells counts for more than its documentation")
	assert.Equal(t, []string{"x", "y"}, s.Unmapped)
	assert.Equal(t, []string{"a", "a [31m b [redacted]", "b"}, s.Permissions)
	assert.Equal(t, audit.KeyActive, s.KeyState, "it was just used")
	for _, at := range []time.Time{s.Created, s.Changed, s.LastUsed, s.Expires, s.TakenAt, s.Deadlines[0].At} {
		assert.Equal(t, time.UTC, at.Location())
	}
}
