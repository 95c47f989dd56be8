package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// little is a result of which next to nothing is known.
func little(at time.Time) *audit.Result {
	return &audit.Result{
		Name: "grid", Exchange: "toy", JudgedBy: audit.SpotTrading(),
		Snapshot: &access.Snapshot{Inspection: access.Inspection{Exchange: "toy", Environment: "live", TakenAt: at, Fingerprint: "f1", KeyID: "k1"}},
	}
}

func ofOne(r *audit.Result, at time.Time) *audit.Report {
	return &audit.Report{Schema: audit.ReportSchema, Started: at, Finished: at, Results: []*audit.Result{r}}
}

// TestComparedByTheExchangesClock: an attestation that has ended by the exchange's clock
// does not count because this machine's is behind: neither in a run nor in a report.
func TestComparedByTheExchangesClock(t *testing.T) {
	t.Parallel()
	for offset, want := range map[time.Duration]audit.Outcome{0: audit.Passed, 20 * time.Hour: audit.Undetermined} {
		r := little(now)
		r.JudgedBy.Attestations = []audit.Attestation{{Rule: "withdrawal", Statement: "it is off on the key's page", By: "desk", At: now.AddDate(0, -1, 0), Until: now.Add(10 * time.Hour)}}
		r.Snapshot.Clock = access.Clock{Known: true, Offset: offset}
		for _, before := range []*audit.Report{nil, ofOne(little(now.AddDate(0, 0, -1)), now.AddDate(0, 0, -1))} {
			report := audit.Compare(before, ofOne(r, now), nil)
			assert.Equal(t, want, report.Results[0].Finding("withdrawal").Outcome, offset)
		}
	}
}

// TestFirstKnown: what is unknown when a key answers for the first time is new: the run
// before could only say that it did not answer.
func TestFirstKnown(t *testing.T) {
	t.Parallel()
	yesterday := now.AddDate(0, 0, -1)
	silent := little(yesterday)
	silent.Snapshot.Failure = &access.Error{Kind: access.KindUnavailable, Message: "no answer"}
	before := audit.Compare(nil, ofOne(silent, yesterday), nil)
	f := audit.Compare(before, ofOne(little(now), now), nil).Results[0].Finding("withdrawal")
	require.Equal(t, audit.Undetermined, f.Outcome)
	assert.True(t, f.New)

	// It stays said once.
	before = audit.Compare(before, ofOne(little(now), now), nil)
	tomorrow := now.AddDate(0, 0, 1)
	assert.False(t, audit.Compare(before, ofOne(little(tomorrow), tomorrow), nil).Results[0].Finding("withdrawal").New)
}
