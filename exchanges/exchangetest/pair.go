package exchangetest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// makePair gives a key pair its two halves; a shared secret has none.
func (k *Issued) makePair(fake string) {
	seed := sha256.Sum256(fmt.Append(nil, fake, "pair", k.Serial))
	switch k.Kind {
	case access.Ed25519Key:
		private := ed25519.NewKeyFromSeed(seed[:])
		k.PrivateKey, k.PublicKey = pemOf(private), private.Public()
	case access.ECDSAKey:
		private := ecdsaFrom(seed[:])
		k.PrivateKey, k.PublicKey = pemOf(private), &private.PublicKey
	case access.RSAKey:
		block, _ := pem.Decode(rsaPEM)
		private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			panic(err) // the embedded key is part of this package
		}
		k.PrivateKey, k.PublicKey = string(rsaPEM), private.(*rsa.PrivateKey).Public()
	case access.Secp256k1Wallet:
		private := walletKey{new(big.Int).SetBytes(seed[:])}
		k.PrivateKey, k.PublicKey = private.text(), private.address()
		if k.Serial%2 == 0 { // clients write both
			k.PrivateKey = "0x" + k.PrivateKey
		}
	case access.Ed25519Wallet:
		private := solanaKey(seed[:])
		k.PrivateKey, k.PublicKey = private.text(k.Serial%2 == 0), private.address()
	case access.SchnorrWallet:
		private := lighterKey(append(seed[:], seed[:8]...))
		private[39] &= 0x3f // below the order of the curve
		k.PrivateKey, k.PublicKey = hex.EncodeToString(private), private.public()
	case access.StarkWallet:
		private := starkKey{new(big.Int).Mod(new(big.Int).SetBytes(seed[:]), starkN)}
		k.PrivateKey, k.PublicKey = "0x"+private.Text(16), private.public()
	default: // a shared secret
	}
}

// rsaPEM is a throw-away key, used nowhere else; making one takes too long.
//
//go:embed rsa.pem
var rsaPEM []byte

func pemOf(private any) string {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err) // only the three kinds above are given
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func ecdsaFrom(seed []byte) *ecdsa.PrivateKey {
	d := new(big.Int).SetBytes(seed)
	d.Mod(d, elliptic.P256().Params().N)
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d.FillBytes(make([]byte, 32)))
	if err != nil {
		panic(err) // a SHA-256 sum is a valid scalar but for odds of 2^-128
	}
	return private
}

// privateFrom reads a private key as PEM or as base64 of raw key bytes.
func privateFrom(text string) any {
	if key, ok := walletKeyOf(text); ok {
		return key
	}
	if key, ok := solanaKeyOf(text); ok {
		return key
	}
	if key, ok := lighterKeyOf(text); ok {
		return key
	}
	if key, ok := starkKeyOf(text); ok && len(text) > 32 {
		return key
	}
	der := []byte(nil)
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der = block.Bytes
	} else if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		switch der = raw; len(raw) {
		case ed25519.SeedSize:
			return ed25519.NewKeyFromSeed(raw)
		case ed25519.PrivateKeySize:
			return ed25519.PrivateKey(raw)
		}
	}
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key
	}
	return nil
}

func publicOf(private any) any {
	switch key := private.(type) {
	case ed25519.PrivateKey:
		return key.Public()
	case *ecdsa.PrivateKey:
		return &key.PublicKey
	case *rsa.PrivateKey:
		return &key.PublicKey
	case walletKey:
		return key.address()
	case solanaKey:
		return key.address()
	case starkKey:
		return key.public()
	case lighterKey:
		return key.public()
	}
	return nil
}

// addressOf is the public half of a wallet's key, in text; empty for another key.
func addressOf(public any) string {
	switch address := public.(type) {
	case walletAddress:
		return string(address)
	case solanaAddress:
		return string(address)
	case starkPublic:
		return string(address)
	case lighterPublic:
		return string(address)
	}
	return ""
}

// kindOf is the kind of key pair that a public half belongs to.
func kindOf(public any) access.KeyKind {
	switch public.(type) {
	case ed25519.PublicKey:
		return access.Ed25519Key
	case *ecdsa.PublicKey:
		return access.ECDSAKey
	case walletAddress:
		return access.Secp256k1Wallet
	case solanaAddress:
		return access.Ed25519Wallet
	case lighterPublic:
		return access.SchnorrWallet
	case starkPublic:
		return access.StarkWallet
	case *rsa.PublicKey:
		return access.RSAKey
	}
	return access.KindOfKeyUnknown
}
