// Package sshsig signs files by SSH keys, and checks such signatures, in the format of
// ssh-keygen -Y. Source: PROTOCOL.sshsig of OpenSSH.
package sshsig

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Namespace keeps a signature of a report from being one of something else.
const Namespace = "keyaudit-report"

const (
	armor = "SSH SIGNATURE"
	magic = "SSHSIG"
)

// Signature is one that was read. Nothing is known of it until it is checked.
type Signature struct {
	Key       ssh.PublicKey
	namespace string
	algorithm string // of the hash
	signature ssh.Signature
}

// signed is what the key signs. Its members are those of the format, in their order.
type signed struct {
	Namespace, Reserved, Algorithm string
	Hash                           []byte
}

// blob is a signature without its armor.
type blob struct {
	Version                        uint32
	Key                            []byte
	Namespace, Reserved, Algorithm string
	Signature                      []byte
}

// hashes are those that the format allows.
var hashes = map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New}

// message is what is signed of a text.
func message(namespace, algorithm string, text io.Reader) ([]byte, error) {
	h := hashes[algorithm]()
	if _, err := io.Copy(h, text); err != nil {
		return nil, err
	}
	return append([]byte(magic), ssh.Marshal(signed{namespace, "", algorithm, h.Sum(nil)})...), nil
}

// Sign makes the signature of a text.
func Sign(key ssh.Signer, text io.Reader) ([]byte, error) {
	const algorithm = "sha512"
	data, err := message(Namespace, algorithm, text)
	if err != nil {
		return nil, err
	}
	signature, err := sign(key, data)
	if err != nil {
		return nil, err
	}
	out := ssh.Marshal(blob{1, key.PublicKey().Marshal(), Namespace, "", algorithm, ssh.Marshal(signature)})
	return pem.EncodeToMemory(&pem.Block{Type: armor, Bytes: append([]byte(magic), out...)}), nil
}

// sign signs with SHA-512 where the kind of key leaves the choice: SHA-1, which is what RSA
// would have without it, is no longer accepted.
func sign(key ssh.Signer, data []byte) (*ssh.Signature, error) {
	if key.PublicKey().Type() != ssh.KeyAlgoRSA {
		return key.Sign(rand.Reader, data)
	}
	able, ok := key.(ssh.AlgorithmSigner)
	if !ok {
		return nil, errors.New("the RSA key cannot sign by SHA-512")
	}
	return able.SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
}

// Parse reads a signature.
func Parse(text []byte) (*Signature, error) {
	block, rest := pem.Decode(trim(text))
	if !bytes.HasPrefix(trim(text), []byte("-----BEGIN "+armor)) || block == nil || block.Type != armor || len(block.Headers) > 0 || len(trim(rest)) > 0 {
		return nil, errors.New("is no signature by an SSH key")
	}
	var b blob
	raw := block.Bytes
	if len(raw) < len(magic) || string(raw[:len(magic)]) != magic || ssh.Unmarshal(raw[len(magic):], &b) != nil {
		return nil, errors.New("is damaged")
	}
	s := &Signature{namespace: b.Namespace, algorithm: b.Algorithm}
	key, err := ssh.ParsePublicKey(b.Key)
	switch {
	case b.Version != 1:
		return nil, fmt.Errorf("has a version that is not known: %d", b.Version)
	case err != nil, ssh.Unmarshal(b.Signature, &s.signature) != nil:
		return nil, errors.New("is damaged")
	case hashes[b.Algorithm] == nil:
		return nil, errors.New("is by a hash that is not accepted")
	}
	s.Key = key
	return s, nil
}

// trim is a text without the ends of lines before it.
func trim(text []byte) []byte {
	for len(text) > 0 && (text[0] == '\n' || text[0] == '\r' || text[0] == ' ') {
		text = text[1:]
	}
	return text
}

// Verify checks the signature of a text. That the key is a trusted one, it does not say.
func (s *Signature) Verify(text io.Reader) error {
	if s.namespace != Namespace {
		return fmt.Errorf("is for something else than a report: its namespace is %q, not %q", s.namespace, Namespace)
	}
	if s.Key.Type() == ssh.KeyAlgoRSA && !slices.Contains([]string{ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512}, s.signature.Format) {
		return errors.New("is by SHA-1, which is not accepted")
	}
	data, err := message(s.namespace, s.algorithm, text)
	if err != nil {
		return errors.New("could not be compared: the report cannot be read")
	}
	if s.Key.Verify(data, &s.signature) != nil {
		return ErrDiffers
	}
	return nil
}

// ErrDiffers is of a signature of another text, or of one that was changed since.
var ErrDiffers = errors.New("is not of this report as it is now")

// agentSigner signs by a key that an agent holds.
type agentSigner struct {
	agent agent.ExtendedAgent
	key   ssh.PublicKey
}

func (a agentSigner) PublicKey() ssh.PublicKey { return a.key }

func (a agentSigner) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	return a.agent.Sign(a.key, data)
}

func (a agentSigner) SignWithAlgorithm(_ io.Reader, data []byte, _ string) (*ssh.Signature, error) {
	return a.agent.SignWithFlags(a.key, data, agent.SignatureFlagRsaSha512)
}
