package adapter

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Exchange describes one exchange: what may be asked of it, what it reports, and
// the function that asks. It is a value, not a registration: a program imports
// the adapters it uses. It is logically constant; copy it to change it.
type Exchange struct {
	Name    string // lower case, for instance "bybit"; names a folder, a flag and a report field
	Title   string // as the exchange writes itself
	Docs    string // https URL of the documentation the adapter follows
	KeyPage string // https URL of the page where a person edits the key
	Checked string // the day, YYYY-MM-DD, on which the reference facts were last checked

	// Environments lists regions, test nets and demo modes; the first is the
	// default.
	Environments []Environment
	// Calls lists every request the adapter may make. The guard lets nothing
	// else out.
	Calls    []Call
	Needs    Needs
	Coverage Coverage
	// Limit is the polite request rate per egress IP address. Zero is unlimited
	// and only for fakes.
	Limit Limit
	// ClockWindow is how far a timestamp may be off before the exchange refuses
	// it; 0 when timestamps don't matter.
	ClockWindow time.Duration
	// RefusesIPFreely: its refusal by IP address is known to come for keys without an
	// IP allowlist too, so that it proves none.
	RefusesIPFreely bool
	// Probe is the path of the read that may be sent where the key's IP allowlist should
	// refuse it, to prove that it does: the first that an inspection sends. It is empty
	// unless the reference facts name no ban and no lock that could follow from a refused
	// request, and the code that they list for such a refusal is for nothing else.
	Probe string
	// Unscoped: no key can be limited to some rights, as the documentation shows: each can
	// do whatever the account can.
	Unscoped bool
	// Keys is what the exchange does to its keys, and which it has.
	Keys KeyRules
	// Notes are other rules of the exchange worth printing, one sentence each.
	Notes []string
	// Closing says that the exchange has closed, or is in such trouble that its
	// users should leave. It becomes the finding exchange-expiry of every key.
	Closing *access.Deadline

	// Inspect asks the exchange about the session's key. It must be safe for
	// concurrent use, must not keep the session, must not retry or sleep, and
	// must send through the session only. It returns *Error for every failure.
	Inspect func(ctx context.Context, s *Session) (*access.Snapshot, error)
	// ServerTime asks the exchange for its time. It is used before the first
	// request of an exchange whose nonces are times (Needs.Nonce), because a nonce
	// from a clock that runs ahead locks the key's other clients out; and
	// after a clock-skew answer that carried no Date header. Optional.
	ServerTime func(ctx context.Context, s *Session) (time.Time, error)
}

// Environment is one place where an exchange answers.
type Environment struct {
	Name string // for instance "live", "testnet", "eu"
	// URLs are the base URLs; the first is used, the others are known
	// equivalents that Key.BaseURL may name.
	URLs []string
	// Headers are sent with every request, for instance a demo switch.
	Headers map[string]string
	// Test marks a test network.
	Test bool
}

// Call is one request an adapter may make.
type Call struct {
	Method string
	// Path is exact. In place of {wallet} stands the wallet address of the key, or of its
	// account, and nothing else.
	Path string
	Why  string
	// Body is how the body must begin, at exchanges where one path serves reads
	// and writes.
	Body string
	// When says under which condition the call is made; empty means always.
	When string
	// Environments limits the call to some environments; empty means all.
	Environments []string
}

// walletInPath stands in a declared path for a wallet address.
const walletInPath = "{wallet}"

// Needs says what credentials the exchange wants.
type Needs struct {
	Kinds      []access.KeyKind // accepted kinds of secret
	Encoding   Encoding         // how a shared secret is written
	Passphrase bool
	OTP        bool // the key may have a second factor of its own
	Nonce      bool // requests carry a nonce that must grow per key
	// NonceUnit is the smallest nonce scale that the exchange's clients use;
	// milliseconds if zero. Key.Nonce overrules it.
	NonceUnit time.Duration
	// KeyForm and SecretForm are what the exchange's own keys and shared secrets look
	// like, whole; nil if that isn't documented. A pair that has neither is no error,
	// for exchanges change how they write them: only one of which each half has the
	// other's form is refused.
	KeyForm, SecretForm *regexp.Regexp
	// Wallet is set where keys are wallets.
	Wallet *Wallet
	// Account is set where keys are no wallets, and are those of an account that every
	// request names.
	Account *WalletAccount
	// OwnerForm is what the private key of a wallet that owns an account looks like, whole,
	// where the exchange's own keys look otherwise. In the place of one it is recognised by
	// that, and nothing is sent.
	OwnerForm *regexp.Regexp
	// SecretSent: the exchange wants the secret itself, so that a Signer cannot
	// take its place.
	SecretSent bool
}

// owns reports whether a secret has the form of an owner's.
func (n *Needs) owns(secret string) bool {
	return n.OwnerForm != nil && n.OwnerForm.MatchString(secret)
}

// Encoding is how a shared secret is written.
type Encoding uint8

// The encodings of a shared secret.
const (
	Plain     Encoding = iota // the text is the secret
	Base64                    // standard base64; the decoded bytes are the secret
	Base64URL                 // base64 in the alphabet of URLs, likewise
	// KeyText: the secret is a private key given as PEM or as base64 of raw
	// key bytes.
	KeyText
)

// decode returns the bytes of a secret that is written in base64.
func (e Encoding) decode(secret string) ([]byte, error) {
	if e == Base64URL {
		return base64.URLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(secret))
	}
	return base64.StdEncoding.DecodeString(secret)
}

// inBase64 reports whether the secret is bytes in base64.
func (e Encoding) inBase64() bool { return e == Base64 || e == Base64URL }

// Coverage says which facts the exchange reports about a key.
type Coverage struct {
	// Reports lists the capabilities whose state the exchange reports.
	Reports []access.Capability
	// Inferred: the exchange reports none of them itself; reads that need a right
	// show it.
	Inferred bool
	// Absent lists capabilities that no key of this exchange can have, as its
	// documentation shows: no right is for them, and none includes them. What is in
	// neither list stays Unknown.
	Absent []access.Capability
	// Whether each of these is reported.
	Allowlist, AllowlistEntries, Created, Expires, LastUsed, AccountKind, Siblings Reporting
	// Confirmed says what the reference facts rest on, for instance
	// "documents and an independent client".
	Confirmed string
}

// Reporting says whether an exchange reports a fact: never (the zero value), for
// some keys, or always.
type Reporting uint8

// The degrees of reporting.
const (
	Never Reporting = iota
	Sometimes
	Always
)

var reportingWords = []string{"no", "partly", "yes"}

// String returns "no", "partly" or "yes".
func (t Reporting) String() string { return access.FormatWord(reportingWords, t) }

// Limit is a request rate.
type Limit struct {
	Requests int
	Per      time.Duration
}

// complete reports whether there is enough of the value to ask with it.
func (e *Exchange) complete() bool {
	return e != nil && e.Name != "" && e.Inspect != nil && len(e.Environments) > 0 && (!e.Needs.Nonce || e.ServerTime != nil) &&
		!slices.ContainsFunc(e.Environments, func(env Environment) bool { return len(env.URLs) == 0 })
}

// probeCall is the call that a probe sends; nil where no key may be probed.
func (e *Exchange) probeCall() *Call {
	at := slices.IndexFunc(e.Calls, func(c Call) bool { return c.Path == e.Probe && c.When == "" })
	if e.Probe == "" || at < 0 || e.Needs.Nonce || e.RefusesIPFreely {
		return nil
	}
	return &e.Calls[at]
}

// signerProblems says why a signer can't stand in for the secret.
func (e *Exchange) signerProblems(s Signer) []string {
	switch {
	case e.Needs.SecretSent:
		return []string{e.Title + " requires the secret itself to be sent, so a signer cannot be used"}
	case !slices.Contains(e.Needs.Kinds, s.KeyKind()):
		return []string{fmt.Sprintf("%s does not take a %s key from the signer", e.Title, s.KeyKind())}
	default:
		return nil
	}
}

// environment finds an environment by name; "" is the default one.
func (e *Exchange) environment(name string) (*Environment, error) {
	names := make([]string, len(e.Environments))
	for i := range e.Environments {
		if names[i] = e.Environments[i].Name; names[i] == name || name == "" {
			return &e.Environments[i], nil
		}
	}
	return nil, fmt.Errorf("%s has no environment %q: use one of %s", e.Title, name, strings.Join(names, ", "))
}

// owns reports whether a host is one of the exchange's.
func (e *Exchange) owns(host string) bool {
	for _, env := range e.Environments {
		if slices.ContainsFunc(env.URLs, func(address string) bool {
			u, err := url.Parse(address)
			return err == nil && u.Host == host
		}) {
			return true
		}
	}
	return false
}

func (c *Call) in(environment string) bool {
	return len(c.Environments) == 0 || slices.Contains(c.Environments, environment)
}

// Validate reports everything that is missing or wrong in the value, for use
// in tests of adapters.
func (e *Exchange) Validate() error {
	var errs []error
	demand := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	demand(e.Name != "" && e.Name == strings.ToLower(e.Name) && !strings.ContainsAny(e.Name, " -_./"), "Name %q must be one lower-case word", e.Name)
	demand(e.Title != "", "Title is missing")
	demand(isHTTPS(e.Docs), "Docs must be an https URL")
	demand(isHTTPS(e.KeyPage), "KeyPage must be an https URL")
	_, err := time.Parse(time.DateOnly, e.Checked)
	demand(err == nil, "Checked must be a date, YYYY-MM-DD")
	demand(len(e.Environments) > 0, "Environments is empty")
	e.validateCalls(demand)
	demand(e.Probe == "" || e.probeCall() != nil, "Probe must be the path of a call that is always made and has no nonce, and a refusal must prove an IP allowlist")
	demand(len(e.Needs.Kinds) > 0, "Needs.Kinds is empty")
	e.Needs.Wallet.validate(e.Needs.Kinds, demand)
	demand(e.Needs.Account == nil || e.Needs.Wallet == nil && e.Needs.Account.Name != "" && e.Needs.Account.Canonical != nil,
		"Needs.Account is incomplete, or given beside Needs.Wallet")
	demand(!e.Needs.Nonce || e.ServerTime != nil, "an exchange with nonces needs ServerTime")
	e.Coverage.validate(demand)
	demand(e.Coverage.Confirmed != "", "Coverage.Confirmed is missing")
	e.Keys.validate(demand)
	demand(e.Limit.Requests > 0 && e.Limit.Per > 0, "Limit is missing")
	demand(e.Inspect != nil, "Inspect is missing")
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("exchange %q: %w", e.Name, errors.Join(errs...))
}

// validateCalls checks the environments, and the calls in them.
func (e *Exchange) validateCalls(demand func(ok bool, format string, args ...any)) {
	seen := map[string]bool{}
	for _, env := range e.Environments {
		demand(env.Name != "" && !seen[env.Name], "environment %q is unnamed or duplicate", env.Name)
		seen[env.Name] = true
		demand(len(env.URLs) > 0, "environment %q has no URL", env.Name)
		for _, u := range env.URLs {
			demand(isHTTPS(u) && !strings.HasSuffix(u, "/"), "environment %q: %q must be an https URL without a final slash", env.Name, u)
		}
		demand(slices.ContainsFunc(e.Calls, func(c Call) bool { return c.in(env.Name) }), "environment %q has no call", env.Name)
	}
	for _, c := range e.Calls {
		demand(c.Method == "GET" || c.Method == "POST", "call %q: method %q cannot be a read", c.Path, c.Method)
		demand(strings.HasPrefix(c.Path, "/") && !strings.ContainsAny(c.Path, "?#"), "call path %q must start with a slash and have no query", c.Path)
		demand(!strings.ContainsAny(strings.Replace(c.Path, walletInPath, "", 1), "{}"), "call path %q has a placeholder other than "+walletInPath, c.Path)
		demand(!strings.Contains(c.Path, walletInPath) || e.Needs.Wallet != nil, "call path %q names a wallet, but keys are none", c.Path)
		demand(c.Why != "", "call %q does not say why", c.Path)
		for _, name := range c.Environments {
			demand(seen[name], "call %q names the unknown environment %q", c.Path, name)
		}
	}
}

// validate checks that every capability is named right, and in one list only.
func (c *Coverage) validate(demand func(ok bool, format string, args ...any)) {
	for _, name := range slices.Concat(c.Reports, c.Absent) {
		demand(name.Valid(), "Coverage names the invalid capability %q", name)
		demand(!slices.Contains(c.Reports, name) || !slices.Contains(c.Absent, name), "Coverage lists %q as reported and as absent", name)
	}
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.RawQuery == ""
}
