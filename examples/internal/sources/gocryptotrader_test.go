package sources

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/scrypt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

const gctPassword = "correct horse battery"

const gctConfig = `{"name": "Skynet", "encryptConfig": 1, "exchanges": [
	{"name": "Bybit", "enabled": true, "api": {"credentials": {"key": "the-key", "secret": "` + canary + `"}}},
	{"name": "OKX", "enabled": true, "api": {"credentials": {"key": "another", "secret": "` + canary + `2", "clientID": "` + canary + `3"}}},
	{"name": "Kraken", "enabled": true, "api": {"credentials": {"key": "Key", "secret": "Secret"}}}
]}`

const gctSalt = "~GCT~SO~SALTY~twelve bytes"

var gctKey = sync.OnceValues(func() ([]byte, error) { // it is slow
	return scrypt.Key([]byte(gctPassword), []byte(gctSalt), 32768, 8, 1, 32)
})

// gctFile encrypts a configuration as the bot does, following its documentation.
// Old versions use AES-CFB.
func gctFile(t *testing.T, old bool, config string) []byte {
	t.Helper()
	key, err := gctKey()
	require.NoError(t, err)
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	out := []byte("THORS-HAMMER" + gctSalt)
	if old {
		text, last, pad := []byte(config), []byte("an initial vecto"), make([]byte, aes.BlockSize)
		for out = append(out, last...); len(text) > 0; text = text[len(last):] {
			block.Encrypt(pad, last)
			last = make([]byte, min(len(text), aes.BlockSize))
			for i := range last {
				last[i] = text[i] ^ pad[i]
			}
			out = append(out, last...)
		}
		return out
	}
	gcm, err := cipher.NewGCM(block)
	require.NoError(t, err)
	nonce := []byte("twelve more ")
	out = binary.BigEndian.AppendUint16(append(out, "ENCVER"...), 1)
	return gcm.Seal(append(out, nonce...), nonce, []byte(config), nil)
}

func TestGoCryptoTrader(t *testing.T) {
	t.Parallel()
	env := map[string]string{"GCT_PASSWORD": gctPassword}
	for _, old := range []bool{false, true} {
		folder := t.TempDir()
		path := write(t, filepath.Join(folder, "config.dat"), 0o600, string(gctFile(t, old, gctConfig)))
		in, err := inventory.From("gocryptotrader", map[bool]string{true: folder, false: path}[old], options(env))
		require.NoError(t, err)
		require.Len(t, in.Keys, 2)
		assert.Empty(t, in.Skipped)
		assert.Equal(t, "bybit", in.Keys[0].Exchange.Name)
		assert.Equal(t, path, in.Keys[0].Record.Source.File)
		assert.Equal(t, 2, in.Keys[0].Record.Source.Line)
		c, err := in.Keys[1].Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "another", c.Key)
		assert.Equal(t, canary+"2", c.Secret.Reveal())
		assert.Equal(t, canary+"3", c.Passphrase.Reveal())
		for _, s := range c.Storage {
			assert.Empty(t, s.Plaintext)
			assert.EqualValues(t, 0o600, s.Mode)
			assert.Equal(t, path, s.File)
		}
	}
}

// TestGoCryptoTraderPlain: an unencrypted file is read as without this package.
func TestGoCryptoTraderPlain(t *testing.T) {
	t.Parallel()
	path := write(t, filepath.Join(t.TempDir(), "config.json"), 0o600, gctConfig)
	got, err := inventory.From("gocryptotrader", path, options(nil))
	require.NoError(t, err)
	o := options(nil)
	o.Formats = nil
	want, err := inventory.From("gocryptotrader", path, o)
	require.NoError(t, err)
	assert.Equal(t, listed(want), listed(got))
	assert.Len(t, got.Keys, 2)
	c, err := got.Keys[0].Load(t.Context())
	require.NoError(t, err)
	assert.Contains(t, c.Storage[1].Plaintext, "can encrypt this file")
}

const (
	gctDamaged = "the configuration is damaged or of an unknown version"
	gctWrong   = "the configuration cannot be decrypted: the password in GCT_PASSWORD is wrong, or the file is damaged"
)

func TestGoCryptoTraderRefusals(t *testing.T) {
	t.Parallel()
	now, old := gctFile(t, false, gctConfig), gctFile(t, true, gctConfig)
	for name, tc := range map[string]struct {
		data           []byte
		password, want string
	}{
		"no password":       {now, "", "the configuration is encrypted: set GCT_PASSWORD to its password"},
		"wrong password":    {now, canary, gctWrong},
		"wrong, old":        {old, canary, gctWrong},
		"half a salt":       {now[:12+20], gctPassword, gctDamaged},
		"no salt":           {bytes.Replace(now, []byte("SALTY"), []byte("salty"), 1), gctPassword, gctDamaged},
		"nothing":           {now[:12], gctPassword, gctDamaged},
		"decrypts to trash": {gctFile(t, false, "["+canary), gctPassword, "the JSON is malformed here"},
	} {
		path := write(t, filepath.Join(t.TempDir(), "config.dat"), 0o600, string(tc.data))
		_, err := inventory.From("gocryptotrader", path, options(map[string]string{"GCT_PASSWORD": tc.password}))
		require.ErrorContains(t, err, tc.want, name)
		assert.NotContains(t, err.Error(), canary, name)
		assert.Equal(t, 0, strings.Count(err.Error(), "\n"), name)
	}
}

// TestGoCryptoTraderDamaged: what follows the salt is refused if any of it was
// changed.
func TestGoCryptoTraderDamaged(t *testing.T) {
	t.Parallel()
	key, err := gctKey()
	require.NoError(t, err)
	now, old := gctFile(t, false, gctConfig)[12+26:], gctFile(t, true, gctConfig)[12+26:]
	changed := bytes.Clone(now)
	changed[len(changed)-1] ^= 1
	for name, tc := range map[string]struct {
		data []byte
		want string
	}{
		"changed":         {changed, gctWrong},
		"cut":             {now[:len(now)-1], gctWrong},
		"no text":         {now[:6+2], gctWrong},
		"no version":      {now[:6+1], gctDamaged},
		"another version": {bytes.Replace(now, []byte("ENCVER\x00\x01"), []byte("ENCVER\x00\x02"), 1), gctDamaged},
		"old, changed":    {append([]byte{old[0] ^ 1}, old[1:]...), gctWrong}, // the text does not begin with a bracket
		"old, cut":        {old[:len(old)-1], gctWrong},
		"old, no text":    {old[:16], gctWrong},
		"old, no vector":  {old[:15], gctDamaged},
	} {
		_, err := openSealed(tc.data, key)
		require.EqualError(t, err, tc.want, name)
	}
}

// TestGoCryptoTraderChanged: a password that is missing when a key's turn comes
// is reported then.
func TestGoCryptoTraderChanged(t *testing.T) {
	t.Parallel()
	env := map[string]string{"GCT_PASSWORD": gctPassword}
	path := write(t, filepath.Join(t.TempDir(), "config.dat"), 0o600, string(gctFile(t, false, gctConfig)))
	in, err := inventory.From("gocryptotrader", path, options(env))
	require.NoError(t, err)
	delete(env, "GCT_PASSWORD")
	_, err = in.Keys[0].Load(t.Context())
	require.ErrorIs(t, err, access.KindInput)
	require.ErrorContains(t, err, "set GCT_PASSWORD to its password")
}

// FuzzConfig: any text after the salt is either refused or decrypted.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("ENCVER\x00\x01 a nonce and some text"))
	f.Add([]byte("an initial vector and text"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := openSealed(data, make([]byte, 32))
		assert.Equal(t, err == nil, text != nil)
		assert.Contains(t, []error{nil, errConfig, errConfigPassword}, err)
	})
}
