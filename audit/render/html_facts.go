package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// htmlFound is the facts of one inspection.
type htmlFound struct {
	Last   string // when, if it was not in this run
	Groups []htmlGroup
}

// htmlGroup is a list of facts under a heading.
type htmlGroup struct {
	Title string
	Facts []htmlFact
}

// htmlFact is a term and what is known about it. The style "u" is for what is
// unknown, "bad" for what is dangerous.
type htmlFact struct {
	Term, Style string
	Lines       []string
}

// found describes a snapshot and, with a result, what the owner said about the
// key.
func (v *htmlView) found(s *access.Snapshot, r *audit.Result) (f htmlFound) {
	group := func(title string, facts ...htmlFact) {
		facts = slices.DeleteFunc(facts, func(f htmlFact) bool { return len(f.Lines) == 0 })
		if len(facts) > 0 {
			f.Groups = append(f.Groups, htmlGroup{title, facts})
		}
	}
	group("Rights", htmlRights(s)...)
	group("IP addresses", htmlAllowlist(&s.IPAllowlist), htmlLines("Audited from", s.Egress))
	group("Dates", v.dates(s)...)
	if r != nil {
		group("Owner", v.owned(r)...)
	}
	group("Key and account", htmlIdentity(s)...)
	group("From the exchange", htmlReported(s)...)
	return f
}

// htmlLines is a fact with the lines that aren't empty.
func htmlLines(term string, lines ...string) htmlFact {
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

// htmlKnown is a fact, or the statement that it is unknown.
func htmlKnown(term, text, otherwise string) htmlFact {
	if text == "" {
		return htmlFact{Term: term, Style: "u", Lines: []string{otherwise}}
	}
	return htmlLines(term, text)
}

// htmlRights lists what is granted, what that implies, what is unknown, and
// what is denied, by evidence.
func htmlRights(s *access.Snapshot) []htmlFact {
	granted, unknown := rights(s)
	var held []string
	var with []htmlImplied
	for _, g := range granted {
		held = append(held, right(g)+" · "+g.Evidence.String())
		with = implied(with, g)
	}
	for _, name := range s.Unmapped {
		held = append(held, name+" · reported, unrecognised by this release")
	}
	denied := map[access.Evidence][]string{}
	for _, g := range s.Grants {
		if g.State == access.Denied && g.Evidence != access.NoEvidence {
			denied[g.Evidence] = append(denied[g.Evidence], string(g.Capability))
		}
	}
	var powers []string
	for _, w := range with {
		powers = append(powers, list(w.rights, 0)+": "+strings.Join(w.powers, "; "))
	}
	facts := []htmlFact{
		htmlStyled("y", htmlLines("Granted", held...)), htmlLines("Implied", powers...),
		htmlStyled("u", htmlLines("Unknown", list(unknown, 0))),
	}
	for _, evidence := range slices.Sorted(maps.Keys(denied)) {
		facts = append(facts, htmlLines("Denied", list(denied[evidence], 0)+" · "+evidence.String()))
	}
	return facts
}

func htmlStyled(style string, f htmlFact) htmlFact { f.Style = style; return f }

// htmlImplied is the powers that some rights imply.
type htmlImplied struct{ rights, powers []string }

// implied adds those of a right, to the rights that imply the same.
func implied(all []htmlImplied, g access.Grant) []htmlImplied {
	if len(g.Implies) == 0 {
		return all
	}
	for i := range all {
		if slices.Equal(all[i].powers, g.Implies) {
			all[i].rights = append(all[i].rights, string(g.Capability))
			return all
		}
	}
	return append(all, htmlImplied{[]string{string(g.Capability)}, g.Implies})
}

var htmlAllowlists = map[access.AllowlistState]struct{ style, text string }{
	access.AllowlistUnrestricted: {"bad", "usable from any IP address"},
	access.AllowlistRestricted:   {"", "usable from these IP addresses only"},
	access.AllowlistDenyAll:      {"", "usable from no IP address"},
	access.AllowlistOff:          {"bad", "an allowlist exists but is switched off: usable from any IP address"},
}

func htmlAllowlist(l *access.IPAllowlist) htmlFact {
	state, known := htmlAllowlists[l.State]
	if !known || l.Evidence == access.NoEvidence {
		state.style, state.text = "u", "unknown whether the key is restricted to IP addresses"
	}
	if l.Evidence != access.NoEvidence {
		state.text += " (" + l.Evidence.String() + ")"
	}
	lines := []string{state.text}
	if l.State == access.AllowlistRestricted && l.Disclosed != access.EntriesComplete {
		lines = append(lines, "the exchange doesn’t show the whole list")
	}
	if l.Vendor != "" {
		lines = append(lines, "shared with "+l.Vendor)
	}
	if l.Mandatory {
		lines = append(lines, "the exchange requires a list for this kind of key")
	}
	for _, e := range l.Entries {
		lines = append(lines, e.Text)
	}
	return htmlStyled(state.style, htmlLines("Allowlist", lines...))
}

func (v *htmlView) dates(s *access.Snapshot) []htmlFact {
	const unreported = "not reported by the exchange"
	expires := v.when(s.Expires)
	if expires == "" && s.NeverExpires {
		expires = "never"
	}
	var deadlines []string
	for _, d := range s.Deadlines {
		deadlines = append(deadlines, strings.TrimSuffix(d.What+": "+v.when(d.At), ": "))
	}
	return []htmlFact{
		htmlKnown("Created", v.when(s.Created), unreported), htmlLines("First audited", v.when(s.FirstSeen)),
		htmlLines("Changed", v.when(s.Changed)), htmlKnown("Last used", v.when(s.LastUsed), unreported),
		htmlKnown("Expires", expires, unreported), htmlLines("Deadlines", deadlines...),
	}
}

// when is a day, and how far it is from that of the report.
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
	var expected []string
	for _, prefix := range policy.ExpectedIPs {
		expected = append(expected, prefix.String())
	}
	source := strings.TrimSpace(record.Source.Format + " " + record.Source.File)
	if record.Source.Line > 0 {
		source += fmt.Sprintf(", line %d", record.Source.Line)
	}
	if record.Host != "" {
		source += ", on the host " + record.Host
	}
	return []htmlFact{
		htmlLines("Owner", record.Owner), htmlLines("Purpose", record.Purpose),
		htmlLines("Policy", cmp.Or(r.Policy, "unnamed"),
			capabilities("needs ", policy.Needs), capabilities("allows ", policy.Allows)),
		htmlLines("Expected IPs", expected...), htmlLines("Review", v.when(record.Review)),
		htmlLines("Stage", string(record.Stage)), htmlLines("Labels", pairs(record.Labels, ": ")...),
		htmlLines("Named in", source),
	}
}

func htmlIdentity(s *access.Snapshot) []htmlFact {
	account, state, clock := "", "", ""
	if s.Account.Kind != access.AccountUnknown || s.Account.ID != "" {
		account = strings.TrimSpace(s.Account.Kind.String() + " " + s.Account.ID)
	}
	if s.KeyState != access.KeyStateUnknown {
		state = s.KeyState.String()
	}
	if s.Clock.Known {
		clock = "this machine shows no difference"
		if offset := s.Clock.Offset.Abs().Round(100 * time.Millisecond); offset > 0 {
			clock = fmt.Sprintf("this machine is off by at least %s", offset)
		}
	}
	return []htmlFact{
		htmlLines("Name at the exchange", s.Label),
		htmlKnown("Account", account, "unknown whether main account or sub-account"),
		htmlKnown("State", state, "unknown"), htmlLines("Kind of key", s.KeyKind.String()),
		htmlLines("Fingerprint", s.Fingerprint), htmlLines("Stored in", htmlStorage(s.Storage)...),
		htmlStyled("bad", htmlLines("Sent insecurely", s.Insecure...)), htmlLines("Clock", clock),
	}
}

func htmlStorage(parts []access.Storage) (lines []string) {
	for _, part := range parts {
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
			text += ", in plaintext: " + part.Plaintext
		}
		lines = append(lines, text)
	}
	return lines
}

func htmlReported(s *access.Snapshot) []htmlFact {
	var facts, siblings []string
	for _, f := range s.Facts {
		facts = append(facts, f.Name+": "+f.Value)
	}
	for _, k := range s.Siblings {
		siblings = append(siblings, htmlSibling(k))
	}
	return []htmlFact{
		htmlLines("Permissions", list(s.Permissions, 100)), htmlLines("Contradictions", s.Contradictions...),
		htmlLines("Also reported", facts...), htmlLines("Notes", s.Notes...),
		htmlLines("Other keys on the account", siblings...), htmlLines("Requests", strconv.Itoa(s.Requests)),
	}
}

// htmlSibling describes another key on the account.
func htmlSibling(k *access.Snapshot) string {
	text := cmp.Or(k.KeyID, "(not read)")
	if k.Label != "" {
		text += " “" + k.Label + "”"
	}
	var held []string
	granted, _ := rights(k)
	for _, g := range granted {
		held = append(held, string(g.Capability))
	}
	if len(held) > 0 {
		text += ": granted " + list(held, 0)
	} else {
		text += ": rights unknown"
	}
	if k.IPAllowlist.State != access.AllowlistUnknown {
		text += "; IP allowlist " + k.IPAllowlist.State.String()
	}
	return text
}
