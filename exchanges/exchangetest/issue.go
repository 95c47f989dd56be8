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
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Issue makes a key at the exchange and returns what its owner would hold. Every
// secret is unique and recognisable, so that a leak can be searched for.
func (v *Fake) Issue(spec Spec) adapter.Credentials {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.serial++
	k := &issued{Spec: spec, serial: v.serial}
	k.Permissions, k.IPs, k.Faults = slices.Clone(spec.Permissions), slices.Clone(spec.IPs), slices.Clone(spec.Faults)
	if k.Kind == access.KindOfKeyUnknown {
		k.Kind = v.def.kinds[0]
	}
	if v.def.shape != nil {
		v.def.shape(v.serial, k)
	} else {
		shapeHMAC(v.def.name, k)
	}
	v.keys[k.id] = k
	secret := k.secret
	if k.private != "" {
		secret = k.private
	}
	return adapter.Credentials{
		Key: k.id, Secret: adapter.NewSecret(secret), Passphrase: adapter.NewSecret(k.passphrase), OTP: adapter.NewSecret(k.OTP),
	}
}

// Adopt makes a key at the exchange that its holder has already: from then on the
// exchange knows it, as if it had issued it. It refuses credentials from which no
// signature can be verified, without saying what they are.
func (v *Fake) Adopt(c adapter.Credentials, spec Spec) error {
	secret := c.Secret.Reveal()
	if c.Key == "" || secret == "" {
		return errors.New("exchangetest: a key needs its identifier and its secret")
	}
	k := &issued{Spec: spec, id: c.Key, secret: secret, passphrase: c.Passphrase.Reveal()}
	k.OTP = c.OTP.Reveal()
	k.Kind = v.def.kinds[0]
	if block, _ := pem.Decode([]byte(secret)); block != nil {
		if k.public, k.Kind = publicHalf(block.Bytes); k.public == nil {
			return errors.New("exchangetest: the private key is not one that exchanges take")
		}
		k.private = secret
	} else if raw, err := base64.StdEncoding.DecodeString(secret); err == nil && len(raw) == ed25519.PrivateKeySize && !slices.Contains(v.def.kinds, access.SharedSecret) {
		k.public, k.Kind, k.private = ed25519.PrivateKey(raw).Public(), access.Ed25519Key, secret // as Coinbase prints it
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.serial++
	k.serial = v.serial
	v.keys[k.id] = k
	return nil
}

// publicHalf reads a private key and keeps what verifies its signatures.
func publicHalf(der []byte) (any, access.KeyKind) {
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		if private, err = x509.ParseECPrivateKey(der); err != nil {
			return nil, access.KindOfKeyUnknown
		}
	}
	switch private := private.(type) {
	case ed25519.PrivateKey:
		return private.Public(), access.Ed25519Key
	case *rsa.PrivateKey:
		return private.Public(), access.RSAKey
	case *ecdsa.PrivateKey:
		return &private.PublicKey, access.ECDSAKey
	}
	return nil, access.KindOfKeyUnknown
}

// Revoke deletes a key.
func (v *Fake) Revoke(c adapter.Credentials) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.keys, c.Key)
}

// Change edits a key, as its owner would on the exchange's page.
func (v *Fake) Change(c adapter.Credentials, edit func(*Spec)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if k := v.keys[c.Key]; k != nil {
		edit(&k.Spec)
	}
}

// Canaries lists every secret text the exchange has issued: nothing may print
// one.
func (v *Fake) Canaries() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []string
	for _, k := range v.keys {
		for _, s := range []string{k.secret, k.passphrase, k.OTP} {
			if s != "" {
				out = append(out, s)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// token is text that no other key has, of n hexadecimal characters.
func token(n int, parts ...any) string {
	out := ""
	for i := 0; len(out) < n; i++ {
		sum := sha256.Sum256(fmt.Append(nil, parts, i))
		out += hex.EncodeToString(sum[:])
	}
	return out[:n]
}

// shapeHMAC gives a key an identifier of 32 and a secret of 64 hexadecimal
// characters, or a private key if its kind wants one.
func shapeHMAC(fake string, k *issued) {
	k.id = token(32, fake, "id", k.serial)
	k.secret = token(64, fake, "secret", k.serial)
	k.makePair(fake)
}

// makePair gives an asymmetric key its two halves; a shared secret has none.
// The private half is the canary then.
func (k *issued) makePair(fake string) {
	seed := sha256.Sum256(fmt.Append(nil, fake, "pair", k.serial))
	switch k.Kind {
	case access.Ed25519Key:
		private := ed25519.NewKeyFromSeed(seed[:])
		k.private, k.public = pemOf(private), private.Public()
	case access.ECDSAKey:
		private := ecdsaFrom(seed[:])
		k.private, k.public = pemOf(private), &private.PublicKey
	case access.RSAKey:
		block, _ := pem.Decode(rsaPEM)
		private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			panic(err) // the embedded key is part of this package
		}
		k.private, k.public = string(rsaPEM), private.(*rsa.PrivateKey).Public()
	default:
		return
	}
	k.secret = k.private
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

// armour wraps base64 DER of a PKCS#8 key, as it is often printed, into PEM.
func armour(base64DER string) string {
	return "-----BEGIN PRIVATE KEY-----\n" + base64DER + "\n-----END PRIVATE KEY-----\n"
}
