package adapter

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"log/slog"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Session is what an adapter may use during one inspection. Only this package
// makes one, and it must not be kept.
type Session struct {
	*site
	credentials Credentials
	private     privateKey
	kind        access.KeyKind
	transport   http.RoundTripper
	pace        *pace
	scrubber    *scrubber
	log         *slog.Logger

	clock              func() time.Time
	began, beganSteady time.Time     // by the clock, and by the machine's own
	offset             time.Duration // the exchange's clock minus ours, once known
	nonce              NoncePolicy
	turn               *keyTurn
	signed             bool // with a nonce
	corrected          bool // the clock, after a refused timestamp
	outrun             bool // a nonce was refused: another client of the key uses larger ones

	probing   bool // one request, and no other than the probe's
	wentOn    bool // the adapter would have sent more after it
	attempt   attempt
	sent      int          // requests of all attempts
	untrusted bool         // a certificate was refused
	unchecked bool         // a connection on which no certificate was checked
	unseen    bool         // a connection of which the transport doesn't say
	seenClock access.Clock // by the last answer
}

// attempt is the state of one attempt.
type attempt struct {
	budget int         // requests that may still be sent
	paid   int         // requests whose turn was waited for
	header http.Header // of the last answer
	status int         // of the last answer
}

// Key returns the public half of the key.
func (s *Session) Key() string { return s.credentials.Key }

// Account returns the wallet address of the account that the key trades for, as its owner
// gave it; empty if they gave none, and where keys are no wallets.
func (s *Session) Account() string { return s.credentials.Account }

// KeyKind returns what kind of key signs.
func (s *Session) KeyKind() access.KeyKind { return s.kind }

// Environment returns the name of the environment that is asked.
func (s *Session) Environment() string { return s.environment.Name }

// Host returns the host that is asked, as signatures name it. When Key.BaseURL
// sends the request to a URL that is none of the exchange's, it is the
// exchange's own host, which a gateway forwards to.
func (s *Session) Host() string { return s.host() }

// Passphrase returns the passphrase, for exchanges that require it.
func (s *Session) Passphrase() string { return s.credentials.Passphrase.Reveal() }

// Secret returns the secret itself, for the few exchanges that require it. It
// is empty where Needs.SecretSent doesn't say so.
func (s *Session) Secret() string {
	if !s.exchange.Needs.SecretSent {
		return ""
	}
	return s.credentials.Secret.Reveal()
}

// Hide makes sure that a token, which the exchange gave for this session, is
// never printed.
func (s *Session) Hide(token string) { s.scrubber.add(token, redacted) }

// OTP returns the key's second factor, or nothing.
func (s *Session) OTP() string { return s.credentials.OTP.Reveal() }

// Now returns the time, corrected by what the exchange's clock was found to be.
func (s *Session) Now() time.Time { return s.clock().Add(s.offset) }

// Nonce returns a number that grows with every call, on the scale the key's
// owner chose. It is that of the unit of time before this one, so that the key's
// other clients, which use this one's, are not locked out; that of this one only if
// the exchange refused it, for another client was faster.
func (s *Session) Nonce() uint64 {
	n := uint64(max(0, s.Now().UnixNano()/int64(s.nonceUnit())-1))
	if s.outrun {
		n++
	}
	s.turn.nonce, s.signed = max(n, s.nonce.Floor+1, s.turn.nonce+1), true
	return s.turn.nonce
}

func (s *Session) nonceUnit() time.Duration {
	return cmp.Or(s.nonce.Unit, s.exchange.Needs.NonceUnit, time.Millisecond)
}

// Random returns n random bytes.
func (s *Session) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // documented never to fail
	return b
}

// Sign signs message with the key's secret, or has the caller's Signer do it,
// and returns the raw signature. What a wallet's key signs is encoded first, and refused
// if it isn't the text of the documented read.
func (s *Session) Sign(ctx context.Context, alg Algorithm, message string) ([]byte, error) {
	if w := s.exchange.Needs.Wallet; w != nil {
		if s.credentials.isMain(&s.exchange.Needs) {
			return nil, &access.Error{Kind: access.KindInput, Message: mainWallet}
		}
		if w.Signing == nil || !w.Signing.Text.MatchString(message) {
			return nil, &access.Error{Kind: access.KindGuard, Message: "the adapter does not declare that it signs this"}
		}
		message = string(w.Signing.Encode(s.environment.Name, message))
	}
	signature, err := s.sign(ctx, alg, message)
	if err == nil {
		s.scrubber.add(string(signature), "[signature]")
	}
	return signature, err
}

func (s *Session) sign(ctx context.Context, alg Algorithm, message string) ([]byte, error) {
	if s.credentials.Signer != nil {
		signature, err := s.credentials.Signer.Sign(ctx, alg, []byte(message))
		switch {
		case ctx.Err() != nil:
			return nil, canceled(ctx, "")
		case err != nil, len(signature) == 0: // the error's text is not ours to print
			return nil, &access.Error{Kind: access.KindInput, Message: "the signer did not sign"}
		}
		return signature, nil
	}
	if h, ok := hashes[alg]; ok {
		return s.mac(h, message), nil
	}
	if signature := s.private.sign(alg, message); signature != nil {
		return signature, nil
	}
	return nil, &access.Error{Kind: access.KindInput, Message: fmt.Sprintf("a key of the kind %s cannot sign with %s", s.kind, alg)}
}

// hashes are those of the algorithms that use a shared secret.
var hashes = map[Algorithm]func() hash.Hash{HMACSHA256: sha256.New, HMACSHA384: sha512.New384, HMACSHA512: sha512.New}

// sign signs with a private key, and returns nothing if it is none for the algorithm.
func (p privateKey) sign(alg Algorithm, message string) []byte {
	digest := sha256.Sum256([]byte(message))
	switch {
	case p.wallet != nil && alg == p.of.algorithm():
		return p.of.Signing.Sign(p.wallet, []byte(message))
	case alg == Ed25519 && p.ed25519 != nil:
		return ed25519.Sign(p.ed25519, []byte(message))
	case alg == RSASHA256 && p.rsa != nil:
		if signature, err := rsa.SignPKCS1v15(nil, p.rsa, crypto.SHA256, digest[:]); err == nil {
			return signature
		}
	case alg == RSAPSSSHA256 && p.rsa != nil:
		if signature, err := rsa.SignPSS(rand.Reader, p.rsa, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: sha256.Size}); err == nil {
			return signature
		}
	case alg == ES256 && p.ecdsa != nil && p.ecdsa.Curve.Params().BitSize == 256:
		if r, s, err := ecdsa.Sign(rand.Reader, p.ecdsa, digest[:]); err == nil {
			signature := make([]byte, 64)
			r.FillBytes(signature[:32])
			s.FillBytes(signature[32:])
			return signature
		}
	}
	return nil
}

func (s *Session) mac(h func() hash.Hash, message string) []byte {
	secret := []byte(s.credentials.Secret.Reveal())
	if encoding := s.exchange.Needs.Encoding; encoding.inBase64() {
		secret, _ = encoding.decode(string(secret)) // checked before the session was created
	}
	m := hmac.New(h, secret)
	m.Write([]byte(message))
	return m.Sum(nil)
}

// Scrub removes every secret, signature and token of this session from text,
// together with control characters.
func (s *Session) Scrub(text string) string { return s.scrubber.clean(text) }

// Request is what an adapter asks the session to send.
type Request struct {
	Method string
	Path   string // one of Exchange.Calls
	// Query is sent exactly as written here, so that it is what was signed.
	Query  string
	Header http.Header
	Body   string
}

// Response is a bounded answer. A status that isn't 2xx is no error here: many
// exchanges say what is wrong in the body.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}
