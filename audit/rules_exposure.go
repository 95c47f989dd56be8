package audit

// exposureRules judge how the key is kept, and by whom.
var exposureRules = []*Rule{}
