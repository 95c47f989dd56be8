package fleet

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestStatusCompares: before the first run, too, the workers are seen; one is right only if it
// holds what the inventory gives it, and no other key. One that left is known to have been there.
func TestStatusCompares(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo", "w2": "tokyo"}, exchangetest.OKX(), exchangetest.Bybit())
	f.embed()
	f.give("w1", 2)
	f.give("w2", 1)
	given := f.run(time.Minute).Keys
	own, others := f.keys["w1"], f.keys["w2"]
	elsewhere := slices.Clone(own) // the names are right
	elsewhere[0].Exchange, elsewhere[2].Exchange = own[2].Exchange, own[0].Exchange
	require.NotEqual(t, own[0].Exchange.Name, elsewhere[0].Exchange.Name)
	onTest := slices.Clone(own) // a test network in place of the one that holds money, and the other way round
	onTest[0].Environment, onTest[1].Environment = own[0].Exchange.Environments[1].Name, own[1].Exchange.Environments[0].Name
	f.work("w2")
	status := func() State {
		all, err := Status(t.Context(), f.server, f.members, given, f.log.log)
		require.NoError(t, err)
		require.Len(t, all, 2)
		assert.True(t, all[1].Right(), "of the other host: %+v", all[1])
		return all[0]
	}
	for _, c := range []struct {
		name                   string
		holds                  []audit.Key
		lacks, unlisted, other int
	}{
		{"its own", own, 0, 0, 0},
		{"those of another host", others, 4, 2, 0},
		{"some", own[:1], 3, 0, 0},
		{"more", slices.Concat(own, others), 0, 2, 0},
		{"at other exchanges", elsewhere, 2, 2, 0},
		{"in another environment", onTest, 0, 0, 1},
	} {
		stop := f.work("w1", func(h *Host) { h.Keys = c.holds })
		var s State
		require.Eventually(t, func() bool { s = status(); return s.There && s.Keys == len(c.holds) }, 20*time.Second, 50*time.Millisecond, c.name)
		assert.Equal(t, []int{c.lacks, c.unlisted, c.other}, []int{s.Lacks.Count, s.Unlisted.Count, s.Elsewhere.Count}, c.name)
		if c.other > 0 {
			assert.Equal(t, []string{own[0].Name + " (" + onTest[0].Environment + " there, live here)"}, s.Elsewhere.First)
		}
		assert.Equal(t, c.lacks+c.unlisted+c.other == 0, s.Right(), c.name)
		all, err := Status(t.Context(), f.server, f.members, nil, f.log.log)
		require.NoError(t, err)
		assert.Zero(t, all[0].Lacks.Count+all[0].Unlisted.Count+all[0].Elsewhere.Count, "with nothing to compare with")
		stop()
		s = status()
		assert.False(t, s.There || s.Right(), c.name)
		assert.True(t, s.Known && !s.Last.IsZero(), "when it was last there is known")
	}
}

// TestWithoutTLS: whoever names no CA, or one that is not needed, is told so, and not that
// nobody is there.
func TestWithoutTLS(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo"})
	safe := f.embed().Server
	plain, err := Embed(f.members, nil, t.TempDir(), 0)
	require.NoError(t, err)
	nobody := plain.Server
	other, err := NewCertificates(time.Now(), "127.0.0.1")
	require.NoError(t, err)
	for _, c := range []struct {
		server Server
		ca     []byte
		want   string
	}{
		{safe, safe.CA, ""},
		{safe, nil, "by --ca FILE"},
		{safe, other.CA, "is not signed by this CA"},
		{plain.Server, nil, ""},
		{plain.Server, safe.CA, "does not use it"},
		{Server{URL: "nats://192.0.2.1:4222"}, nil, "by --ca FILE"},
	} {
		_, err := Status(t.Context(), Server{URL: c.server.URL, CA: c.ca}, f.members, nil, f.log.log)
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, c.want)
	}
	plain.Close()
	_, err = Status(t.Context(), nobody, f.members, nil, f.log.log)
	assert.EqualError(t, err, "the server cannot be reached: see that keyaudit fleet serve runs there, and that the URL has its host and port")
}
