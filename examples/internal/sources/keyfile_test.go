package sources

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/crypto/sha3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// canary takes the place of secrets, and must not appear in any error.
const canary = "CANARYzQ81kd03mVx7"

// The vectors are those of the keyfile's specification: see keyfile.
const (
	vectorPBKDF2 = `{"crypto": {"cipher": "aes-128-ctr", "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
		"ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46", "kdf": "pbkdf2",
		"kdfparams": {"c": 262144, "dklen": 32, "prf": "hmac-sha256", "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
		"mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"}, "version": 3}`
	vectorScrypt = `{"crypto": {"cipher": "aes-128-ctr", "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
		"ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c", "kdf": "scrypt",
		"kdfparams": {"dklen": 32, "n": 262144, "p": 8, "r": 1, "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
		"mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"}, "version": 3}`
	vectorPassword = "testpassword"
	vectorText     = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"
)

func TestKeyfileVectors(t *testing.T) {
	t.Parallel()
	for name, vector := range map[string]string{"pbkdf2": vectorPBKDF2, "scrypt": vectorScrypt} {
		text, err := openKeyfile([]byte(vector), vectorPassword)
		require.NoError(t, err, name)
		assert.Equal(t, vectorText, hex.EncodeToString(text), name)
	}
}

// sealed builds a keyfile following the specification, with little work.
func sealed(t *testing.T, kdf, password, text string, iv []byte) map[string]any {
	t.Helper()
	salt := []byte("a salt of its own")
	params := map[string]any{"dklen": 32, "salt": hex.EncodeToString(salt)}
	var key []byte
	var err error
	if kdf == "scrypt" {
		params["n"], params["r"], params["p"] = 4, 1, 2
		key, err = scrypt.Key([]byte(password), salt, 4, 1, 2, 32)
	} else {
		params["c"], params["prf"] = 3, "hmac-sha256"
		key, err = pbkdf2.Key(sha256.New, password, salt, 3, 32)
	}
	require.NoError(t, err)
	block, err := aes.NewCipher(key[:16])
	require.NoError(t, err)
	ciphertext := make([]byte, len(text))
	cipher.NewCTR(block, iv).XORKeyStream(ciphertext, []byte(text))
	mac := sha3.NewLegacyKeccak256()
	mac.Write(key[16:])
	mac.Write(ciphertext)
	return map[string]any{"version": 3, "crypto": map[string]any{
		"cipher": "aes-128-ctr", "cipherparams": map[string]any{"iv": hex.EncodeToString(iv)},
		"ciphertext": hex.EncodeToString(ciphertext), "kdf": kdf, "kdfparams": params, "mac": hex.EncodeToString(mac.Sum(nil)),
	}}
}

func toJSON(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return data
}

// TestKeyfileLeadingZeros: an iv is written as a number, without its leading
// zeros.
func TestKeyfileLeadingZeros(t *testing.T) {
	t.Parallel()
	for _, zeros := range []int{0, 1, 2, 15, 16} {
		iv := []byte(strings.Repeat("\x00", zeros) + strings.Repeat("\x05", 16-zeros))
		for _, kdf := range []string{"pbkdf2", "scrypt"} {
			file := sealed(t, kdf, "pw", canary, iv)
			params := file["crypto"].(map[string]any)["cipherparams"].(map[string]any)
			params["iv"] = strings.TrimLeft(params["iv"].(string), "0")
			text, err := openKeyfile(toJSON(t, file), "pw")
			require.NoError(t, err)
			assert.Equal(t, canary, string(text))
			_, err = openKeyfile(toJSON(t, file), "pW")
			assert.Equal(t, errMAC, err)
		}
	}
}

// TestKeyfileHostile: what is wrong with a file is reported precisely, and nothing
// expensive is started.
func TestKeyfileHostile(t *testing.T) {
	t.Parallel()
	const (
		c      = "crypto"
		params = "crypto.kdfparams"
	)
	for _, tc := range []struct {
		kdf, at, field string
		value          any
		want           error
	}{
		{"pbkdf2", "", "version", 4, errKeyfile},
		{"pbkdf2", "", "version", "3", errKeyfile},
		{"pbkdf2", "", "crypto", nil, errKeyfile},
		{"pbkdf2", c, "cipher", "aes-256-ctr", errKeyfile},
		{"pbkdf2", c, "ciphertext", "no hex", errKeyfile},
		{"pbkdf2", c, "ciphertext", "00", errMAC},
		{"pbkdf2", c, "mac", "no hex", errKeyfile},
		{"pbkdf2", c, "mac", "", errMAC},
		{"pbkdf2", c, "mac", strings.Repeat("00", 32), errMAC},
		{"pbkdf2", c, "kdf", "argon2", errKeyfile},
		{"pbkdf2", c, "kdf", "scrypt", errKeyfile}, // the other's parameters are missing
		{"pbkdf2", "crypto.cipherparams", "iv", strings.Repeat("0", 33), errKeyfile},
		{"pbkdf2", "crypto.cipherparams", "iv", "xx", errKeyfile},
		{"pbkdf2", params, "prf", "hmac-sha1", errKeyfile},
		{"pbkdf2", params, "dklen", 16, errKeyfile},
		{"pbkdf2", params, "dklen", 1 << 30, errKeyfile},
		{"pbkdf2", params, "salt", "no hex", errKeyfile},
		{"pbkdf2", params, "salt", "00", errMAC},
		{"pbkdf2", params, "c", 4, errMAC},
		{"pbkdf2", params, "c", 0, errKeyfile},
		{"pbkdf2", params, "c", -1, errKeyfile},
		{"pbkdf2", params, "c", maxRounds + 1, errCostly},
		{"pbkdf2", params, "c", int64(1) << 62, errCostly},
		{"scrypt", params, "n", 3, errKeyfile}, // not a power of two
		{"scrypt", params, "n", 8, errMAC},
		{"scrypt", params, "n", 0, errKeyfile},
		{"scrypt", params, "n", maxScryptNR * 2, errCostly},
		{"scrypt", params, "n", int64(1) << 62, errCostly},
		{"scrypt", params, "r", 0, errKeyfile},
		{"scrypt", params, "r", maxRP, errMAC},
		{"scrypt", params, "r", maxRP + 1, errCostly},
		{"scrypt", params, "r", int64(1) << 62, errCostly},
		{"scrypt", params, "p", maxRP, errMAC},
		{"scrypt", params, "p", maxRP + 1, errCostly},
		{"scrypt", params, "p", int64(1) << 62, errCostly},
	} {
		file := sealed(t, tc.kdf, "pw", canary, make([]byte, 16))
		at := file
		for step := range strings.SplitSeq(tc.at, ".") {
			if step != "" {
				at = at[step].(map[string]any)
			}
		}
		at[tc.field] = tc.value
		_, err := openKeyfile(toJSON(t, file), "pw")
		require.Equal(t, tc.want, err, "%s %s %v", tc.at, tc.field, tc.value)
	}
}

// TestKeyfileWork: parameters that are small enough one by one are refused if
// their product is too large.
func TestKeyfileWork(t *testing.T) {
	t.Parallel()
	for _, k := range []kdfParams{{N: 1 << 16, R: 64, P: 1}, {N: 1 << 18, R: 8, P: 8}, {N: 1 << 20, R: 2, P: 5}} {
		k.DKLen = 32
		_, err := k.derive("scrypt", "pw")
		assert.Equal(t, errCostly, err, "%+v", k)
	}
}

// FuzzKeyfile: decrypting any text ends in one of three errors, which contain
// nothing of it, or in its content.
func FuzzKeyfile(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", `{"version":3}`, strings.ReplaceAll(vectorPBKDF2, "262144", "2"), strings.ReplaceAll(vectorScrypt, "262144", "2"),
		`{"version":3,"crypto":{"cipher":"aes-128-ctr","kdf":"scrypt","kdfparams":{"dklen":32,"n":-2,"r":9,"p":1}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var file keyfile
		if json.Unmarshal([]byte(text), &file) == nil {
			if k := file.Crypto.KDFParams; k.C > 1000 || k.N > 1000 || k.R > 100 || k.P > 100 {
				return // at a second per input, there would be too few inputs
			}
		}
		_, err := openKeyfile([]byte(text), canary)
		assert.Contains(t, []error{nil, errKeyfile, errCostly, errMAC}, err, fmt.Sprint(len(text)))
	})
}

// TestSlot: while one key is derived, for whatever format, no other is started.
func TestSlot(t *testing.T) {
	t.Parallel()
	for name, derive := range map[string]func(slot, string) error{
		"hummingbot": func(s slot, folder string) error {
			v := vault{slot: s, env: func(string) string { return "pw" }, proof: filepath.Join(folder, "none")}
			_, err := v.open(hex.EncodeToString(toJSON(t, sealed(t, "scrypt", "pw", canary, make([]byte, 16)))))
			return err
		},
		"gocryptotrader": func(s slot, folder string) error {
			o := options(map[string]string{"GCT_PASSWORD": gctPassword})
			o.Formats = []inventory.Format{{Name: "gct", Read: s.goCryptoTrader}}
			_, err := inventory.From("gct", write(t, filepath.Join(folder, "config.dat"), 0o600, string(gctFile(t, false, gctConfig))), o)
			return err
		},
	} {
		folder := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := make(slot, 1)
			free := s.take()
			ended := false
			var err error
			go func() { err, ended = derive(s, folder), true }()
			synctest.Wait()
			assert.False(t, ended, name)
			free()
			synctest.Wait()
			assert.True(t, ended, name)
			require.NoError(t, err, name)
			assert.Empty(t, s, name)
		})
	}
}
