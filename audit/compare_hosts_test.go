package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestCompareHosts: of two hosts' keys with one name, each is compared with that of its own
// host, also if both were replaced; and messages name the host.
func TestCompareHosts(t *testing.T) {
	t.Parallel()
	key := func(host, id string, withdraws access.State) *audit.Result {
		s := &access.Snapshot{
			Inspection: access.Inspection{Exchange: "toy", Environment: "live", KeyID: id, Fingerprint: "of " + id, TakenAt: now, Requests: 1},
			Answer:     access.Answer{Grants: []access.Grant{{Capability: access.Withdraw, State: withdraws, Evidence: access.Reported}}},
		}
		return &audit.Result{Name: "main", Exchange: "toy", Title: "Toy", Record: audit.Record{Host: host}, Snapshot: s}
	}
	report := func(all ...*audit.Result) *audit.Report {
		return &audit.Report{Started: now, Finished: now, Results: all}
	}
	before := report(key("tokyo", "z1", access.Granted), key("london", "a1", access.Denied))
	after := audit.Compare(before, report(key("tokyo", "a2", access.Granted), key("london", "z2", access.Granted)), nil)
	for _, r := range after.Results {
		assert.Equal(t, r.Record.Host == "london", r.Finding(audit.RuleGainedPermission).Outcome == audit.Failed, r.FullName())
	}
	gone := audit.Compare(before, report(before.Results[0]), nil)
	if assert.Len(t, gone.Findings, 1) {
		assert.Contains(t, gone.Findings[0].Message, `The key "london/main" (Toy live) was in the previous report`)
	}
	same := audit.Compare(nil, report(key("tokyo", "a1", access.Denied), key("london", "a1", access.Denied)), nil)
	assert.Contains(t, same.Results[0].Finding(audit.RuleSharedKey).Message, `"london/main" (Toy live)`)

	moved := audit.Compare(report(key("tokyo", "a1", access.Denied)), report(key("london", "a1", access.Denied)), nil)
	assert.Empty(t, moved.Findings, "it is the same key")
	assert.Equal(t, "main", key("", "a1", access.Denied).FullName())
}
