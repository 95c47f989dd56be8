package exchangetest

import (
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// stated changes how the adapter reads the word for the key's state.
func stated(f func(word string, present bool) access.KeyState) func(*steps) {
	return func(do *steps) {
		do.state = func(account wire.Object) access.KeyState { return f(account.Text("state")) }
	}
}

// forgetfulFlaws show a key as safer when less of the answer can be read.
var forgetfulFlaws = []flaw{
	{name: "a state that is missing read as a good one", property: "forgetting", only: true, steps: func(do *steps) {
		sound := do.state
		do.state = func(account wire.Object) access.KeyState {
			if !account.Has("state") {
				return access.KeyActive
			}
			return sound(account)
		}
	}},
	{name: "an entry without a name dropped from the list of rights", property: "forgetting", only: true, steps: after(func(s *access.Snapshot) {
		if slices.Contains(s.Unmapped, "") {
			for i := range s.Grants {
				if g := &s.Grants[i]; g.State == access.Unknown {
					g.State, g.Evidence = access.Denied, access.Reported
				}
			}
		}
	})},
	{name: "an entry that is empty dropped from the allowlist", property: "forgetting", only: true, steps: after(func(s *access.Snapshot) {
		list := &s.IPAllowlist
		list.Entries = slices.DeleteFunc(list.Entries, func(e access.AllowlistEntry) bool { return e.Text == "" })
		if len(list.Entries) > 0 && list.State == access.AllowlistUnknown {
			list.State = access.AllowlistRestricted
		}
	})},
}
