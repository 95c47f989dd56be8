// Package jwt writes the tokens that some exchanges require in place of signed
// headers: RFC 7515's compact form.
package jwt

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Unsigned is the part of a token that is signed: its header and its claims, which
// must consist of strings and numbers.
func Unsigned(header, claims any) string { return encode(header) + "." + encode(claims) }

func encode(v any) string {
	text, _ := json.Marshal(v) // cannot fail for strings and numbers
	return base64.RawURLEncoding.EncodeToString(text)
}

// Sign signs a token with the session's key and returns all of it.
func Sign(ctx context.Context, s *adapter.Session, algorithm adapter.Algorithm, unsigned string) (string, error) {
	signature, err := s.Sign(ctx, algorithm, unsigned)
	return unsigned + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

// UUID writes 16 random bytes as a UUID of version 4, for exchanges that require
// one in every token.
func UUID(random []byte) string {
	var b [16]byte
	copy(b[:], random)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
