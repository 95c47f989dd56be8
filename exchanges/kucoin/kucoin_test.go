package kucoin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kucoin"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, kucoin.Exchange, exchangetest.KuCoin) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, kucoin.Exchange, exchangetest.KuCoin) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, kucoin.Exchange, exchangetest.KuCoin(), spec, change...)
}

// TestSites: a key works at its own site only.
func TestSites(t *testing.T) {
	sites := map[string]string{"live": "global", "eu": "europe", "tr": "turkey", "au": "australia"}
	for environment := range sites {
		for owner, site := range sites {
			s, err := exchangetest.TryInspect(t, kucoin.Exchange, exchangetest.KuCoin(), exchangetest.Spec{Options: map[string]string{"site": site}}, exchangetest.At(environment))
			if owner != environment {
				require.ErrorIs(t, err, access.KindBadKey, "a key of %s at %s", owner, environment)
				continue
			}
			require.NoError(t, err, environment)
			assert.Contains(t, s.Facts, access.Fact{Name: "siteType", Value: site})
		}
	}
}

// TestVersions: a working key of an old version gets a note.
func TestVersions(t *testing.T) {
	const note = "The key has an old version: new keys have version 3."
	for version, old := range map[string]bool{"2": true, "3": false} {
		s := inspect(t, exchangetest.Spec{Options: map[string]string{"apiVersion": version}})
		assert.Equal(t, old, slices.Contains(s.Notes, note), "version %s: %q", version, s.Notes)
	}
	_, err := exchangetest.TryInspect(t, kucoin.Exchange, exchangetest.KuCoin(), exchangetest.Spec{Options: map[string]string{"apiVersion": "1"}})
	require.ErrorIs(t, err, access.KindForbidden)
}

// TestMainAccount: what the exchange documents about keys of the main account, and
// nobody has confirmed, is unknown, and denied of no such key.
func TestMainAccount(t *testing.T) {
	for _, c := range []access.Capability{access.SubaccountManage, access.APIKeyManage} {
		for _, permissions := range [][]string{nil, {"Spot"}} {
			s := inspect(t, exchangetest.Spec{Permissions: permissions})
			want := access.Grant{Capability: c, Names: []string{"General"}, Implied: access.ImpliedOnMain}
			assert.Equal(t, want, s.Grant(c))
			s = inspect(t, exchangetest.Spec{Permissions: permissions, SubAccount: true})
			assert.Equal(t, access.Denied, s.Grant(c).State)
		}
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":"200000","data":{"isMaster":true}}`)})
		assert.Equal(t, access.Grant{Capability: c}, s.Grant(c), "whatever the list says")
	}
}

// TestLegacyTrade: what the old permission includes besides spot trading is not
// confirmed, so it is neither granted nor denied unless listed by name.
func TestLegacyTrade(t *testing.T) {
	for _, c := range []struct {
		permissions     []string
		margin, futures access.State
	}{
		{[]string{"Trade"}, access.Unknown, access.Unknown},
		{[]string{"Trade", "Futures"}, access.Unknown, access.Granted},
		{[]string{"Trade", "Unified"}, access.Granted, access.Granted},
		{[]string{"Spot"}, access.Denied, access.Denied},
	} {
		s := inspect(t, exchangetest.Spec{Permissions: c.permissions})
		assert.Equal(t, access.Granted, s.Grant(access.TradeSpot).State, "%q", c.permissions)
		assert.Equal(t, c.margin, s.Grant(access.TradeMargin).State, "%q", c.permissions)
		assert.Equal(t, c.futures, s.Grant(access.TradeFutures).State, "%q", c.permissions)
		assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State, "%q", c.permissions)
		assert.Empty(t, s.Unmapped, "%q", c.permissions)
	}
}

// TestDeadline: the exchange restricts or deletes keys without an IP allowlist that
// can trade.
func TestDeadline(t *testing.T) {
	restricted := []string{"198.51.100.20"}
	for _, c := range []struct {
		permissions, ips []string
		deadlines        int
	}{
		{[]string{"Spot"}, nil, 1},
		{[]string{"Unified"}, nil, 1},
		{[]string{"Trade"}, nil, 1},
		{[]string{"Earn"}, nil, 0},
		{nil, nil, 0},
		{[]string{"Spot", "Margin"}, restricted, 0},
	} {
		s := inspect(t, exchangetest.Spec{Permissions: c.permissions, IPs: c.ips})
		require.Len(t, s.Deadlines, c.deadlines, "%q %q", c.permissions, c.ips)
		for _, d := range s.Deadlines {
			assert.True(t, d.At.IsZero(), "the last use isn't reported, so the day can't be computed")
		}
	}
}

// TestExpiry: null means that there is no expiry; an answer without the member says
// nothing.
func TestExpiry(t *testing.T) {
	ends := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Millisecond)
	s := inspect(t, exchangetest.Spec{Expires: ends})
	assert.Equal(t, ends, s.Expires)
	assert.True(t, s.ExpiryOffered)
	assert.False(t, s.NeverExpires)

	s = inspect(t, exchangetest.Spec{})
	assert.True(t, s.ExpiryOffered)
	assert.True(t, s.NeverExpires)

	s = inspect(t, exchangetest.Spec{Options: map[string]string{"edition": "older"}})
	assert.True(t, s.Expires.IsZero())
	assert.False(t, s.ExpiryOffered)
	assert.False(t, s.NeverExpires)
}

// TestRateLimit: a header of the exchange says, in milliseconds, when to try again.
func TestRateLimit(t *testing.T) {
	_, err := exchangetest.TryInspect(t, kucoin.Exchange, exchangetest.KuCoin(), exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: "rate limited"}}})
	var failure *access.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, access.KindRateLimited, failure.Kind)
	assert.Equal(t, 250*time.Millisecond, failure.RetryAfter)
}
