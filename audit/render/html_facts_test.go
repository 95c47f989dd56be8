package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestHTMLExposure(t *testing.T) {
	answers := func(withdrawal, transfer, allowlist audit.Finding) *audit.Result {
		withdrawal.Rule, transfer.Rule, allowlist.Rule = "withdrawal", "external-transfer", "ip-allowlist"
		return &audit.Result{Snapshot: &access.Snapshot{}, Findings: []audit.Finding{withdrawal, transfer, allowlist}}
	}
	yes := audit.Finding{Outcome: audit.Passed, Evidence: access.Reported}
	no := func(s audit.Severity) audit.Finding { return audit.Finding{Outcome: audit.Failed, Severity: s} }
	unsure := func(s audit.Severity) audit.Finding { return audit.Finding{Outcome: audit.Undetermined, Severity: s} }
	accepted := no(audit.Critical)
	accepted.Waived = "accepted"
	test, missed := answers(no(audit.Critical), yes, yes), answers(unsure(audit.Critical), yes, yes)
	silent := answers(yes, yes, yes)
	test.Snapshot.Test = true
	missed.Snapshot.Failure = &access.Error{}
	silent.Findings = silent.Findings[:2]
	for name, c := range map[string]struct {
		result *audit.Result
		want   exposure
	}{
		"all passed":               {answers(yes, yes, yes), exposureNone},
		"can withdraw":             {answers(no(audit.Critical), yes, yes), exposureFound},
		"usable from anywhere":     {answers(yes, yes, no(audit.High)), exposureFound},
		"reads from anywhere":      {answers(yes, yes, no(audit.Low)), exposureNone},
		"accepted is no less":      {answers(accepted, yes, yes), exposureFound},
		"unknown":                  {answers(yes, unsure(audit.Critical), yes), exposureUnknown},
		"unknown, severity too":    {answers(yes, unsure(0), yes), exposureUnknown},
		"failed, severity unknown": {answers(yes, yes, no(0)), exposureFound},
		"no outcome that is known": {answers(yes, audit.Finding{Outcome: 9}, yes), exposureUnknown},
		"failure before unknown":   {answers(no(audit.High), unsure(audit.Critical), yes), exposureFound},
		"not asked":                {silent, exposureUnknown},
		"not judged":               {&audit.Result{Snapshot: &access.Snapshot{}}, exposureUnknown},
		"not inspected":            {missed, exposureMissed},
		"test network":             {test, exposureNone},
	} {
		r, err := checkedResult(c.result)
		require.NoError(t, err)
		e := newEntry(r)
		assert.Equal(t, c.want, e.exposure(), name)
	}
}

// TestHTMLExposingRules: a rule that was renamed would no longer count.
func TestHTMLExposingRules(t *testing.T) {
	for rule := range exposingRules {
		assert.Contains(t, ruleBook(nil), rule)
	}
	for _, rule := range requiredAnswers {
		assert.True(t, exposingRules[rule], rule)
	}
}

func TestHTMLVerdict(t *testing.T) {
	for want, n := range map[string][3]int{
		"No key was audited.":                                           {0, 0, 0},
		"Funds are at risk on 2 of 9 keys.":                             {9, 2, 3},
		"Funds are at risk with this key.":                              {1, 1, 0},
		"Could not determine whether funds are at risk on 3 of 9 keys.": {9, 0, 3},
		"No path to lose funds was found for this key.":                 {1, 0, 0},
		"No path to lose funds was found for any of 9 keys.":            {9, 0, 0},
	} {
		assert.Equal(t, want, htmlVerdict(n[0], n[1], n[2]))
	}
}

func TestHTMLTiles(t *testing.T) {
	accepted := judged("accepted", passed("external-transfer", ""), passed("ip-allowlist", ""), audit.Finding{
		Rule: "withdrawal", Outcome: audit.Failed, Severity: audit.Critical, Waived: "accepted",
	})
	accepted.Snapshot.Test = false
	attested := attestedKey()
	attested.Findings = append(attested.Findings, passed("withdrawal", ""), passed("external-transfer", ""))
	keys := one(worstKey(), accepted, refusedKey(), unjudgedKey(), attested, cleanKey("a"), cleanKey("b"))
	counts := &digested(keys).tiles
	var got []string
	for _, tile := range counts.tiles() {
		notes := strings.Join(tile.Notes[1:], " ")
		got = append(got, fmt.Sprintf("%s: %d after %d; %s", tile.Label, tile.N, tile.At, notes))
	}
	assert.Equal(t, []string{
		"funds at risk: 2 after 0; Waived: 1.", "risk unknown: 1 after 2; ", "not inspected: 1 after 3; ",
		"no path to lose funds found: 3 after 4; Attested by the owner: 1. On a test network: 2.",
	}, got)
	assert.Equal(t, "Funds are at risk on 2 of 7 keys.", counts.verdict())
}

func TestHTMLFacts(t *testing.T) {
	implied := []string{"a", "b"}
	rights := htmlRights(&access.Snapshot{Answer: access.Answer{Grants: []access.Grant{
		{Capability: access.TradeSpot, State: access.Granted, Evidence: access.Reported, Implies: implied},
		{Capability: access.TradeMargin, State: access.Granted, Evidence: access.Reported, Implies: implied},
		{Capability: access.Withdraw, State: access.Denied, Evidence: access.Reported},
		{Capability: access.TransferExternal, State: access.Denied},
	}}})
	assert.Equal(t, []string{"trade.spot, trade.margin: a; b"}, rights[1].Lines, "rights share what they imply")
	assert.Equal(t, "u", rights[2].Style)
	assert.Contains(t, rights[2].Lines[0], "transfer.external", "what is denied without evidence is unknown")
	assert.Contains(t, rights[2].Lines[0], "apikey.manage", "and so is what isn't listed")
	assert.Equal(t, []string{"withdraw · reported"}, rights[3].Lines)

	long := htmlLines("x", slices.Repeat([]string{"y", ""}, 53)...)
	require.Len(t, long.Lines, 51)
	assert.Equal(t, "and 3 more", long.Lines[50])

	full := access.IPAllowlist{
		State: access.AllowlistRestricted, Evidence: access.Reported, Disclosed: access.EntriesComplete,
		Vendor: "V", Mandatory: true,
		Entries: []access.AllowlistEntry{{Text: "192.0.2.1"}},
	}
	claimed := full
	claimed.Evidence, claimed.Vendor, claimed.Mandatory = access.NoEvidence, "", false
	for want, list := range map[string]access.IPAllowlist{
		"u unknown whether the key is restricted to IP addresses": {},
		"bad usable from any IP address (reported)":               access.NewIPAllowlist(nil),
		" usable from no IP address (reported)":                   {State: access.AllowlistDenyAll, Evidence: access.Reported},
		" usable from these IP addresses only (refused); the exchange doesn’t show the whole list": {
			State: access.AllowlistRestricted, Evidence: access.Refused,
		},
		" usable from these IP addresses only (reported); shared with V; " +
			"the exchange requires a list for this kind of key; 192.0.2.1": full,
		"u unknown whether the key is restricted to IP addresses; 192.0.2.1": claimed,
		"bad an allowlist exists but is switched off: usable from any IP address (reported)": {
			State: access.AllowlistOff, Evidence: access.Reported,
		},
		"u unknown whether the key is restricted to IP addresses (reported)": {State: 99, Evidence: access.Reported},
	} {
		fact := htmlAllowlist(&list)
		assert.Equal(t, want, fact.Style+" "+strings.Join(fact.Lines, "; "))
	}

	sibling := &access.Snapshot{Inspection: access.Inspection{KeyID: "Zz11…0099"}}
	assert.Equal(t, "Zz11…0099: rights unknown", htmlSibling(sibling))
	sibling = &access.Snapshot{Answer: access.Answer{
		Label: "old", Grants: []access.Grant{granted(access.Read)}, IPAllowlist: access.NewIPAllowlist(nil),
	}}
	assert.Equal(t, "(not read) “old”: granted read; IP allowlist unrestricted", htmlSibling(sibling))
}
