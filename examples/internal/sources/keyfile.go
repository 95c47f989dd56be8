package sources

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"golang.org/x/crypto/scrypt"
	"golang.org/x/crypto/sha3"
)

// What can be wrong with a keyfile. None of them holds anything of it.
var (
	errKeyfile = errors.New("is not a value that the bot has encrypted: connect the exchange in the bot again")
	errCostly  = errors.New("asks for more work than any real keyfile, so it is not opened")
	errMAC     = errors.New("does not open with this password, or is damaged")
)

// The most that a keyfile may ask for: seconds of work and 256 MiB. The bot
// asks for a million rounds of PBKDF2, Ethereum wallets for scrypt with N·r·p
// of 2²¹.
const (
	maxRounds   = 10_000_000
	maxRP       = 64      // each of scrypt's r and p
	maxScryptNR = 1 << 21 // N·r; scrypt takes 128 bytes of memory for each
	maxScrypt   = 1 << 23 // N·r·p
)

// slot lets one key be derived from a password at a time, so that keys which
// are opened side by side don't add up their memory. It has room for one.
type slot chan struct{}

// take waits for the slot. What it returns gives it back.
func (s slot) take() (free func()) {
	s <- struct{}{}
	return func() { <-s }
}

// keyfile is an Ethereum keyfile of version 3, which some bots use for any
// text: https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
type keyfile struct {
	Version int `json:"version"`
	Crypto  struct {
		Cipher       string `json:"cipher"`
		CipherParams struct {
			IV string `json:"iv"`
		} `json:"cipherparams"`
		CipherText string    `json:"ciphertext"`
		KDF        string    `json:"kdf"`
		KDFParams  kdfParams `json:"kdfparams"`
		MAC        string    `json:"mac"`
	} `json:"crypto"`
}

type kdfParams struct {
	C     int64  `json:"c"`
	PRF   string `json:"prf"`
	N     int64  `json:"n"`
	R     int64  `json:"r"`
	P     int64  `json:"p"`
	DKLen int    `json:"dklen"`
	Salt  string `json:"salt"`
}

// keyLength is that of the derived key: a half to decrypt, a half to check.
const keyLength = 32

// openKeyfile decrypts a keyfile.
func openKeyfile(data []byte, password string) ([]byte, error) {
	var file keyfile
	if err := json.Unmarshal(data, &file); err != nil || file.Version != 3 || file.Crypto.Cipher != "aes-128-ctr" {
		return nil, errKeyfile
	}
	text, textErr := hex.DecodeString(file.Crypto.CipherText)
	mac, macErr := hex.DecodeString(file.Crypto.MAC)
	iv, ivErr := hexNumber(file.Crypto.CipherParams.IV, aes.BlockSize)
	if errors.Join(textErr, macErr, ivErr) != nil {
		return nil, errKeyfile
	}
	key, err := file.Crypto.KDFParams.derive(file.Crypto.KDF, password)
	if err != nil {
		return nil, err
	}
	hash := sha3.NewLegacyKeccak256()
	hash.Write(key[keyLength/2:])
	hash.Write(text)
	if subtle.ConstantTimeCompare(hash.Sum(nil), mac) != 1 {
		return nil, errMAC
	}
	block, err := aes.NewCipher(key[:keyLength/2])
	if err != nil { // cannot be: the key has the right length
		return nil, errKeyfile
	}
	cipher.NewCTR(block, iv).XORKeyStream(text, text)
	return text, nil
}

// derive makes the key, unless that takes too much.
func (k kdfParams) derive(kdf, password string) ([]byte, error) {
	salt, err := hex.DecodeString(k.Salt)
	if err != nil || k.DKLen != keyLength {
		return nil, errKeyfile
	}
	switch {
	case kdf == "pbkdf2" && k.PRF == "hmac-sha256" && k.C > 0:
		if k.C > maxRounds {
			return nil, errCostly
		}
		key, err := pbkdf2.Key(sha256.New, password, salt, int(k.C), keyLength)
		if err != nil {
			return nil, errKeyfile
		}
		return key, nil
	case kdf == "scrypt" && k.N > 0 && k.R > 0 && k.P > 0:
		// Each is looked at first, so that the products cannot overflow.
		if max(k.R, k.P) > maxRP || k.N > maxScryptNR || k.N*k.R > maxScryptNR || k.N*k.R*k.P > maxScrypt {
			return nil, errCostly
		}
		key, err := scrypt.Key([]byte(password), salt, int(k.N), int(k.R), int(k.P), keyLength)
		if err != nil {
			return nil, errKeyfile
		}
		return key, nil
	default:
		return nil, errKeyfile
	}
}

// hexNumber reads a number of at most size bytes that is written without its
// leading zeros.
func hexNumber(text string, size int) ([]byte, error) {
	if len(text) > 2*size {
		return nil, hex.ErrLength
	}
	return hex.DecodeString(strings.Repeat("0", 2*size-len(text)) + text)
}
