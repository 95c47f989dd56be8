package audit

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// mostShared bounds what a run remembers in order to share it.
const mostShared = 1 << 14

// shared lets the results of a run have in common what is equal: the rights and
// notes of keys with the same permissions, and what exchanges list again with every key of
// an account, or an account of a hundred keys would be kept a hundred times. The
// zero value is ready.
type shared struct {
	mu       sync.Mutex
	siblings map[string]*access.Snapshot
	grants   map[string][]access.Grant
	notes    map[string][]string
}

// among replaces parts of a snapshot by equal ones of an earlier one. Nobody may
// change them after that.
func (s *shared) among(found *access.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.siblings == nil || len(s.siblings)+len(s.grants) > mostShared {
		s.siblings, s.grants, s.notes = map[string]*access.Snapshot{}, map[string][]access.Grant{}, map[string][]string{}
	}
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
		if known := s.siblings[id]; known != nil && alike(known, sibling) {
			found.Siblings[i] = known
		} else {
			s.siblings[id] = sibling
		}
	}
}

// alike reports whether two snapshots say the same, whenever they were taken.
func alike(a, b *access.Snapshot) bool {
	x, y := *a, *b
	x.TakenAt, y.TakenAt = time.Time{}, time.Time{}
	return reflect.DeepEqual(&x, &y)
}
