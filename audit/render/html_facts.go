package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// htmlFound is one snapshot.
type htmlFound struct {
	Last   string // when, if it isn't this report's
	Groups []htmlGroup
}

// htmlGroup is a list of facts under a heading.
type htmlGroup struct {
	Title string
	Facts []htmlFact
}

// htmlFact is a term and what is known of it. The style "u" is for what is not
// known, "bad" for what is dangerous.
type htmlFact struct {
	Term, Style string
	Lines       []string
}

// found describes a snapshot and, if it is of this report, what the owner said
// about the key.
func (v *htmlView) found(s *access.Snapshot, r *audit.Result) (f htmlFound) {
	group := func(title string, facts ...htmlFact) {
		facts = slices.DeleteFunc(facts, func(f htmlFact) bool { return len(f.Lines) == 0 })
		if len(facts) > 0 {
			f.Groups = append(f.Groups, htmlGroup{title, facts})
		}
	}
	group("Rights", htmlRights(s)...)
	group("Addresses", htmlAddresses(&s.IPAllowlist), htmlSay("Sent from", s.Egress))
	group("Dates", v.dates(s)...)
	if r != nil {
		group("Owner", v.owned(r)...)
	}
	group("Key and account", htmlIdentity(s)...)
	group("From the exchange", htmlTold(s)...)
	return f
}

// htmlSay says a fact in as many lines as aren't empty.
func htmlSay(term string, lines ...string) htmlFact {
	const most = 50
	fact := htmlFact{Term: term}
	more := 0
	for _, line := range lines {
		switch {
		case line == "":
		case len(fact.Lines) < most:
			fact.Lines = append(fact.Lines, htmlText(line))
		default:
			more++
		}
	}
	if more > 0 {
		fact.Lines = append(fact.Lines, fmt.Sprintf("and %d more", more))
	}
	return fact
}

// htmlKnown says a fact, or that it is not known.
func htmlKnown(term, text, otherwise string) htmlFact {
	if text == "" {
		return htmlFact{Term: term, Style: "u", Lines: []string{otherwise}}
	}
	return htmlSay(term, text)
}

// htmlRights lists what the key may do, what comes with it, what is not known,
// and what it lacks by how that is known.
func htmlRights(s *access.Snapshot) []htmlFact {
	var held, unknown []string
	var with []htmlPowers
	denied := map[access.Evidence][]string{}
	for _, g := range s.Grants {
		switch {
		case g.State == access.Granted:
			held = append(held, right(g)+" · "+g.Evidence.String())
			with = htmlWith(with, g)
		case g.State == access.Denied && g.Evidence != access.NoEvidence:
			denied[g.Evidence] = append(denied[g.Evidence], string(g.Capability))
		default:
			unknown = append(unknown, string(g.Capability))
		}
	}
	for _, name := range s.Unmapped {
		held = append(held, name+" · told, and not known to this version")
	}
	for _, c := range access.Capabilities() {
		if !slices.ContainsFunc(s.Grants, func(g access.Grant) bool { return g.Capability == c }) {
			unknown = append(unknown, string(c))
		}
	}
	var included []string
	for _, w := range with {
		included = append(included, list(w.rights, 0)+": "+strings.Join(w.powers, "; "))
	}
	rights := []htmlFact{
		htmlStyled("y", htmlSay("Granted", held...)), htmlSay("With it come", included...), htmlStyled("u", htmlSay("Not known", list(unknown, 0))),
	}
	for _, evidence := range slices.Sorted(maps.Keys(denied)) {
		rights = append(rights, htmlSay("Denied", list(denied[evidence], 0)+" · "+evidence.String()))
	}
	return rights
}

func htmlStyled(style string, f htmlFact) htmlFact { f.Style = style; return f }

// htmlPowers are what comes with rights; rights with the same powers share
// them.
type htmlPowers struct{ rights, powers []string }

func htmlWith(with []htmlPowers, g access.Grant) []htmlPowers {
	if len(g.Implies) == 0 {
		return with
	}
	for i := range with {
		if slices.Equal(with[i].powers, g.Implies) {
			with[i].rights = append(with[i].rights, string(g.Capability))
			return with
		}
	}
	return append(with, htmlPowers{[]string{string(g.Capability)}, g.Implies})
}

var htmlAllowlists = map[access.AllowlistState]htmlFact{
	access.AllowlistUnrestricted: {Style: "bad", Lines: []string{"works from every address"}},
	access.AllowlistRestricted:   {Lines: []string{"works from these alone"}},
	access.AllowlistDenyAll:      {Lines: []string{"works from no address"}},
	access.AllowlistOff:          {Style: "bad", Lines: []string{"a list exists and is switched off: works from every address"}},
}

func htmlAddresses(l *access.IPAllowlist) htmlFact {
	fact, ok := htmlAllowlists[l.State]
	if !ok || l.Evidence == access.NoEvidence {
		fact = htmlFact{Style: "u", Lines: []string{"whether the key is bound to addresses is not known"}}
	}
	lines := []string{fact.Lines[0]}
	if l.Evidence != access.NoEvidence {
		lines[0] += " (" + l.Evidence.String() + ")"
	}
	if ok && l.State == access.AllowlistRestricted && l.Disclosed != access.EntriesComplete {
		lines = append(lines, "the exchange doesn’t show the whole list")
	}
	if l.Vendor != "" {
		lines = append(lines, "shared with "+l.Vendor)
	}
	if l.Mandatory {
		lines = append(lines, "the exchange demands a list for such a key")
	}
	for _, e := range l.Entries {
		lines = append(lines, e.Text)
	}
	out := htmlSay("Allowlist", lines...)
	out.Style = fact.Style
	return out
}

func (v *htmlView) dates(s *access.Snapshot) []htmlFact {
	expires := v.when(s.Expires)
	if expires == "" && s.NeverExpires {
		expires = "never"
	}
	var deadlines []string
	for _, d := range s.Deadlines {
		deadlines = append(deadlines, strings.TrimSuffix(d.What+": "+v.when(d.At), ": "))
	}
	return []htmlFact{
		htmlKnown("Made", v.when(s.Created), "not told by the exchange"), htmlSay("First seen here", v.when(s.FirstSeen)),
		htmlSay("Changed", v.when(s.Changed)), htmlKnown("Last used", v.when(s.LastUsed), "not told by the exchange"),
		htmlKnown("Expires", expires, "not told by the exchange"), htmlSay("Ahead", deadlines...),
	}
}

// when is a day and how far it is from the report's.
func (v *htmlView) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	text := t.UTC().Format(time.DateOnly)
	switch n := htmlDays(v.now.Sub(t)); {
	case v.now.Before(t):
		return text + ", in " + count(htmlDays(t.Sub(v.now)), "day", "days")
	case n == 0:
		return text + ", less than a day ago"
	default:
		return text + ", " + count(n, "day", "days") + " ago"
	}
}

func htmlDays(d time.Duration) int { return int(d / (24 * time.Hour)) }

// owned is what the owner said about the key.
func (v *htmlView) owned(r *audit.Result) []htmlFact {
	record, policy := &r.Record, &r.JudgedBy
	capabilities := func(lead string, all []access.Capability) string {
		if len(all) == 0 {
			return ""
		}
		texts := make([]string, len(all))
		for i := range all {
			texts[i] = string(all[i])
		}
		return lead + list(texts, 0)
	}
	var expected, labels []string
	for _, prefix := range policy.ExpectedIPs {
		expected = append(expected, prefix.String())
	}
	for _, name := range slices.Sorted(maps.Keys(record.Labels)) {
		labels = append(labels, name+": "+record.Labels[name])
	}
	source := strings.TrimSpace(record.Source.Format + " " + record.Source.File)
	if record.Source.Line > 0 {
		source += fmt.Sprintf(", line %d", record.Source.Line)
	}
	return []htmlFact{
		htmlSay("Owner", record.Owner), htmlSay("Does", record.Purpose), htmlSay("Judged as", cmp.Or(r.Policy, "unnamed"),
			capabilities("needs ", policy.Needs), capabilities("may ", policy.Allows)),
		htmlSay("Runs from", expected...), htmlSay("Review", v.when(record.Review)), htmlSay("Stage", string(record.Stage)),
		htmlSay("Labels", labels...), htmlSay("Named in", source),
	}
}

func htmlIdentity(s *access.Snapshot) []htmlFact {
	var storage []string
	for _, part := range s.Storage {
		text := part.Part + ": " + part.In
		if part.File != "" {
			text += " " + part.File
		}
		if part.Mode != 0 {
			text += fmt.Sprintf(", mode %04o", part.Mode)
		}
		if part.Foreign {
			text += ", belongs to another user"
		}
		if part.Plaintext != "" {
			text += ", in clear: " + part.Plaintext
		}
		storage = append(storage, text)
	}
	account := ""
	if s.Account.Kind != access.AccountUnknown || s.Account.ID != "" {
		account = strings.TrimSpace(s.Account.Kind.String() + " " + s.Account.ID)
	}
	state := ""
	if s.KeyState != access.KeyStateUnknown {
		state = s.KeyState.String()
	}
	clock := "" // only where it is told
	if s.Clock.Known {
		clock = fmt.Sprintf("this machine is off by %s at least", s.Clock.Offset.Abs().Round(100*time.Millisecond))
	}
	return []htmlFact{
		htmlSay("Name at the exchange", s.Label), htmlKnown("Account", account, "not known whether main or sub"), htmlKnown("State", state, "not known"),
		htmlSay("Sort of key", s.KeyKind.String()), htmlSay("Fingerprint", s.Fingerprint), htmlSay("Kept in", storage...),
		htmlStyled("bad", htmlSay("Sent weakly", s.Insecure...)),
		htmlSay("Clock", clock),
	}
}

func htmlTold(s *access.Snapshot) []htmlFact {
	var facts, siblings []string
	for _, f := range s.Facts {
		facts = append(facts, f.Name+": "+f.Value)
	}
	for _, k := range s.Siblings {
		text := cmp.Or(k.KeyID, "(not read)")
		if k.Label != "" {
			text += " “" + k.Label + "”"
		}
		var may []string
		for _, g := range k.Grants {
			if g.State == access.Granted {
				may = append(may, string(g.Capability))
			}
		}
		text += ": may " + cmp.Or(list(may, 0), "do what is not known")
		if k.IPAllowlist.State != access.AllowlistUnknown {
			text += "; addresses " + k.IPAllowlist.State.String()
		}
		siblings = append(siblings, text)
	}
	return []htmlFact{
		htmlSay("Permissions", list(s.Permissions, 100)), htmlSay("Contradictions", s.Contradictions...),
		htmlSay("Also told", facts...), htmlSay("Notes", s.Notes...), htmlSay("Other keys of the account", siblings...),
		htmlSay("Asked", count(s.Requests, "request", "requests")),
	}
}
