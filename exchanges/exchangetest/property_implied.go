package exchangetest

import (
	"regexp"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// inWords recognises the powers of the fixed vocabulary in the notes on a right.
var inWords = map[access.Capability]*regexp.Regexp{
	access.APIKeyManage:     regexp.MustCompile(`(?i)\b(creat|chang|delet|manag|modif|clear|replac)\w*\b.*\b(API keys?|IP allowlists?)\b`),
	access.SubaccountManage: regexp.MustCompile(`(?i)\b(creat|delet|manag|lock|freez|switch)\w*\b[^:;]*\bsub-(accounts?|users?)\b`),
	access.TransferInternal: regexp.MustCompile(`(?i)\b(mov|transfer)\w*\b.*\b(wallets?|accounts?|sub-users?)\b`),
}

// checkImplied: what a right quietly includes is a power of the key, and not a note
// beside a "denied".
func checkImplied(c *trial) {
	def := c.fresh().def
	for _, spec := range c.specs() {
		s, err := c.bench(spec).inspect()
		if err != nil {
			continue // round-trip says so
		}
		c.deniedNotes(spec.describe(), s)
		for _, i := range def.implied(&spec) {
			c.carried(spec.describe(), s, i.Capability)
		}
	}
	for _, f := range c.fixtures() {
		s, err := c.bench(Spec{Answer: f.body}).inspect()
		if err != nil {
			continue // answers says so
		}
		what := "answer " + f.name
		c.deniedNotes(what, s)
		for name, all := range def.Implied {
			for _, i := range all {
				if (name == "" || slices.Contains(s.Permissions, name)) && i.If == nil && (!i.OnMain || s.Account.Kind != access.SubAccount) {
					c.carried(what, s, i.Capability)
				}
			}
		}
	}
}

// carried demands that a power isn't denied while a right that includes it is held.
func (c *trial) carried(what string, s *access.Snapshot, capability access.Capability) {
	if g := s.Grant(capability); g.State == access.Denied {
		c.Errorf("%s: %s is denied (%s), and a right that the key holds includes it", what, capability, g.Evidence)
	}
}

// deniedNotes demands that the notes on a right speak of no power that is denied.
func (c *trial) deniedNotes(what string, s *access.Snapshot) {
	for _, g := range s.Grants {
		for _, note := range g.Implies {
			for capability, words := range inWords {
				if denied := s.Grant(capability); denied.State == access.Denied && words.MatchString(note) {
					c.Errorf("%s: %s is denied (%s), and a note on %s says: %s", what, capability, denied.Evidence, g.Capability, note)
				}
			}
		}
	}
}
