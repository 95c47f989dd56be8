package sources

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// ageKey is an identity, as bytes and as age-keygen writes it. It was created for
// this test.
type ageKey struct {
	private *ecdh.PrivateKey
	text    string
}

func newAgeKey(t *testing.T, seed byte) ageKey {
	t.Helper()
	private, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{seed}, 32))
	require.NoError(t, err)
	return ageKey{private, strings.ToUpper(bech32("age-secret-key-", private.Bytes()))}
}

// bech32 is the encoding of BIP 173.
func bech32(prefix string, data []byte) string {
	const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	var fives []byte
	bits, left := uint32(0), 0
	for _, b := range data {
		bits, left = bits<<8|uint32(b), left+8
		for ; left >= 5; left -= 5 {
			fives = append(fives, byte(bits>>(left-5)&31))
		}
	}
	if left > 0 {
		fives = append(fives, byte(bits<<(5-left)&31))
	}
	var check []byte
	for _, c := range []byte(prefix) {
		check = append(check, c>>5)
	}
	check = append(check, 0)
	for _, c := range []byte(prefix) {
		check = append(check, c&31)
	}
	sum := uint32(1)
	for _, v := range append(append(check, fives...), 0, 0, 0, 0, 0, 0) {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	sum ^= 1
	out := []byte(prefix + "1")
	for _, v := range fives {
		out = append(out, letters[v])
	}
	for i := range 6 {
		out = append(out, letters[sum>>(5*(5-i))&31])
	}
	return string(out)
}

// ageFile encrypts text for a key, following the format's specification
// (https://age-encryption.org/v1).
func ageFile(t *testing.T, key ageKey, text string) []byte {
	t.Helper()
	derive := func(secret, salt []byte, info string) []byte {
		out, err := hkdf.Key(sha256.New, secret, salt, info, 32)
		require.NoError(t, err)
		return out
	}
	seal := func(key, nonce, text []byte) []byte {
		aead, err := chacha20poly1305.New(key)
		require.NoError(t, err)
		return aead.Seal(nil, nonce, text, nil)
	}
	fileKey := []byte("sixteen bytes of")
	once, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	shared, err := once.ECDH(key.private.PublicKey())
	require.NoError(t, err)
	salt := append(once.PublicKey().Bytes(), key.private.PublicKey().Bytes()...)
	b64 := base64.RawStdEncoding.EncodeToString
	wrapped := seal(derive(shared, salt, "age-encryption.org/v1/X25519"), make([]byte, 12), fileKey)
	head := "age-encryption.org/v1\n-> X25519 " + b64(once.PublicKey().Bytes()) + "\n" + b64(wrapped) + "\n---"
	mac := hmac.New(sha256.New, derive(fileKey, nil, "header"))
	mac.Write([]byte(head))
	nonce := []byte("a nonce of its o")
	out := append([]byte(head+" "+b64(mac.Sum(nil))+"\n"), nonce...)
	payload, counter := derive(fileKey, nonce, "payload"), make([]byte, 12)
	for rest := []byte(text); ; {
		n := min(len(rest), 64<<10)
		if n == len(rest) {
			counter[11] = 1 // the last piece
		}
		out = append(out, seal(payload, counter, rest[:n])...)
		if rest = rest[n:]; len(rest) == 0 {
			return out
		}
		counter[10]++
	}
}

func write(t *testing.T, path string, mode os.FileMode, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), mode))
	require.NoError(t, os.Chmod(path, mode)) // regardless of the umask
	return path
}

// ageCase is a folder with an identity, and the scheme that uses it.
func ageCase(t *testing.T, key ageKey) (folder string, scheme inventory.Scheme) {
	t.Helper()
	folder = t.TempDir()
	identity := write(t, filepath.Join(folder, "key.txt"), 0o600, "# created today\n"+key.text+"\n")
	env := map[string]string{"NIGHTLY_AGE_IDENTITY": identity}
	return folder, Schemes(func(name string) string { return env[name] })["age"]
}

func TestAge(t *testing.T) {
	t.Parallel()
	key := newAgeKey(t, 3)
	folder, scheme := ageCase(t, key)
	plain := write(t, filepath.Join(folder, "plain.age"), 0o600, string(ageFile(t, key, canary+"\n")))
	long := ageFile(t, key, strings.Repeat(canary, 1000))
	armored := strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "AGE ENCRYPTED FILE", Bytes: long})), "\n", "\r\n")
	other := write(t, filepath.Join(folder, "arm#red.age"), 0o644, armored)
	for path, want := range map[string]string{plain: canary + "\n", other: strings.Repeat(canary, 1000)} {
		require.NoError(t, scheme.Check(path))
		got, err := scheme.Resolve(t.Context(), path)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for path, want := range map[string]string{
		"":                         "the path after age: is missing",
		folder:                     "the file encrypted with age is not a file",
		filepath.Join(folder, "x"): "the file encrypted with age does not exist",
	} {
		require.ErrorContains(t, scheme.Check(path), want)
		_, err := scheme.Resolve(t.Context(), path)
		require.ErrorContains(t, err, want)
	}
}

// TestAgeRefusals: what is wrong with a file is reported in one sentence, without
// anything from the file.
func TestAgeRefusals(t *testing.T) {
	t.Parallel()
	key := newAgeKey(t, 3)
	folder, scheme := ageCase(t, key)
	good := ageFile(t, key, canary)
	passphrase, err := age.NewScryptRecipient(canary)
	require.NoError(t, err)
	passphrase.SetWorkFactor(1)
	var locked bytes.Buffer
	w, err := age.Encrypt(&locked, passphrase)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	changed := bytes.Clone(good)
	changed[len(changed)-1] ^= 1
	for name, tc := range map[string]struct{ text, want string }{
		"empty":      {"", "is damaged or is not an age file"},
		"plaintext":  {canary, "is damaged or is not an age file"},
		"head":       {string(good[:60]), "is damaged or is not an age file"},
		"cut":        {string(good[:len(good)-1]), "is damaged"},
		"changed":    {string(changed), "is damaged"},
		"armor":      {"-----BEGIN AGE ENCRYPTED FILE-----\n" + canary, "is damaged or is not an age file"},
		"other":      {string(ageFile(t, newAgeKey(t, 4), canary)), "is not encrypted for any identity in NIGHTLY_AGE_IDENTITY"},
		"passphrase": {locked.String(), "is encrypted with a passphrase, which cannot be entered here"},
		"much":       {string(ageFile(t, key, strings.Repeat("x", maxFile+1))), "is too large"},
		"more":       {strings.Repeat("x", 2*maxFile+1), "is too large"},
	} {
		_, err := scheme.Resolve(t.Context(), write(t, filepath.Join(folder, name), 0o600, tc.text))
		require.ErrorContains(t, err, "the file encrypted with age "+tc.want, name)
		assert.NotContains(t, err.Error(), canary, name)
		assert.NotContains(t, err.Error(), "\n", name)
	}
	got, err := scheme.Resolve(t.Context(), write(t, filepath.Join(folder, "most"), 0o600, string(ageFile(t, key, strings.Repeat("x", maxFile)))))
	require.NoError(t, err)
	assert.Len(t, got, maxFile)
}

// TestAgeIdentity: without an identity file that only its owner may access,
// nothing is decrypted.
func TestAgeIdentity(t *testing.T) {
	t.Parallel()
	key := newAgeKey(t, 3)
	folder := t.TempDir()
	file := write(t, filepath.Join(folder, "secret.age"), 0o600, string(ageFile(t, key, canary)))
	for identity, want := range map[string]string{
		"":                            "set NIGHTLY_AGE_IDENTITY to the path",
		filepath.Join(folder, "none"): "the identity file in NIGHTLY_AGE_IDENTITY does not exist",
		folder:                        "the identity file in NIGHTLY_AGE_IDENTITY is not a file",
	} {
		scheme := Schemes(func(string) string { return identity })["age"]
		require.ErrorContains(t, scheme.Check(file), want)
		_, err := scheme.Resolve(t.Context(), file)
		require.ErrorContains(t, err, want)
	}
	for text, want := range map[string]string{
		"": "in NIGHTLY_AGE_IDENTITY contains no identity", "AGE-SECRET-KEY-1" + canary: "in NIGHTLY_AGE_IDENTITY contains no identity", "AGE-PLUGIN-YUBIKEY-1" + canary: "in NIGHTLY_AGE_IDENTITY contains no identity",
		"\xff" + canary: "in NIGHTLY_AGE_IDENTITY contains no identity",
	} {
		identity := write(t, filepath.Join(folder, "key.txt"), 0o600, text)
		_, err := Schemes(func(string) string { return identity })["age"].Resolve(t.Context(), file)
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), canary)
	}
	require.ErrorIs(t, Schemes(nil)["age"].Check(file), errNoIdentity)
	if runtime.GOOS == "windows" {
		return
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o666} {
		identity := write(t, filepath.Join(folder, "open.txt"), mode, key.text)
		scheme := Schemes(func(string) string { return identity })["age"]
		require.ErrorContains(t, scheme.Check(file), "in NIGHTLY_AGE_IDENTITY is accessible to other users (mode 0")
		_, err := scheme.Resolve(t.Context(), file)
		require.ErrorContains(t, err, "run chmod 600 on it")
	}
}

// TestAgeInInventory: such references work from an inventory, with and without a
// JSON pointer, and what is wrong with one is reported with its place before the
// run begins.
func TestAgeInInventory(t *testing.T) {
	t.Parallel()
	key := newAgeKey(t, 3)
	folder, scheme := ageCase(t, key)
	file := write(t, filepath.Join(folder, "keys.age"), 0o600, string(ageFile(t, key, `{"a/b": {"~x": ["no", "`+canary+`"]}, "number": true}`)))
	whole := write(t, filepath.Join(folder, "id.age"), 0o600, string(ageFile(t, key, "the-id\n")))
	o := options(secrets)
	o.Schemes = map[string]inventory.Scheme{"age": scheme}
	read := func(secret string) (*inventory.Inventory, error) {
		return readText(t, "keys.yaml", "keys:\n- {name: a, exchange: bybit, key: 'age:"+whole+"', secret: '"+secret+"'}\n", o)
	}
	in, err := read("age:" + file + "#/a~1b/~0x/1")
	require.NoError(t, err)
	c, err := in.Keys[0].Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "the-id", c.Key)
	assert.Equal(t, canary, c.Secret.Reveal())
	assert.Equal(t, "a file encrypted with age", c.Storage[1].In)

	for _, pointer := range []string{"/a~1b", "/a~1b/~0x/2", "/number", "/nowhere"} { // this is found only when the key's turn comes
		in, err := read("age:" + file + "#" + pointer)
		require.NoError(t, err, pointer)
		_, err = in.Keys[0].Load(t.Context())
		require.ErrorContains(t, err, "secret: ", pointer)
		assert.NotContains(t, err.Error(), canary)
	}
	for _, empty := range []string{"age:", "age:#/a"} {
		_, err = read(empty)
		require.ErrorContains(t, err, `"secret": the path after age: is missing`)
	}

	text := "age:" + file + "#/a~1b/~0x/1"
	require.NoError(t, os.Rename(file, file+"2"))
	_, err = in.Keys[0].Load(t.Context())
	require.ErrorContains(t, err, "secret: the file encrypted with age does not exist")
	_, err = read(text)
	require.ErrorContains(t, err, `"secret": the file encrypted with age does not exist`)
	require.ErrorContains(t, err, "keys.yaml:2:")
	assert.NotContains(t, err.Error(), file)
}
