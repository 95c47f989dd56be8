package coinbase

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	nonce = "000102030405060708090a0b0c0d0e0f"
	uri   = "GET api.coinbase.com" + pathPermissions
)

// TestTokenEd25519: the key is that of RFC 8032's first test, and Ed25519 signs
// the same text always alike.
func TestTokenEd25519(t *testing.T) {
	t.Parallel()
	got := token("EdDSA", "00000000-0000-4000-8000-000000000001", nonce, uri, time.Unix(1700000000, 0))
	assert.Equal(t, "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6IjAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMSIsIm5vbmNlIjoiMDAwMTAyMDMwNDA1MDYwNzA4MDkwYTBiMGMwZDBlMGYifQ."+
		"eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJpc3MiOiJjZHAiLCJuYmYiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDEyMCwidXJpIjoiR0VUIGFwaS5jb2luYmFzZS5jb20vYXBpL3YzL2Jyb2tlcmFnZS9rZXlfcGVybWlzc2lvbnMifQ", got)
	seed, err := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	require.NoError(t, err)
	signature := ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte(got))
	assert.Equal(t, "lY7U-soXHchKMmP9nX5gFX9YA9mfFyo52devH2a6n-jgSjaNmruSPwMEd68np0gNL7N9QsloFfDOxvf8je0eDw", base64.RawURLEncoding.EncodeToString(signature))
}

func TestTokenES256(t *testing.T) {
	t.Parallel()
	got := token("ES256", "organizations/00000000-0000-4000-8000-0000000000aa/apiKeys/00000000-0000-4000-8000-0000000000bb", nonce, uri, time.Unix(1700000000, 0))
	digest := sha256.Sum256([]byte(got))
	assert.Equal(t, "37ccb5f40bf2b8544253486703640eb9b745207eb1d75683202363ad89553d70", hex.EncodeToString(digest[:]))
}
