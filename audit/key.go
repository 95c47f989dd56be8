package audit

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Key is one API key to audit and what it is for.
type Key struct {
	// Name is the owner's name for the key, shown in reports. It should be
	// unique in a run.
	Name        string
	Exchange    *Exchange
	Environment string // empty means the venue's first
	Credentials Credentials
	// Load fetches the credentials when the key's turn comes, in place of
	// Credentials. They are dropped after the audit of this key. An error is
	// reported as bad input by its *Error, or without its text when it is
	// another error, for that text could hold the secret.
	Load func(ctx context.Context) (Credentials, error)
	// BaseURL replaces the venue's address, for a gateway or a test. It must
	// be https; plain http is taken for loopback addresses only. An address
	// that the venue doesn't declare raises the finding insecure-transport;
	// one of another environment is refused.
	BaseURL string
	// Policy is what the key is for. The zero value allows reading only.
	Policy Policy
	// Record is what else the owner's inventory says about the key.
	Record Record
	// Transport sends this key's requests in place of Options.Transport, for
	// instance through the bot's own proxy. It is subject to the same terms.
	Transport http.RoundTripper
	// Egress names the address from which Transport sends. Rates and bans are
	// kept for each venue and egress by itself.
	Egress string
	// Nonce matters only for venues whose requests carry a growing number.
	Nonce NoncePolicy
}

// NoncePolicy chooses the nonces of one key. A nonce that is larger than those
// of the key's other clients locks them out for good, so the zero value, Unix
// milliseconds, is the smallest scale in common use and is never exceeded on
// the library's own account.
type NoncePolicy struct {
	// Unit is the length of one step: time.Second, time.Millisecond (the
	// zero value), time.Microsecond or time.Nanosecond. Choose the one the
	// key's other clients use.
	Unit time.Duration
	// Floor is a nonce already used; the next is larger.
	Floor uint64
}

// Options change how keys are inspected. A nil *Options means the defaults.
type Options struct {
	// Transport sends requests. The guard stands above it, so it sees nothing
	// that the venue's value doesn't declare. It must honour the request's
	// context; its panics are not caught. Nil means TLS 1.2 or newer with
	// certificate checks, without any proxy, not even one from the
	// environment.
	Transport http.RoundTripper
	// Clock is time.Now if nil.
	Clock func() time.Time
	// Timeout bounds one key's inspection with all its retries, but not the
	// wait for its turn; 30 s if zero.
	Timeout time.Duration
	// Attempts is how often an unavailable or rate-limiting venue is asked in
	// all; 3 if zero, 1 means no retry.
	Attempts int
	// Threshold is the severity from which a finding stops Check; High if
	// unset.
	Threshold Severity
	// Concurrency is how many keys Run inspects at a time at one venue through
	// one egress; 8 if zero.
	Concurrency int
	// Rules are the rules to apply; Rules() if nil.
	Rules []*Rule
}

func (o *Options) orDefault() Options {
	var out Options
	if o != nil {
		out = *o
	}
	if out.Clock == nil {
		out.Clock = time.Now
	}
	if out.Timeout <= 0 {
		out.Timeout = 30 * time.Second
	}
	if out.Attempts <= 0 {
		out.Attempts = 3
	}
	if out.Threshold == 0 {
		out.Threshold = High
	}
	if out.Concurrency <= 0 {
		out.Concurrency = 8
	}
	if out.Rules == nil {
		out.Rules = Rules()
	}
	return out
}

// target is a key made ready: checked, and with its address chosen.
type target struct {
	exchange    *Exchange
	environment *Environment
	base        *url.URL
	override    bool // the caller chose the address
	undeclared  bool // and the venue does not declare it
}

// target checks the parts of a key that need no credentials.
func (k *Key) target() (*target, []string) {
	problems := k.Policy.problems()
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	switch k.Nonce.Unit {
	case 0, time.Second, time.Millisecond, time.Microsecond, time.Nanosecond:
	default:
		say("Nonce.Unit must be a second, a millisecond, a microsecond or a nanosecond")
	}
	if k.Nonce.Floor == math.MaxUint64 {
		say("Nonce.Floor leaves no larger nonce")
	}
	if k.Exchange == nil {
		say("Key.Exchange is not set: name the venue's adapter, for instance bybit.Exchange")
		return nil, problems
	}
	env, err := k.Exchange.environment(k.Environment)
	if err != nil {
		say("%s", err)
		return nil, problems
	}
	if k.Exchange.Inspect == nil || len(env.URLs) == 0 || (k.Exchange.Needs.Nonce && k.Exchange.ServerTime == nil) {
		say("the exchange value %q is incomplete", k.Exchange.Name)
		return nil, problems
	}
	t := &target{exchange: k.Exchange, environment: env, override: k.BaseURL != ""}
	if problem := t.aim(cmp.Or(k.BaseURL, env.URLs[0])); problem != "" {
		say("%s", problem)
	}
	return t, problems
}

// aim sets the address, in its one canonical form, or says what is wrong with
// it without printing it: it may hold a password.
func (t *target) aim(address string) (problem string) {
	base, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || base.Hostname() == "" || base.User != nil || strings.ContainsAny(address, "?#") {
		return "BaseURL is not a plain address: write it as https://host, without user, password, query or fragment"
	}
	base.Host = strings.ToLower(base.Host)
	switch {
	case base.Scheme == "https":
		base.Host = strings.TrimSuffix(base.Host, ":443")
	case base.Scheme == "http" && t.override && isLoopback(base.Hostname()):
	default:
		return "BaseURL must be https (plain http only to a loopback address)"
	}
	t.base, t.undeclared = base, t.override && !slices.Contains(t.environment.URLs, base.String())
	if !t.undeclared {
		return ""
	}
	for _, other := range t.exchange.Environments {
		if slices.Contains(other.URLs, base.String()) { // the report would name the wrong one, and play money perhaps
			return fmt.Sprintf("BaseURL is the address of the environment %q: name that as the Environment", other.Name)
		}
	}
	return ""
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// requests is how many requests an inspection always sends.
func (t *target) requests() int {
	n := 0
	for i := range t.exchange.Calls {
		if c := &t.exchange.Calls[i]; c.When == "" && c.in(t.environment.Name) {
			n++
		}
	}
	return max(1, n)
}

// insecure names what is weak about how the key is sent.
func (t *target) insecure(transport http.RoundTripper) []string {
	var out []string
	if t.base.Scheme == "http" {
		out = append(out, "plain http to "+t.base.Host)
	} else if t.undeclared {
		out = append(out, t.base.Host+" is not an address of "+t.exchange.Title)
	}
	if tr, ok := transport.(*http.Transport); ok && tr.TLSClientConfig != nil && tr.TLSClientConfig.InsecureSkipVerify {
		out = append(out, "certificate checks are off")
	}
	return out
}

// problems checks the credentials against what the venue wants, before
// anything is sent, and parses a private key.
func (c Credentials) problems(e *Exchange) (privateKey, []string) {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
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
	if c.Signer != nil && e.Needs.SecretSent {
		say("%s wants the secret itself sent, so a signer cannot stand in for it", e.Title)
		return privateKey{}, problems
	}
	if c.Signer != nil {
		if !slices.Contains(e.Needs.Kinds, c.Signer.KeyKind()) {
			say("%s does not take a %s key from the signer", e.Title, c.Signer.KeyKind())
		}
		return privateKey{}, problems
	}
	secret := c.Secret.Reveal()
	if strings.TrimSpace(secret) == "" {
		say("the secret is empty")
		return privateKey{}, problems
	}
	key, kind, err := readSecret(secret, e.Needs)
	switch {
	case err != nil:
		say("%s", err)
	case !slices.Contains(e.Needs.Kinds, kind):
		say("%s does not take a secret of the kind %s", e.Title, kind)
	case key.ecdsa != nil && key.ecdsa.Curve.Params().BitSize != 256:
		say("the private key is on the curve %s, and venues take P-256 only", key.ecdsa.Curve.Params().Name)
	case kind == SharedSecret && strings.ContainsFunc(secret, unicode.IsSpace):
		say("the secret holds a space or a line break: copy it again")
	}
	return key, problems
}

// readSecret recognises the kind of a secret. Its errors say nothing of it.
func readSecret(secret string, needs Needs) (privateKey, KeyKind, error) {
	if looksLikePEM(secret) {
		key, err := parsePEM(secret)
		return key, key.kind(), err
	}
	switch needs.Encoding {
	case Base64:
		if _, err := base64.StdEncoding.DecodeString(secret); err != nil {
			return privateKey{}, SharedSecret, fmt.Errorf("the secret is not base64, as this venue's secrets are: copy it again")
		}
	case KeyText:
		key, err := parseKeyText(secret)
		if err == nil {
			return key, key.kind(), nil
		}
		if !slices.Contains(needs.Kinds, SharedSecret) {
			return privateKey{}, KindOfKeyUnknown, err
		}
	case Plain:
	}
	return privateKey{}, SharedSecret, nil
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

// PlannedCall is one request that an inspection would send.
type PlannedCall struct {
	Method string `json:"method"`
	URL    string `json:"url"` // scheme, host and path; no query
	Why    string `json:"why"`
	When   string `json:"when,omitempty"` // empty means always
}

// Plan lists every request that an inspection of key could send, and sends
// none. It needs no credentials.
func Plan(key Key) ([]PlannedCall, error) {
	t, problems := key.target()
	if len(problems) > 0 {
		return nil, inputError(key.Exchange, problems)
	}
	var calls []PlannedCall
	for _, c := range t.exchange.Calls {
		if c.in(t.environment.Name) {
			calls = append(calls, PlannedCall{Method: c.Method, URL: t.base.String() + c.Path, Why: c.Why, When: c.When})
		}
	}
	return calls, nil
}

func inputError(e *Exchange, problems []string) *Error {
	err := &Error{Kind: KindInput, Message: strings.Join(problems, "; ")}
	if e != nil {
		err.Exchange = e.Title
	}
	return err
}
