package access

import (
	"slices"
	"time"
)

// SnapshotSchema is the version of the stored form of a Snapshot. It grows
// when a field changes its meaning or goes away, not when one is added.
const SnapshotSchema = 2

// Snapshot is what is known about one key at one time. It holds no secret and
// can be stored as JSON and judged again later. In every field the zero value
// means "not reported".
type Snapshot struct {
	Inspection
	Answer
}

// Inspection is what is known of a key without reading the answer: which one it
// is, how it is kept and sent, and how the inspection went. Adapters leave it
// alone, but for the KeyID of Siblings.
type Inspection struct {
	Schema      int       `json:"schema"`
	Exchange    string    `json:"exchange"`
	Environment string    `json:"environment"`
	Test        bool      `json:"test,omitempty"` // a test network
	TakenAt     time.Time `json:"taken_at"`
	// FirstSeen is when this key was first audited, as far as earlier reports
	// know: the key is at least as old as that.
	FirstSeen time.Time `json:"first_seen,omitzero"`
	KeyID     string    `json:"key_id"` // masked; all of it if it may be the secret of a swapped pair
	// Fingerprint shows whether two snapshots are of one key, without saying
	// which: the beginning of a hash of the key's public half. Empty when
	// that is unknown, or was masked by the exchange.
	Fingerprint string  `json:"fingerprint,omitempty"`
	KeyKind     KeyKind `json:"key_kind"`
	// KeyBits is the length of an RSA key; 0 if unknown, for instance because a
	// signer holds it.
	KeyBits int `json:"key_bits,omitempty"`
	// KeyKinds are the kinds of key that the exchange offers.
	KeyKinds []KeyKind `json:"key_kinds,omitempty"`
	// Lists: the exchange always lists the account's other keys, so that none in
	// Siblings means none.
	Lists bool `json:"lists,omitempty"`
	// Unscoped: no key of the exchange can be limited to some rights.
	Unscoped bool `json:"unscoped,omitempty"`
	// Storage is how the parts of the key are kept.
	Storage []Storage `json:"storage,omitempty"`
	// Search is where else the key was found; nil if nobody searched for it.
	Search *Search `json:"search,omitempty"`
	// Site shows whether two snapshots come from one base URL, without saying
	// which, for its path may hold a token: the beginning of a hash. Empty if the
	// key's owner chose none.
	Site string `json:"site,omitempty"`
	// Egress names the IP address the key was sent from, if it has a name.
	Egress string `json:"egress,omitempty"`
	// Insecure names what was weak about how the key was sent.
	Insecure []string `json:"insecure,omitempty"`
	// Verified: every answer came over a connection on which the exchange's
	// certificate was seen to be verified.
	Verified bool  `json:"verified,omitempty"`
	Clock    Clock `json:"clock"`
	Requests int   `json:"requests"` // sent for this snapshot
	// Probe is what a request through another egress showed; nil if the key's owner
	// asked for none.
	Probe *Probe `json:"probe,omitempty"`
	// Failure says why the inspection failed; what is in the other
	// fields is then only what the refusal itself proves.
	Failure *Error `json:"failure,omitempty"`
}

// Answer is what the exchange's answer says about the key.
type Answer struct {
	Label    string   `json:"label,omitempty"` // the key's name at the exchange
	Account  Account  `json:"account"`
	KeyState KeyState `json:"key_state"`
	// Wallet is what a wallet's key is to its account.
	Wallet Wallet `json:"wallet,omitempty"`

	// Grants lists capabilities in report order, each at most once. One that
	// is not listed is Unknown.
	Grants []Grant `json:"grants"`
	// Permissions are the exchange's own names, as listed for the key; they may
	// amount to less than they say, which Grants show.
	Permissions []string `json:"permissions,omitempty"`
	// Unmapped are permissions that the key holds and this version does not
	// know.
	Unmapped []string `json:"unmapped,omitempty"`

	IPAllowlist   IPAllowlist   `json:"ip_allowlist"`
	PairAllowlist PairAllowlist `json:"pair_allowlist,omitzero"`

	Created time.Time `json:"created,omitzero"`
	Changed time.Time `json:"changed,omitzero"`
	// LastUsed is when the exchange last saw the key used, be it by an audit.
	LastUsed time.Time `json:"last_used,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
	// NeverExpires: the exchange says that no expiry is set.
	NeverExpires bool `json:"never_expires,omitempty"`
	// ExpiryOffered: the exchange lets the owner set an expiry.
	ExpiryOffered bool `json:"expiry_offered,omitempty"`
	// Retired says, as a clause, why the exchange no longer creates keys of this sort:
	// "keys of version 1 were deprecated in 2021".
	Retired string `json:"retired,omitempty"`
	// Deadlines are dates on which the exchange itself will delete, expire or
	// restrict the key.
	Deadlines []Deadline `json:"deadlines,omitempty"`

	// Siblings are other keys of the account, when the exchange lists them.
	Siblings []*Snapshot `json:"siblings,omitempty"`
	// ListsPart: the account has, or may have, more keys than this one and the Siblings.
	ListsPart bool `json:"lists_part,omitempty"`

	// Contradictions are facts that can't both be true, one sentence each.
	// The more dangerous reading is in the other fields.
	Contradictions []string `json:"contradictions,omitempty"`
	Facts          []Fact   `json:"facts,omitempty"`
	Notes          []string `json:"notes,omitempty"`
}

// PairAllowlist is what is known about the trading pairs that the key is
// limited to.
type PairAllowlist struct {
	Offered bool `json:"offered,omitempty"` // the exchange lets the owner limit a key to pairs
	// Reported: the exchange says which pairs, so that none means no limit.
	Reported bool     `json:"reported,omitempty"`
	Pairs    []string `json:"pairs,omitempty"`
}

// Deadline is something the exchange will do to the key by itself.
type Deadline struct {
	// What happens and why, as a clause: "the key expires because it is not
	// restricted to IP addresses".
	What string `json:"what"`
	// At is when; zero when it cannot be computed.
	At time.Time `json:"at,omitzero"`
	// DateMissing: the answer should say when, and doesn't, so it may be soon.
	DateMissing bool `json:"date_missing,omitempty"`
	// Closing: the exchange itself is closing, or its users should leave it.
	Closing bool `json:"closing,omitempty"`
}

// Clock compares this machine's clock with the exchange's.
type Clock struct {
	Known bool `json:"known"`
	// Offset is the least by which the exchange's clock must differ from ours,
	// in nanoseconds; negative when ours is ahead.
	Offset time.Duration `json:"offset,omitempty"`
	// Window is how far a timestamp may be off at this exchange.
	Window time.Duration `json:"window,omitempty"`
	// Middle is the best estimate, used to correct signatures.
	Middle time.Duration `json:"-"`
}

// Fact is something else the exchange reported, under its own name.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Clone copies the snapshot with all that its answer lists. What the core knows of
// the inspection is shared.
func (s *Snapshot) Clone() *Snapshot {
	c := *s
	c.Grants = slices.Clone(s.Grants)
	for i := range c.Grants {
		c.Grants[i].Names, c.Grants[i].Implies = slices.Clone(c.Grants[i].Names), slices.Clone(c.Grants[i].Implies)
	}
	for _, texts := range []*[]string{
		&c.Permissions, &c.Unmapped, &c.Account.Alarms, &c.PairAllowlist.Pairs, &c.Contradictions, &c.Notes,
	} {
		*texts = slices.Clone(*texts)
	}
	c.IPAllowlist.Entries, c.Facts, c.Deadlines = slices.Clone(s.IPAllowlist.Entries), slices.Clone(s.Facts), slices.Clone(s.Deadlines)
	c.Siblings = slices.Clone(s.Siblings)
	for i := range c.Siblings {
		c.Siblings[i] = c.Siblings[i].Clone()
	}
	return &c
}

// Normalize puts the snapshot into its one canonical form.
func (s *Snapshot) Normalize() {
	slices.SortStableFunc(s.Grants, func(a, b Grant) int { return CompareCapabilities(a.Capability, b.Capability) })
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
		sibling.Normalize()
	}
}

// Scrub passes every text that came from the exchange through clean, but for
// masked identifiers of Inspection, which are cleaned before they are masked.
func (s *Snapshot) Scrub(clean func(string) string) {
	all := func(texts []string) {
		for i := range texts {
			texts[i] = clean(texts[i])
		}
	}
	s.Label, s.Account.ID, s.IPAllowlist.Vendor, s.Retired = clean(s.Label), clean(s.Account.ID), clean(s.IPAllowlist.Vendor), clean(s.Retired)
	for _, texts := range [][]string{
		s.Permissions, s.Unmapped, s.Account.Alarms, s.PairAllowlist.Pairs, s.Contradictions, s.Notes,
	} {
		all(texts)
	}
	for i := range s.Grants {
		g := &s.Grants[i]
		all(g.Names)
		all(g.Implies)
		g.Qualifier = clean(g.Qualifier)
	}
	for i := range s.IPAllowlist.Entries {
		s.IPAllowlist.Entries[i].Text = clean(s.IPAllowlist.Entries[i].Text)
	}
	for i := range s.Facts {
		s.Facts[i].Name, s.Facts[i].Value = clean(s.Facts[i].Name), clean(s.Facts[i].Value)
	}
	for i := range s.Deadlines {
		s.Deadlines[i].What = clean(s.Deadlines[i].What)
	}
	for _, sibling := range s.Siblings {
		sibling.Scrub(clean)
	}
}
