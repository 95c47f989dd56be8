package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const maxHeadlines = 3

// Headline is one sentence about a key, for somebody who has to decide and
// won't read findings.
type Headline struct {
	// Outcome is Failed if the sentence is certain, Undetermined if it may be
	// true, and Passed if nothing is wrong.
	Outcome  Outcome  `json:"outcome"`
	Severity Severity `json:"severity"` // unset if passed
	Text     string   `json:"text"`
	// Rules are those whose findings the sentence is about.
	Rules []string `json:"rules,omitempty"`
}

// Headlines says in at most three sentences what state a key is in, the worst
// first: first what several findings mean together, then the worst of the
// others. What is unknown is said to be, and what was waived is left out. There
// is always one: a key with nothing open gets a line that says why it is clean.
func (r *Result) Headlines() []Headline {
	if len(r.Findings) == 0 {
		return []Headline{{Undetermined, High, "No rule judged this key: nothing is known of its risk.", nil}}
	}
	out, covered := r.combined()
	for _, f := range r.Findings {
		if f.open() && f.Waived == "" && !covered[f.Rule] && r.counts(&f) {
			h := Headline{Undetermined, cmp.Or(f.Severity, High), sentence(f.Message), []string{f.Rule}}
			if f.Outcome == Failed {
				h.Outcome = Failed
			}
			out = append(out, h)
		}
	}
	if len(out) == 0 {
		return []Headline{r.clean()}
	}
	slices.SortStableFunc(out, func(a, b Headline) int { return b.rank() - a.rank() })
	return out[:min(len(out), maxHeadlines)]
}

// combined is what several findings mean together, and the rules that need no
// headline of their own because of that.
func (r *Result) combined() (out []Headline, covered map[string]bool) {
	covered = map[string]bool{}
	if !r.Inspected() {
		covered[RuleNotInspected] = true
		return []Headline{r.notInspected()}, covered
	}
	for _, c := range combinations {
		h := c.headline(r)
		if h == nil {
			continue
		}
		out = append(out, *h)
		for _, rule := range h.Rules {
			covered[rule] = covered[rule] || h.Outcome == Failed || r.Finding(rule).Outcome != Failed
		}
	}
	return out, covered
}

// rank is that of the findings that a sentence is about.
func (h Headline) rank() int { return (&Finding{Outcome: h.Outcome, Severity: h.Severity}).Rank() }

// combination is what several facts mean together.
type combination struct {
	all           []anyOf // all must hold
	sure, perhaps string  // without a full stop; the finding's own words if empty
}

// anyOf is facts of which one must hold.
type anyOf []fact

// fact is something about a key, and the rule whose finding is about it.
type fact struct {
	rule    string
	state   func(*access.Snapshot) access.State // nil: whether the rule failed
	whether string
}

// holding reports whether a key holds a right of a family.
func holding(f access.Family) func(*access.Snapshot) access.State {
	return func(s *access.Snapshot) access.State { return s.Holds(f) }
}

// trading reports whether a key holds a right to trade.
func trading(c access.Capability) func(*access.Snapshot) access.State {
	return func(s *access.Snapshot) access.State { return holds(s, c, false) }
}

var (
	withdraws = fact{RuleWithdrawal, holding(access.FamilyWithdraw), "whether it can withdraw"}
	pays      = fact{RuleExternalTransfer, holding(access.FamilyExternal), "whether it can pay other users"}
	manages   = fact{RuleKeyManagement, holding(access.FamilyKeys), "whether it can manage API keys"}
	anywhere  = fact{
		RuleIPAllowlist,
		func(s *access.Snapshot) access.State { return s.IPAllowlist.UsableFromAnywhere() },
		"whether it is restricted to IP addresses",
	}
	margin    = fact{"", trading(access.TradeMargin), "whether it can trade on margin"}
	futures   = fact{"", trading(access.TradeFutures), "whether it can trade futures"}
	onMain    = fact{RuleMainAccount, onMainAccountState, "whether it belongs to the main account"}
	surpassed = fact{"stronger-sibling", nil, ""}
	dormant   = fact{"idle-key", unusedFor90Days, ""}
	powerful  = fact{"", canDoHarm, "what it can do"}
)

// combinations are in the order in which they are shown when they are equally
// bad.
var combinations = []combination{
	{
		[]anyOf{{withdraws, pays}, {anywhere}},
		"Anyone who copies this key can empty the account", "Anyone who copies this key may be able to empty the account",
	},
	{[]anyOf{{manages}}, "This key can give itself every right", "This key may be able to give itself every right"},
	{[]anyOf{{surpassed}}, "", ""},
	{
		[]anyOf{{margin, futures}, {anywhere}, {onMain}},
		"Anyone who copies this key can empty the main account by trading",
		"Anyone who copies this key may be able to empty the account by trading",
	},
	{
		[]anyOf{{dormant}, {powerful}, {anywhere}},
		"A forgotten key that can do harm is usable from any IP address", "A forgotten key may be dangerous",
	},
}

func onMainAccountState(s *access.Snapshot) access.State {
	switch s.Account.Kind {
	case access.MainAccount:
		return access.Granted
	case access.SubAccount:
		return access.Denied
	default:
		return access.Unknown
	}
}

func unusedFor90Days(s *access.Snapshot) access.State {
	return access.StateOf(!s.LastUsed.IsZero() && s.TakenAt.Sub(s.LastUsed) > 90*day)
}

func canDoHarm(s *access.Snapshot) access.State {
	switch {
	case harmFromAnywhere(s) == Critical || len(s.GrantedOf(access.FamilyTrade)) > 0:
		return access.Granted
	case harmFromAnywhere(s) == Low:
		return access.Denied
	default:
		return access.Unknown
	}
}

// of is the state of a fact in the light of what the owner attested and waived.
func (f fact) of(r *Result) access.State {
	finding := r.Finding(f.rule)
	state := access.Unknown
	if f.state != nil {
		state = f.state(r.facts())
	}
	switch {
	case finding == nil:
		return state
	case finding.Waived != "":
		return access.Denied
	case f.state == nil && finding.open():
		return map[bool]access.State{true: access.Granted, false: access.Unknown}[finding.Outcome == Failed]
	case state == access.Unknown && !finding.open() && finding.See == "":
		return access.Denied
	default:
		return state
	}
}

// headline is what the facts mean, or nil if they don't hold or nobody has to
// look at them.
func (c combination) headline(r *Result) *Headline {
	h := Headline{Outcome: Failed}
	var open []string
	words := ""
	for _, facts := range c.all {
		together := access.Denied
		var unknown []string
		for _, f := range facts {
			state := f.of(r)
			if state == access.Denied {
				continue
			}
			if state == access.Unknown {
				unknown = appendText(unknown, f.whether)
			}
			if together != access.Granted {
				together = state
			}
			if found := r.Finding(f.rule); found != nil && found.open() {
				h.Rules, h.Severity, words = append(h.Rules, f.rule), max(h.Severity, found.Severity), found.Message
			}
		}
		switch together {
		case access.Denied:
			return nil
		case access.Unknown:
			h.Outcome = Undetermined
			open = append(open, unknown...)
		case access.Granted:
		}
	}
	if len(h.Rules) == 0 {
		return nil
	}
	switch {
	case c.sure == "":
		h.Text = sentence(words)
	case h.Outcome == Failed:
		h.Text = c.sure + "."
	default:
		h.Text = c.perhaps + ": could not determine " + listed(open, "and") + "."
	}
	return &h
}

// notInspected is about a key that could not be inspected.
func (r *Result) notInspected() Headline {
	text := sentence("the key could not be inspected: " + r.facts().Failure.Error())
	h := Headline{Failed, High, text, []string{RuleNotInspected}}
	switch f := r.Finding(RuleNotInspected); {
	case f == nil:
	case f.Waived != "":
		h.Outcome, h.Severity = Undetermined, f.Severity
		h.Text = sentence("the key could not be inspected, which was " + f.Waived)
	default:
		h.Severity = f.Severity
	}
	return h
}

// clean says why nobody has to look at a key.
func (r *Result) clean() Headline {
	var waived, attested []string
	passed := false
	for _, f := range r.Findings {
		switch {
		case f.Waived != "":
			waived = append(waived, f.Rule)
		case f.attested():
			attested = append(attested, f.Rule)
		case f.Outcome == Passed:
			passed = true
		}
	}
	if !passed {
		return Headline{Undetermined, High, "No rule found anything out about this key: nothing shows that it is safe.", nil}
	}
	text := abilities(r.facts())
	if len(attested) > 0 {
		text += "; attested by its owner: " + some(attested, ", ")
	}
	if len(waived) > 0 {
		text += "; accepted by its owner: " + some(waived, ", ")
	}
	return Headline{Outcome: Passed, Text: sentence(text)}
}

// abilities says what a key can do, and from where.
func abilities(s *access.Snapshot) string {
	var held []string
	for _, g := range s.Grants {
		if g.State == access.Granted {
			held = append(held, phrase(g.Capability))
		}
	}
	text := "nothing is wrong that the rules look for"
	if len(held) > 0 {
		text = "the key can " + listed(slices.Compact(held), "and")
	}
	if s.IPAllowlist.UsableFromAnywhere() != access.Denied {
		return text
	}
	if n := len(s.IPAllowlist.Entries); n > 0 {
		return text + ", from " + ranges(n) + " only"
	}
	return text + ", only from the IP addresses it is restricted to"
}

// phrase is a capability as a sentence needs it.
func phrase(c access.Capability) string {
	switch c {
	case access.Read:
		return "read"
	case access.TradeSpot:
		return "trade spot"
	case access.TradeMargin:
		return "trade on margin"
	case access.TradeFutures:
		return "trade futures"
	case access.TradeOptions:
		return "trade options"
	case access.Withdraw:
		return "withdraw"
	case access.WithdrawAddresses:
		return "change withdrawal addresses"
	case access.TransferInternal:
		return "move funds between the owner's accounts"
	case access.TransferExternal:
		return "pay other users"
	case access.SubaccountManage:
		return "manage sub-accounts"
	case access.APIKeyManage:
		return "manage API keys"
	default:
		return strings.TrimPrefix(string(c), "other:")
	}
}
