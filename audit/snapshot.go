package audit

import (
	"slices"
	"time"
)

// SnapshotSchema is the version of the stored form of a Snapshot. It grows
// when a field changes its meaning or goes away, not when one is added.
const SnapshotSchema = 1

// Snapshot is what is known about one key at one time. It holds no secret and
// can be stored as JSON and judged again later. In every field the zero value
// means "not told".
type Snapshot struct {
	Schema      int       `json:"schema"`
	Exchange    string    `json:"exchange"`
	Environment string    `json:"environment"`
	Test        bool      `json:"test,omitempty"` // play money
	TakenAt     time.Time `json:"taken_at"`
	KeyID       string    `json:"key_id"` // masked
	// Fingerprint tells whether two snapshots are of one key, without saying
	// which: the beginning of a hash of the key's public half. Empty when
	// that is not known, or was masked by the venue.
	Fingerprint string  `json:"fingerprint,omitempty"`
	KeyKind     KeyKind `json:"key_kind"`
	// KeyBits is the length of an RSA key; 0 if not known, for instance
	// because a signer holds it.
	KeyBits int `json:"key_bits,omitempty"`
	// KeyKinds are the kinds of key that the venue offers.
	KeyKinds []KeyKind `json:"key_kinds,omitempty"`
	Label    string    `json:"label,omitempty"` // the key's name at the venue
	Account  Account   `json:"account"`
	KeyState KeyState  `json:"key_state"`

	// Grants lists capabilities in report order, each at most once. One that
	// is not listed is Unknown.
	Grants []Grant `json:"grants"`
	// Permissions are the venue's own names, as listed for the key; they may
	// amount to less than they say, which Grants tell.
	Permissions []string `json:"permissions,omitempty"`
	// Unmapped are permissions that the key holds and this version does not
	// know.
	Unmapped []string `json:"unmapped,omitempty"`

	IPAllowlist   IPAllowlist   `json:"ip_allowlist"`
	PairAllowlist PairAllowlist `json:"pair_allowlist,omitzero"`

	Created time.Time `json:"created,omitzero"`
	Changed time.Time `json:"changed,omitzero"`
	// FirstSeen is when this key was first audited, as far as earlier reports
	// know: the key is at least as old as that.
	FirstSeen time.Time `json:"first_seen,omitzero"`
	// LastUsed is when the venue last saw the key used, be it by an audit.
	LastUsed time.Time `json:"last_used,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
	// NeverExpires: the venue says that no expiry is set.
	NeverExpires bool `json:"never_expires,omitempty"`
	// ExpiryOffered: the venue lets the owner set an expiry.
	ExpiryOffered bool `json:"expiry_offered,omitempty"`
	// Deadlines are dates on which the venue itself will delete, expire or
	// weaken the key.
	Deadlines []Deadline `json:"deadlines,omitempty"`

	Clock Clock `json:"clock"`
	// Egress names the address the key was sent from, if it has a name.
	Egress string `json:"egress,omitempty"`
	// Storage is how the parts of the key are kept.
	Storage []Storage `json:"storage,omitempty"`
	// Insecure names what was weak about how the key was sent.
	Insecure []string `json:"insecure,omitempty"`
	// Siblings are other keys of the account, when the venue lists them.
	Siblings []*Snapshot `json:"siblings,omitempty"`

	// Contradictions are facts that can't both be true, one sentence each.
	// The more dangerous reading stands in the other fields.
	Contradictions []string `json:"contradictions,omitempty"`
	Facts          []Fact   `json:"facts,omitempty"`
	Notes          []string `json:"notes,omitempty"`

	// Failure says why the inspection failed; what stands in the other
	// fields is then only what the refusal itself proves.
	Failure  *Error `json:"failure,omitempty"`
	Requests int    `json:"requests"` // sent for this snapshot
}

// Account is whose key it is.
type Account struct {
	ID   string      `json:"id,omitempty"` // masked
	Kind AccountKind `json:"kind"`
	// Alarms are what the venue says is wrong with the account, under its own
	// names: "trading_blocked".
	Alarms   []string `json:"alarms,omitempty"`
	Standing Standing `json:"standing,omitempty"`
}

// Standing is whether the venue tells that nothing is wrong with an account.
type Standing uint8

// The standings. One that is good has no alarm.
const (
	StandingUnknown Standing = iota // the venue doesn't tell
	StandingGood
	StandingUnclear // the venue tells, and not all of it was understood
)

var standingWords = []string{"unknown", "good", "unclear"}

// String returns "unknown", "good" or "unclear".
func (s Standing) String() string { return enumString(standingWords, s) }

// MarshalText writes the standing as a word.
func (s Standing) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Standing) UnmarshalText(text []byte) error {
	return enumParse("standing", standingWords, text, s)
}

// PairAllowlist is what is known about the trading pairs that the key is
// limited to.
type PairAllowlist struct {
	Offered bool `json:"offered,omitempty"` // the venue lets the owner limit a key to pairs
	// Told: the venue told which pairs, so that none means no limit.
	Told  bool     `json:"told,omitempty"`
	Pairs []string `json:"pairs,omitempty"`
}

// AccountKind tells a main account from a sub-account.
type AccountKind uint8

// The kinds of account.
const (
	AccountUnknown AccountKind = iota
	MainAccount
	SubAccount
)

var accountWords = []string{"unknown", "main", "sub"}

// String returns "unknown", "main" or "sub".
func (k AccountKind) String() string { return enumString(accountWords, k) }

// MarshalText writes the kind as a word.
func (k AccountKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *AccountKind) UnmarshalText(text []byte) error {
	return enumParse("account kind", accountWords, text, k)
}

// AccountKindOf turns a venue's "is main account" into an AccountKind.
func AccountKindOf(isMain bool) AccountKind {
	if isMain {
		return MainAccount
	}
	return SubAccount
}

// KeyState is whether the key works.
type KeyState uint8

// The states of a key.
const (
	KeyStateUnknown KeyState = iota
	KeyActive
	KeyDisabled
	KeyLocked
	KeyPending
	KeyExpired
	KeyUnclear // the venue names a state that this version doesn't know
)

var keyStateWords = []string{"unknown", "active", "disabled", "locked", "pending", "expired", "unclear"}

// String returns the state as a word, for instance "active".
func (k KeyState) String() string { return enumString(keyStateWords, k) }

// MarshalText writes the state as a word.
func (k KeyState) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *KeyState) UnmarshalText(text []byte) error {
	return enumParse("key state", keyStateWords, text, k)
}

// Deadline is something the venue will do to the key by itself.
type Deadline struct {
	// What happens and why, as a clause: "the key expires because it is not
	// bound to an address".
	What string `json:"what"`
	// At is when; zero when it cannot be computed.
	At time.Time `json:"at,omitzero"`
}

// Clock compares this machine's clock with the venue's.
type Clock struct {
	Known bool `json:"known"`
	// Offset is the least by which the venue's clock must differ from ours,
	// in nanoseconds; negative when ours is ahead.
	Offset time.Duration `json:"offset,omitempty"`
	// Window is how far a timestamp may be off at this venue.
	Window time.Duration `json:"window,omitempty"`
	// Middle is the best estimate, used to correct signatures.
	Middle time.Duration `json:"-"`
}

// Fact is something else the venue told, under its own name.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Grant returns what is known about a capability; Unknown if nothing is. Of
// several entries, which a stored snapshot may hold, it returns the most
// dangerous one.
func (s *Snapshot) Grant(c Capability) Grant {
	var found *Grant
	for i := range s.Grants {
		g := &s.Grants[i]
		if g.Capability == c && (found == nil || danger(g) > danger(found)) {
			found = g
		}
	}
	if found == nil {
		return Grant{Capability: c}
	}
	return *found
}

// danger orders what is known of one right: by whether the key holds it, then
// by where it reaches.
func danger(g *Grant) int {
	reach := slices.Index([]AddressBook{BookAlways, BookOn, BookUnknown, BookOff}, g.AddressBook)
	return 4*slices.Index([]State{Denied, Unknown, Granted}, g.State) + reach
}

// surely reports whether the state of a capability is known beyond doubt: every
// entry says so, and with evidence.
func (s *Snapshot) surely(c Capability, state State) bool {
	listed := false
	for i := range s.Grants {
		g := &s.Grants[i]
		if g.Capability != c {
			continue
		}
		if g.State != state || g.Evidence == NoEvidence {
			return false
		}
		listed = true
	}
	return listed
}

// Can reports whether the key is known to hold a capability.
func (s *Snapshot) Can(c Capability) bool { return s.Grant(c).State == Granted }

// granted lists the held capabilities of a family, in report order.
func (s *Snapshot) granted(f family) []Grant {
	return s.those(f, func(g *Grant) bool { return g.State == Granted })
}

// unknown lists the capabilities of a family that the snapshot names and knows
// nothing of, or says without evidence that the key lacks.
func (s *Snapshot) unknown(f family) []Grant {
	return s.those(f, func(g *Grant) bool { return g.State == Unknown || (g.State == Denied && g.Evidence == NoEvidence) })
}

func (s *Snapshot) those(f family, is func(*Grant) bool) []Grant {
	var out []Grant
	for i := range s.Grants {
		if g := &s.Grants[i]; is(g) && familyOf(g.Capability) == f {
			out = append(out, *g)
		}
	}
	return out
}

// told reports whether the venue itself spoke about the key's rights.
func (s *Snapshot) told() bool {
	return slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Evidence == Told && g.State != Unknown })
}

// heard reports whether the venue answered anything about the key's rights.
func (s *Snapshot) heard() bool {
	return s.told() || slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Evidence == Inferred && g.State != Unknown })
}

// toldAll reports whether what the venue told about the key's rights reaches as
// far as every kind of trading. Only then does it mean anything that a right
// outside the fixed vocabulary is not among them.
func (s *Snapshot) toldAll() bool {
	return s.told() && !slices.ContainsFunc(tradeCapabilities, func(c Capability) bool {
		return !s.surely(c, Granted) && !s.surely(c, Denied)
	})
}

// disputed lists the capabilities that stand in the snapshot with more than
// one state.
func (s *Snapshot) disputed() []string {
	var out []string
	for i := range s.Grants {
		for j := range s.Grants[:i] {
			a, b := &s.Grants[i], &s.Grants[j]
			if a.Capability == b.Capability && a.State != b.State && !slices.Contains(out, string(a.Capability)) {
				out = append(out, string(a.Capability))
			}
		}
	}
	return out
}

// neverTrades reports whether every kind of trading is known to be denied.
func (s *Snapshot) neverTrades() bool {
	return len(s.granted(familyTrade)) == 0 &&
		!slices.ContainsFunc(tradeCapabilities, func(c Capability) bool { return !s.surely(c, Denied) })
}

// normalize puts the snapshot into its one canonical form.
func (s *Snapshot) normalize() {
	slices.SortStableFunc(s.Grants, func(a, b Grant) int { return less(a.Capability, b.Capability) })
	for i := range s.Grants {
		slices.Sort(s.Grants[i].Names)
	}
	slices.Sort(s.Permissions)
	slices.Sort(s.Unmapped)
	slices.Sort(s.Account.Alarms)
	s.Permissions = slices.Compact(s.Permissions)
	s.Unmapped = slices.Compact(s.Unmapped)
	for _, t := range []*time.Time{&s.Created, &s.Changed, &s.FirstSeen, &s.LastUsed, &s.Expires, &s.TakenAt} {
		*t = t.UTC()
	}
	for i := range s.Deadlines {
		s.Deadlines[i].At = s.Deadlines[i].At.UTC()
	}
	if s.Grants == nil {
		s.Grants = []Grant{}
	}
	for _, sibling := range s.Siblings {
		sibling.Schema, sibling.Exchange, sibling.Environment, sibling.Test = s.Schema, s.Exchange, s.Environment, s.Test
		sibling.TakenAt = s.TakenAt
		sibling.normalize()
	}
}

// scrub passes every text that came from the venue through clean.
func (s *Snapshot) scrub(clean func(string) string) {
	all := func(texts []string) {
		for i := range texts {
			texts[i] = clean(texts[i])
		}
	}
	s.Label = clean(s.Label)
	s.Account.ID = clean(s.Account.ID)
	for i := range s.Grants {
		all(s.Grants[i].Names)
		s.Grants[i].Qualifier = clean(s.Grants[i].Qualifier)
	}
	all(s.Permissions)
	all(s.Unmapped)
	all(s.Account.Alarms)
	all(s.PairAllowlist.Pairs)
	all(s.Contradictions)
	all(s.Notes)
	for i := range s.IPAllowlist.Entries {
		s.IPAllowlist.Entries[i].Text = clean(s.IPAllowlist.Entries[i].Text)
	}
	s.IPAllowlist.Vendor = clean(s.IPAllowlist.Vendor)
	for i := range s.Facts {
		s.Facts[i].Name, s.Facts[i].Value = clean(s.Facts[i].Name), clean(s.Facts[i].Value)
	}
	for i := range s.Deadlines {
		s.Deadlines[i].What = clean(s.Deadlines[i].What)
	}
	for _, sibling := range s.Siblings {
		sibling.scrub(clean)
	}
}
