package audit_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// fleet gives so many different keys of one exchange.
func fleet(exchange *adapter.Exchange, n int, edits ...func(*audit.Key)) iter.Seq[audit.Key] {
	return func(yield func(audit.Key) bool) {
		for i := range n {
			key := toyKey(func(k *audit.Key) {
				k.Name, k.Exchange, k.Credentials.Key = fmt.Sprintf("bot-%05d", i), exchange, toyID+strconv.Itoa(i)
			})
			for _, edit := range edits {
				edit(&key)
			}
			if !yield(key) {
				return
			}
		}
	}
}

func limited(requests int, per time.Duration) *adapter.Exchange {
	return toyExchange(func(e *adapter.Exchange) { e.Limit = adapter.Limit{Requests: requests, Per: per} })
}

// assertRate demands that no window of that length holds more requests.
func assertRate(t *testing.T, at []time.Time, limit adapter.Limit) {
	t.Helper()
	for i := limit.Requests; i < len(at); i++ {
		require.GreaterOrEqual(t, at[i].Sub(at[i-limit.Requests]), limit.Per, "requests %d to %d", i-limit.Requests, i)
	}
}

func TestRateIsKept(t *testing.T) {
	for _, c := range []struct {
		limit       adapter.Limit
		keys, tasks int
		took        time.Duration
	}{
		{adapter.Limit{Requests: 10, Per: time.Second}, 25, 8, 2400 * time.Millisecond},
		{adapter.Limit{Requests: 10, Per: time.Second}, 25, 1, 2400 * time.Millisecond},
		{adapter.Limit{Requests: 3, Per: time.Second}, 10, 4, 9 * 333333334},
		{adapter.Limit{Requests: 1, Per: 30 * time.Second}, 12, 12, 330 * time.Second}, // a long queue is no failure
		{adapter.Limit{}, 50, 8, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			fake, start := &toyFake{}, time.Now()
			options := &audit.Options{Transport: fake, Concurrency: c.tasks}
			for result := range audit.Run(t.Context(), fleet(limited(c.limit.Requests, c.limit.Per), c.keys), options) {
				assert.True(t, result.Inspected())
			}
			assert.Equal(t, c.took, time.Since(start))
			assert.Len(t, fake.at, c.keys)
			if c.limit.Requests > 0 {
				assertRate(t, fake.at, c.limit)
			}
		})
	}
}

// TestRateDoesNotGoByTheCallersClock: a clock of the caller's own, even one that is
// stopped, doesn't change what is waited for.
func TestRateDoesNotGoByTheCallersClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, start := &toyFake{}, time.Now()
		still := func() time.Time { return start }
		for range audit.Run(t.Context(), fleet(limited(10, time.Second), 20), &audit.Options{Transport: fake, Clock: still}) {
		}
		assert.Equal(t, 1900*time.Millisecond, time.Since(start))
	})
}

// TestRateCountsEveryRequest: the rate counts requests, not keys: those always made are
// waited for ahead, the others are made up for.
func TestRateCountsEveryRequest(t *testing.T) {
	ask := func(paths ...string) func(context.Context, *adapter.Session) (*access.Snapshot, error) {
		return func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			for _, path := range paths {
				if _, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path}); err != nil {
					return nil, err
				}
			}
			return harmless(), nil
		}
	}
	synctest.Test(t, func(t *testing.T) {
		exchange := limited(10, time.Second)
		exchange.Calls = append(exchange.Calls, adapter.Call{Method: http.MethodGet, Path: "/account", Why: "whose it is"})
		exchange.Inspect = ask("/key", "/account")
		fake, start := &toyFake{}, time.Now()
		for range audit.Run(t.Context(), fleet(exchange, 20), &audit.Options{Transport: fake}) {
		}
		assert.Equal(t, 3800*time.Millisecond, time.Since(start))
		assert.Len(t, fake.at, 40)
		assertRate(t, fake.at, exchange.Limit)
	})
	synctest.Test(t, func(t *testing.T) {
		exchange := limited(10, time.Second)
		exchange.Inspect = ask("/key", "/time", "/time") // both only sometimes made, as Calls says
		fake, start := &toyFake{}, time.Now()
		for range audit.Run(t.Context(), fleet(exchange, 20), &audit.Options{Transport: fake, Concurrency: 1}) {
		}
		assert.Equal(t, 5700*time.Millisecond, time.Since(start), "19 keys of 3 requests")
	})
}

func TestEgressesArePacedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exchange, other := limited(1, time.Second), limited(1, time.Second)
		other.Name = "other"
		keys := func(yield func(audit.Key) bool) {
			for key := range fleet(exchange, 10) {
				test, second := key, key
				test.Environment, second.Exchange = "test", other
				for _, k := range []audit.Key{key, test, second} {
					if !yield(k) {
						return
					}
				}
			}
		}
		start := time.Now()
		for range audit.Run(t.Context(), keys, &audit.Options{Transport: &toyFake{}, Concurrency: 30}) {
		}
		assert.Equal(t, 9*time.Second, time.Since(start))
	})
}

// TestBanStopsEverybody: after a ban nobody asks, not even who was already waiting,
// until it ends.
func TestBanStopsEverybody(t *testing.T) {
	for _, c := range []struct {
		word   string
		kind   access.Kind
		header map[string]string
		lasts  time.Duration
	}{
		{"banned", access.KindBanned, nil, 2 * time.Minute},
		{"banned", access.KindBanned, map[string]string{"Retry-After": "600"}, 10 * time.Minute},
		{"banned", access.KindBanned, map[string]string{"Retry-After": "1"}, 2 * time.Minute},
		{"ambiguous:banned,geo-blocked", access.KindAmbiguous, nil, 2 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			fake := &toyFake{script: []string{c.word}, header: c.header, delay: 50 * time.Millisecond}
			n, start := 0, time.Now()
			for result := range audit.Run(t.Context(), fleet(limited(10, time.Second), 60), &audit.Options{Transport: fake}) {
				if n++; n > 30 {
					continue
				}
				failure := result.Snapshot.Failure
				require.ErrorIs(t, failure, c.kind)
				if n > 1 {
					assert.Contains(t, failure.Error(), "while another key was audited; nothing was sent")
					assert.Positive(t, failure.RetryAfter)
					assert.Zero(t, result.Snapshot.Requests)
				}
				if n == 30 {
					require.Equal(t, 1, fake.count(), "the seven that were waiting sent nothing")
					time.Sleep(time.Until(start.Add(c.lasts + time.Second)))
				}
			}
			assert.Equal(t, 60, n)
			assert.Equal(t, 1+60-30-8, fake.count(), "it goes on after the ban; eight results were made during it")
		})
	}
}

// TestLongerBanHolds: two answers under way at once may both speak of a ban: the longer
// one holds.
func TestLongerBanHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		transport := via(func(*http.Request) (*http.Response, error) {
			resp := reply(http.StatusOK, "banned")
			if asked.Add(1) == 1 {
				time.Sleep(time.Second)
				resp.Header.Set("Retry-After", "3600")
				return resp, nil
			}
			time.Sleep(2 * time.Second)
			return resp, nil
		})
		n := 0
		for range audit.Run(t.Context(), fleet(toyExchange(), 10), &audit.Options{Transport: transport, Concurrency: 2}) {
			if n++; n == 3 {
				time.Sleep(10 * time.Minute)
			}
		}
		assert.EqualValues(t, 2, asked.Load())
	})
}

// TestBanWhileWaitingToAskAgain: a key that waits to ask again doesn't, if the IP address
// is banned meanwhile.
func TestBanWhileWaitingToAskAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int32
		transport := via(func(*http.Request) (*http.Response, error) {
			if sent.Add(1) == 1 {
				time.Sleep(time.Second)
				resp := reply(http.StatusOK, "rate-limited")
				resp.Header.Set("Retry-After", "5")
				return resp, nil
			}
			time.Sleep(2 * time.Second)
			return reply(http.StatusOK, "banned"), nil
		})
		var kinds []access.Kind
		for result := range audit.Run(t.Context(), fleet(toyExchange(), 2), &audit.Options{Transport: transport}) {
			kinds = append(kinds, result.Snapshot.Failure.Kind)
		}
		assert.Equal(t, []access.Kind{access.KindBanned, access.KindRateLimited}, kinds)
		assert.EqualValues(t, 2, sent.Load())
	})
}

// TestAmbiguousAboutTheKeyStopsNobody: one answer that may speak of the key alone stops
// nobody else.
func TestAmbiguousAboutTheKeyStopsNobody(t *testing.T) {
	fake := &toyFake{script: []string{"ambiguous:banned,bad-key", "ambiguous:geo-blocked"}}
	var kinds []access.Kind
	for result := range audit.Run(t.Context(), fleet(toyExchange(), 4), &audit.Options{Transport: fake, Concurrency: 1}) {
		if result.Inspected() {
			kinds = append(kinds, 0)
		} else {
			kinds = append(kinds, result.Snapshot.Failure.Kind)
		}
	}
	assert.Equal(t, []access.Kind{access.KindAmbiguous, access.KindAmbiguous, 0, 0}, kinds)
	assert.Equal(t, 4, fake.count())
}

func TestRateLimitHoldsEverybodyBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &toyFake{script: []string{"rate-limited"}, header: map[string]string{"Retry-After": "20"}, delay: 50 * time.Millisecond}
		exchange := limited(10, time.Second)
		for result := range audit.Run(t.Context(), fleet(exchange, 20), &audit.Options{Transport: fake}) {
			assert.True(t, result.Inspected(), "each waits, also those that had their turn already")
		}
		require.Len(t, fake.at, 21)
		assert.Equal(t, 20*time.Second+50*time.Millisecond, fake.at[1].Sub(fake.at[0]))
		assertRate(t, fake.at[1:], exchange.Limit)
	})
}

// TestLongQuiet: an exchange that wants to be left alone for longer is left alone, and
// then asked again.
func TestLongQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &toyFake{script: []string{"rate-limited"}, header: map[string]string{"Retry-After": "300"}}
		n, good := 0, 0
		for result := range audit.Run(t.Context(), fleet(limited(10, time.Second), 50), &audit.Options{Transport: fake, Concurrency: 1}) {
			n++
			switch failure := result.Snapshot.Failure; {
			case failure == nil:
				good++
			case n > 1:
				require.ErrorIs(t, failure, access.KindRateLimited)
				assert.Contains(t, failure.Message, "nothing was sent")
				assert.Equal(t, 300*time.Second, failure.RetryAfter)
				assert.Equal(t, 1, fake.count())
			}
			if n == 30 {
				time.Sleep(5 * time.Minute)
			}
		}
		assert.Equal(t, 50, n)
		assert.Equal(t, 19, good, "those that were asked to wait took nobody's turn")
	})
}

func TestEndWhileWaitingForATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2500*time.Millisecond, cancel)
		fake, start := &toyFake{}, time.Now()
		n, canceled := 0, 0
		for result := range audit.Run(ctx, fleet(limited(1, time.Second), 100), &audit.Options{Transport: fake}) {
			if n++; !result.Inspected() {
				canceled++
				require.ErrorIs(t, result.Snapshot.Failure, context.Canceled)
				require.ErrorIs(t, result.Snapshot.Failure, access.KindCanceled)
			}
		}
		assert.Equal(t, 100, n)
		assert.Equal(t, 97, canceled)
		assert.Equal(t, 3, fake.count())
		assert.Equal(t, 2500*time.Millisecond, time.Since(start))
	})
	synctest.Test(t, func(t *testing.T) { // a deadline that comes before the turn is not waited for
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		fake, n := &toyFake{}, 0
		for result := range audit.Run(ctx, fleet(limited(1, time.Second), 100), &audit.Options{Transport: fake}) {
			if n++; !result.Inspected() {
				require.ErrorIs(t, result.Snapshot.Failure, context.DeadlineExceeded)
				require.ErrorIs(t, result.Snapshot.Failure, access.KindCanceled)
			}
		}
		assert.Equal(t, 100, n)
		assert.Equal(t, 3, fake.count())
	})
}

// TestQueueIsNotOnTheKeysTime: the time limit of a key doesn't count the time in the
// queue.
func TestQueueIsNotOnTheKeysTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &toyFake{delay: 900 * time.Millisecond}
		options := &audit.Options{Transport: fake, Concurrency: 10, Timeout: time.Second}
		for result := range audit.Run(t.Context(), fleet(limited(1, 10*time.Second), 10), options) {
			assert.True(t, result.Inspected())
		}
	})
}

// overlap counts how many requests of a key, and of all, were under way at
// once.
type overlap struct {
	mu        sync.Mutex
	now, most map[string]int
	all, peak int
}

func (o *overlap) RoundTrip(r *http.Request) (*http.Response, error) {
	id := r.Header.Get("X-Key")
	o.mu.Lock()
	o.now[id]++
	o.all++
	o.most[id], o.peak = max(o.most[id], o.now[id]), max(o.peak, o.all)
	o.mu.Unlock()
	time.Sleep(time.Second)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now[id]--
	o.all--
	return reply(http.StatusOK, "ok"), nil
}

func TestOneCallAtATimePerKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := &overlap{now: map[string]int{}, most: map[string]int{}}
		exchange := toyExchange()
		keys := func(yield func(audit.Key) bool) {
			for key := range fleet(exchange, 4) {
				for range 3 {
					if !yield(key) {
						return
					}
				}
			}
		}
		n, start := 0, time.Now()
		for result := range audit.Run(t.Context(), keys, &audit.Options{Transport: wire, Concurrency: 12}) {
			assert.True(t, result.Inspected())
			n++
		}
		assert.Equal(t, 12, n)
		assert.Equal(t, 4, wire.peak, "different keys at once")
		for id, most := range wire.most {
			assert.Equal(t, 1, most, id)
		}
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestEndWhileTheKeyIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		var n atomic.Int32
		fake := &toyFake{delay: time.Hour}
		for result := range audit.Run(ctx, repeat(toyKey(), 5), &audit.Options{Transport: fake, Concurrency: 3}) {
			n.Add(1)
			require.ErrorIs(t, result.Snapshot.Failure, access.KindCanceled)
			assert.Equal(t, "toyK…cdef", result.Snapshot.KeyID)
		}
		assert.EqualValues(t, 5, n.Load())
		assert.Equal(t, 1, fake.count())
	})
}
