package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestWhyNoAnswer: more time is advised where time was short, and where a file is wrong, to
// correct it.
func TestWhyNoAnswer(t *testing.T) {
	t.Parallel()
	bybit, _ := exchanges.Lookup("bybit")
	policy, record := audit.SpotTrading(), audit.Record{}
	r := &remote{
		Run: &workers.Run{Keys: []workers.Assigned{{Name: "grid", Exchange: "bybit", Environment: "live", Worker: "tokyo"}}},
		now: time.Now, known: []known{{exchange: bybit, policy: &policy, record: &record}},
	}
	for want, answer := range map[access.Kind]workers.Answer{
		access.KindCanceled: {Missing: "worker tokyo never came"},
		access.KindInput:    {Unfit: "the answer of worker tokyo is about another exchange"},
	} {
		failure := r.result(&answer).Snapshot.Failure
		require.NotNil(t, failure)
		assert.Equal(t, want, failure.Kind)
		assert.Equal(t, answer.Missing+answer.Unfit, failure.Message)
	}
}
