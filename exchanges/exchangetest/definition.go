package exchangetest

import (
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// definition is what one fake brings: its file states nothing else.
type definition struct {
	name  string
	hosts []string
	kinds []access.KeyKind // kinds of keys it issues; the first is the default
	// rights are what a key can hold, as the exchange describes them.
	rights []Right
	// perhaps are capabilities that a right may carry without the exchange saying
	// so, by the right's name: unknown while it is held.
	perhaps map[string][]access.Capability
	// base are the capabilities of every key.
	base []access.Capability
	// grants overrules what a spec's permissions amount to; nil means the
	// union of rights and base.
	grants  func(*Spec) []access.Capability
	reports Reports
	// failures are the documented refusals, by name. The names that the
	// framework itself uses are the Fail constants.
	failures []Failure
	vectors  []Vector
	// shape gives a new key its identifier, secret and passphrase in the
	// exchange's form; nil means shapeHMAC.
	shape func(serial int, k *issued)
	// identify finds the key's identifier in a request.
	identify func(*call) string
	// verify checks the request of a known key, returning a refusal (by
	// call.refuse) or nil. It is written from the documentation with crypto only.
	verify func(*call) *Reply
	// routes answer verified requests, by "METHOD /path"; public ones answer
	// without a key.
	routes, public map[string]func(*call) Reply
	// introspection is the route whose answer Spec.Answer replaces; empty
	// means every one.
	introspection string

	// What follows tells the conformance suite where the exchange is special.

	// noVectors says why there are no documented vectors.
	noVectors string
	// unsigned names the parts of a request that the exchange does not protect:
	// "path", "query", "body", or a header by its name.
	unsigned []string
	// possible says whether a key as described can exist; nil means any can.
	possible func(*Spec) bool
	// unknown are permissions that nobody knows, written as this exchange would;
	// nil means the suite makes them up after the names in rights.
	unknown []string
}

// Tells says which facts the exchange's answer carries.
type Reports struct {
	Allowlist, Entries, Created, Changed, Expires, LastUsed, Account, Label bool
	// Unit is the resolution of its times; a second if zero.
	Unit time.Duration
}

// Right is one permission a key of the exchange can hold.
type Right struct {
	Name         string
	Capabilities []access.Capability
}

// Spec describes a key to issue.
type Spec struct {
	Label string
	// Permissions are the exchange's own names; unknown ones are served as they
	// are.
	Permissions                         []string
	IPs                                 []string
	Created, Changed, Expires, LastUsed time.Time
	SubAccount                          bool
	Kind                                access.KeyKind // zero means the exchange's default
	Disabled                            bool
	OTP                                 string
	// Options are switches that only this exchange has, for instance
	// "readOnly": "1" at Bybit.
	Options map[string]string
	// Answer replaces the body of the successful answer of the introspection
	// call; {key} in it stands for the key. The request is still verified.
	Answer []byte
	// Faults befall requests of this key, in order.
	Faults []Fault
}

func (s *Spec) has(permission string) bool { return slices.Contains(s.Permissions, permission) }

// issued is a key the exchange knows.
type issued struct {
	Spec
	id, secret, passphrase string
	private                string // PEM, for asymmetric kinds
	public                 any    // ed25519.PublicKey, *rsa.PublicKey or *ecdsa.PublicKey
	nonce                  uint64
	serial                 int
}

// Seen is a request the exchange received.
type Seen struct{ Method, Host, Path, KeyID string }

// Reply is an answer of the exchange.
type Reply struct {
	Status int // 200 if zero
	Header map[string]string
	Body   string
}

// call is one request under way.
type call struct {
	*http.Request
	body []byte
	now  time.Time
	fake *Fake
	key  *issued
	ip   netip.Addr
}

// Names of failures that the framework raises by itself; an exchange that
// documents such a refusal names it so.
const (
	FailUnknownKey   = "unknown key"
	FailBadSignature = "bad signature"
	FailAddress      = "address not allowed"
	FailClock        = "timestamp refused"
	FailNonce        = "nonce refused"
	FailPassphrase   = "wrong passphrase"
	FailExpired      = "key expired"
	FailDisabled     = "key disabled"
	FailHeader       = "header missing"
)

// Failure is one documented refusal.
type Failure struct {
	Name string
	Reply
	// Kind is what an adapter must make of it.
	Kind       access.Kind
	Candidates []access.Kind
}

// Vector is a documented request with its signature.
type Vector struct {
	Name string
	Time time.Time
	// What the key's owner holds.
	Key, Secret, Passphrase, OTP string
	Kind                         access.KeyKind
	Method, URL                  string
	Header                       map[string]string
	Body                         string
}

// expected lists the capabilities a spec amounts to, by the documentation.
func (d *definition) expected(spec *Spec) []access.Capability {
	if d.grants != nil {
		return d.grants(spec)
	}
	set := map[access.Capability]bool{}
	for _, c := range d.base {
		set[c] = true
	}
	for _, r := range d.rights {
		if spec.has(r.Name) {
			for _, c := range r.Capabilities {
				set[c] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// uncertain lists the capabilities that a spec may amount to without the exchange
// saying so.
func (d *definition) uncertain(spec *Spec) []access.Capability {
	var out []access.Capability
	for name, capabilities := range d.perhaps {
		if spec.has(name) {
			out = append(out, capabilities...)
		}
	}
	return out
}

// can reports whether a key as described can exist at the exchange.
func (d *definition) can(spec *Spec) bool { return d.possible == nil || d.possible(spec) }
