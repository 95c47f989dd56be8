package adapter

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Target is one API key and where to ask about it.
type Target struct {
	Exchange    *Exchange
	Environment string // empty means the exchange's first
	Credentials Credentials
	// Load fetches the credentials when the key's turn comes, in place of
	// Credentials. An error is reported as bad input by its *Error, or without
	// its text when it is another error, for that text could hold the secret.
	Load func(ctx context.Context) (Credentials, error)
	// BaseURL replaces the exchange's base URL, for a gateway or a test. It must
	// be https; plain http is accepted for loopback hosts only.
	BaseURL string
	// Transport sends this key's requests in place of Options.Transport.
	Transport http.RoundTripper
	// Egress names the IP address that Transport sends from. Request rates and
	// bans are kept per exchange and egress.
	Egress string
	Nonce  NoncePolicy
	// Probe is through where a key that is restricted to IP addresses is asked about once
	// more; nil means nowhere.
	Probe *Probe
	// Problems are what the caller found wrong with the key. With any, nothing
	// is sent, and they are reported with what is found here.
	Problems []string
}

// Probe is an egress that a key's IP allowlist should keep out. One request through it
// proves that it does, or that the list is worth nothing.
type Probe struct {
	// Transport sends the request. It is subject to the same terms as Options.Transport.
	Transport http.RoundTripper
	// Egress names the IP addresses that Transport sends from. It is another than the key's
	// own.
	Egress string
	// IPs are those IP addresses. Without them, or with one on the allowlist, nothing is
	// sent.
	IPs []netip.Prefix
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

// site is where a target's requests go.
type site struct {
	exchange    *Exchange
	environment *Environment
	base        *url.URL
	override    bool // the caller chose the base URL
	undeclared  bool // and the exchange does not declare it
}

// site checks the parts of a target that need no credentials. It is nil if it
// is unknown where to ask.
func (t *Target) site() (*site, []string) {
	problems := slices.Clone(t.Problems)
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	switch t.Nonce.Unit {
	case 0, time.Second, time.Millisecond, time.Microsecond, time.Nanosecond:
	default:
		report("the nonce unit must be a second, a millisecond, a microsecond or a nanosecond")
	}
	if t.Nonce.Floor == math.MaxUint64 {
		report("the nonce floor leaves no larger nonce")
	}
	if t.Exchange == nil {
		report("no exchange is given: name its adapter, for instance bybit.Exchange")
		return nil, problems
	}
	if !t.Exchange.complete() {
		report("the exchange value %q is incomplete: its Validate says what is missing", t.Exchange.Name)
		return nil, problems
	}
	env, err := t.Exchange.environment(t.Environment)
	if err != nil {
		report("%s", err)
		return nil, problems
	}
	s := &site{exchange: t.Exchange, environment: env, override: t.BaseURL != ""}
	if problem := s.aim(cmp.Or(t.BaseURL, env.URLs[0])); problem != "" {
		report("%s", problem)
	}
	return s, problems
}

// siteID is the Site of the target's snapshots.
func (t *Target) siteID() string {
	if t.BaseURL == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("exchangekeyaudit site\x00" + t.BaseURL))
	return hex.EncodeToString(sum[:8])
}

// Matches reports whether a snapshot is of this target with these credentials: of
// the same key, at the same exchange, environment and base URL. It is not if any of
// that is unknown.
func (t *Target) Matches(s *access.Snapshot, c Credentials) bool {
	if s == nil || t.Exchange == nil {
		return false
	}
	env, err := t.Exchange.environment(t.Environment)
	if c = c.tidy(t.Exchange); err != nil || c.id(t.Exchange) == "" {
		return false
	}
	id := fingerprint(t.Exchange.Name, c.Key)
	return id != "" && id == s.Fingerprint && s.Exchange == t.Exchange.Name && s.Environment == env.Name && s.Site == t.siteID()
}

// aim sets the base URL, in its one canonical form, or says what is wrong with
// it without printing it: it may hold a password.
func (s *site) aim(address string) (problem string) {
	base, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || base.Hostname() == "" || base.User != nil || strings.ContainsAny(address, "?#") {
		return "the base URL is malformed: write it as https://host, without user, password, query or fragment"
	}
	base.Host = strings.ToLower(base.Host)
	switch {
	case base.Scheme == "https":
		base.Host = strings.TrimSuffix(base.Host, ":443")
	case base.Scheme == "http" && s.override && isLoopback(base.Hostname()):
	default:
		return "the base URL must be https (plain http only to a loopback host)"
	}
	s.base, s.undeclared = base, s.override && !slices.Contains(s.environment.URLs, base.String())
	if !s.undeclared {
		return ""
	}
	for _, other := range s.exchange.Environments {
		if slices.Contains(other.URLs, base.String()) { // the report would name the wrong one, perhaps a test network
			return fmt.Sprintf("the base URL is that of the environment %q: set the environment to that", other.Name)
		}
	}
	if base.Path != "" && s.exchange.owns(base.Host) { // it could make another call of a declared one
		return "the base URL adds a path to the exchange's own host: leave the path out"
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

// calls are those that an inspection may make here.
func (s *site) calls() []*Call {
	var out []*Call
	for i := range s.exchange.Calls {
		if c := &s.exchange.Calls[i]; c.in(s.environment.Name) {
			out = append(out, c)
		}
	}
	return out
}

// requests is how many requests an inspection always sends.
func (s *site) requests() int {
	n := 0
	for i := range s.exchange.Calls {
		if c := &s.exchange.Calls[i]; c.When == "" && c.in(s.environment.Name) {
			n++
		}
	}
	return max(1, n)
}

// host is the one that signatures name.
func (s *site) host() string {
	if s.undeclared || s.base.Scheme != "https" {
		return strings.TrimPrefix(s.environment.URLs[0], "https://")
	}
	return s.base.Host
}

// insecure names what is weak about where the key is sent.
func (s *site) insecure() []string {
	if s.base.Scheme == "http" {
		return []string{"plain http to " + s.base.Host}
	}
	if s.undeclared {
		return []string{s.base.Host + " is not a host of " + s.exchange.Title}
	}
	return nil
}

// PlannedCall is one request that an inspection would send.
type PlannedCall struct {
	Method string `json:"method"`
	URL    string `json:"url"` // scheme, host and path; no query
	Why    string `json:"why"`
	When   string `json:"when,omitempty"` // empty means always
	// Egress names the IP address that the request is sent from, if it is another than
	// the target's.
	Egress string `json:"egress,omitempty"`
}

// Plan lists every request that an inspection of the target could send, and
// sends none. It needs no credentials.
func (t *Target) Plan() ([]PlannedCall, error) {
	s, problems := t.site()
	if len(problems) > 0 {
		return nil, inputError(t.Exchange, problems)
	}
	var calls []PlannedCall
	for _, c := range s.calls() {
		calls = append(calls, PlannedCall{Method: c.Method, URL: s.base.String() + c.Path, Why: c.Why, When: c.When})
	}
	if c := t.Exchange.probeCall(); t.Probe != nil && c != nil && c.in(s.environment.Name) {
		calls = append(calls, PlannedCall{
			Method: c.Method, URL: s.base.String() + c.Path, Egress: access.Printable(t.Probe.Egress),
			Why: "once, to prove that the IP allowlist refuses this egress", When: "the key is restricted to IP addresses that are all shown, and this egress has none of them",
		})
	}
	return calls, nil
}
