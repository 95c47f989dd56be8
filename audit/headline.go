package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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
		for _, j := range joints {
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
type joint struct {
	all           []either // all must hold
	sure, perhaps string   // without a full stop; the finding's own words if empty
}

// either is facts of which one must hold.
type either []fact

// fact is something about a key, and the rule whose finding is about it.
type fact struct {
	rule    string
	state   func(*Snapshot) State // nil: whether the rule failed
	whether string
}

var (
	withdraws = fact{"withdrawal", func(s *Snapshot) State { return s.may(familyWithdraw, Withdraw) }, "whether it can withdraw"}
	pays      = fact{"external-transfer", func(s *Snapshot) State { return s.may(familyExternal, TransferExternal) }, "whether it can pay other users"}
	anywhere  = fact{"ip-allowlist", func(s *Snapshot) State { return s.IPAllowlist.free() }, "whether it is bound to addresses"}
	manages   = fact{"key-management", func(s *Snapshot) State { return s.may(familyKeys, APIKeyManage) }, "whether it can manage API keys"}
	margin    = fact{"", func(s *Snapshot) State { return s.holds(TradeMargin, false) }, "whether it trades on margin"}
	futures   = fact{"", func(s *Snapshot) State { return s.holds(TradeFutures, false) }, "whether it trades futures"}
	onMain    = fact{"main-account", onMainAccountState, "whether it belongs to the main account"}
	outdone   = fact{"stronger-sibling", nil, ""}
	dormant   = fact{"idle-key", unusedFor90Days, ""}
	powerful  = fact{"", canDoHarm, "what it can do"}
)

// joints stand in the order in which they are told when they are equally bad.
var joints = []joint{
	{[]either{{withdraws, pays}, {anywhere}}, "Anyone who copies this key can empty the account", "Anyone who copies this key may be able to empty the account"},
	{[]either{{manages}}, "This key can give itself every right", "This key may be able to give itself every right"},
	{[]either{{outdone}}, "", ""},
	{
		[]either{{margin, futures}, {anywhere}, {onMain}},
		"The main account can be emptied by trading, by anyone who copies this key", "The account may be emptied by trading, by anyone who copies this key",
	},
	{[]either{{dormant}, {powerful}, {anywhere}}, "A forgotten key that nobody would miss, and that works from everywhere", "A forgotten key that nobody would miss"},
}

func onMainAccountState(s *Snapshot) State {
	switch s.Account.Kind {
	case MainAccount:
		return Granted
	case SubAccount:
		return Denied
	default:
		return Unknown
	}
}

func unusedFor90Days(s *Snapshot) State {
	return StateOf(!s.LastUsed.IsZero() && s.TakenAt.Sub(s.LastUsed) > 90*day)
}

func canDoHarm(s *Snapshot) State {
	switch {
	case reach(s) == Critical || len(s.granted(familyTrade)) > 0:
		return Granted
	case reach(s) == Low:
		return Denied
	default:
		return Unknown
	}
}

// of is the state of a fact in the light of what the owner attested and waived.
func (f fact) of(r *Result) State {
	finding := r.Finding(f.rule)
	state := Unknown
	if f.state != nil {
		state = f.state(r.facts())
	}
	switch {
	case finding == nil:
		return state
	case finding.Waived != "":
		return Denied
	case f.state == nil && finding.open():
		return map[bool]State{true: Granted, false: Unknown}[finding.Outcome == Failed]
	case state == Unknown && !finding.open():
		return Denied
	default:
		return state
	}
}

// headline is what the facts mean, or nil if they don't hold or nobody has to
// look at them.
func (j joint) headline(r *Result) *Headline {
	h := Headline{Outcome: Failed}
	var open []string
	words := ""
	for _, facts := range j.all {
		together := Denied
		var unknown []string
		for _, f := range facts {
			state := f.of(r)
			if state == Denied {
				continue
			}
			if state == Unknown {
				unknown = appendText(unknown, f.whether)
			}
			if together != Granted {
				together = state
			}
			if found := r.Finding(f.rule); found != nil && found.open() {
				h.Rules, h.Severity, words = append(h.Rules, f.rule), max(h.Severity, found.Severity), found.Message
			}
		}
		switch together {
		case Denied:
			return nil
		case Unknown:
			h.Outcome = Undetermined
			open = append(open, unknown...)
		case Granted:
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
		case f.Outcome == Passed && f.Evidence == Declared:
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
		if g.State == Granted {
			held = append(held, deed(g.Capability))
		}
	}
	text := "nothing is wrong that the rules look for"
	if len(held) > 0 {
		text = "the key can " + listed(slices.Compact(held), "and")
	}
	if n := len(s.IPAllowlist.Entries); s.IPAllowlist.free() == Denied && n > 0 {
		text += ", and works from " + count(n, "address or range", "addresses or ranges") + " only"
	} else if s.IPAllowlist.free() == Denied {
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
func deed(c Capability) string {
	words := []string{
		"read", "trade spot", "trade on margin", "trade futures", "trade options", "withdraw", "change withdrawal addresses",
		"move funds between the owner's accounts", "pay other users", "manage sub-accounts", "manage API keys",
	}
	if i := rank(c); i < len(words) {
		return words[i]
	}
	return strings.TrimPrefix(string(c), otherPrefix)
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
