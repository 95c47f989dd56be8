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
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

func full() *access.Snapshot {
	return &access.Snapshot{
		Inspection: access.Inspection{
			Schema:      access.SnapshotSchema,
			Exchange:    "toy",
			Environment: "live",
			Test:        true,
			TakenAt:     now,
			KeyID:       "toyK…cdef",
			KeyKind:     access.RSAKey,
			Clock:       access.Clock{Known: true, Offset: time.Second, Window: time.Minute},
			Insecure:    []string{"plain http"},
			Requests:    2,
			Failure: &access.Error{
				Exchange: "Toy", Operation: "GET /key", Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBadKey}, Status: 401, Code: "-2015",
				Message: "no", Address: addr("203.0.113.7"), RetryAfter: time.Second,
			},
		},
		Answer: access.Answer{
			Label:    "bot",
			Account:  access.Account{ID: "…42", Kind: access.SubAccount},
			KeyState: access.KeyActive,
			Grants: []access.Grant{{
				Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported, Names: []string{"Wallet"}, Qualifier: "to saved addresses", Implies: []string{"more"},
			}},
			Permissions:    []string{"Wallet"},
			Unmapped:       []string{"New"},
			IPAllowlist:    access.NewIPAllowlist([]string{"198.51.100.20", "2001:db8::/64", "203.**.154"}),
			Created:        now,
			Changed:        now,
			LastUsed:       now,
			Expires:        now,
			NeverExpires:   true,
			ExpiryOffered:  true,
			Deadlines:      []access.Deadline{{What: "ends", At: now}, {What: "some day"}},
			Siblings:       []*access.Snapshot{{Inspection: access.Inspection{KeyID: "…99"}}},
			Contradictions: []string{"yes and no"},
			Facts:          []access.Fact{{Name: "vip", Value: "0"}},
			Notes:          []string{"a note"},
		},
	}
}

func TestSnapshotInJSON(t *testing.T) {
	t.Parallel()
	s := full()
	assert.Equal(t, s, clone(t, s), "every field comes back")
	text, err := json.Marshal(s)
	require.NoError(t, err)
	for _, word := range []string{`"state":"granted"`, `"evidence":"reported"`, `"key_state":"active"`, `"kind":"sub"`, `"key_kind":"rsa"`, `"2026-11-22T12:00:00Z"`, `"prefix":"198.51.100.20/32"`, `"address":"203.0.113.7"`} {
		assert.Contains(t, string(text), word, "words and no numbers are in a stored snapshot")
	}
	text, err = json.Marshal(access.Snapshot{})
	require.NoError(t, err)
	for _, name := range []string{"created", "changed", "expires", "last_used", "prefix", "failure"} {
		assert.NotContains(t, string(text), `"`+name+`"`, "what was not reported is not stored as a time")
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
		var first, second access.Snapshot
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

// finding is an adapter that sends one request and finds what it is given.
func finding(s *access.Snapshot) func(context.Context, *adapter.Session) (*access.Snapshot, error) {
	return func(ctx context.Context, session *adapter.Session) (*access.Snapshot, error) {
		_, err := session.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/key"})
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
		k.Exchange = toyExchange(func(e *adapter.Exchange) {
			e.Coverage = adapter.Coverage{Confirmed: "made up", Absent: []access.Capability{access.APIKeyManage, access.Withdraw, access.Read}}
			e.Inspect = finding(&access.Snapshot{
				Answer: access.Answer{
					Label:   nasty,
					Account: access.Account{ID: "1234567890123456" + nasty},
					Grants: []access.Grant{
						{Capability: "other:b", State: access.Granted, Names: []string{"z", "a", nasty}, Qualifier: nasty},
						{Capability: "other:a"},
						{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported},
						{Capability: access.Read, Evidence: access.Inferred, State: access.Granted},
					},
					Permissions:    []string{"b", "a", "b", nasty},
					Unmapped:       []string{"y", "x", "y"},
					IPAllowlist:    access.IPAllowlist{Vendor: nasty, Entries: []access.AllowlistEntry{{Text: nasty}}},
					Created:        now.In(berlin),
					Expires:        now.In(berlin),
					Changed:        now.In(berlin),
					LastUsed:       now.In(berlin),
					Deadlines:      []access.Deadline{{What: nasty, At: now.In(berlin)}},
					Facts:          []access.Fact{{Name: nasty, Value: nasty}},
					Contradictions: []string{nasty},
					Notes:          []string{nasty},
					Siblings:       []*access.Snapshot{{Answer: access.Answer{Label: nasty}}},
				},
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
	var order []access.Capability
	for _, g := range s.Grants {
		order = append(order, g.Capability)
	}
	assert.Equal(t, []access.Capability{access.Read, access.Withdraw, access.APIKeyManage, "other:a", "other:b"}, order)
	assert.Equal(t, access.Grant{Capability: access.APIKeyManage, State: access.Denied, Evidence: access.Documented}, s.Grant(access.APIKeyManage))
	assert.Equal(t, access.Granted, s.Grant(access.Withdraw).State, "what the exchange reports counts for more than its documentation")
	assert.Equal(t, []string{"x", "y"}, s.Unmapped)
	assert.Equal(t, []string{"a", "a [31m b [redacted]", "b"}, s.Permissions)
	assert.Equal(t, access.KeyActive, s.KeyState, "it was just used")
	for _, at := range []time.Time{s.Created, s.Changed, s.LastUsed, s.Expires, s.TakenAt, s.Deadlines[0].At} {
		assert.Equal(t, time.UTC, at.Location())
	}
}
