package audit

import (
	"iter"
	"strings"
	"time"
	"unicode/utf8"
)

// fleet is all keys of a run, seen from one of them.
type fleet struct {
	self *Result
	all  *directory
}

// directory is what the keys of a run tell of one another. Of a key that could
// not be inspected it holds what was last found.
type directory struct {
	audited  map[string][]*Result // by fingerprint
	listing  map[string][]*Result // by the fingerprint of a key that they list
	first    map[otherKey]*Result // by a key that is listed: the first that lists it
	venues   map[string]*shown    // by exchange
	accounts map[account]*purse
	powers   map[*Result]*power
}

// otherKey tells the keys that venues list apart. Of a masked one nothing but
// what is shown is known, and that means something within one account only.
type otherKey struct {
	fingerprint string
	account     account
	lister      *Result // where the account isn't known
	id, label   string
}

// account is one account of a venue, as far as its masked identifier tells.
type account struct{ exchange, environment, id string }

// purse is the keys of one account.
type purse struct {
	keys  map[string]bool // by fingerprint
	drain []*power        // those that can withdraw, or may
}

// power is what a key means for the others of its account.
type power struct {
	result      *Result // nil if nobody audits it
	snapshot    *Snapshot
	fingerprint string

	moves, withdraws, free State
	onlyExternal           bool // what may be is to pay others, and not to withdraw
}

// newDirectory takes results in the order of reports, as of a time.
func newDirectory(results []*Result, at time.Time) *directory {
	d := &directory{
		audited: map[string][]*Result{}, listing: map[string][]*Result{}, first: map[otherKey]*Result{}, venues: map[string]*shown{},
		accounts: map[account]*purse{}, powers: make(map[*Result]*power, len(results)),
	}
	for _, r := range results {
		d.enter(r, at)
	}
	return d
}

func (d *directory) enter(r *Result, at time.Time) {
	id := r.fingerprint()
	if id != "" {
		d.audited[id] = append(d.audited[id], r)
	}
	for _, s := range r.known().Siblings {
		if s == nil {
			continue
		}
		key := r.sibling(s)
		if first := d.first[key]; first == nil || (first.JudgedBy.speaks("unlisted-key", at) && !r.JudgedBy.speaks("unlisted-key", at)) {
			d.first[key] = r
		}
		if s.Fingerprint != "" {
			d.listing[s.Fingerprint] = append(d.listing[s.Fingerprint], r)
		}
	}
	venue := r.identity().exchange
	if d.venues[venue] == nil {
		d.venues[venue] = newShown()
	}
	d.venues[venue].add(r)

	p := powerOf(r.known())
	p.result, p.fingerprint = r, id
	p.attest(&r.JudgedBy, at)
	d.powers[r] = p
	if a := r.account(); a != (account{}) {
		if d.accounts[a] == nil {
			d.accounts[a] = &purse{keys: map[string]bool{}}
		}
		d.accounts[a].keys[id] = true
		if p.withdraws != Denied {
			d.accounts[a].drain = append(d.accounts[a].drain, p)
		}
	}
}

// knows reports whether a key was audited or listed.
func (d *directory) knows(id string) bool { return len(d.audited[id])+len(d.listing[id]) > 0 }

// account is whose key it is; zero if too little of the identifier is shown to
// tell accounts apart.
func (r *Result) account() account {
	s := r.known()
	if utf8.RuneCountInString(s.Account.ID) < 2*endLength+1 {
		return account{}
	}
	return account{s.Exchange, s.Environment, s.Account.ID}
}

func (r *Result) sibling(s *Snapshot) otherKey {
	if s.Fingerprint != "" {
		return otherKey{fingerprint: s.Fingerprint}
	}
	key := otherKey{account: r.account(), id: s.KeyID, label: s.Label}
	if key.account == (account{}) {
		key.lister = r
	}
	return key
}

func powerOf(s *Snapshot) *power {
	p := &power{
		snapshot: s, fingerprint: s.Fingerprint, free: s.IPAllowlist.free(),
		moves: s.may(familyInternal, TransferInternal), withdraws: s.may(familyWithdraw, Withdraw),
	}
	switch external := s.may(familyExternal, TransferExternal); {
	case external == Granted:
		p.withdraws = Granted
	case external == Unknown && p.withdraws == Denied:
		p.withdraws, p.onlyExternal = Unknown, true
	}
	if s.KeyState == KeyExpired {
		p.moves, p.withdraws = Denied, Denied
	}
	return p
}

// attest takes the owner's word where the venue is silent.
func (p *power) attest(policy *Policy, at time.Time) {
	word := func(state *State, rule string) {
		if *state == Unknown && policy.attests(rule, at) {
			*state = Denied
		}
	}
	word(&p.free, "ip-allowlist")
	if !policy.admits(TransferInternal) {
		word(&p.moves, "internal-transfer")
	}
	if !policy.admits(Withdraw) {
		word(&p.withdraws, map[bool]string{true: "external-transfer", false: "withdrawal"}[p.onlyExternal])
	}
}

func (p *power) called() string {
	if p.result != nil {
		return p.result.called()
	}
	return p.snapshot.called()
}

// may is whether a key holds a right of a family, of which the vocabulary has
// one word.
func (s *Snapshot) may(f family, c Capability) State {
	switch {
	case len(s.granted(f)) > 0:
		return Granted
	case s.surely(c, Denied) && len(s.unknown(f)) == 0:
		return Denied
	default:
		return Unknown
	}
}

// free is whether a key works from every address.
func (l *IPAllowlist) free() State {
	switch {
	case l.State == AllowlistOff, l.State == AllowlistUnrestricted, l.anyone() != "", l.half() != nil:
		return Granted
	case l.binds():
		return Denied
	default:
		return Unknown
	}
}

// both is Granted if both are, and Denied if one is.
func both(a, b State) State {
	switch {
	case a == Denied || b == Denied:
		return Denied
	case a == Granted && b == Granted:
		return Granted
	default:
		return Unknown
	}
}

func not(s State) State {
	switch s {
	case Granted:
		return Denied
	case Denied:
		return Granted
	default:
		return Unknown
	}
}

// neighbours are the other keys of the account that matter to this one: those
// that it lists, those that list it, and of those with the same account the
// ones that may withdraw. A key may come more than once.
func (f *fleet) neighbours() iter.Seq[*power] {
	return func(yield func(*power) bool) {
		mine := f.self.fingerprint()
		next := func(p *power) bool {
			return p.result == f.self || (mine != "" && p.fingerprint == mine) || yield(p)
		}
		for _, s := range f.self.known().Siblings {
			if s != nil && !next(f.all.power(s)) {
				return
			}
		}
		for _, r := range f.all.listing[mine] {
			if !next(f.all.powers[r]) {
				return
			}
		}
		if p := f.all.accounts[f.self.account()]; p != nil {
			for _, other := range p.drain {
				if !next(other) {
					return
				}
			}
		}
	}
}

// power is that of a listed key, with what its own inspection found if it had
// one. Where the two differ, the more dangerous counts.
func (d *directory) power(s *Snapshot) *power {
	p := powerOf(s)
	for _, r := range d.audited[s.Fingerprint] {
		own := d.powers[r]
		p.result, p.moves, p.withdraws, p.free = r, worst(p.moves, own.moves), worst(p.withdraws, own.withdraws), worst(p.free, own.free)
	}
	return p
}

// worst is what two sources tell of one thing.
func worst(a, b State) State {
	return max(a, b) // what one of them knows counts, and most of all that it is so
}

// alone reports whether no other key of the account is known.
func (f *fleet) alone() bool {
	for range f.neighbours() {
		return false
	}
	p := f.all.accounts[f.self.account()]
	return p == nil || len(p.keys) < 2
}

// unlisted is whether nobody audits a key that a venue lists: Unknown if it may
// be one that could not be read, or whose identifier the venue masks.
func (d *directory) unlisted(self *Result, s *Snapshot) State {
	venue := d.venues[self.identity().exchange]
	switch {
	case s.Fingerprint == "" && venue.shows(self, s.KeyID):
		return Unknown
	case s.Fingerprint == "":
		return Granted
	case len(d.audited[s.Fingerprint]) > 0:
		return Denied
	case venue.unread:
		return Unknown
	default:
		return Granted
	}
}

// shown is what can be seen of the keys of one venue.
type shown struct {
	unread bool                 // one of them was never read
	heads  map[string][]*Result // by how they begin
	both   map[string][]*Result // by how they begin and end
	rest   []*Result            // those that don't show as much
	all    []*Result
}

func newShown() *shown { return &shown{heads: map[string][]*Result{}, both: map[string][]*Result{}} }

const endLength = 4 // MaskID shows so much at each end of a long identifier

func (v *shown) add(r *Result) {
	v.unread = v.unread || r.fingerprint() == ""
	v.all = append(v.all, r)
	head, tail := ends(r.known().KeyID)
	if len(head) < endLength || len(tail) < endLength {
		v.rest = append(v.rest, r)
		return
	}
	head, tail = head[:endLength], tail[len(tail)-endLength:]
	v.heads[head] = append(v.heads[head], r)
	v.both[head+tail] = append(v.both[head+tail], r)
}

// shows reports whether a masked identifier may be that of an audited key other
// than the one that lists it.
func (v *shown) shows(self *Result, id string) bool {
	maybe := func(results []*Result) bool {
		for _, r := range results {
			same := r == self || (r.fingerprint() != "" && r.fingerprint() == self.fingerprint())
			if !same && mayBe(id, r.known().KeyID) {
				return true
			}
		}
		return false
	}
	switch head, tail := ends(id); {
	case len(head) < endLength:
		return maybe(v.all)
	case len(tail) < endLength:
		return maybe(v.heads[head[:endLength]]) || maybe(v.rest)
	default:
		return maybe(v.both[head[:endLength]+tail[len(tail)-endLength:]]) || maybe(v.rest)
	}
}

// ends are what is shown of a masked identifier; all of one that isn't masked.
func ends(id string) (head, tail string) {
	const masks = "*…"
	from := strings.IndexAny(id, masks)
	if from < 0 {
		return id, id
	}
	return id[:from], strings.TrimLeft(id[strings.LastIndexAny(id, masks):], masks)
}

// mayBe reports whether two masked identifiers may be those of one key.
func mayBe(a, b string) bool {
	headA, tailA := ends(a)
	headB, tailB := ends(b)
	return (strings.HasPrefix(headA, headB) || strings.HasPrefix(headB, headA)) && (strings.HasSuffix(tailA, tailB) || strings.HasSuffix(tailB, tailA))
}
