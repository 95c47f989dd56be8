package exchangetest

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestKrakenInner: the inner hash has the nonce before the body, and again in it.
func TestKrakenInner(t *testing.T) {
	t.Parallel()
	vector := krakenVectors[1]
	sum := sha256.Sum256([]byte("1616492376594" + vector.Body))
	assert.Equal(t, "09fcef6b8f1c848c916f1c87befa425e755aefb54f968360a557c5f573b99275", hex.EncodeToString(sum[:]))
}
