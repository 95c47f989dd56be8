package wire

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// State returns a member that names the state of the key, in the exchange's words
// or numbers. One that is missing or null, or that words doesn't have, is unclear: it
// must not pass for active.
func (o Object) State(name string, words map[string]access.KeyState) access.KeyState {
	word, reported := o.Text(name)
	state, known := words[word]
	return stateIf(reported && known, state)
}

// Switch returns a member that is true when the key is in one state and false
// when it is in the other. A member that is neither is treated as by State.
func (o Object) Switch(name string, on, off access.KeyState) access.KeyState {
	yes, reported := o.Bool(name)
	return stateIf(reported, map[bool]access.KeyState{true: on, false: off}[yes])
}

func stateIf(known bool, state access.KeyState) access.KeyState {
	if known {
		return state
	}
	return access.KeyUnclear
}
