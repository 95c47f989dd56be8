package sources

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"errors"

	"golang.org/x/crypto/scrypt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// gctVariable holds the password of an encrypted configuration. The bot itself
// prompts for it.
const gctVariable = "GCT_PASSWORD"

// goCryptoTrader reads a configuration with the format of that name for
// unencrypted ones, and decrypts it first if necessary.
func (s slot) goCryptoTrader(f *inventory.Files) ([]inventory.Found, error) {
	plain, _ := inventory.Lookup("gocryptotrader", inventory.Options{})
	path := f.Find("config.json", "config.dat")
	data, err := f.Read(path)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(data, []byte(gctMark)) {
		return plain.Read(f)
	}
	text, err := s.openConfig(data, f.Env(gctVariable))
	if err != nil {
		return nil, inventory.Problems{{File: path, Text: err.Error()}}
	}
	decrypted := f.With(path, text)
	decrypted.Path = path
	found, err := plain.Read(decrypted)
	for i := range found {
		for _, part := range []*inventory.Part{&found[i].Key, &found[i].Secret, &found[i].Passphrase} {
			part.Plaintext = "" // the file is encrypted
		}
	}
	return found, err
}

// The parts of an encrypted configuration, in order:
//
//	mark, salt, version mark, version (1), nonce of 12 bytes, AES-256-GCM
//	mark, salt, initialization vector of 16 bytes, AES-256-CFB    in older versions
//
// The salt is another mark and random bytes; scrypt gets both.
const (
	gctMark        = "THORS-HAMMER"
	gctSaltMark    = "~GCT~SO~SALTY~"
	gctSaltLength  = len(gctSaltMark) + 12
	gctVersionMark = "ENCVER"
)

var (
	errConfig         = errors.New("the configuration is damaged or of an unknown version")
	errConfigPassword = errors.New("the configuration cannot be decrypted: the password in " + gctVariable +
		" is wrong, or the file is damaged")
)

// openConfig decrypts a configuration of GoCryptoTrader.
func (s slot) openConfig(data []byte, password string) ([]byte, error) {
	rest := bytes.TrimPrefix(data, []byte(gctMark))
	switch {
	case password == "":
		return nil, errors.New("the configuration is encrypted: set " + gctVariable + " to its password")
	case len(rest) < gctSaltLength || !bytes.HasPrefix(rest, []byte(gctSaltMark)):
		return nil, errConfig
	}
	defer s.take()()
	key, err := scrypt.Key([]byte(password), rest[:gctSaltLength], 1<<15, 8, 1, 32)
	if err != nil { // cannot happen: the parameters are valid
		return nil, errConfig
	}
	return openSealed(rest[gctSaltLength:], key)
}

// openSealed decrypts what follows the salt.
func openSealed(data, key []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil { // cannot happen: the key has the right length
		return nil, errConfig
	}
	sealed, versioned := bytes.CutPrefix(data, []byte(gctVersionMark))
	switch {
	case !versioned:
		return openCFB(block, data)
	case len(sealed) < 2 || binary.BigEndian.Uint16(sealed) != 1:
		return nil, errConfig
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil { // cannot happen: the cipher is AES
		return nil, errConfig
	}
	text, err := gcm.Open(nil, nil, sealed[2:], nil)
	if err != nil {
		return nil, errConfigPassword
	}
	return text, nil
}

// openCFB decrypts AES-CFB. The cipher does not detect a wrong password, so the
// result is checked to be JSON.
func openCFB(block cipher.Block, data []byte) ([]byte, error) {
	if len(data) < aes.BlockSize {
		return nil, errConfig
	}
	text := make([]byte, len(data)-aes.BlockSize)
	var pad [aes.BlockSize]byte
	for at := 0; at < len(text); at += aes.BlockSize {
		block.Encrypt(pad[:], data[at:at+aes.BlockSize])
		subtle.XORBytes(text[at:], data[at+aes.BlockSize:], pad[:])
	}
	if !json.Valid(text) {
		return nil, errConfigPassword
	}
	return text, nil
}
