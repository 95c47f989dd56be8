package exchangetest

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAscendEXSignedText: the documentation's second example, which is of an
// older API.
func TestAscendEXSignedText(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "vBZf8OQuiTJIVbNpNHGY3zcUsK5gJpwb5lgCgarpxYI=", hmacBase64(sha256.New, ascendexVectors[0].Secret, "1562952827927+user/info"))
}
