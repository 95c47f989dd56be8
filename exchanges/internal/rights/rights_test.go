package rights_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
)

var table = rights.Table{
	"spot":     rights.For(access.TradeSpot),
	"margin":   rights.For(access.TradeMargin).Implying("loans"),
	"everyday": rights.For(access.TradeSpot, access.TradeMargin),
	"payout":   {Grants: []access.Capability{access.Withdraw}, Perhaps: []access.Capability{access.TransferExternal}, Qualifier: "to saved addresses"},
}

func apply(states map[string]access.State) *access.Snapshot {
	s := &access.Snapshot{}
	table.Apply(s, states)
	return s
}

func TestDeniedOnlyIfEveryCarrierIsOff(t *testing.T) {
	t.Parallel()
	s := apply(map[string]access.State{"spot": access.Denied, "margin": access.Denied})
	assert.Equal(t, access.Unknown, s.Grant(access.TradeSpot).State, "everyday is not reported, and it carries spot")
	assert.Equal(t, access.NoEvidence, s.Grant(access.TradeSpot).Evidence)
	s = apply(map[string]access.State{"spot": access.Denied, "everyday": access.Denied})
	assert.Equal(t, access.Denied, s.Grant(access.TradeSpot).State)
	assert.Equal(t, access.Reported, s.Grant(access.TradeSpot).Evidence)
	s = apply(map[string]access.State{"spot": access.Granted})
	assert.Equal(t, access.Granted, s.Grant(access.TradeSpot).State)
	assert.Equal(t, []string{"spot"}, s.Grant(access.TradeSpot).Names)
	assert.True(t, s.Grant(access.TradeSpot).NamesIncomplete, "dropping spot may not be enough")
	assert.False(t, apply(table.Listed([]string{"spot"})).Grant(access.TradeSpot).NamesIncomplete)
}

func TestPerhaps(t *testing.T) {
	t.Parallel()
	held := apply(table.Listed([]string{"payout"}))
	assert.Equal(t, access.Granted, held.Grant(access.Withdraw).State)
	assert.Equal(t, "to saved addresses", held.Grant(access.Withdraw).Qualifier)
	assert.Equal(t, access.Unknown, held.Grant(access.TransferExternal).State)
	off := apply(table.Listed([]string{"margin"}))
	assert.Equal(t, access.Denied, off.Grant(access.TransferExternal).State)
	assert.Equal(t, []string{"loans"}, off.Grant(access.TradeMargin).Implies)
}

func TestUnknownNamesAreShown(t *testing.T) {
	t.Parallel()
	s := apply(table.Listed([]string{"spot", "teleport"}))
	assert.Equal(t, []string{"teleport"}, s.Unmapped)
	assert.Equal(t, []string{"spot", "teleport"}, s.Permissions)
	assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State)
	s = apply(map[string]access.State{"spot": access.Granted, "teleport": access.Unknown, "fly": access.Denied})
	assert.Equal(t, []string{"teleport"}, s.Unmapped, "a switch that can't be read may be on")
	assert.Equal(t, []string{"spot"}, s.Permissions)
}

// TestEntryWithoutName: it may be any permission, known or not.
func TestEntryWithoutName(t *testing.T) {
	t.Parallel()
	s := apply(table.Listed([]string{"spot", ""}))
	assert.Equal(t, []string{""}, s.Unmapped)
	assert.Equal(t, access.Granted, s.Grant(access.TradeSpot).State)
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)
}

// TestQualifiers: a limit holds only if every permission that is held has it,
// whatever they are called.
func TestQualifiers(t *testing.T) {
	t.Parallel()
	limited := rights.Right{Grants: []access.Capability{access.Withdraw}, Qualifier: "to saved addresses"}
	limited.AddressBook = access.BookAlways
	other := rights.Right{Grants: []access.Capability{access.Withdraw}, Qualifier: "to the owner"}
	table := rights.Table{"a": limited, "b": rights.For(access.Withdraw), "c": limited, "d": other}
	for held, want := range map[string]string{"a": "to saved addresses", "ac": "to saved addresses", "b": "", "ab": "", "bc": "", "abc": "", "ad": "", "d": "to the owner"} {
		s := &access.Snapshot{}
		table.Apply(s, table.Listed(strings.Split(held, "")))
		assert.Equal(t, want, s.Grant(access.Withdraw).Qualifier, held)
		assert.Equal(t, want == limited.Qualifier, s.Grant(access.Withdraw).AddressBook == access.BookAlways, held)
	}
}

func TestDenyNothing(t *testing.T) {
	t.Parallel()
	states := table.Listed([]string{"spot"})
	rights.DenyNothing(states)
	s := apply(states)
	assert.Equal(t, access.Granted, s.Grant(access.TradeSpot).State)
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)
	assert.Equal(t, access.NoEvidence, s.Grant(access.Withdraw).Evidence)
}

// TestProve: an answer proves a right, whatever else is said of it, and leaves
// what the exchange reported alone.
func TestProve(t *testing.T) {
	t.Parallel()
	for held, want := range map[string]access.Evidence{"margin": access.Inferred, "spot": access.Reported} {
		s := apply(table.Listed([]string{held}))
		rights.Prove(s, access.TradeSpot)
		assert.True(t, s.Surely(access.TradeSpot, access.Granted), held)
		assert.Equal(t, want, s.Grant(access.TradeSpot).Evidence, held)
		assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State, held)
	}
}
