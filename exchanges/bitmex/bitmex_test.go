package bitmex_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitmex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bitmex.Exchange, exchangetest.BitMEX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bitmex.Exchange, exchangetest.BitMEX) }

func inspect(t *testing.T, spec exchangetest.Spec, others ...exchangetest.Spec) *access.Snapshot {
	t.Helper()
	fake := exchangetest.BitMEX()
	for _, other := range others {
		fake.Issue(other)
	}
	return exchangetest.Inspect(t, bitmex.Exchange, fake, spec)
}

// TestClosed: every key gets the finding that the exchange has closed, whether it
// answers or not.
func TestClosed(t *testing.T) {
	t.Parallel()
	for _, faults := range [][]exchangetest.Fault{nil, {{Drop: true, Times: -1}}} {
		fake := exchangetest.BitMEX()
		key := audit.Key{Exchange: bitmex.Exchange, Credentials: fake.Issue(exchangetest.Spec{Faults: faults})}
		s, _ := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
		require.Len(t, s.Deadlines, 1)
		assert.Equal(t, time.Date(2026, time.September, 23, 4, 0, 0, 0, time.UTC), s.Deadlines[0].At)
	}
}

// TestAllowlist: both members count, and the wider one applies.
func TestAllowlist(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]access.AllowlistState{
		`"cidr":"203.0.113.7","cidrs":["203.0.113.7/32"]`:     access.AllowlistRestricted,
		`"cidr":"203.0.113.7","cidrs":[]`:                     access.AllowlistRestricted,
		`"cidr":"","cidrs":["203.0.113.7/32"]`:                access.AllowlistRestricted,
		`"cidr":"","cidrs":[]`:                                access.AllowlistUnrestricted,
		`"cidr":"0.0.0.0","cidrs":[]`:                         access.AllowlistUnrestricted,
		`"cidr":"0.0.0.0/0","cidrs":["0.0.0.0/0"]`:            access.AllowlistUnrestricted,
		`"cidr":"0.0.0.0/0","cidrs":["203.0.113.7/32"]`:       access.AllowlistUnrestricted,
		`"cidr":"","cidrs":["203.0.113.7/32","0.0.0.0/0"]`:    access.AllowlistUnrestricted,
		`"cidr":"203.0.113.7/32","cidrs":["198.51.100.0/24"]`: access.AllowlistRestricted,
		`"cidr":null,"cidrs":null`:                            access.AllowlistUnknown,
		`"name":"bot"`:                                        access.AllowlistUnknown,
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`[{"id":"{key}","permissions":[],` + members + `}]`)})
		assert.Equal(t, want, s.IPAllowlist.State, members)
	}
	s := inspect(t, exchangetest.Spec{IPs: []string{"198.51.100.20"}, Options: map[string]string{"form": "cidr"}})
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
}

// TestSecrets: the secrets of other keys are a finding.
func TestSecrets(t *testing.T) {
	t.Parallel()
	leaks := access.Other("key-secrets")
	shown := map[string]string{"secret": "1f2e3d4c5b6a79880d9c5e2b7a1f4e3d8c6b5a49"}
	assert.True(t, inspect(t, exchangetest.Spec{}, exchangetest.Spec{Options: shown}).Can(leaks))
	assert.False(t, inspect(t, exchangetest.Spec{}, exchangetest.Spec{}).Can(leaks))
	assert.False(t, inspect(t, exchangetest.Spec{Options: shown}).Can(leaks), "its own")
}

// TestNotFound: a list that doesn't have the key exactly once says nothing about
// it.
func TestNotFound(t *testing.T) {
	t.Parallel()
	const record = `{"id":"{key}","permissions":[],"cidrs":["203.0.113.7/32"]}`
	for _, list := range []string{`{"id":"another","permissions":[]}`, record + "," + record, record + `,{"permissions":["withdraw"]}`} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`[` + list + `]`)})
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, list)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, list)
		assert.True(t, s.Can(access.Read), list)
		assert.NotEmpty(t, s.Notes, list)
	}
}

// TestMarkets: whether a right to place orders includes more than the documented
// markets is unknown.
func TestMarkets(t *testing.T) {
	t.Parallel()
	for permission, want := range map[string]access.State{"order": access.Unknown, "withdraw": access.Denied} {
		s := inspect(t, exchangetest.Spec{Permissions: []string{permission}})
		assert.Equal(t, want, s.Grant(access.TradeMargin).State, permission)
		assert.Equal(t, want, s.Grant(access.TradeOptions).State, permission)
	}
}
