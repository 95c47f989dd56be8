package adapter

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// id is the key's identifier as it may be shown. Of a pair that is swapped it is
// nothing, because the key is the secret.
func (c Credentials) id(e *Exchange) string {
	if c.swapped(e) {
		return ""
	}
	return access.Printable(access.MaskID(c.Key))
}

// swapped reports whether key and secret are each in the other's place.
func (c Credentials) swapped(e *Exchange) bool {
	secret := strings.TrimSpace(c.Secret.Reveal())
	switch {
	case looksLikePEM(c.Key):
		return true
	case e == nil || e.Needs.KeyForm == nil || e.Needs.SecretForm == nil:
		return false
	}
	key, shared := e.Needs.KeyForm, e.Needs.SecretForm
	return shared.MatchString(c.Key) && !key.MatchString(c.Key) && key.MatchString(secret) && !shared.MatchString(secret)
}

// problems checks the credentials against what the exchange requires, before
// anything is sent, and parses a private key.
func (c Credentials) problems(e *Exchange) (privateKey, []string) {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if c.swapped(e) {
		return privateKey{}, []string{"the API key and the secret are swapped: put each where the other is"}
	}
	switch {
	case c.Key == "":
		say("the API key is empty")
	case strings.ContainsFunc(c.Key, func(r rune) bool { return r < 0x21 || r > 0x7e }):
		say("the API key holds a space, a line break or another character that no key has: copy it again")
	}
	if e.Needs.Passphrase && c.Passphrase.IsZero() {
		say("%s keys have a passphrase, and none is given", e.Title)
	}
	for _, p := range []Secret{c.Passphrase, c.OTP} {
		if strings.ContainsFunc(p.Reveal(), unicode.IsControl) {
			say("the passphrase or the second factor holds a line break or control character: copy it again")
		}
	}
	for _, part := range []struct {
		name   string
		secret Secret
	}{{"secret", c.Secret}, {"passphrase", c.Passphrase}, {"second factor", c.OTP}} {
		if value := part.secret.Reveal(); strings.TrimSpace(value) != "" && len(value) < minScrub {
			say("the %s has fewer than %d characters: check that it was copied whole", part.name, minScrub)
		}
	}
	if c.Signer != nil {
		return privateKey{}, append(problems, c.signerProblems(e)...)
	}
	key, problem := c.readSecret(e)
	if problem != "" {
		problems = append(problems, problem)
	}
	return key, problems
}

// signerProblems says why a signer can't stand in for the secret.
func (c Credentials) signerProblems(e *Exchange) []string {
	switch {
	case e.Needs.SecretSent:
		return []string{e.Title + " requires the secret itself to be sent, so a signer cannot be used"}
	case !slices.Contains(e.Needs.Kinds, c.Signer.KeyKind()):
		return []string{fmt.Sprintf("%s does not take a %s key from the signer", e.Title, c.Signer.KeyKind())}
	default:
		return nil
	}
}

// readSecret parses a private key, or says what is wrong with the secret.
func (c Credentials) readSecret(e *Exchange) (key privateKey, problem string) {
	secret := c.Secret.Reveal()
	if strings.TrimSpace(secret) == "" {
		return privateKey{}, "the secret is empty"
	}
	key, kind, err := readSecret(secret, e.Needs)
	switch {
	case err != nil:
		problem = err.Error()
	case !slices.Contains(e.Needs.Kinds, kind):
		problem = fmt.Sprintf("%s does not take a secret of the kind %s", e.Title, kind)
	case key.ecdsa != nil && key.ecdsa.Curve.Params().BitSize != 256:
		problem = fmt.Sprintf("the private key is on the curve %s, and exchanges take P-256 only", key.ecdsa.Curve.Params().Name)
	case kind == access.SharedSecret && strings.ContainsFunc(secret, unicode.IsSpace):
		problem = "the secret holds a space or a line break: copy it again"
	}
	return key, problem
}

// readSecret recognises the kind of a secret. Its errors say nothing of it.
func readSecret(secret string, needs Needs) (privateKey, access.KeyKind, error) {
	if looksLikePEM(secret) {
		key, err := parsePEM(secret)
		return key, key.kind(), err
	}
	switch needs.Encoding {
	case Base64:
		if _, err := base64.StdEncoding.DecodeString(secret); err != nil {
			return privateKey{}, access.SharedSecret, fmt.Errorf("the secret is not base64, as this exchange's secrets are: copy it again")
		}
	case KeyText:
		key, err := parseKeyText(secret)
		if err == nil {
			return key, key.kind(), nil
		}
		if !slices.Contains(needs.Kinds, access.SharedSecret) {
			return privateKey{}, access.KindOfKeyUnknown, err
		}
	case Plain:
	}
	return privateKey{}, access.SharedSecret, nil
}

// parseKeyText reads base64 of raw key bytes: an Ed25519 seed (32 bytes), seed
// and public key (64), or PKCS#8.
func parseKeyText(text string) (privateKey, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return privateKey{}, errPrivateKey
	}
	switch len(raw) {
	case ed25519.SeedSize:
		return privateKey{ed25519: ed25519.NewKeyFromSeed(raw)}, nil
	case ed25519.PrivateKeySize:
		key := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
		if !slices.Equal(key, ed25519.PrivateKey(raw)) {
			return privateKey{}, fmt.Errorf("the secret is damaged: its public half does not belong to its private half")
		}
		return privateKey{ed25519: key}, nil
	default:
		return parseDER(raw)
	}
}
