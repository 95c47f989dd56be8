package render

import (
	"fmt"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// exposure says whether a copy of a key is enough to lose funds. The zero value
// is the cautious one.
type exposure uint8

const (
	exposureUnknown exposure = iota
	exposureMissed           // not inspected, and no rule failed all the same
	exposureFound
	exposureNone // no path was found
)

// exposureNames are those of the filters, in the page's URL.
var exposureNames = []string{"unknown", "missed", "exposed", "none"}

// exposingRules are the rules whose failure lets a copy of the key send funds
// out, give itself the right to, or be used from anywhere.
var exposingRules = map[string]bool{
	"withdrawal": true, "external-transfer": true, "withdrawal-addresses": true, "address-book": true,
	"key-management": true, "wallet-key": true, "other-keys-secrets": true, "ip-allowlist": true, "ip-allowlist-width": true, "ip-allowlist-negative": true,
}

// requiredAnswers are the rules without whose answers the exposure is unknown.
var requiredAnswers = []string{"withdrawal", "external-transfer", "ip-allowlist"}

func exposes(f audit.Finding) bool { return exposingRules[f.Rule] && f.Severity >= audit.High }

// exposure depends on what failed at high or critical. A waiver doesn't change
// what a thief can do, and on a test network there is nothing to lose.
func (e *entry) exposure() exposure {
	found, unknown := false, false
	for _, f := range e.Findings {
		if open(f) && exposes(f) {
			found = found || f.Outcome == audit.Failed
			unknown = unknown || f.Outcome == audit.Undetermined
		}
	}
	for _, rule := range requiredAnswers {
		unknown = unknown || e.Finding(rule) == nil
	}
	switch {
	case e.Snapshot.Test && e.Inspected():
		return exposureNone
	case found:
		return exposureFound
	case !e.Inspected():
		return exposureMissed
	case unknown:
		return exposureUnknown
	default:
		return exposureNone
	}
}

// htmlTile is one of the figures on top; together they count all keys.
type htmlTile struct {
	Name  string // of the filter that shows the keys
	N     int
	At    int // how many keys come before these in the bar
	Label string
	Notes []string
}

// exposures count the keys by exposure. The zero value is ready.
type exposures struct {
	n                      [4]int
	waived, attested, test int
}

func (c *exposures) add(e *entry) {
	x := e.exposure()
	c.n[x]++
	if x == exposureFound && !slices.ContainsFunc(e.failed, exposes) {
		c.waived++
	}
	if x == exposureNone && slices.ContainsFunc(e.attested, func(rule string) bool { return exposingRules[rule] }) {
		c.attested++
	}
	if e.Snapshot.Test {
		c.test++
	}
}

// verdict is that on the fleet.
func (c *exposures) verdict() string {
	n := c.n
	return htmlVerdict(n[exposureFound]+n[exposureUnknown]+n[exposureMissed]+n[exposureNone], n[exposureFound], n[exposureUnknown]+n[exposureMissed])
}

// tiles show them.
func (c *exposures) tiles() (tiles []htmlTile) {
	for _, tile := range []struct {
		of          exposure
		label, note string
	}{
		{
			exposureFound, "funds at risk",
			"A copy of the key is enough: it can send funds out, or is usable from any IP address.",
		},
		{exposureUnknown, "risk unknown", "The exchange doesn’t report enough. Each card says how to find out."},
		{exposureMissed, "not inspected", "The exchange gave no usable answer, or was not asked."},
		{exposureNone, "no path to lose funds found", "Other findings may remain."},
	} {
		at := 0
		if i := len(tiles) - 1; i >= 0 {
			at = tiles[i].At + tiles[i].N
		}
		tiles = append(tiles, htmlTile{exposureNames[tile.of], c.n[tile.of], at, tile.label, []string{tile.note}})
	}
	for _, note := range []struct {
		tile, n int
		text    string
	}{{0, c.waived, "Waived"}, {3, c.attested, "Attested by the owner"}, {3, c.test, "On a test network"}} {
		if note.n > 0 {
			tiles[note.tile].Notes = append(tiles[note.tile].Notes, fmt.Sprintf("%s: %d.", note.text, note.n))
		}
	}
	return tiles
}

// htmlVerdict is the page's heading.
func htmlVerdict(keys, exposed, unknown int) string {
	all := count(keys, "key", "keys")
	switch {
	case keys == 0:
		return "No key was audited."
	case keys == 1 && exposed > 0:
		return "Funds are at risk with this key."
	case keys == 1 && unknown > 0:
		return "Could not determine whether funds are at risk with this key."
	case exposed > 0:
		return fmt.Sprintf("Funds are at risk on %d of %s.", exposed, all)
	case unknown > 0:
		return fmt.Sprintf("Could not determine whether funds are at risk on %d of %s.", unknown, all)
	case keys == 1:
		return "No path to lose funds was found for this key."
	default:
		return fmt.Sprintf("No path to lose funds was found for any of %s.", all)
	}
}
