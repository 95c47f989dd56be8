package fleet

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestLongList: a worker that lists a million keys has a thousand of them named, and the
// others counted; a list without an end is not read to its end. Its version is shown to
// people, and does nothing to their terminals.
func TestLongList(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo", "w2": "tokyo"}, exchangetest.OKX())
	f.embed()
	f.give("w2", 1)
	f.work("w2")
	r := f.run(20 * time.Second)
	defer r.Close()
	for key, a := range f.answers(r) {
		require.NotNil(t, a.Snapshot, key)
	}
	s, since := f.steal("w1"), time.Now().UTC()
	send := func(bucket, key string, value any) {
		subject := bucketSubject(bucket, key)
		data, err := seal(s.pair, subject, value)
		require.NoError(t, err)
		_, err = s.Request(subject, data, 5*time.Second)
		require.NoError(t, err)
	}
	const parts, each = 80, 12_500 // as many as a message has room for, nearly
	for part := range parts {
		keys := []heldKey{{"same", "okx", "live"}, {"sa\x1bme", "okx", "live"}, {"sa\u200bme", "okx", "live"}}
		for i := len(keys); i < each; i++ {
			keys = append(keys, heldKey{fmt.Sprint("k", part*each+i), "okx", "live"})
		}
		send(bucketNames, namesKey("w1", fmt.Sprint(part)), held{since, keys})
	}
	send(bucketHere, "w1", presence{Worker: "w1", Version: "1", Since: since, Parts: 1 << 40})
	c := r.Closing(t.Context())
	assert.Len(t, c.Unlisted, mostUnlisted)
	assert.Equal(t, map[string]int{"w1": parts*(each-3) + 2 - mostUnlisted}, c.More)
	assert.Contains(t, c.Strange, "the list of the keys of worker w1 is too long to be read to its end")

	send(bucketHere, "w1", presence{Worker: "w1", Version: "1\x1b[2J", Since: since, Parts: 1})
	require.NoError(t, r.present(t.Context(), r.accounts["tokyo"]))
	r.mu.Lock() // it hears of workers all the time
	defer r.mu.Unlock()
	assert.Positive(t, r.strange[forged("tokyo")])
}
