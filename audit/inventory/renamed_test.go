package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRenamedRules: an inventory may name a rule by a former ID.
func TestRenamedRules(t *testing.T) {
	t.Parallel()
	in, err := inFile(t, `{"keys": [{
		"name": "a", "exchange": "bybit", "key": "k", "secret": "env:S",
		"waivers": [{"rule": "venue-expiry", "reason": "r", "until": "2027-01-01"}],
		"attestations": [{"rule": "venue-expiry", "statement": "s", "by": "b", "at": "2026-11-01", "until": "2027-01-01"}]
	}]}`, Options{Env: environ(map[string]string{"S": "s"})})
	require.NoError(t, err)
	assert.Equal(t, "exchange-expiry", in.Keys[0].Policy.Waivers[0].Rule)
	assert.Equal(t, "exchange-expiry", in.Keys[0].Policy.Attestations[0].Rule)
}
