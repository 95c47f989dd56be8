package main

import (
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// shared lets the results of a run have in common what is equal: the rights and
// notes of keys with the same permissions, and the keys of an account. An exchange
// that lists an account's keys lists all of them with every key: without sharing,
// those of an account of a hundred keys would be stored ten thousand times.
type shared struct {
	siblings map[string]*access.Snapshot
	grants   map[string][]access.Grant
	notes    map[string][]string
}

func newShared() *shared {
	return &shared{map[string]*access.Snapshot{}, map[string][]access.Grant{}, map[string][]string{}}
}

// of are results that share what is equal.
func (s *shared) of(results iter.Seq[*audit.Result]) iter.Seq[*audit.Result] {
	return func(yield func(*audit.Result) bool) {
		for r := range results {
			s.share(r.Snapshot)
			if !yield(r) {
				return
			}
		}
	}
}

// share replaces parts of a snapshot by equal ones of an earlier result. Nothing
// changes them after that.
func (s *shared) share(found *access.Snapshot) {
	exchange := found.Exchange + "\x00" + found.Environment + "\x00"
	rights := exchange + strings.Join(found.Permissions, "\x00")
	if known, ok := s.grants[rights]; ok && reflect.DeepEqual(known, found.Grants) {
		found.Grants = known
	} else {
		s.grants[rights] = found.Grants
	}
	if known, ok := s.notes[rights]; ok && slices.Equal(known, found.Notes) {
		found.Notes = known
	} else {
		s.notes[rights] = found.Notes
	}
	for i, sibling := range found.Siblings {
		id := exchange + sibling.KeyID + "\x00" + sibling.Fingerprint
		if known := s.siblings[id]; known != nil && equal(known, sibling) {
			found.Siblings[i] = known
		} else {
			s.siblings[id] = sibling
		}
	}
}

// equal reports whether two snapshots have the same facts, whenever they were
// taken.
func equal(a, b *access.Snapshot) bool {
	x, y := *a, *b
	x.TakenAt, y.TakenAt = time.Time{}, time.Time{}
	return reflect.DeepEqual(&x, &y)
}
