package audit

const ruleKeyVanished = "key-vanished"

// driftRules tell what has changed since the last report.
var driftRules = []*Rule{}

// history is what the last report knew as a whole.
type history struct{}

func newHistory(*Report) *history { return &history{} }

func scopeOf(string) Scope { return OneKey }
