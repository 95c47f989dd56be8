package keytext

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // people have keys that OpenSSL encrypted with it
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // the default of the standard
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"hash"
)

// sealed is an encrypted private key, EncryptedPrivateKeyInfo of RFC 5958. PBES2 of
// RFC 8018 is read, with what OpenSSL makes of it: PBKDF2, and AES or triple DES
// in CBC mode.
type sealed struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct{ KDF, Cipher pkix.AlgorithmIdentifier }

type pbkdf2Params struct {
	Salt   []byte
	Rounds int
	Length int                      `asn1:"optional"`
	PRF    pkix.AlgorithmIdentifier `asn1:"optional"`
}

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
)

// hashes are those of PBKDF2. Without one it is the first.
var hashes = []struct {
	id  asn1.ObjectIdentifier
	new func() hash.Hash
}{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}, sha1.New},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 8}, sha256.New224},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, sha256.New},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 10}, sha512.New384},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}, sha512.New},
}

var ciphers = []struct {
	id     asn1.ObjectIdentifier
	length int // of the key
	new    func([]byte) (cipher.Block, error)
}{
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16, aes.NewCipher},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24, aes.NewCipher},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32, aes.NewCipher},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 24, des.NewTripleDESCipher},
}

// maxRounds bounds the work that a file may ask for: some seconds. OpenSSL's own
// number is 2,048, and careful people take a million.
const maxRounds = 10_000_000

// parseSealed recognises an encrypted key by the family of its algorithm: PKCS #5 or
// PKCS #12.
func parseSealed(raw []byte) (s sealed, ok bool) {
	rest, err := asn1.Unmarshal(raw, &s)
	id := s.Algorithm.Algorithm
	family := func(prefix ...int) bool { return len(id) >= len(prefix) && id[:len(prefix)].Equal(prefix) }
	return s, err == nil && len(rest) == 0 && (family(1, 2, 840, 113549, 1, 5) || family(1, 2, 840, 113549, 1, 12))
}

// open decrypts the key. A wrong phrase and damage look the same.
func (s sealed) open(phrase string) (crypto.PrivateKey, error) {
	if phrase == "" {
		return nil, errEncrypted
	}
	var p pbes2
	var kdf pbkdf2Params
	if !s.Algorithm.Algorithm.Equal(oidPBES2) || !unmarshal(s.Algorithm.Parameters, &p) ||
		!p.KDF.Algorithm.Equal(oidPBKDF2) || !unmarshal(p.KDF.Parameters, &kdf) || kdf.Rounds < 1 || kdf.Rounds > maxRounds {
		return nil, errScheme
	}
	plain, err := s.decrypt(p, kdf, phrase)
	if err != nil {
		return nil, err
	}
	if key, is, err := parsePrivate(plain); is {
		return key, err
	}
	return nil, errPhrase
}

func unmarshal(value asn1.RawValue, to any) bool {
	rest, err := asn1.Unmarshal(value.FullBytes, to)
	return err == nil && len(rest) == 0
}

func (s sealed) decrypt(p pbes2, kdf pbkdf2Params, phrase string) ([]byte, error) {
	var iv []byte
	block := blockCipher(p.Cipher, kdf, phrase)
	if block == nil || !unmarshal(p.Cipher.Parameters, &iv) {
		return nil, errScheme
	}
	if len(iv) != block.BlockSize() || len(s.Data) == 0 || len(s.Data)%block.BlockSize() != 0 {
		return nil, errDamaged
	}
	plain := make([]byte, len(s.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, s.Data)
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > block.BlockSize() || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil, errPhrase
	}
	return plain[:len(plain)-padding], nil
}

// blockCipher is the cipher with the key that the phrase makes; nil if it is unknown.
func blockCipher(wanted pkix.AlgorithmIdentifier, kdf pbkdf2Params, phrase string) cipher.Block {
	prf := kdf.PRF.Algorithm
	if len(prf) == 0 {
		prf = hashes[0].id
	}
	for _, h := range hashes {
		for _, c := range ciphers {
			if !h.id.Equal(prf) || !c.id.Equal(wanted.Algorithm) {
				continue
			}
			key, err := pbkdf2.Key(h.new, phrase, kdf.Salt, kdf.Rounds, c.length)
			if err != nil {
				return nil
			}
			block, err := c.new(key)
			if err != nil {
				return nil
			}
			return block
		}
	}
	return nil
}
