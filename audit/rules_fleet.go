package audit

// fleetRules compare the keys of a run with one another.
var fleetRules = []*Rule{}

// fleet is what the rules about the fleet know of all keys of a run.
type fleet struct{}

func newFleet([]*Result) *fleet { return &fleet{} }
