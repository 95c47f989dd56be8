package rights_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
)

var table = rights.Table{
	"spot":     rights.For(audit.TradeSpot),
	"margin":   rights.For(audit.TradeMargin).Implying("loans"),
	"everyday": rights.For(audit.TradeSpot, audit.TradeMargin),
	"payout":   {Grants: []audit.Capability{audit.Withdraw}, Perhaps: []audit.Capability{audit.TransferExternal}, Qualifier: "to saved addresses"},
}

func apply(states map[string]audit.State) *audit.Snapshot {
	s := &audit.Snapshot{}
	table.Apply(s, states)
	return s
}

func TestDeniedOnlyIfEveryCarrierIsOff(t *testing.T) {
	t.Parallel()
	s := apply(map[string]audit.State{"spot": audit.Denied, "margin": audit.Denied})
	assert.Equal(t, audit.Unknown, s.Grant(audit.TradeSpot).State, "everyday is not told, and it carries spot")
	assert.Equal(t, audit.NoEvidence, s.Grant(audit.TradeSpot).Evidence)
	s = apply(map[string]audit.State{"spot": audit.Denied, "everyday": audit.Denied})
	assert.Equal(t, audit.Denied, s.Grant(audit.TradeSpot).State)
	assert.Equal(t, audit.Told, s.Grant(audit.TradeSpot).Evidence)
	s = apply(map[string]audit.State{"spot": audit.Granted})
	assert.Equal(t, audit.Granted, s.Grant(audit.TradeSpot).State)
	assert.Equal(t, []string{"spot"}, s.Grant(audit.TradeSpot).Names)
}

func TestPerhaps(t *testing.T) {
	t.Parallel()
	held := apply(table.Listed([]string{"payout"}))
	assert.Equal(t, audit.Granted, held.Grant(audit.Withdraw).State)
	assert.Equal(t, "to saved addresses", held.Grant(audit.Withdraw).Qualifier)
	assert.Equal(t, audit.Unknown, held.Grant(audit.TransferExternal).State)
	off := apply(table.Listed([]string{"margin"}))
	assert.Equal(t, audit.Denied, off.Grant(audit.TransferExternal).State)
	assert.Equal(t, []string{"loans"}, off.Grant(audit.TradeMargin).Implies)
}

func TestUnknownNamesAreShown(t *testing.T) {
	t.Parallel()
	s := apply(table.Listed([]string{"spot", "teleport", ""}))
	assert.Equal(t, []string{"teleport"}, s.Unmapped)
	assert.ElementsMatch(t, []string{"spot", "teleport"}, s.Permissions)
}

// TestQualifiers: a limit holds only if every permission that is held has it,
// whatever they are called.
func TestQualifiers(t *testing.T) {
	t.Parallel()
	limited := rights.Right{Grants: []audit.Capability{audit.Withdraw}, Qualifier: "to saved addresses"}
	limited.AddressBook = audit.BookAlways
	other := rights.Right{Grants: []audit.Capability{audit.Withdraw}, Qualifier: "to the owner"}
	table := rights.Table{"a": limited, "b": rights.For(audit.Withdraw), "c": limited, "d": other}
	for held, want := range map[string]string{"a": "to saved addresses", "ac": "to saved addresses", "b": "", "ab": "", "bc": "", "abc": "", "ad": "", "d": "to the owner"} {
		s := &audit.Snapshot{}
		table.Apply(s, table.Listed(strings.Split(held, "")))
		assert.Equal(t, want, s.Grant(audit.Withdraw).Qualifier, held)
		assert.Equal(t, want == limited.Qualifier, s.Grant(audit.Withdraw).AddressBook == audit.BookAlways, held)
	}
}
