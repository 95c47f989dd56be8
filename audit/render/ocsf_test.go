package render

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func readOCSF(tb testing.TB, r *audit.Report, o OCSFOptions) (events []ocsfEvent) {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, OCSF(&buf, r, o))
	for line := range bytes.Lines(buf.Bytes()) {
		var e ocsfEvent
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		require.NoError(tb, decoder.Decode(&e))
		events = append(events, e)
	}
	return events
}

func TestOCSFEvent(t *testing.T) {
	r := worstKey()
	r.Snapshot.LastUsed = now.AddDate(0, 0, -1)
	r.Snapshot.IPAllowlist = access.NewIPAllowlist([]string{"203.0.113.7", "198.51.100.0/24"})
	events := readOCSF(t, versioned(one(r)), OCSFOptions{})
	require.Len(t, events, 9)
	e := events[0]
	assert.Equal(t, []int{2, 2008, 1, 200801, 5, 1}, []int{e.CategoryUID, e.ClassUID, e.ActivityID, e.TypeUID, e.SeverityID, e.StatusID})
	assert.Equal(t, []string{"Findings", "IAM Analysis Finding", "Create", "IAM Analysis Finding: Create", "Critical", "New", "failed"},
		[]string{e.Category, e.Class, e.Activity, e.Type, e.Severity, e.Status, e.StatusCode})
	assert.Equal(t, now.UnixMilli(), e.Time)
	assert.Equal(t, `grid-bot-eth (Bybit live, key 8Kd0…x9Qa): the key can withdraw funds (permission "Wallet.Withdraw", only to saved addresses)`, e.Message)
	assert.Equal(t, ocsfProduct{Name: "exchangekeyaudit", Vendor: "exchangekeyaudit", Version: "v0.1.0"}, e.Metadata.Product)
	assert.Equal(t, "1.6.0", e.Metadata.Version)
	assert.Equal(t, ruleBook(nil)["withdrawal"].Title+": grid-bot-eth", e.Info.Title)
	assert.Equal(t, []string{"withdrawal"}, e.Info.Types)
	assert.Equal(t, keyPage, e.Info.Source)
	assert.Equal(t, []string{keyPage}, e.Remediation.References)
	assert.Nil(t, e.Compliance)

	require.NotNil(t, e.User)
	assert.Equal(t, "grid-bot-eth", e.User.Name)
	assert.Equal(t, "5b1f0c9d2e7a4468", e.User.UID)
	assert.Equal(t, []ocsfCredential{{UID: "5b1f0c9d2e7a4468", Type: "API key", Used: now.AddDate(0, 0, -1).UnixMilli()}}, e.User.Credentials)
	assert.Equal(t, ocsfAccount{UID: "…42", Name: "Bybit live", TypeID: 99, Type: "main account"}, e.User.Account)
	assert.Equal(t, []ocsfPermissions{{
		Policy:  ocsfPolicy{Name: "spot-trading", Type: "policy that the key is judged against"},
		Granted: []string{"read", "trade.spot", "withdraw"},
		Conditions: []ocsfCondition{
			{Name: "source-ip", Value: "restricted", Values: []string{"203.0.113.7", "198.51.100.0/24"}},
		},
	}}, e.Permissions)
	require.Len(t, e.Resources, 1)
	assert.Equal(t, ocsfResource{
		UID: "bybit/live/grid-bot-eth", Name: "grid-bot-eth", Type: "Exchange API key", Namespace: "live", Group: &ocsfGroup{"Bybit"},
		Owner: &ocsfOwner{"Ada Lovelace"}, Labels: []string{"cost-centre=4711", "desk=markets"},
		Data: ocsfRecord{KeyID: "8Kd0…x9Qa", Policy: "spot-trading", Purpose: "grid trading in ETH", Stage: "live", File: "fleet/keys.json", Line: 12},
	}, e.Resources[0])
	assert.Equal(t, []string{"Wallet.Teleport"}, e.Unmapped.Permissions)
}

// TestOCSFUnknown: a right that is neither granted nor denied with evidence is
// unknown.
func TestOCSFUnknown(t *testing.T) {
	claimed := access.Grant{Capability: access.TradeMargin, State: access.Denied} // without evidence
	fuzzy := access.Grant{Capability: access.Other("earn"), State: access.Unknown}
	r := judged("x", finding("r", audit.Failed, audit.Low, 0, "m", ""))
	r.Snapshot.Grants = []access.Grant{granted(access.Read), denied(access.Withdraw), claimed, fuzzy}
	e := readOCSF(t, one(r), OCSFOptions{})[0]
	assert.Equal(t, []string{"read"}, e.Permissions[0].Granted)
	assert.Equal(t, []string{
		"trade.spot", "trade.margin", "trade.futures", "trade.options", "withdraw.addresses", "transfer.internal", "transfer.external",
		"subaccount.manage", "apikey.manage", "other:earn",
	}, e.Unmapped.Unknown)

	e = readOCSF(t, one(refusedKey()), OCSFOptions{})[0]
	assert.Len(t, e.Unmapped.Unknown, len(access.Capabilities()))
	assert.Empty(t, e.Permissions[0].Granted)
	assert.Equal(t, "unknown", e.Permissions[0].Conditions[0].Value)
}

func TestOCSFLifecycle(t *testing.T) {
	of := func(r *audit.Report, f audit.Finding) ocsfEvent {
		r.Results = []*audit.Result{judged("x", f)}
		events := readOCSF(t, r, OCSFOptions{})
		require.Len(t, events, 1)
		return events[0]
	}
	old := finding("r", audit.Failed, audit.High, access.Reported, "m", "")
	fresh, accepted, unknown := old, old, old
	fresh.New, accepted.Waived, unknown.Outcome = true, "accepted until 2027-03-01: a reason", audit.Undetermined
	compared := &audit.Report{Baseline: &audit.Baseline{}}
	for name, c := range map[string]struct {
		event ocsfEvent
		want  []string
	}{
		"alone":        {of(&audit.Report{}, old), []string{"Create", "New", "failed", ""}},
		"new":          {of(compared, fresh), []string{"Create", "New", "failed", ""}},
		"as before":    {of(compared, old), []string{"Update", "New", "failed", ""}},
		"undetermined": {of(compared, unknown), []string{"Update", "New", "undetermined", ""}},
		"waived":       {of(compared, accepted), []string{"Update", "Suppressed", "failed", "accepted until 2027-03-01: a reason"}},
	} {
		e := c.event
		assert.Equal(t, c.want, []string{e.Activity, e.Status, e.StatusCode, e.StatusDetail}, name)
		assert.Equal(t, 200800+e.ActivityID, e.TypeUID)
	}

	fixed := judged("x", passed("r", "m"))
	fixed.Resolved = []string{"r"}
	compared.Results = []*audit.Result{fixed}
	events := readOCSF(t, compared, OCSFOptions{})
	require.Len(t, events, 1)
	closed := events[0]
	assert.Equal(t, []string{"Close", "Resolved", "passed", "Informational"}, []string{closed.Activity, closed.Status, closed.StatusCode, closed.Severity})
	assert.Equal(t, of(compared, old).Info.UID, closed.Info.UID, "what is closed is what was opened")
	assert.NotEqual(t, of(compared, old).Metadata.UID, closed.Metadata.UID, "each event has an identity of its own")
}

// TestOCSFNotInspected: a key that gave no answer has one event, which lists the
// rules that could not be evaluated, and one for what failed all the same.
func TestOCSFNotInspected(t *testing.T) {
	events := readOCSF(t, one(refusedKey()), OCSFOptions{})
	require.Len(t, events, 2)
	assert.Equal(t, []string{"insecure-transport"}, events[0].Info.Types)
	assert.Equal(t, []string{"not-inspected"}, events[1].Info.Types)
	assert.Equal(t, []string{"withdrawal", "ip-allowlist"}, events[1].Unmapped.Undetermined)
	for name, result := range map[string]*audit.Result{"unnamed": unnamedKey(), "not judged": unjudgedKey()} {
		events := readOCSF(t, one(result), OCSFOptions{})
		require.Len(t, events, 1, name)
		assert.Equal(t, []string{"not-inspected"}, events[0].Info.Types, name)
		assert.Equal(t, "High", events[0].Severity, name)
	}
	assert.Empty(t, readOCSF(t, one(cleanKey("x")), OCSFOptions{}))
}

func TestOCSFCompliance(t *testing.T) {
	for outcome, want := range map[audit.Outcome]string{audit.Failed: "Fail", audit.Undetermined: "Warning", audit.Outcome(9): "Warning"} {
		e := readOCSF(t, one(judged("x", finding("withdrawal", outcome, audit.Critical, 0, "m", ""))), OCSFOptions{Class: Compliance})[0]
		assert.Equal(t, 2003, e.ClassUID)
		assert.Equal(t, 200301, e.TypeUID)
		assert.Nil(t, e.User)
		assert.Nil(t, e.Permissions)
		require.NotNil(t, e.Compliance)
		assert.Equal(t, want, e.Compliance.Status)
		assert.Equal(t, ruleBook(nil)["withdrawal"].Title, e.Compliance.Control)
		assert.Equal(t, []string{"exchangekeyaudit rules", "CWE", "OWASP Non-Human Identities Top 10"}, e.Compliance.Standards)
		assert.Equal(t, []string{"CWE-250", "CWE-272", "NHI5:2025"}, e.Compliance.Requirements)
		require.Len(t, e.Compliance.Checks, 1)
		assert.Equal(t, e.Compliance.StatusID, e.Compliance.Checks[0].StatusID)
		assert.Equal(t, "withdrawal", e.Compliance.Checks[0].UID)
	}
	own := &audit.Rule{ID: "own", Title: "Own", References: []string{"Incident 2022", "NIST SP 800-53 SC-45"}}
	e := readOCSF(t, one(judged("x", finding("own", audit.Failed, audit.Low, 0, "m", ""))), OCSFOptions{Class: Compliance, Rules: []*audit.Rule{own}})[0]
	assert.Equal(t, []string{"exchangekeyaudit rules", "NIST SP 800-53"}, e.Compliance.Standards)
	assert.Equal(t, []string{"NIST SP 800-53 SC-45"}, e.Compliance.Requirements)
	assert.ErrorContains(t, OCSF(&bytes.Buffer{}, one(), OCSFOptions{Class: 2004}), "choose IAMAnalysis (2008) or Compliance (2003)")
}

func TestOCSFFleet(t *testing.T) {
	r := &audit.Report{Finished: now, Findings: []audit.Finding{
		finding("key-vanished", audit.Failed, audit.Medium, 0, "the key a is gone", "Look."),
		finding("key-vanished", audit.Failed, audit.Medium, 0, "the key b is gone", "Look."),
		passed("x", "m"),
	}}
	events := readOCSF(t, r, OCSFOptions{})
	require.Len(t, events, 2)
	assert.Equal(t, "the key a is gone", events[0].Message)
	assert.Equal(t, now.UnixMilli(), events[0].Time)
	assert.NotEqual(t, events[0].Info.UID, events[1].Info.UID)
	assert.Len(t, events[0].Permissions, 1, "the class requires one")
	assert.Empty(t, readOCSF(t, r, OCSFOptions{Class: Compliance})[0].Permissions)
}

// TestOCSFIdentity: a finding has the same identity in SARIF and OCSF, unless it is
// part of what SARIF says about all that is unknown.
func TestOCSFIdentity(t *testing.T) {
	r := richReport()
	var inSARIF, inOCSF []string
	folded := map[string]bool{}
	for i, name := range namesOf(r) {
		for _, f := range r.Results[i].Findings {
			folded[identity(append([]string{f.Rule}, name...)...)+":1"] = sarifFolds(f)
		}
	}
	for _, result := range readSARIF(t, r, SARIFOptions{}).Results {
		inSARIF = append(inSARIF, result.PartialFingerprints["primaryLocationLineHash"])
	}
	for _, e := range readOCSF(t, r, OCSFOptions{}) {
		if e.Activity != "Close" && !folded[e.Info.UID+":1"] {
			inOCSF = append(inOCSF, e.Info.UID+":1")
		}
	}
	assert.Subset(t, inSARIF, inOCSF)
	slices.Sort(inOCSF)
	assert.Len(t, slices.Compact(inOCSF), len(inOCSF), "each once")
}

func TestOCSFTime(t *testing.T) {
	r := one(judged("x", finding("r", audit.Failed, audit.Low, 0, "m", "")))
	r.Results[0].Snapshot.TakenAt = time.Time{}
	assert.Zero(t, readOCSF(t, r, OCSFOptions{})[0].Time)
	r.Started = now
	assert.Equal(t, now.UnixMilli(), readOCSF(t, r, OCSFOptions{})[0].Time)
	r.Finished = now.Add(time.Second)
	assert.Equal(t, now.UnixMilli()+1000, readOCSF(t, r, OCSFOptions{})[0].Time)
}
