package access_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestCapabilities(t *testing.T) {
	t.Parallel()
	all := access.Capabilities()
	assert.Len(t, all, 11)
	for _, c := range all {
		assert.True(t, c.Valid(), c)
	}
	all[0] = "changed"
	assert.Equal(t, access.Read, access.Capabilities()[0], "the slice is the caller's to change")
	for _, c := range []access.Capability{access.Other("earn"), "other:fiat-withdraw", "other:v2.orders", "other:0"} {
		assert.True(t, c.Valid(), c)
	}
	for _, c := range []access.Capability{
		"", "other:", "other", "Read", "read ", "trade", "trade.", "trade.bonds", "withdraw.all", "other:Earn", "other:a b", "other:a_b", "other:ä", "other:a:b", "Other:earn",
	} {
		assert.False(t, c.Valid(), c)
	}
}

func TestTrades(t *testing.T) {
	t.Parallel()
	trading := []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions}
	for _, c := range append(access.Capabilities(), "other:trade.spot", "other:convert", "") {
		assert.Equal(t, slices.Contains(trading, c), c.Trades(), c)
	}
	assert.True(t, access.Capability("trade.bonds").Trades(), "a way of trading nobody has named is still one")
}

// TestNoRightEscapes: whatever a key holds beyond reading and its policy, some
// rule fails.
func TestNoRightEscapes(t *testing.T) {
	t.Parallel()
	for _, c := range append(access.Capabilities(), "other:fiat-withdraw", "other:pay", "other:p2p", "other:gift-card", "other:card", "other:convert",
		"other:fiat-convert", "other:otc", "other:block-trade", "other:rfq", "other:copytrading", "other:earn", "other:staking", "other:loan",
		"other:lending", "other:key-secrets", "other:never-heard-of", "trade.bonds", "WITHDRAW", "") {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: []access.Grant{{Capability: c, State: access.Granted, Evidence: access.Reported}}}}
		var failing []string
		for _, f := range audit.Judge(s, audit.ReadOnly(), time.Now(), nil) {
			if f.Outcome == audit.Failed {
				failing = append(failing, f.Rule)
			}
		}
		if c == access.Read {
			assert.Empty(t, failing, c)
		} else {
			assert.Len(t, failing, 1, "%s: one topic, one rule", c)
		}
	}
}
