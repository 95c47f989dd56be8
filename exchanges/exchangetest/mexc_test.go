package exchangetest

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestMEXCFutures: the futures API, which no call here uses, signs key, time and
// parameters with the same secret.
func TestMEXCFutures(t *testing.T) {
	t.Parallel()
	v := mexcVectors[0]
	assert.Equal(t, "234d596d2ee9bdbab13df2e41feecf052e45a5c79631486ee6ddd966b87ea890", hmacHex(sha256.New, v.Secret, v.Key+"1767225600000"+"currency=USDT"))
}
