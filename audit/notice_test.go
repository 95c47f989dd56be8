package audit

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// byThemselves are facts that change without anybody changing the key. Every other
// fact of a snapshot is one that Watch calls back for.
var byThemselves = map[string]string{
	"TakenAt": "every audit has its own time", "FirstSeen": "is about reports, not about the key", "LastUsed": "an audit uses the key too",
	"Clock": "clocks drift; the rule about it notices", "Requests": "a retry sends more", "Failure.Message": "words of the exchange, often with a time in them",
	"Failure.Exchange": "is the exchange's title", "Failure.Operation": "which request failed is no fact about the key", "Failure.Status": "the kind says what it means",
	"Failure.Code": "the kind says what it means", "Failure.RetryAfter": "counts down",
	"Failure.Environments": "the exchange's others are not about the key",
}

// TestWatchNoticesEveryFact walks the snapshot's fields: a new one that is neither
// noticed nor listed fails here.
func TestWatchNoticesEveryFact(t *testing.T) {
	t.Parallel()
	filled := func() *access.Snapshot {
		s := &access.Snapshot{}
		fillFacts(reflect.ValueOf(s).Elem(), 0)
		return s
	}
	seen := 0
	walkFacts(reflect.ValueOf(filled()).Elem(), "", func(path string, index []int) {
		seen++
		a, b := filled(), filled()
		differ(reflect.ValueOf(b).Elem().FieldByIndex(index))
		_, ignored := byThemselves[path]
		same := sameResult(&Result{Snapshot: a}, &Result{Snapshot: b})
		assert.Equal(t, ignored, same, path)
	})
	assert.Greater(t, seen, 30)
	a, b := filled(), filled()
	b.Failure.Kind++
	assert.False(t, sameResult(&Result{Snapshot: a}, &Result{Snapshot: b}))
	b = filled()
	b.Siblings[0].Grants[0].State++
	assert.False(t, sameResult(&Result{Snapshot: a}, &Result{Snapshot: b}), "a sibling's rights")
	b = filled()
	b.Siblings[0].LastUsed = time.Unix(5, 0)
	assert.True(t, sameResult(&Result{Snapshot: a}, &Result{Snapshot: b}), "a sibling's last use")
	b = filled()
	b.IPAllowlist.Entries = slices.Clone(b.IPAllowlist.Entries)
	b.IPAllowlist.Entries[0].Text = "another"
	assert.False(t, sameResult(&Result{Snapshot: a}, &Result{Snapshot: b}), "an entry of the allowlist")
}

// notCompared are facts whose change Compare need not speak of, each with the reason.
var notCompared = map[string]string{
	"Schema": "the form", "Exchange": "another exchange is another key", "Environment": "likewise", "Test": "is the environment's", "Site": "likewise",
	"TakenAt": "every audit has its own time", "FirstSeen": "is about reports, not about the key", "LastUsed": "an audit uses the key too",
	"KeyID": "the fingerprint says whether it is another key", "KeyKind": "another kind is another key", "KeyBits": "likewise",
	"KeyKinds": "is about the exchange", "Storage": "the rules about it judge what is now", "Search": "likewise", "Egress": "the owner's own name",
	"Lists": "is about the exchange", "ListsPart": "unlisted-key judges what is now", "Unscoped": "likewise", "Probe": "ip-allowlist-negative judges what is now", "Verified": "insecure-transport judges what is now", "Clock": "clocks drift", "Requests": "a retry sends more",
	"Label": "the owner's own name", "Retired": "weak-key fails once it is reported", "Wallet": "wallet-key fails once it is the main one", "Permissions": "the grants are compared", "NeverExpires": "is compared with Expires", "ExpiryOffered": "is about the exchange",
	"Facts": "words for people, which no rule reads", "Notes": "words for people",
}

// TestCompareNoticesEveryFact walks the snapshot's fields: a change in each is new, or
// the field is listed.
func TestCompareNoticesEveryFact(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	filled := func() *access.Snapshot {
		s := &access.Snapshot{}
		fillFacts(reflect.ValueOf(s).Elem(), 0)
		s.Failure, s.TakenAt, s.Requests = nil, at, 1
		s.Grants = []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Reported}}
		s.IPAllowlist = access.NewIPAllowlist([]string{"8.8.8.8"})
		s.Siblings[0].Fingerprint, s.Siblings[0].Failure = "another", nil
		s.PairAllowlist = access.PairAllowlist{Offered: true, Reported: true, Pairs: []string{"BTC-USDT"}}
		s.Expires, s.Changed, s.Created = at.AddDate(1, 0, 0), at.AddDate(0, -1, 0), at.AddDate(0, -1, 0)
		return s
	}
	changes := map[string]func(*access.Snapshot){
		"Fingerprint": func(s *access.Snapshot) { s.Fingerprint = "of another key" },
		"Grants": func(s *access.Snapshot) {
			s.Grants = append(s.Grants, access.Grant{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported})
		},
		"IPAllowlist":    func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist([]string{"8.8.8.8", "9.9.9.9"}) },
		"PairAllowlist":  func(s *access.Snapshot) { s.PairAllowlist.Pairs = nil },
		"Account":        func(s *access.Snapshot) { s.Account.Alarms = append(s.Account.Alarms, "withdrawals_blocked") },
		"Contradictions": func(s *access.Snapshot) { s.Contradictions = append(s.Contradictions, "this and that") },
		"Deadlines":      func(s *access.Snapshot) { s.Deadlines = append(s.Deadlines, access.Deadline{What: "the key ends"}) },
		"Expires":        func(s *access.Snapshot) { s.Expires = at.AddDate(2, 0, 0) },
		"Changed":        func(s *access.Snapshot) { s.Changed = at.AddDate(0, 0, -1) },
		"Created":        func(s *access.Snapshot) { s.Created = at.AddDate(0, 0, -2) },
		"KeyState":       func(s *access.Snapshot) { s.KeyState = access.KeyActive },
		"Siblings": func(s *access.Snapshot) {
			s.Siblings[0].Grants = append(s.Siblings[0].Grants, access.Grant{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported})
		},
		"Unmapped": func(s *access.Snapshot) { s.Unmapped = append(s.Unmapped, "fly") },
		"Insecure": func(s *access.Snapshot) { s.Insecure = append(s.Insecure, "plain http") },
	}
	report := func(s *access.Snapshot) *Report {
		return &Report{Results: []*Result{{Name: "bot", Exchange: "text", Snapshot: s}}}
	}
	assert.False(t, Compare(report(filled()), report(filled()), nil).Changed(), "nothing changed")
	walkFacts(reflect.ValueOf(filled()).Elem(), "", func(path string, _ []int) {
		change, compared := changes[path]
		_, ignored := notCompared[path]
		if strings.HasPrefix(path, "Failure.") {
			return // a key that could not be inspected: see facts-lost
		}
		assert.NotEqual(t, ignored, compared, "%s is compared, or listed with the reason why not", path)
		if compared {
			s := filled()
			change(s)
			assert.True(t, Compare(report(filled()), report(s), nil).Changed(), path)
		}
	})
}

// walkFacts visits the fields of a snapshot, those of embedded structs as its own and
// those of a failure by themselves.
func walkFacts(v reflect.Value, prefix string, visit func(path string, index []int)) {
	for _, field := range reflect.VisibleFields(v.Type()) {
		if field.Anonymous || !field.IsExported() {
			continue
		}
		if field.Name == "Failure" {
			for _, inner := range reflect.VisibleFields(field.Type.Elem()) {
				if inner.IsExported() {
					visit("Failure."+inner.Name, append(slices.Clone(field.Index), inner.Index...))
				}
			}
			continue
		}
		visit(prefix+field.Name, field.Index)
	}
}

// fillFacts sets everything to something, the same each time.
func fillFacts(v reflect.Value, depth int) {
	if _, ok := v.Interface().(time.Time); ok {
		v.Set(reflect.ValueOf(time.Unix(1, 0).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillFacts(v.Field(i), depth)
			}
		}
	case reflect.Slice:
		if depth < 3 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fillFacts(v.Index(0), depth+1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillFacts(v.Elem(), depth+1)
	case reflect.String:
		v.SetString("text")
	default:
	}
}

// differ makes a value another one.
func differ(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("other")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(v.Uint() + 1)
	case reflect.Slice, reflect.Pointer:
		v.Set(reflect.Zero(v.Type()))
	case reflect.Struct:
		if _, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(time.Unix(2, 0).UTC()))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				differ(v.Field(i))
				return
			}
		}
		v.Set(reflect.ValueOf(other(v)))
	default:
		panic(fmt.Sprint("a fact of an unforeseen kind: ", v.Kind()))
	}
}

// other is another value of a type that hides its fields.
func other(v reflect.Value) any {
	switch v.Interface().(type) {
	case interface{ IsLoopback() bool }:
		return access.NewIPAllowlist([]string{"198.51.100.7"}).Entries[0].Prefix.Addr()
	default:
		panic(fmt.Sprint("a fact of an unforeseen type: ", v.Type()))
	}
}
