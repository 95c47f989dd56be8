package exchangetest

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestKrakenFuturesDigest: the inner hash of the second vector.
func TestKrakenFuturesDigest(t *testing.T) {
	t.Parallel()
	digest := krakenFuturesDigest("", "1616492376594", "/api/auth/v1/api-keys/v3/check")
	assert.Equal(t, "2cd64b737f9c1032105154c634f68360e3f1e3aa48bb2a26e93c880371260fc6", hex.EncodeToString(digest[:]))
}
