package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Headline is one sentence about a key, for somebody who has to decide and
// won't read findings.
type Headline struct {
	// Outcome is Failed if it is so, Undetermined if it may be, and Passed if
	// nothing is wrong.
	Outcome  Outcome  `json:"outcome"`
	Severity Severity `json:"severity"` // unset if passed
	Text     string   `json:"text"`
	// Rules are those whose findings the sentence stands for.
	Rules []string `json:"rules,omitempty"`
}

// Headlines says in at most three sentences how a key stands, the worst first:
// first what several findings mean together, then the worst of the others. What
// is not known is said as that, and what was waived is left out. There is always
// one: a key with nothing open gets a line that says why it is clean.
func (r *Result) Headlines() []Headline {
	if len(r.Findings) == 0 {
		return []Headline{{Undetermined, High, "No rule judged this key: nothing is known of its risk.", nil}}
	}
	var out []Headline
	said := map[string]bool{}
	if r.Inspected() {
		for _, j := range combinations {
			if h := j.headline(r); h != nil {
				out = append(out, *h)
				for _, rule := range h.Rules {
					said[rule] = said[rule] || h.Outcome == Failed || r.Finding(rule).Outcome != Failed
				}
			}
		}
	} else {
		out = append(out, r.unseen())
		said[ruleNotInspected] = true
	}
	for _, f := range r.Findings {
		if f.open() && f.Waived == "" && !said[f.Rule] && r.counts(&f) {
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
	slices.SortStableFunc(out, func(a, b Headline) int { return cmp.Compare(b.rank(), a.rank()) })
	return out[:min(len(out), maxHeadlines)]
}

// rank puts what stops a bot before what doesn't, and among that what is so
// before what may be.
func (h Headline) rank() int {
	n := int(h.Severity)
	if h.Severity >= High {
		n += 20
	}
	if h.Outcome == Failed {
		n += 10
	}
	return n
}

// joint is what several facts mean together.
type combination struct {
	all           []anyOf // all must hold
	sure, perhaps string  // without a full stop; the finding's own words if empty
}

// either is facts of which one must hold.
type anyOf []fact

// fact is something about a key, and the rule whose finding is about it.
type fact struct {
	rule    string
	state   func(*access.Snapshot) access.State // nil: whether the rule failed
	whether string
}

var (
	withdraws = fact{"withdrawal", func(s *access.Snapshot) access.State { return s.Holds(access.FamilyWithdraw) }, "whether it can withdraw"}
	pays      = fact{"external-transfer", func(s *access.Snapshot) access.State { return s.Holds(access.FamilyExternal) }, "whether it can pay other users"}
	anywhere  = fact{"ip-allowlist", func(s *access.Snapshot) access.State { return s.IPAllowlist.UsableFromAnywhere() }, "whether it is bound to addresses"}
	manages   = fact{"key-management", func(s *access.Snapshot) access.State { return s.Holds(access.FamilyKeys) }, "whether it can manage API keys"}
	margin    = fact{"", func(s *access.Snapshot) access.State { return holds(s, access.TradeMargin, false) }, "whether it trades on margin"}
	futures   = fact{"", func(s *access.Snapshot) access.State { return holds(s, access.TradeFutures, false) }, "whether it trades futures"}
	onMain    = fact{"main-account", onMainAccountState, "whether it belongs to the main account"}
	outdone   = fact{"stronger-sibling", nil, ""}
	dormant   = fact{"idle-key", unusedFor90Days, ""}
	powerful  = fact{"", canDoHarm, "what it can do"}
)

// joints stand in the order in which they are told when they are equally bad.
var combinations = []combination{
	{[]anyOf{{withdraws, pays}, {anywhere}}, "Anyone who copies this key can empty the account", "Anyone who copies this key may be able to empty the account"},
	{[]anyOf{{manages}}, "This key can give itself every right", "This key may be able to give itself every right"},
	{[]anyOf{{outdone}}, "", ""},
	{
		[]anyOf{{margin, futures}, {anywhere}, {onMain}},
		"The main account can be emptied by trading, by anyone who copies this key", "The account may be emptied by trading, by anyone who copies this key",
	},
	{[]anyOf{{dormant}, {powerful}, {anywhere}}, "A forgotten key that nobody would miss, and that works from everywhere", "A forgotten key that nobody would miss"},
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
	case state == access.Unknown && !finding.open():
		return access.Denied
	default:
		return state
	}
}

// headline is what the facts mean, or nil if they don't hold or nobody has to
// look at them.
func (j combination) headline(r *Result) *Headline {
	h := Headline{Outcome: Failed}
	var open []string
	words := ""
	for _, facts := range j.all {
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
	case j.sure == "":
		h.Text = sentence(words)
	case h.Outcome == Failed:
		h.Text = j.sure + "."
	default:
		h.Text = j.perhaps + ": it is not known " + listed(open, "and") + "."
	}
	return &h
}

// unseen is about a key that could not be inspected.
func (r *Result) unseen() Headline {
	h := Headline{Failed, High, sentence("the key could not be inspected: " + r.facts().Failure.Error()), []string{ruleNotInspected}}
	switch f := r.Finding(ruleNotInspected); {
	case f == nil:
	case f.Waived != "":
		h.Outcome, h.Severity, h.Text = Undetermined, f.Severity, sentence("the key could not be inspected, which was "+f.Waived)
	default:
		h.Severity = f.Severity
	}
	return h
}

// clean says why nobody has to look at a key.
func (r *Result) clean() Headline {
	var waived, declared, passed []string
	for _, f := range r.Findings {
		switch {
		case f.Waived != "":
			waived = append(waived, f.Rule)
		case f.Outcome == Passed && f.Evidence == access.Attested:
			declared = append(declared, f.Rule)
		case f.Outcome == Passed:
			passed = append(passed, f.Rule)
		}
	}
	if len(passed) == 0 {
		return Headline{Undetermined, High, "No rule found anything out about this key: nothing shows that it is safe.", nil}
	}
	s := r.facts()
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
	if n := len(s.IPAllowlist.Entries); s.IPAllowlist.UsableFromAnywhere() == access.Denied && n > 0 {
		text += ", and works from " + count(n, "address or range", "addresses or ranges") + " only"
	} else if s.IPAllowlist.UsableFromAnywhere() == access.Denied {
		text += ", and works only from addresses it is bound to"
	}
	if len(declared) > 0 {
		text += "; on its owner's word: " + some(declared, ", ")
	}
	if len(waived) > 0 {
		text += "; accepted by its owner: " + some(waived, ", ")
	}
	return Headline{Outcome: Passed, Text: sentence(text)}
}

// deed is a capability as a sentence needs it.
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

// listed joins words as a sentence has them.
func listed(words []string, and string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return fmt.Sprintf("%s %s %s", some(words[:len(words)-1], ", "), and, words[len(words)-1])
}

// sentence makes one of a finding's message.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}
