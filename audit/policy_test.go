package audit_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestPresets(t *testing.T) {
	t.Parallel()
	presets := audit.Presets()
	for name, make := range map[string]func() audit.Policy{
		"read-only": audit.ReadOnly, "spot-trading": audit.SpotTrading, "futures-trading": audit.FuturesTrading,
		"trading": audit.Trading, "treasury": audit.Treasury, "agent": audit.Agent,
	} {
		p := make()
		assert.Equal(t, name, p.Name)
		assert.Equal(t, p, presets[name])
		assert.Contains(t, p.Needs, access.Read, "every bot reads")
		for _, c := range slices.Concat(p.Needs, p.Allows) {
			assert.True(t, c.Valid(), c)
		}
		p.Needs[0] = access.Withdraw
		assert.Contains(t, make().Needs, access.Read, "a preset is the caller's to change")
	}
	assert.Len(t, presets, 6)
	presets["read-only"] = audit.Policy{}
	assert.NotEmpty(t, audit.Presets()["read-only"].Name)
}

// TestWhatPresetsAdmit: only the treasury lets money out, and no preset lets a
// key manage keys, addresses or sub-accounts.
func TestWhatPresetsAdmit(t *testing.T) {
	t.Parallel()
	for name, policy := range audit.Presets() {
		for _, c := range []access.Capability{access.Withdraw, access.TransferExternal, access.WithdrawAddresses, access.APIKeyManage, access.SubaccountManage, access.TransferInternal} {
			s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: []access.Grant{{Capability: c, State: access.Granted, Evidence: access.Reported}}}}
			failed := slices.ContainsFunc(audit.Judge(s, policy, now, nil), func(f audit.Finding) bool {
				return f.Outcome == audit.Failed && f.Rule != "missing-permission"
			})
			treasury := name == "treasury" && slices.Contains([]access.Capability{access.Withdraw, access.TransferExternal, access.TransferInternal}, c)
			assert.Equal(t, !treasury, failed, "%s, %s", name, c)
		}
	}
}

// TestPolicyOfAKeyIsChecked: a policy that says something impossible is bad
// input; nothing is sent.
func TestPolicyOfAKeyIsChecked(t *testing.T) {
	t.Parallel()
	whole := audit.Attestation{Rule: "key-age", Statement: "made in May", By: "Ada", At: now, Until: now.AddDate(0, 1, 0)}
	attested := func(edit func(*audit.Attestation)) audit.Policy {
		a := whole
		edit(&a)
		return audit.Policy{Attestations: []audit.Attestation{a}}
	}
	waived := func(w audit.Waiver) audit.Policy { return audit.Policy{Waivers: []audit.Waiver{w}} }
	const (
		attestation = `attestation of "key-age" must say who`
		waiver      = `waiver of "key-age" must say why`
	)
	for _, c := range []struct {
		policy audit.Policy
		want   string
	}{
		{audit.Policy{}, ""},
		{attested(func(*audit.Attestation) {}), ""},
		{waived(audit.Waiver{Rule: "key-age", Reason: "closing", Until: now}), ""},
		{audit.Policy{Needs: []access.Capability{"trade"}}, `the unknown capability "trade"`},
		{audit.Policy{Allows: []access.Capability{"Withdraw"}}, `the unknown capability "Withdraw"`},
		{attested(func(a *audit.Attestation) { a.By = "" }), attestation},
		{attested(func(a *audit.Attestation) { a.Statement = "" }), attestation},
		{attested(func(a *audit.Attestation) { a.At = time.Time{} }), attestation},
		{attested(func(a *audit.Attestation) { a.Until = time.Time{} }), attestation},
		{attested(func(a *audit.Attestation) { a.Rule = "" }), `attestation of "" must say who`},
		{waived(audit.Waiver{Rule: "key-age", Until: now}), waiver},
		{waived(audit.Waiver{Rule: "key-age", Reason: "closing"}), waiver},
		{waived(audit.Waiver{Reason: "closing", Until: now}), `waiver of "" must say why`},
	} {
		_, err := audit.Plan(audit.Key{Exchange: toyExchange(), Policy: c.policy})
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, access.KindInput)
		require.ErrorContains(t, err, c.want)
	}
}

func TestPolicyInJSON(t *testing.T) {
	t.Parallel()
	p := audit.Treasury()
	p.ExpectedIPs = []netip.Prefix{netip.MustParsePrefix("198.51.100.20/32")}
	p.MaxAge, p.MaxIdle, p.MaxEntries = time.Hour, time.Minute, 3
	p.Attestations = []audit.Attestation{{Rule: "key-age", Statement: "made in May", By: "Ada", At: now, Until: now.AddDate(0, 1, 0)}}
	p.Waivers = []audit.Waiver{{Rule: "ip-allowlist", Reason: "closing", Until: now}}
	text, err := json.Marshal(p)
	require.NoError(t, err)
	var back audit.Policy
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, p, back)
}
