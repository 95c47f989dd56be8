package wire

import "github.com/exchangekeyaudit/exchangekeyaudit/audit"

// State returns a member that names the state of the key, in the venue's words
// or numbers. One that isn't told is unknown, and one that words doesn't have is
// unclear: it must not pass for active.
func (o Object) State(name string, words map[string]audit.KeyState) audit.KeyState {
	word, told := o.Text(name)
	if !told {
		return audit.KeyStateUnknown
	}
	if state, ok := words[word]; ok {
		return state
	}
	return audit.KeyUnclear
}
