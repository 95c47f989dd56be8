package jwt_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/jwt"
)

// TestUnsigned: the members keep their order, and the text is that of RFC
// 7515's appendix A.1 except for its line breaks.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	header := struct {
		Type      string `json:"typ"`
		Algorithm string `json:"alg"`
	}{"JWT", "HS256"}
	claims := struct {
		Issuer  string `json:"iss"`
		Expires int64  `json:"exp"`
	}{"joe", 1300819380}
	assert.Equal(t, "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLCJleHAiOjEzMDA4MTkzODB9", jwt.Unsigned(header, claims))
}

func TestUUID(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "00000000-0000-4000-8000-000000000000", jwt.UUID(make([]byte, 16)))
	assert.Equal(t, "ffffffff-ffff-4fff-bfff-ffffffffffff", jwt.UUID(bytes.Repeat([]byte{0xff}, 16)))
	assert.Equal(t, "00000000-0000-4000-8000-000000000000", jwt.UUID(nil))
}
