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

// What can be wrong with a keyfile. The messages contain nothing of it.
var (
	errKeyfile = errors.New("is not encrypted by the bot: connect the exchange in the bot again")
	errCostly  = errors.New("requires more work than any real keyfile, so it is not decrypted")
	errMAC     = errors.New("cannot be decrypted with this password, or is damaged")
)

// The most that a keyfile may require: seconds of work and 256 MiB. The bot
// uses a million rounds of PBKDF2, Ethereum wallets scrypt with N·r·p of 2²¹.
const (
	maxRounds   = 10_000_000
	maxRP       = 64      // each of scrypt's r and p
	maxScryptNR = 1 << 21 // N·r; scrypt takes 128 bytes of memory for each
	maxScrypt   = 1 << 23 // N·r·p
)

// slot lets only one key be derived from a password at a time, so that the memory
// of several does not add up. It has room for one.
type slot chan struct{}

// take waits for the slot. The function that it returns gives it back.
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

// keyLength is the length of the derived key: one half decrypts, the other
// checks.
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
	if err != nil { // cannot happen: the key has the right length
		return nil, errKeyfile
	}
	cipher.NewCTR(block, iv).XORKeyStream(text, text)
	return text, nil
}

// derive derives the key, unless that takes too much work.
func (k kdfParams) derive(kdf, password string) ([]byte, error) {
	salt, err := hex.DecodeString(k.Salt)
	if err != nil || k.DKLen != keyLength {
		return nil, errKeyfile
	}
	var key []byte
	switch kdf {
	case "pbkdf2":
		if err := k.checkPBKDF2(); err != nil {
			return nil, err
		}
		key, err = pbkdf2.Key(sha256.New, password, salt, int(k.C), keyLength)
	case "scrypt":
		if err := k.checkScrypt(); err != nil {
			return nil, err
		}
		key, err = scrypt.Key([]byte(password), salt, int(k.N), int(k.R), int(k.P), keyLength)
	default:
		return nil, errKeyfile
	}
	if err != nil {
		return nil, errKeyfile
	}
	return key, nil
}

func (k kdfParams) checkPBKDF2() error {
	switch {
	case k.PRF != "hmac-sha256" || k.C <= 0:
		return errKeyfile
	case k.C > maxRounds:
		return errCostly
	}
	return nil
}

func (k kdfParams) checkScrypt() error {
	switch {
	case min(k.N, k.R, k.P) <= 0:
		return errKeyfile
	case max(k.R, k.P) > maxRP || k.N > maxScryptNR: // first, so that the products cannot overflow
		return errCostly
	case k.N*k.R > maxScryptNR || k.N*k.R*k.P > maxScrypt:
		return errCostly
	}
	return nil
}

// hexNumber reads a number of at most size bytes that is written without leading
// zeros.
func hexNumber(text string, size int) ([]byte, error) {
	if len(text) > 2*size {
		return nil, hex.ErrLength
	}
	return hex.DecodeString(strings.Repeat("0", 2*size-len(text)) + text)
}
