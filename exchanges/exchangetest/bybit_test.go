package exchangetest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBybitRSAKey: the vector's private key belongs to the documented public one.
func TestBybitRSAKey(t *testing.T) {
	t.Parallel()
	der, err := base64.StdEncoding.DecodeString("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDaXleIeb2r73XY305Nd0U5zqI9GyKvsxBm/qsD6L1JdF85mZJihVAJnb8DlHU4Y9mMSukJ+EOFUQKDEBZW0UUdPVxOGB7VPCOvsQ49HdZNR/wHRb2Z/a+FnJ8x/wTKxFd7OP3XNfwNAgjLDuXgGftWXTSY5qbFaghv+yy/yuWLYQIDAQAB")
	require.NoError(t, err)
	want, err := x509.ParsePKIXPublicKey(der)
	require.NoError(t, err)
	got, ok := publicOf(privateFrom(bybitVectors[2].Secret)).(*rsa.PublicKey)
	require.True(t, ok)
	assert.True(t, got.Equal(want))
}
