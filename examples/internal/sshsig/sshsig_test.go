package sshsig

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

func data(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return text
}

// TestSignaturesOfSSHKeygen: testdata was made by ssh-keygen 9.2, -Y sign -n keyaudit-report,
// and file.sig with -n file.
func TestSignaturesOfSSHKeygen(t *testing.T) {
	t.Parallel()
	report := data(t, "report.json")
	signers, err := ParseSigners(data(t, "allowed_signers"))
	require.NoError(t, err)
	for _, kind := range []string{"ed25519", "rsa", "ecdsa"} {
		s, err := Parse(data(t, kind+".sig"))
		require.NoError(t, err, kind)
		require.NoError(t, s.Verify(bytes.NewReader(report)), kind)
		require.ErrorIs(t, s.Verify(bytes.NewReader(report[:len(report)-1])), ErrDiffers, kind)
		principals, why := signers.Allow(s.Key, time.Now())
		assert.Equal(t, kind+"@example.com", principals)
		assert.Empty(t, why)
	}
	s, err := Parse(data(t, "file.sig"))
	require.NoError(t, err)
	assert.ErrorContains(t, s.Verify(bytes.NewReader(report)), "is for something else than a report")
}

// TestEveryBitCounts: no change of a signature is accepted.
func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	report := data(t, "report.json")
	block, _ := pem.Decode(data(t, "ed25519.sig"))
	for i := range block.Bytes {
		for bit := range 8 {
			changed := bytes.Clone(block.Bytes)
			changed[i] ^= 1 << bit
			s, err := Parse(pem.EncodeToMemory(&pem.Block{Type: armor, Bytes: changed}))
			if err == nil {
				err = s.Verify(bytes.NewReader(report))
			}
			require.Error(t, err, "byte %d, bit %d", i, bit)
		}
		_, err := Parse(pem.EncodeToMemory(&pem.Block{Type: armor, Bytes: block.Bytes[:i]}))
		require.Error(t, err, "cut after %d", i)
	}
	whole := string(data(t, "ed25519.sig"))
	for _, text := range []string{"", "text", "text\n" + whole, whole + "more", whole + whole, strings.Replace(whole, "SSH SIGNATURE", "SIGNATURE", 2)} {
		_, err := Parse([]byte(text))
		assert.Error(t, err, text)
	}
}

func TestSHA1IsRefused(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(key)
	require.NoError(t, err)
	text, err := message(Namespace, "sha512", strings.NewReader("report"))
	require.NoError(t, err)
	old, err := signer.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, text, ssh.KeyAlgoRSA)
	require.NoError(t, err)
	s := &Signature{Key: signer.PublicKey(), namespace: Namespace, algorithm: "sha512", signature: *old}
	assert.ErrorContains(t, s.Verify(strings.NewReader("report")), "SHA-1")
}

func TestAllowedSigners(t *testing.T) {
	t.Parallel()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	text := key.Type() + " " + base64.StdEncoding.EncodeToString(key.Marshal())
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for line, why := range map[string]string{
		"a@example.com " + text:                                                          "",
		"a@example.com,*@example.org " + text + " a comment":                             "",
		"\"a person\" " + text:                                                           "",
		"# a\n\na namespaces=\"git,keyaudit-*\" " + text:                                 "",
		"a namespaces=\"git\" " + text:                                                   "may not sign reports (keyaudit-report)",
		"a namespaces=\"*,!keyaudit-report\" " + text:                                    "may not sign reports (keyaudit-report)",
		"a cert-authority " + text:                                                       "is named as an authority of certificates only",
		"a valid-after=\"20261201Z\" " + text:                                            "may not sign yet",
		"a valid-before=\"20261130115959Z\" " + text:                                     "may no longer sign",
		"a valid-after=\"202611300000Z\",valid-before=\"20270101Z\" " + text:             "",
		"a valid-before=\"20200101Z\" " + text + "\nb valid-after=\"20200101Z\" " + text: "",
	} {
		signers, err := ParseSigners([]byte(line))
		require.NoError(t, err, line)
		_, got := signers.Allow(key, now)
		assert.Equal(t, why, got, line)
	}
	for _, line := range []string{"", "# nothing", "a", text, "a " + text[:40], "a restrict " + text, "a valid-after=\"soon\" " + text, "a ssh-rsa " + strings.Fields(text)[1]} {
		_, err := ParseSigners([]byte(line))
		require.Error(t, err, line)
	}
	other, err := ParseSigners(data(t, "allowed_signers"))
	require.NoError(t, err)
	_, why := other.Allow(key, now)
	assert.Equal(t, "is none of the signers", why)
}

// TestKeys: each kind signs, by its file or by an agent, and what cannot is said without
// anything of the key.
func TestKeys(t *testing.T) {
	t.Parallel()
	_, small, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	ring := agent.NewKeyring()
	folder := t.TempDir()
	socket := filepath.Join(folder, "s")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, conn) }()
		}
	}()
	write := func(name string, text []byte) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, text, 0o600))
		return path
	}
	for name, key := range map[string]any{"small": small, "large": large} {
		block, err := ssh.MarshalPrivateKey(key, "")
		require.NoError(t, err)
		signer, err := ssh.NewSignerFromKey(key)
		require.NoError(t, err)
		private := write(name, pem.EncodeToMemory(block))
		public := write(name+".pub", ssh.MarshalAuthorizedKey(signer.PublicKey()))
		_, _, err = Load(public, socket)
		require.ErrorContains(t, err, "ssh-agent does not hold")
		require.NoError(t, ring.Add(agent.AddedKey{PrivateKey: key}))
		for _, path := range []string{private, public} {
			loaded, done, err := Load(path, socket)
			require.NoError(t, err, path)
			text, err := Sign(loaded, strings.NewReader("a report"))
			require.NoError(t, err, path)
			done()
			s, err := Parse(text)
			require.NoError(t, err)
			assert.NoError(t, s.Verify(strings.NewReader("a report")), path)
			require.Error(t, s.Verify(strings.NewReader("another")), path)
		}
	}
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(small, "", []byte("secret"))
	require.NoError(t, err)
	for path, why := range map[string]string{
		write("locked", pem.EncodeToMemory(locked)): "has a passphrase",
		write("text", []byte("a text of 16 bytes")): "is no private key of SSH",
		folder:                           "is no SSH key",
		filepath.Join(folder, "missing"): "does not exist",
	} {
		_, _, err := Load(path, socket)
		require.ErrorContains(t, err, why)
		assert.NotContains(t, err.Error(), "16 bytes")
	}
	for _, none := range []string{"", filepath.Join(folder, "no-socket")} {
		_, _, err := Load(filepath.Join(folder, "small.pub"), none)
		assert.ErrorContains(t, err, "is a public key")
	}
}
