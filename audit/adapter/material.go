package adapter

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// tidy returns the credentials without what editors, shells and forms added to them,
// and with the parts of a key file that was pasted whole. What remains is what is
// checked, signed with and sent.
func (c Credentials) tidy(e *Exchange) Credentials {
	secret := c.Secret.Reveal()
	if file, ok := keytext.ReadFile(c.Key); ok {
		c.Key = file.Key
		if strings.TrimSpace(secret) == "" {
			secret = file.Secret
		}
	}
	c.Key = keytext.Clean(c.Key)
	file, whole := keytext.ReadFile(secret)
	if whole && (c.Key == "" || sameKeyID(c.Key, file.Key)) {
		c.Key, secret, whole = keytext.Clean(file.Key), file.Secret, false
	}
	if !whole { // which is of another key, and refused as such
		secret = keytext.Clean(secret)
	}
	if e != nil {
		c.Key, secret = e.Needs.unwrap(e.Needs.KeyForm, c.Key), e.Needs.pad(e.Needs.unwrap(e.Needs.SecretForm, secret))
	}
	c.Secret = NewSecret(secret)
	c.Passphrase, c.OTP = NewSecret(keytext.Trim(c.Passphrase.Reveal())), NewSecret(keytext.Trim(c.OTP.Reveal()))
	switch {
	case e != nil && e.Needs.Wallet != nil:
		return e.Needs.Wallet.tidy(c)
	case e != nil && e.Needs.Account != nil:
		c.Account = cmp.Or(e.Needs.Account.Canonical(keytext.Clean(c.Account)), keytext.Clean(c.Account))
	}
	return c
}

// sameKeyID reports whether two identifiers are the same key's: a key file may write
// what its account belongs to in front.
func sameKeyID(a, b string) bool {
	return a == b || strings.HasSuffix(b, "/"+a) || strings.HasSuffix(a, "/"+b)
}

// unwrap takes white space out of a part that has the documented form without
// it. Of other texts it may separate two values.
func (n *Needs) unwrap(form *regexp.Regexp, text string) string {
	if whole := keytext.Compact(text); form != nil && whole != text && form.MatchString(whole) && !strings.Contains(text, "-----") {
		return whole
	}
	return text
}

// pad adds the padding that a secret in base64 lost.
func (n *Needs) pad(secret string) string {
	if n.owns(secret) {
		return secret
	}
	if missing := -len(secret) & 3; n.Encoding.inBase64() && missing < 3 && !strings.ContainsAny(secret, "= \n") {
		return secret + strings.Repeat("=", missing)
	}
	return secret
}

// unpadded is a part without what pad adds.
func unpadded(text string) string { return strings.TrimRight(text, "=") }

// id is the key's identifier as it may be shown. What stands in its place and is
// none, such as the secret of a swapped pair, is nothing.
func (c Credentials) id(e *Exchange) string {
	switch {
	case c.swapped(e) != "", c.keyProblem() != "", e != nil && e.Needs.Wallet != nil && !e.Needs.Wallet.mayShow(&c):
		return ""
	case e != nil && e.Needs.Wallet == nil && !e.Needs.surelyKey(c.Key) && c.noSecret(e): // which may be the key
		return ""
	default:
		return access.Printable(access.MaskID(c.Key))
	}
}

// noSecret reports whether what stands in the secret's place can be none.
func (c Credentials) noSecret(e *Exchange) bool {
	if _, private, _ := keytext.Private(c.Secret.Reveal(), c.KeyPassphrase.Reveal()); private || c.Signer != nil || c.Secret.IsZero() {
		return false
	}
	_, problem := c.readSecret(e)
	return problem != ""
}

// surelyKey reports whether a text has the form of the exchange's keys, and not that of
// its secrets.
func (n *Needs) surelyKey(text string) bool {
	return n.KeyForm != nil && n.SecretForm != nil && n.KeyForm.MatchString(text) && !n.SecretForm.MatchString(text)
}

// swapped says which parts are each in the other's place, or that one is in both; it is
// empty if none are. Only where each has the other's documented form, or one is a private
// key, is that sure.
func (c Credentials) swapped(e *Exchange) string {
	if _, is, err := keytext.Private(c.Key, c.KeyPassphrase.Reveal()); is && err == nil {
		return "the API key and the secret are swapped: put each where the other is"
	}
	if e != nil && e.Needs.Wallet != nil {
		if part := e.Needs.Wallet.swapped(&c); part != "" {
			return "the " + part + " and the private key are swapped: put each where the other is"
		}
	}
	secret := unpadded(c.Secret.Reveal())
	switch {
	case e == nil:
		return ""
	case secret != "" && unpadded(c.Key) == secret && e.Needs.Wallet == nil:
		return "the API key and the secret are the same text: put the key's identifier in the place of the API key"
	case secret != "" && unpadded(c.Passphrase.Reveal()) == secret && e.Needs.Passphrase:
		return "the secret and the passphrase are the same text: put each in its own place"
	case e.Needs.KeyForm == nil, e.Needs.SecretForm == nil:
		return ""
	default:
		return c.misplaced(e)
	}
}

// misplaced compares the parts with the forms that the exchange documents.
func (c Credentials) misplaced(e *Exchange) string {
	secret, passphrase := c.Secret.Reveal(), c.Passphrase.Reveal()
	isKey, isSecret := e.Needs.KeyForm.MatchString, e.Needs.SecretForm.MatchString
	third := e.Needs.Passphrase && c.Signer == nil
	if _, private, _ := keytext.Private(secret, ""); private { // which has no form
		third = false
	}
	for _, pair := range []struct {
		is   bool
		name string
	}{
		{isSecret(c.Key) && !isKey(c.Key) && isKey(secret) && !isSecret(secret), "API key and the secret"},
		{third && isSecret(passphrase) && !isSecret(secret), "secret and the passphrase"},
		{third && isKey(passphrase) && !isKey(c.Key), "API key and the passphrase"},
	} {
		if pair.is {
			return "the " + pair.name + " are swapped: put each where the other is"
		}
	}
	return ""
}

// accountProblems checks the account of a key that is no wallet.
func (c Credentials) accountProblems(e *Exchange) []string {
	switch of := e.Needs.Account; {
	case of != nil && c.Account == "":
		return []string{"requests name the account of a " + e.Title + " key, whose " + of.Name + " is not given"}
	case of != nil && of.Canonical(c.Account) == "":
		return []string{notAccount(c.Account, of.Name)}
	default:
		return nil
	}
}

// chosenProblems checks the parts that a person may have chosen.
func (c Credentials) chosenProblems() (problems []string) {
	for _, part := range []struct {
		name   string
		secret Secret
	}{{"passphrase", c.Passphrase}, {"second factor", c.OTP}} {
		value := part.secret.Reveal()
		if why := keytext.Template(value); why != "" {
			problems = append(problems, "the "+part.name+" "+why)
		}
		if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			problems = append(problems, "the "+part.name+" holds a line break or a control or invisible character: copy it again")
		}
	}
	return problems
}

// problems checks tidy credentials against what the exchange requires, before
// anything is sent, and parses a private key.
func (c Credentials) problems(e *Exchange) (privateKey, []string) {
	if swapped := c.swapped(e); swapped != "" {
		return privateKey{}, []string{swapped}
	}
	switch {
	case c.ownsByForm(&e.Needs):
		return privateKey{}, []string{mainWallet}
	case e.Needs.Wallet != nil:
		return e.Needs.Wallet.problems(&c, e)
	}
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if problem := c.keyProblem(); problem != "" {
		say("%s", problem)
	}
	if e.Needs.Passphrase && c.Passphrase.IsZero() {
		say("%s keys have a passphrase, and none is given", e.Title)
	}
	problems = append(problems, c.accountProblems(e)...)
	problems = append(problems, c.chosenProblems()...)
	for _, part := range []struct {
		name   string
		secret Secret
	}{{"secret", c.Secret}, {"passphrase", c.Passphrase}, {"second factor", c.OTP}} {
		if value := part.secret.Reveal(); value != "" && len(value) < minScrub {
			say("the %s has fewer than %d characters: check that it was copied whole", part.name, minScrub)
		}
	}
	if c.Signer != nil {
		return privateKey{}, append(problems, e.signerProblems(c.Signer)...)
	}
	key, problem := c.readSecret(e)
	if problem != "" {
		problems = append(problems, problem)
	}
	return key, problems
}

// readSecret parses a private key, or says what is wrong with the secret.
func (c Credentials) readSecret(e *Exchange) (key privateKey, problem string) {
	secret := c.Secret.Reveal()
	if secret == "" {
		return privateKey{}, "the secret is empty"
	}
	key, kind, err := readSecret(secret, c.KeyPassphrase.Reveal(), e.Needs)
	switch {
	case err != nil:
		problem = err.Error()
	case !slices.Contains(e.Needs.Kinds, kind):
		problem = fmt.Sprintf("%s does not take a secret of the kind %s", e.Title, kind)
	case key.ecdsa != nil && key.ecdsa.Curve.Params().BitSize != 256:
		problem = fmt.Sprintf("the private key is on the curve %s, and exchanges take P-256 only", key.ecdsa.Curve.Params().Name)
	}
	return key, problem
}

// walletForm is how wallets write a private key. No exchange's shared secret begins so.
var walletForm = regexp.MustCompile(`^0x[0-9A-Fa-f]{64}=*$`) // with what pad adds

// readSecret recognises the kind of a tidy secret. Its errors say nothing of it.
func readSecret(secret, phrase string, needs Needs) (privateKey, access.KeyKind, error) {
	if _, ok := keytext.ReadFile(secret); ok {
		return privateKey{}, access.KindOfKeyUnknown, errors.New("the secret is the key file of another API key: give the one that belongs to this key")
	}
	if private, is, err := keytext.Private(secret, phrase); is {
		key := privateKeyOf(private)
		return key, key.kind(), err
	}
	if needs.Encoding == KeyText {
		key, err := parseSeed(secret)
		if key.ed25519 != nil || err != nil {
			return key, key.kind(), err
		}
	}
	switch why := keytext.Placeholder(secret); {
	case why != "":
		return privateKey{}, access.SharedSecret, errors.New("the secret " + why)
	case walletForm.MatchString(secret):
		return privateKey{}, access.KindOfKeyUnknown, errors.New("the secret is a wallet's private key, which is no API key's secret")
	case needs.Encoding == KeyText && !slices.Contains(needs.Kinds, access.SharedSecret):
		return privateKey{}, access.KindOfKeyUnknown, errors.New("the secret is not a readable private key: it must be PEM, or the base64 that the exchange gave")
	case strings.ContainsFunc(secret, func(r rune) bool { return r < 0x21 || r > 0x7e }):
		return privateKey{}, access.SharedSecret, errors.New("the secret holds a space, a line break or another character that no secret has: copy it again")
	}
	if needs.Encoding.inBase64() {
		if _, err := needs.Encoding.decode(secret); err != nil {
			return privateKey{}, access.SharedSecret, errors.New("the secret is not base64, as this exchange's secrets are: copy it again")
		}
	}
	return privateKey{}, access.SharedSecret, nil
}

// parseSeed reads base64 of an Ed25519 seed (32 bytes), or of seed and public key
// (64). Of any other text the key is none.
func parseSeed(text string) (privateKey, error) {
	raw := seedBytes(text)
	if len(raw) != ed25519.SeedSize && len(raw) != ed25519.PrivateKeySize {
		return privateKey{}, nil
	}
	key := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
	if len(raw) == ed25519.PrivateKeySize && !slices.Equal(key, ed25519.PrivateKey(raw)) {
		return privateKey{}, errors.New("the secret is damaged: its public half does not belong to its private half")
	}
	return privateKey{ed25519: key}, nil
}

// seedBytes is nil if the text is not base64.
func seedBytes(text string) []byte {
	raw, err := base64.StdEncoding.DecodeString(keytext.Compact(text))
	if err != nil {
		return nil
	}
	return raw
}

func privateKeyOf(key crypto.PrivateKey) (p privateKey) {
	switch key := key.(type) {
	case ed25519.PrivateKey:
		p.ed25519 = key
	case *rsa.PrivateKey:
		p.rsa = key
	case *ecdsa.PrivateKey:
		p.ecdsa = key
	}
	return p
}
