package audit

import (
	"reflect"
	"sync"
	"time"
)

// mostShared bounds what a run remembers of other keys.
const mostShared = 1 << 14

// siblings let the results of a run share what venues list again with every
// key of an account: or an account of a hundred keys would be kept a hundred
// times. The zero value is ready.
type siblings struct {
	mu sync.Mutex
	m  map[string]*Snapshot
}

// share replaces each sibling by an equal one that was listed before. Nobody
// may change a sibling after that.
func (s *siblings) share(found *Snapshot) {
	if len(found.Siblings) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil || len(s.m) > mostShared {
		s.m = map[string]*Snapshot{}
	}
	for i, sibling := range found.Siblings {
		id := sibling.Exchange + " " + sibling.Environment + " " + sibling.KeyID + " " + sibling.Fingerprint
		if known := s.m[id]; known != nil && alike(known, sibling) {
			found.Siblings[i] = known
		} else {
			s.m[id] = sibling
		}
	}
}

// alike reports whether two snapshots say the same, whenever they were taken.
func alike(a, b *Snapshot) bool {
	x, y := *a, *b
	x.TakenAt, y.TakenAt = time.Time{}, time.Time{}
	return reflect.DeepEqual(&x, &y)
}
