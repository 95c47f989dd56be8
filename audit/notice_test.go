package audit

import (
	"fmt"
	"reflect"
	"slices"
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
	case reflect.Slice:
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
