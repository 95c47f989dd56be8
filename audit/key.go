package audit

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Key is one API key to audit and what it is for.
type Key struct {
	// Name is the owner's name for the key, shown in reports. It should be
	// unique in a run.
	Name        string
	Exchange    *adapter.Exchange
	Environment string // empty means the exchange's first
	Credentials adapter.Credentials
	// Load fetches the credentials when the key's turn comes, in place of
	// Credentials. They are dropped after the audit of this key. An error is
	// reported as bad input by its *Error, or without its text when it is
	// another error, for that text could hold the secret.
	Load func(ctx context.Context) (adapter.Credentials, error)
	// BaseURL replaces the exchange's base URL, for a gateway or a test. It must
	// be https; plain http is accepted for loopback hosts only. A URL
	// that the exchange doesn't declare raises the finding insecure-transport;
	// one of another environment is refused.
	BaseURL string
	// Policy is what the key is for. The zero value allows reading only.
	Policy Policy
	// Record is what else the owner's inventory says about the key.
	Record Record
	// Transport sends this key's requests in place of Options.Transport, for
	// instance through the bot's own proxy. It is subject to the same terms.
	Transport http.RoundTripper
	// Egress names the IP address from which Transport sends. Rates and bans are
	// kept for each exchange and egress by itself.
	Egress string
	// Probe asks once more about a key that is found to be restricted to IP addresses, from
	// others: the exchange must refuse that. Nil, which is the default, asks nobody. Nothing
	// is sent at exchanges whose Probe is empty. Inspections by one Run, Watch or Inspector
	// probe a key once.
	Probe *adapter.Probe
	// Nonce matters only for exchanges whose requests carry a growing number.
	Nonce adapter.NoncePolicy
}

// Options change how keys are inspected. A nil *Options means the defaults.
type Options struct {
	// Transport sends requests. The guard checks requests first, so it sees nothing
	// that the exchange's value doesn't declare. It must honour the request's
	// context; its panics are not caught. Nil means TLS 1.2 or newer with
	// certificate checks, without any proxy, not even one from the
	// environment.
	Transport http.RoundTripper
	// Clock is time.Now if nil.
	Clock func() time.Time
	// Timeout bounds one key's inspection with all its retries, but not the
	// wait for its turn; 30 s if zero.
	Timeout time.Duration
	// Attempts is how often an unavailable or rate-limiting exchange is asked in
	// all; 3 if zero, 1 means no retry.
	Attempts int
	// Logger hears of retries, waits and clock corrections, at level debug, and
	// never of a secret: a key that may be a swapped one goes by its
	// fingerprint. Nil is silent.
	Logger *slog.Logger
	// Threshold is the severity from which a finding stops Check; High if
	// unset.
	Threshold Severity
	// Concurrency is how many keys Run inspects at a time at one exchange through
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
	out.Threshold = out.Threshold.orDefault()
	if out.Concurrency <= 0 {
		out.Concurrency = 8
	}
	out.Rules = orCatalogue(out.Rules)
	return out
}

// target is where and with what the exchange is asked about the key. Policies may
// name the given rules and those of the catalogue; any if none are given.
func (k *Key) target(rules []*Rule) *adapter.Target {
	return &adapter.Target{
		Exchange: k.Exchange, Environment: k.Environment, Credentials: k.Credentials, Load: k.Load, BaseURL: k.BaseURL,
		Transport: k.Transport, Egress: k.Egress, Nonce: k.Nonce, Probe: k.Probe, Problems: k.Policy.problems(knows(rules)),
	}
}

// knows reports which rules a policy may name: the given ones and those of the
// catalogue, or any if none are given.
func knows(rules []*Rule) func(id string) bool {
	return func(id string) bool {
		return len(rules) == 0 || slices.ContainsFunc(slices.Concat(rules, Rules()), func(r *Rule) bool { return r.ID == id })
	}
}

// Matches reports whether a stored snapshot is of this key with these credentials:
// asked with the same key at the same exchange, environment and base URL. A name is
// not enough, for a key can be replaced under it.
func (k *Key) Matches(s *access.Snapshot, c adapter.Credentials) bool {
	return k.target(nil).Matches(s, c)
}

// Plan lists every request that an inspection of key could send, and sends
// none. It needs no credentials.
func Plan(key Key) ([]adapter.PlannedCall, error) { return key.target(nil).Plan() }
