package main

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestNightly: a key that is fine, one that is not, and one that is not there.
func TestNightly(t *testing.T) {
	fake := exchangetest.Bybit()
	opts := &audit.Options{Transport: fake}
	set := func(spec exchangetest.Spec) {
		c := fake.Issue(spec)
		t.Setenv("GRID_API_KEY", c.Key)
		t.Setenv("GRID_API_SECRET", c.Secret.Reveal())
	}
	safe := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}, SubAccount: true}

	var out bytes.Buffer
	set(safe)
	assert.Equal(t, audit.ExitNotAssessed, nightly(t.Context(), &out, opts), "the other key has no variables")
	assert.Contains(t, out.String(), "TAX_API_KEY")

	all := keys
	defer func() { keys = all }()
	keys = slices.Clone(keys[:1])
	keys[0].policy.Attestations = []audit.Attestation{{ // Bybit does not report it
		Rule: "idle-key", Statement: "the grid bot uses it daily", By: "desk", At: time.Now(), Until: time.Now().AddDate(0, 1, 0),
	}}
	assert.Equal(t, audit.ExitClean, nightly(t.Context(), &out, opts), out.String())

	dangerous := safe
	dangerous.Permissions, dangerous.IPs = []string{"Spot.SpotTrade", "Wallet.Withdraw"}, nil
	set(dangerous)
	out.Reset()
	assert.Equal(t, audit.ExitFindings, nightly(t.Context(), &out, opts))
	assert.Contains(t, out.String(), "withdraw")
	require.Empty(t, exchangetest.FindCanaries(out.String(), fake.Canaries()))
}
