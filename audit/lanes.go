package audit

import (
	"iter"
	"sync"
)

const (
	// lookahead is how many keys may wait: so many of a venue that hangs can
	// stand before another venue's without delaying it.
	lookahead = 1 << 14
	// mostAtOnce bounds the open connections of a run with very many egresses.
	mostAtOnce = 512
)

// lanes spread keys over one lane a venue and egress, each with workers of its
// own, so that a lane that stands still delays no other.
type lanes struct {
	width int // workers of one lane
	work  func(*Key, <-chan struct{})
	quit  chan struct{} // closed by whoever has had enough

	room    chan struct{} // one for each key that waits
	running chan struct{} // one for each key at work
	workers sync.WaitGroup

	mu sync.Mutex
	m  map[lane]*queue
}

type lane struct {
	exchange *Exchange
	egress   string
}

type queue struct {
	keys    []Key
	workers int
}

func newLanes(width int, work func(*Key, <-chan struct{})) *lanes {
	return &lanes{
		width: width, work: work, quit: make(chan struct{}), m: map[lane]*queue{},
		room: make(chan struct{}, lookahead), running: make(chan struct{}, mostAtOnce),
	}
}

// run works through the keys and returns when the last worker has ended.
func (l *lanes) run(keys iter.Seq[Key]) {
	defer l.workers.Wait()
	for key := range keys {
		select {
		case <-l.quit: // also when there is room
			return
		default:
		}
		select {
		case l.room <- struct{}{}:
			l.add(key)
		case <-l.quit:
			return
		}
	}
}

// add puts a key at the end of its lane, and a worker there if one is missing.
func (l *lanes) add(key Key) {
	at := lane{key.Exchange, key.Egress}
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.m[at]
	if q == nil {
		q = &queue{}
		l.m[at] = q
	}
	q.keys = append(q.keys, key)
	if q.workers < l.width {
		q.workers++
		l.workers.Go(func() { l.serve(at, q) })
	}
}

// next takes the first key of a lane. Without one the worker is counted out.
func (l *lanes) next(at lane, q *queue) (Key, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(q.keys) == 0 {
		if q.workers--; q.workers == 0 {
			delete(l.m, at)
		}
		return Key{}, false
	}
	key := q.keys[0]
	q.keys[0] = Key{} // so that nothing of it is kept
	q.keys = q.keys[1:]
	<-l.room
	return key, true
}

func (l *lanes) serve(at lane, q *queue) {
	for {
		key, ok := l.next(at, q)
		if !ok {
			return
		}
		select {
		case l.running <- struct{}{}:
			l.work(&key, l.quit)
			<-l.running
		case <-l.quit:
			return
		}
		select {
		case <-l.quit:
			return
		default:
		}
	}
}
