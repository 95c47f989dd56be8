package fleet

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestLease: one holder at a time, until it gives back or does not renew.
func TestLease(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo", "w2": "tokyo"}, exchangetest.OKX())
	f.embed()
	r := f.run(time.Minute)
	require.NoError(t, r.Connect(t.Context()))
	defer r.Close()
	kv := r.accounts["tokyo"].leases
	of := func(worker string) *lease { return newLease(kv, "okx", testLease, worker) }
	takes := func(l *lease, pace time.Duration) bool {
		taken, _, err := l.take(t.Context(), pace)
		require.NoError(t, err)
		return taken
	}
	first, second := of("w1"), of("w2")
	require.True(t, takes(first, 0))
	assert.False(t, takes(second, 0))
	assert.False(t, takes(of("w1"), 0), "not even who has its name: that may be a process that was killed")
	first.renew(t.Context())
	assert.True(t, first.held())

	// A request is sent, and counts when the lease is given back.
	sent := 0
	through := &leased{lease: first, lost: &atomic.Bool{}, base: roundTrip(func(*http.Request) (*http.Response, error) {
		sent++
		return nil, http.ErrServerClosed
	})}
	request := func() *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://www.okx.com/", nil)
		require.NoError(t, err)
		return r
	}
	_, err := through.RoundTrip(request())
	require.ErrorIs(t, err, http.ErrServerClosed)
	began := time.Now()
	first.release(t.Context())
	assert.False(t, first.held())
	_, err = through.RoundTrip(request())
	require.ErrorIs(t, err, errLease)
	assert.True(t, through.lost.Load())
	assert.Equal(t, 1, sent)
	require.True(t, takes(second, 300*time.Millisecond))
	assert.GreaterOrEqual(t, time.Since(began), 290*time.Millisecond, "the exchange still counts what the last one sent")

	// An answer that was lost: the value is ours, under another revision.
	second.revision--
	second.renew(t.Context())
	assert.False(t, second.gone())
	second.renew(t.Context())
	assert.True(t, second.held())

	// Without a renewal it is over for its holder before it is free for another.
	third := of("w1")
	require.Eventually(t, func() bool {
		if second.held() {
			assert.False(t, takes(third, 0))
			return false
		}
		return takes(third, 0)
	}, 10*testLease, 20*time.Millisecond)
	second.renew(t.Context())
	assert.True(t, second.gone(), "another has it")
	second.lost, second.renewed = false, time.Now().Add(time.Hour)
	assert.False(t, second.held(), "a clock was set back")
}

// TestBan: an exchange's ban outlives the lease, and other workers of the egress keep it.
func TestBan(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo", "w2": "tokyo"}, exchangetest.OKX())
	f.embed()
	f.give("w1", 1)
	f.give("w2", 1)
	f.fakes[0].Inject(exchangetest.Fault{Reply: &exchangetest.Reply{Status: http.StatusTeapot, Header: map[string]string{"Retry-After": "600"}}, Times: 1})
	f.work("w1")
	r := f.run(6 * time.Second)
	require.NoError(t, r.Connect(t.Context()))
	defer r.Close()
	got := f.gathered(r, func(a Answer) {
		require.NotNil(t, a.Snapshot)
		if a.Worker == "w1" {
			f.work("w2")
		}
	})
	for worker, requests := range map[string]int{"w1": 1, "w2": 0} {
		s := got[f.keys[worker][0].Name].Snapshot
		require.NotNil(t, s)
		require.NotNil(t, s.Failure)
		assert.Equal(t, "banned", s.Failure.Kind.String())
		assert.Equal(t, requests, f.asking.requests[worker], worker)
		assert.Greater(t, s.Failure.RetryAfter, 9*time.Minute)
	}
}

// TestLostTurn: that the time for a key ended while the turn was lost, as in a pause, says
// nothing about the key, which is asked about again.
func TestLostTurn(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo"}, exchangetest.OKX())
	f.embed()
	f.give("w1", 1)
	r := f.run(time.Minute)
	require.NoError(t, r.Connect(t.Context()))
	defer r.Close()
	var once sync.Once
	f.work("w1", func(h *Host) {
		through := h.Options.Transport
		h.Options.Timeout = testLease / 2
		h.Options.Transport = roundTrip(func(req *http.Request) (resp *http.Response, err error) {
			once.Do(func() {
				_, err = r.accounts["tokyo"].leases.Put(t.Context(), "okx", newLease(nil, "", 0, "another").mine.encode())
				assert.NoError(t, err) //nolint:testifylint // not in the test's own goroutine
				time.Sleep(testLease * 4 / 5)
				err = http.ErrServerClosed
			})
			if err != nil {
				return nil, err
			}
			return through.RoundTrip(req)
		})
	})
	for _, a := range f.gathered(r, nil) {
		require.NotNil(t, a.Snapshot, a.Missing)
		assert.Nil(t, a.Snapshot.Failure)
	}
}
