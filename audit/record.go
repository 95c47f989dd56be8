package audit

import (
	"fmt"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Record is what the owner's inventory says about a key, besides what the key
// is for. The zero value is a key that is in no inventory.
type Record struct {
	Owner   string            `json:"owner,omitempty"`   // the person or team that answers for the key
	Purpose string            `json:"purpose,omitempty"` // what it does, in the owner's words
	Review  time.Time         `json:"review,omitzero"`   // the day on which the owner will look at it again
	Labels  map[string]string `json:"labels,omitempty"`
	Stage   Stage             `json:"stage,omitempty"` // what the bot that holds it is run as
	Source  Source            `json:"source,omitzero"`
	Host    string            `json:"host,omitempty"` // the machine whose report it comes from, where reports were merged
	// HeldBy names the software and vendors that hold the key besides its owner, and
	// Incidents are what their owner knows of incidents there.
	HeldBy    []string   `json:"held_by,omitempty"`
	Incidents []Incident `json:"incidents,omitempty"`
	// Replaces names the key that this one takes the place of, until that is dead.
	Replaces string `json:"replaces,omitempty"`
	// Probe names the egress through which the owner wants the IP allowlist proved.
	Probe string `json:"probe,omitempty"`
}

// Stage is what a bot is run as, by its own configuration.
type Stage string

// The stages. The zero value is unknown.
const (
	StageLive Stage = "live"
	StageTest Stage = "test" // a test network, or a dry run
)

// Source is where a key is named.
type Source struct {
	Format string `json:"format"` // FormatInventory, or the bot whose file it is: "freqtrade"
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`   // from 1; 0 if the format has no lines
	Column int    `json:"column,omitempty"` // from 1
	Switch string `json:"switch,omitempty"` // the variable beside the key that decided its environment
}

// FormatInventory is the Source.Format of keys that an inventory names, and so
// could say more about.
const FormatInventory = "inventory"

// in is where a key is named, as a sentence needs it.
func (s Source) in() string {
	if s.File == "" {
		return ""
	}
	return fmt.Sprintf(" in %q", access.Printable(s.File))
}
