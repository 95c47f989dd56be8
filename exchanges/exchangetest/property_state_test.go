package exchangetest

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// states are the members that hold the state of a key, at the exchanges that report
// it.
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
	"orderly":   {Orderly, []string{"data.rows[].key_status"}},
	"paradex":   {Paradex, []string{"results[].revoked_at", "results[].state"}},
	"whitebit":  {WhiteBIT, []string{"data[].isEnabled"}}, // of sub-accounts' keys, the only ones listed
	"xt":        {XT, []string{"result[].isLock"}},
}

// TestStatePlaces: the property "unknown-state" finds the state at every exchange
// that reports one, and nothing at the others.
func TestStatePlaces(t *testing.T) {
	t.Parallel()
	checked := map[string]bool{}
	for _, fake := range All() {
		checked[fake.Name()] = true
		t.Run(fake.Name(), func(t *testing.T) {
			t.Parallel()
			e, ok := exchanges.Lookup(fake.Name())
			require.True(t, ok)
			want := states[fake.Name()]
			if want.fresh == nil {
				want.fresh = func() *Fake { return New(fake.def) }
			}
			c := &trial{t: t, exchange: e, fresh: want.fresh, dir: filepath.Join("..", fake.Name(), "testdata"), bypass: &refusing{}}
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
