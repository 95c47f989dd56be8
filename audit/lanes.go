package audit

import (
	"iter"
	"sync"
)

const (
	// lookahead is how many keys may wait: so many of an exchange that hangs can
	// wait before another exchange's without delaying it.
	lookahead = 1 << 13
	// mostAtOnce bounds the open connections of a run with very many egresses.
	mostAtOnce = 512
)

// lanes spread keys over one lane per exchange and egress, each of which has only so
// many at work, so that a stalled lane delays no other.
type lanes struct {
	width int // of one lane
	work  func(*Key, <-chan struct{})
	quit  chan struct{} // closed when no more results are needed

	room    chan struct{} // one for each key that waits
	workers sync.WaitGroup

	mu    sync.Mutex
	m     map[laneID]*lane
	ready []*lane // those with a key that may be taken, the longest waiting first
	count int     // of workers
}

type laneID struct{ exchange, egress string }

type lane struct {
	id     laneID
	keys   []*Key // that wait
	atWork int
	ready  bool // it is in lanes.ready
}

func newLanes(width int, work func(*Key, <-chan struct{})) *lanes {
	return &lanes{width: width, work: work, quit: make(chan struct{}), m: map[laneID]*lane{}, room: make(chan struct{}, lookahead)}
}

// run works through the keys and returns when the last worker has ended.
func (l *lanes) run(keys iter.Seq[Key]) {
	defer l.workers.Wait()
	for key := range keys {
		if l.ended() {
			return
		}
		select {
		case l.room <- struct{}{}:
			l.add(key)
		case <-l.quit:
			return
		}
	}
}

func (l *lanes) ended() bool {
	select {
	case <-l.quit:
		return true
	default:
		return false
	}
}

// add puts a key at the end of its lane.
func (l *lanes) add(key Key) {
	id := laneID{egress: key.Egress}
	if key.Exchange != nil {
		id.exchange = key.Exchange.Name
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.m[id] == nil {
		l.m[id] = &lane{id: id}
	}
	l.m[id].keys = append(l.m[id].keys, &key)
	l.enqueue(l.m[id])
	l.startWorker()
}

// enqueue puts a lane among the ready ones if it is, and forgets one that is empty.
// The lock is held.
func (l *lanes) enqueue(at *lane) {
	switch {
	case at.ready:
	case len(at.keys) > 0 && at.atWork < l.width:
		at.ready = true
		l.ready = append(l.ready, at)
	case len(at.keys) == 0 && at.atWork == 0:
		delete(l.m, at.id)
	}
}

// startWorker adds a worker if there is work and room for one. The lock is held.
func (l *lanes) startWorker() {
	if len(l.ready) > 0 && l.count < mostAtOnce {
		l.count++
		l.workers.Go(l.serve)
	}
}

// serve works on one key after the other, whichever lane is ready.
func (l *lanes) serve() {
	var at *lane
	for {
		var key *Key
		if key, at = l.next(at); at == nil || l.ended() {
			return
		}
		l.work(key, l.quit)
	}
}

// next gives back the lane whose key is done, and takes a key of the lane that
// has waited longest. Without one the worker is counted out.
func (l *lanes) next(done *lane) (*Key, *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if done != nil {
		done.atWork--
		l.enqueue(done)
	}
	if len(l.ready) == 0 {
		l.count--
		return nil, nil
	}
	at := l.ready[0]
	l.ready[0] = nil
	l.ready = l.ready[1:]
	at.ready = false
	key := at.keys[0]
	at.keys[0] = nil // so that nothing of it is kept
	at.keys = at.keys[1:]
	at.atWork++
	<-l.room
	l.enqueue(at)
	l.startWorker()
	return key, at
}
