package exchangetest

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// states are the members that tell the state of a key, at the exchanges that have
// such.
var states = map[string]struct {
	fresh   func() *Fake
	members []string
}{
	"bitmex":    {BitMEX, []string{"[].enabled"}},
	"bittrade":  {BitTrade, []string{"data[].status"}},
	"coinsph":   {CoinsPH, []string{"[].status"}},
	"cryptocom": {CryptoCom, []string{"result.master_account.suspended", "result.master_account.terminated"}}, // the account's
	"deribit":   {Deribit, []string{"result[].enabled"}},
	"gate":      {Gate, []string{"[].state"}},
	"htx":       {HTX, []string{"data[].status"}},
	"korbit":    {Korbit, []string{"data.status"}},
	"mexc":      {MEXC, []string{"status"}},
	"whitebit":  {WhiteBIT, []string{"data[].isEnabled"}}, // of sub-accounts' keys, the only ones listed
	"xt":        {XT, []string{"result[].isLock"}},
}

// TestStatePlaces: the property "unknown-state" finds what it is about at every
// exchange that tells a state, and nothing at the others.
func TestStatePlaces(t *testing.T) {
	t.Parallel()
	checked := map[string]bool{}
	for _, v := range All() {
		checked[v.Name()] = true
		t.Run(v.Name(), func(t *testing.T) {
			t.Parallel()
			e, ok := exchanges.Lookup(v.Name())
			require.True(t, ok)
			want := states[v.Name()]
			if want.fresh == nil {
				want.fresh = func() *Fake { return New(v.def) }
			}
			c := &trial{t: t, exchange: e, fresh: want.fresh, dir: filepath.Join("..", v.Name(), "testdata"), bypass: &refusing{}}
			var found []string
			for _, p := range c.statePlaces() {
				found = append(found, anywhere(p.path))
			}
			slices.Sort(found)
			assert.Equal(t, want.members, slices.Compact(found))
			assert.Empty(t, c.problems)
		})
	}
	for name := range states {
		assert.True(t, checked[name], "there is no exchange %s", name)
	}
}
