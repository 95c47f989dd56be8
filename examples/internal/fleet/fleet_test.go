package fleet

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestTurns: two workers behind one egress, which hold different keys, never ask an
// exchange at the same time. Another egress has turns of its own.
func TestTurns(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"a": "tokyo", "b": "tokyo", "c": "london"}, exchangetest.OKX(), exchangetest.Bybit(), exchangetest.KuCoin())
	f.embed()
	var mu sync.Mutex
	did := map[Deed]int{}
	for worker := range f.workers {
		f.give(worker, 3)
		f.work(worker, func(h *Host) {
			h.Did = func(d Deed) {
				mu.Lock()
				defer mu.Unlock()
				did[d]++
			}
		})
	}
	r := f.run(time.Minute)
	defer r.Close()
	for key, a := range f.answers(r) {
		require.NotNil(t, a.Snapshot, "%s: %s%s", key, a.Refused, a.Missing)
		require.Nil(t, a.Snapshot.Failure, key)
		assert.True(t, a.Snapshot.Verified)
		assert.Contains(t, key, a.Worker+"-")
	}
	assert.Empty(t, f.asking.overlaps)
	c := r.Closing(t.Context())
	assert.Empty(t, c.Absent)
	assert.Empty(t, c.Strange)
	assert.Empty(t, c.Unlisted)
	deeds := func() map[Deed]int {
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(did)
	}
	assert.Eventually(t, func() bool { return deeds()[Inspected] == 3*3*3 }, time.Minute, time.Millisecond, "which a worker notes after its answer")
	assert.GreaterOrEqual(t, deeds()[Appeared], 3)
	assert.Len(t, deeds(), 2)
}

// TestReasons: a worker that never starts, one that goes, one that is slow, one that has no
// such key, and one that has another exchange's under its name: each its own reason. What a
// worker holds and nobody listed is named.
func TestReasons(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"absent": "absent", "leaving": "leaving", "slow": "slow", "waiting": "slow", "forgetful": "forgetful"}, exchangetest.OKX())
	f.embed()
	for worker := range f.workers {
		f.give(worker, 2)
	}
	asked := make(chan struct{}, 16)
	hang := func(h *Host) {
		h.Keys = slices.Clone(h.Keys)
		for i := range h.Keys {
			h.Keys[i].Load = func(ctx context.Context) (adapter.Credentials, error) {
				if h.Worker.Worker == "leaving" {
					asked <- struct{}{}
				}
				<-ctx.Done()
				return adapter.Credentials{}, ctx.Err()
			}
		}
	}
	stop := f.work("leaving", hang)
	f.work("slow", hang)
	f.work("waiting", hang)
	bybit, _ := exchanges.Lookup("bybit")
	f.work("forgetful", func(h *Host) {
		other := h.Keys[1]
		other.Exchange = bybit
		more := other
		more.Name = "nobody's"
		h.Keys = []audit.Key{other, more}
	})
	r := f.run(7 * time.Second)
	defer r.Close()
	require.NoError(t, r.Connect(t.Context()))
	go func() {
		<-asked
		stop()
	}()
	got := f.gathered(r, nil)
	says := func(worker string, i int) string {
		a := got[f.keys[worker][i].Name]
		assert.Nil(t, a.Snapshot)
		return a.Refused + a.Missing
	}
	assert.Contains(t, says("absent", 0), "worker absent never came")
	assert.Contains(t, says("forgetful", 0), "has no such key")
	assert.Contains(t, says("forgetful", 1), "of another exchange")
	c := r.Closing(t.Context())
	assert.Equal(t, map[string]int{"absent": 2}, c.Absent)
	assert.Equal(t, []Assigned{{Name: "nobody's", Exchange: "bybit", Worker: "forgetful"}}, c.Unlisted)
	assert.Contains(t, says("leaving", 0), "and is gone")
	texts := says("slow", 0) + says("waiting", 0)
	assert.Contains(t, texts, "did not get to it by the deadline")
	assert.Contains(t, texts, "waited for its turn, which worker")
}
