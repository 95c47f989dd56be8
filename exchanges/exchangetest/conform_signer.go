package exchangetest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"hash"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// signer signs in place of a secret and remembers the signatures.
type signer struct {
	kind    access.KeyKind
	secret  []byte
	private any
	address string // of a wallet's key

	mu   sync.Mutex
	made [][]byte
}

func newSigner(c adapter.Credentials, kind access.KeyKind, encoding adapter.Encoding) *signer {
	s := &signer{kind: kind, secret: []byte(c.Secret.Reveal())}
	if kind.IsWallet() {
		s.address = c.Key
	}
	if kind != access.SharedSecret {
		s.private = privateFrom(c.Secret.Reveal())
		if seed, ok := s.private.(solanaKey); ok {
			s.private = ed25519.NewKeyFromSeed(seed)
		}
	} else if encoding == adapter.Base64 {
		s.secret, _ = base64.StdEncoding.DecodeString(c.Secret.Reveal())
	} else if encoding == adapter.Base64URL {
		s.secret, _ = base64.URLEncoding.DecodeString(c.Secret.Reveal())
	}
	return s
}

func (s *signer) KeyKind() access.KeyKind { return s.kind }

// WalletAddress is that of a wallet's key, and empty for others.
func (s *signer) WalletAddress() string {
	return s.address
}

func (s *signer) Sign(ctx context.Context, alg adapter.Algorithm, message []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	signature, err := s.sign(alg, message)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, signature)
	return signature, nil
}

// walletSign signs as wallets do.
func walletSign(private any, alg adapter.Algorithm, message []byte) ([]byte, error) {
	switch key := private.(type) {
	case walletKey:
		if alg == adapter.Secp256k1 {
			return key.sign(keccak(message)), nil
		}
	case starkKey:
		if alg == adapter.Stark {
			return key.sign(message), nil
		}
	}
	return nil, errAlgorithm
}

var errAlgorithm = errors.New("exchangetest: the key does not support this algorithm")

func (s *signer) sign(alg adapter.Algorithm, message []byte) ([]byte, error) {
	hashes := map[adapter.Algorithm]func() hash.Hash{
		adapter.HMACSHA256: sha256.New, adapter.HMACSHA384: sha512.New384, adapter.HMACSHA512: sha512.New,
	}
	digest := sha256.Sum256(message)
	switch key := s.private.(type) {
	case ed25519.PrivateKey:
		if alg == adapter.Ed25519 {
			return ed25519.Sign(key, message), nil
		}
	case *rsa.PrivateKey:
		return signRSA(key, alg, digest[:])
	case *ecdsa.PrivateKey:
		if alg == adapter.ES256 {
			r, t, err := ecdsa.Sign(rand.Reader, key, digest[:])
			if err != nil {
				return nil, err
			}
			return append(r.FillBytes(make([]byte, 32)), t.FillBytes(make([]byte, 32))...), nil
		}
	case walletKey, starkKey:
		return walletSign(key, alg, message)
	case nil:
		if h := hashes[alg]; h != nil && s.kind == access.SharedSecret {
			m := hmac.New(h, s.secret)
			m.Write(message)
			return m.Sum(nil), nil
		}
	}
	return nil, errAlgorithm
}

func signRSA(key *rsa.PrivateKey, alg adapter.Algorithm, digest []byte) ([]byte, error) {
	switch alg {
	case adapter.RSASHA256:
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest)
	case adapter.RSAPSSSHA256:
		return rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	default:
		return nil, errAlgorithm
	}
}

// slowSigner takes an hour, unless the context ends earlier.
type slowSigner struct{ *signer }

func (s slowSigner) Sign(ctx context.Context, alg adapter.Algorithm, message []byte) ([]byte, error) {
	select {
	case <-time.After(time.Hour):
		return s.signer.Sign(ctx, alg, message)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
