package exchangetest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Definition is what one fake brings: how the exchange recognises a key,
// verifies a request and answers it. Write it from the exchange's documentation,
// with the standard library only, and share no code with the adapter: what
// checks a signature must not be what makes it.
//
// Name, Hosts, Kinds, Identify, Verify, Routes, Failures, and Vectors or
// NoVectors are required; [Definition.Validate] says what is missing. The fields
// from NoVectors on show the conformance suite where the exchange is special.
//
// The functions of a definition run while the fake is locked: they use the
// [Call] they are given, and call no method of the fake.
type Definition struct {
	// Name is the exchange's name, as its adapter has it.
	Name string
	// Hosts are the hosts that answer, those of every environment, without a
	// scheme. The first also stands for a loopback address; see [Serve].
	Hosts []string
	// Kinds are the kinds of keys that the exchange issues; the first is the
	// default of [Spec.Kind].
	Kinds []access.KeyKind
	// WalletAddress derives the wallet address of a private key in hexadecimal, where it
	// is written in another form than Ethereum has. Optional.
	WalletAddress func(private string) string
	// AddressOf derives the wallet address of a public key, where answers have public keys
	// besides; empty if it is none. Optional.
	AddressOf func(public []byte) string
	// Rights are the permissions that a key can hold, under the exchange's names.
	Rights []Right
	// MayGrant are capabilities that a right may carry although the exchange
	// does not say so, by the right's name: unknown while a key holds the right.
	MayGrant map[string][]access.Capability
	// Implied are capabilities that a right quietly includes without being for them,
	// by the right's name; by "" those of every key.
	Implied map[string][]Implied
	// Base are the capabilities of every key.
	Base []access.Capability
	// Grants lists the capabilities of a key but for the implied ones, for an exchange
	// where they are not the union of Base and of the rights held. Optional.
	Grants func(*Spec) []access.Capability
	// Reports says which facts about a key the exchange reports.
	Reports Reports
	// Failures are the documented refusals, each under a name of its own. Where
	// the exchange documents a refusal that a Fail constant names, use that
	// name. FailUnknownKey is required; it also stands in for those that are not
	// documented.
	Failures []Failure
	// Vectors are documented requests with their signatures. The suite demands
	// that the fake accepts them before it may judge an adapter.
	Vectors []Vector
	// Shape gives a new key the form that the exchange's keys have. It is called
	// with an identifier of 32 and a secret of 64 hexadecimal characters in
	// place, and for a key pair with its two halves. Optional; see [Hex].
	Shape func(*Issued)
	// Fill writes [Spec.Answer] for a key, where it takes more than the identifier in place
	// of {key}. Optional.
	Fill func(k *Issued, answer []byte) string
	// Identify finds the key's identifier in a request; empty if there is none.
	// [Call.Key] is nil here.
	Identify func(*Call) string
	// Verify checks the request of a key that exists, and returns the refusal
	// (see [Call.Refuse]), or nil. Afterwards the fake itself checks whether the
	// key is disabled, expired, or not allowed from the IP address.
	Verify func(*Call) *Reply
	// Routes answer verified requests, by "METHOD /path". Public ones answer
	// without a key, and [Call.Key] may be nil there. {wallet} at the end of a path stands
	// for a wallet address.
	Routes, Public map[string]func(*Call) Reply
	// Operation distinguishes calls that share a method and a path, by what their bodies
	// begin with: it follows the path, as in "POST /info userRole". Optional.
	Operation func(body []byte) string
	// Introspection is the route whose answer [Spec.Answer] replaces; empty means
	// each of Routes.
	Introspection string

	// NoVectors says why there are no vectors. A sample that you computed by the
	// documented rule, with another tool than this fake, is a vector too.
	NoVectors string
	// Unsigned names the parts of a request that the signature does not cover:
	// "path", "query", "body", or a header by its name. Give the reason in a
	// comment: what is listed here, the suite does not check.
	Unsigned []string
	// CanExist reports whether a key as described can exist, for rights that
	// exclude each other or need an IP allowlist. Optional: any key can.
	CanExist func(*Spec) bool
	// UnknownPermissions are names that a future permission could have. Nil means
	// that the suite makes them up from the names in Rights. An empty list says
	// that the exchange has no named permissions.
	UnknownPermissions []string
}

// Reports says which facts the exchange's answer holds.
type Reports struct {
	Allowlist, Entries, Created, Changed, Expires, LastUsed, Account, Label bool
	// Unit is the resolution of its times; a second if zero.
	Unit time.Duration
}

// Right is one permission that a key of the exchange can hold.
type Right struct {
	Name         string
	Capabilities []access.Capability
}

// Implied is a capability that a right quietly includes.
type Implied struct {
	Capability access.Capability
	// OnMain: keys of main accounts have it, and those of sub-accounts don't.
	OnMain bool
	// Unsure: the documentation disagrees with itself, or nobody has confirmed it.
	Unsure bool
	// If says which keys that hold the right have it; all if nil.
	If func(*Spec) bool
}

// Names of the refusals that every fake raises by itself, or that every exchange
// has. An exchange that documents such a refusal gives it this name in
// [Definition.Failures].
const (
	FailUnknownKey   = "unknown key"
	FailBadSignature = "bad signature"
	FailIP           = "IP address not allowed"
	FailClock        = "timestamp refused"
	FailNonce        = "nonce refused"
	FailPassphrase   = "wrong passphrase"
	FailExpired      = "key expired"
	FailDisabled     = "key disabled"
	FailHeader       = "header missing"
)

var commonFailures = []string{
	FailUnknownKey, FailBadSignature, FailIP, FailClock, FailNonce, FailPassphrase, FailExpired, FailDisabled, FailHeader,
}

// Failure is one documented refusal.
type Failure struct {
	Name string
	// Reply is the answer; see [Call.Fill] for what its body may hold.
	Reply
	// Kind is what an adapter must make of it.
	Kind access.Kind
	// Candidates are all that it may mean, if Kind is access.KindAmbiguous.
	Candidates []access.Kind
}

// Vector is a documented request with its signature.
type Vector struct {
	Name string
	// Time is the exchange's time at which the request is accepted.
	Time time.Time
	// What the key's owner holds. Secret is the private key of a key pair, as PEM
	// text or as base64.
	Key, Secret, Passphrase, OTP string
	Account                      string         // for which a wallet's key trades
	Kind                         access.KeyKind // zero means the exchange's default
	Method, URL                  string
	Header                       map[string]string
	Body                         string
}

// route is the name of a call in Routes and Public.
func (d *Definition) route(method, path string, body []byte) string {
	for _, routes := range []map[string]func(*Call) Reply{d.Routes, d.Public} {
		for route := range routes {
			before, found := strings.CutSuffix(route, "{wallet}")
			if wallet, here := strings.CutPrefix(method+" "+path, before); found && here && !strings.Contains(wallet, "/") {
				return route
			}
		}
	}
	if d.Operation == nil {
		return method + " " + path
	}
	return strings.TrimSpace(method + " " + path + " " + d.Operation(body))
}

// expected lists the capabilities of a key, by the documentation.
func (d *Definition) expected(spec *Spec) []access.Capability {
	out := d.outright(spec)
	for _, i := range d.implied(spec) {
		if !slices.Contains(out, i.Capability) && !d.doubtful(&i) {
			out = append(out, i.Capability)
		}
	}
	return out
}

// doubtful reports whether the exchange leaves open if a key has an implied
// capability.
func (d *Definition) doubtful(i *Implied) bool { return i.Unsure || i.OnMain && !d.Reports.Account }

// implied are the capabilities that the rights of a key quietly include.
func (d *Definition) implied(spec *Spec) []Implied {
	var out []Implied
	for name, all := range d.Implied {
		for _, i := range all {
			elsewhere := i.OnMain && spec.SubAccount && d.Reports.Account
			if (name == "" || spec.Has(name)) && !elsewhere && (i.If == nil || i.If(spec)) {
				out = append(out, i)
			}
		}
	}
	return out
}

// outright lists the capabilities that the rights of a key are for.
func (d *Definition) outright(spec *Spec) []access.Capability {
	if d.Grants != nil {
		return d.Grants(spec)
	}
	set := map[access.Capability]bool{}
	for _, c := range d.Base {
		set[c] = true
	}
	for _, r := range d.Rights {
		if spec.Has(r.Name) {
			for _, c := range r.Capabilities {
				set[c] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// uncertain lists the capabilities that a key may have without the exchange
// saying so.
func (d *Definition) uncertain(spec *Spec) []access.Capability {
	var out []access.Capability
	for name, capabilities := range d.MayGrant {
		if spec.Has(name) {
			out = append(out, capabilities...)
		}
	}
	for _, i := range d.implied(spec) {
		if d.doubtful(&i) {
			out = append(out, i.Capability)
		}
	}
	return out
}

// can reports whether a key as described can exist at the exchange.
func (d *Definition) can(spec *Spec) bool { return d.CanExist == nil || d.CanExist(spec) }
