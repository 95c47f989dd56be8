package audit

// Lookahead is how many keys may wait.
const Lookahead = lookahead
