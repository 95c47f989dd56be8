package audit

import (
	"iter"
	"time"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// index is what the keys of a run show of one another. Of a key that could
// not be inspected it holds what was last found.
type index struct {
	results   []*Result
	named     map[string][]*Result  // by name
	audited   map[string][]*Result  // by fingerprint
	listing   map[string][]*Result  // by the fingerprint of a key that they list
	first     map[otherKey]*Result  // by a key that is listed: the first that lists it
	exchanges map[string]*maskIndex // by exchange
	accounts  map[account]*accountKeys
	reaches   map[*Result]*reach
	askers    map[account]*Result // of the keys that nobody lists: who is asked about an account's
}

// otherKey identifies a key that an exchange lists. Of a masked one nothing but
// what is shown is known, and that means something within one account only.
type otherKey struct {
	fingerprint string
	account     account
	lister      *Result // where the account isn't known
	id, label   string
}

// account is one account of an exchange, as far as its masked identifier shows.
type account struct{ exchange, environment, id string }

// accountKeys is the keys of one account.
type accountKeys struct {
	keys  map[string]bool // by fingerprint
	drain []*reach        // those that can withdraw, or may
}

// reach is what a key means for the others of its account.
type reach struct {
	result      *Result // nil if it is not audited
	snapshot    *access.Snapshot
	fingerprint string

	moves, withdraws, free access.State
	onlyExternal           bool // what may be is to pay others, and not to withdraw
}

// newIndex takes results in the order of reports, as of a time.
func newIndex(results []*Result, at time.Time) *index {
	d := &index{
		results: results, named: map[string][]*Result{},
		audited: map[string][]*Result{}, listing: map[string][]*Result{}, first: map[otherKey]*Result{}, exchanges: map[string]*maskIndex{},
		accounts: map[account]*accountKeys{}, reaches: make(map[*Result]*reach, len(results)),
		askers: map[account]*Result{},
	}
	for _, r := range results {
		d.enter(r, at)
	}
	return d
}

func (d *index) enter(r *Result, at time.Time) {
	d.named[r.Name] = append(d.named[r.Name], r)
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
	exchange := r.identity().exchange
	if d.exchanges[exchange] == nil {
		d.exchanges[exchange] = newMaskIndex()
	}
	d.exchanges[exchange].add(r)

	p := reachOf(r.known())
	p.result, p.fingerprint = r, id
	p.attest(&r.JudgedBy, at)
	d.reaches[r] = p
	if a := r.account(); a != (account{}) {
		d.ask(a, r, at)
		if d.accounts[a] == nil {
			d.accounts[a] = &accountKeys{keys: map[string]bool{}}
		}
		d.accounts[a].keys[id] = true
		if p.withdraws != access.Denied {
			d.accounts[a].drain = append(d.accounts[a].drain, p)
		}
	}
}

// ask notes who is asked about an account's keys that the exchange does not list: best
// nobody, where a key lists them, or one whose owner has answered, or else the first.
func (d *index) ask(a account, r *Result, at time.Time) {
	weight := func(r *Result) int {
		switch {
		case r.known().Lists, len(r.known().Siblings) > 0:
			return 2
		case r.JudgedBy.speaks(RuleUnlistedKey, at):
			return 1
		default:
			return 0
		}
	}
	if first := d.askers[a]; first == nil || weight(r) > weight(first) {
		d.askers[a] = r
	}
}

// knows reports whether a key was audited or listed.
func (d *index) knows(id string) bool { return len(d.audited[id])+len(d.listing[id]) > 0 }

// account is whose key it is; zero if too little of the identifier is shown to
// distinguish accounts.
func (r *Result) account() account { return accountOf(r.known()) }

func accountOf(s *access.Snapshot) account {
	if utf8.RuneCountInString(s.Account.ID) < 2*access.MaskShows+1 {
		return account{}
	}
	return account{s.Exchange, s.Environment, s.Account.ID}
}

func (r *Result) sibling(s *access.Snapshot) otherKey {
	if s.Fingerprint != "" {
		return otherKey{fingerprint: s.Fingerprint}
	}
	key := otherKey{account: r.account(), id: s.KeyID, label: s.Label}
	if key.account == (account{}) {
		key.lister = r
	}
	return key
}

func reachOf(s *access.Snapshot) *reach {
	p := &reach{
		snapshot: s, fingerprint: s.Fingerprint, free: s.IPAllowlist.UsableFromAnywhere(),
		moves: s.Holds(access.FamilyInternal), withdraws: s.Holds(access.FamilyWithdraw),
	}
	switch external := s.Holds(access.FamilyExternal); {
	case external == access.Granted:
		p.withdraws = access.Granted
	case external == access.Unknown && p.withdraws == access.Denied:
		p.withdraws, p.onlyExternal = access.Unknown, true
	}
	if s.KeyState == access.KeyExpired {
		p.moves, p.withdraws = access.Denied, access.Denied
	}
	return p
}

// attest takes what the owner attested where the exchange is silent.
func (p *reach) attest(policy *Policy, at time.Time) {
	word := func(state *access.State, rule string) {
		if *state == access.Unknown && policy.attests(rule, at) {
			*state = access.Denied
		}
	}
	word(&p.free, "ip-allowlist")
	if !policy.admits(access.TransferInternal) {
		word(&p.moves, "internal-transfer")
	}
	if !policy.admits(access.Withdraw) {
		word(&p.withdraws, map[bool]string{true: "external-transfer", false: "withdrawal"}[p.onlyExternal])
	}
}

func (p *reach) called() string {
	if p.result != nil {
		return p.result.called()
	}
	return siblingName(p.snapshot)
}

// both is Granted if both are, and Denied if one is.
func both(a, b access.State) access.State {
	switch {
	case a == access.Denied || b == access.Denied:
		return access.Denied
	case a == access.Granted && b == access.Granted:
		return access.Granted
	default:
		return access.Unknown
	}
}

func not(s access.State) access.State {
	switch s {
	case access.Granted:
		return access.Denied
	case access.Denied:
		return access.Granted
	default:
		return access.Unknown
	}
}

// neighbours are the other keys of the account that matter to this one: those
// that it lists, those that list it, and of those with the same account the
// ones that may withdraw. A key may come more than once.
func (f *fleet) neighbours() iter.Seq[*reach] {
	return func(yield func(*reach) bool) {
		mine := f.self.fingerprint()
		next := func(p *reach) bool {
			return p.result == f.self || (mine != "" && p.fingerprint == mine) || yield(p)
		}
		for _, s := range f.self.known().Siblings {
			if s != nil && !next(f.all.reachOf(s)) {
				return
			}
		}
		for _, r := range f.all.listing[mine] {
			if !next(f.all.reaches[r]) {
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

// reachOf is that of a listed key, with what its own inspection found if it had
// one. Where the two differ, the more dangerous counts.
func (d *index) reachOf(s *access.Snapshot) *reach {
	p := reachOf(s)
	for _, r := range d.audited[s.Fingerprint] {
		own := d.reaches[r]
		p.result, p.moves, p.withdraws, p.free = r, worst(p.moves, own.moves), worst(p.withdraws, own.withdraws), worst(p.free, own.free)
	}
	return p
}

// worst is what two sources say of one thing.
func worst(a, b access.State) access.State {
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

// unlisted is whether a key that an exchange lists is not audited: Unknown if it may
// be one that could not be read, or whose identifier the exchange masks or leaves out.
func (d *index) unlisted(self *Result, s *access.Snapshot) access.State {
	exchange := d.exchanges[self.identity().exchange]
	switch {
	case s.Fingerprint == "" && (s.KeyID == "" || exchange.shows(self, s.KeyID)):
		return access.Unknown
	case s.Fingerprint == "":
		return access.Granted
	case len(d.audited[s.Fingerprint]) > 0:
		return access.Denied
	case exchange.unread:
		return access.Unknown
	default:
		return access.Granted
	}
}

// maskIndex is what can be seen of the keys of one exchange.
type maskIndex struct {
	unread bool                 // one of them was never read
	heads  map[string][]*Result // by how they begin
	both   map[string][]*Result // by how they begin and end
	rest   []*Result            // those that don't show as much
	all    []*Result
}

func newMaskIndex() *maskIndex {
	return &maskIndex{heads: map[string][]*Result{}, both: map[string][]*Result{}}
}

func (v *maskIndex) add(r *Result) {
	v.unread = v.unread || r.fingerprint() == ""
	v.all = append(v.all, r)
	head, tail := access.MaskEnds(r.known().KeyID)
	if len(head) < access.MaskShows || len(tail) < access.MaskShows {
		v.rest = append(v.rest, r)
		return
	}
	head, tail = head[:access.MaskShows], tail[len(tail)-access.MaskShows:]
	v.heads[head] = append(v.heads[head], r)
	v.both[head+tail] = append(v.both[head+tail], r)
}

// shows reports whether a masked identifier may be that of an audited key other
// than the one that lists it.
func (v *maskIndex) shows(self *Result, id string) bool {
	maybe := func(results []*Result) bool {
		for _, r := range results {
			same := r == self || (r.fingerprint() != "" && r.fingerprint() == self.fingerprint())
			if !same && access.MasksMatch(id, r.known().KeyID) {
				return true
			}
		}
		return false
	}
	switch head, tail := access.MaskEnds(id); {
	case len(head) < access.MaskShows:
		return maybe(v.all)
	case len(tail) < access.MaskShows:
		return maybe(v.heads[head[:access.MaskShows]]) || maybe(v.rest)
	default:
		return maybe(v.both[head[:access.MaskShows]+tail[len(tail)-access.MaskShows:]]) || maybe(v.rest)
	}
}

// fleet is all keys of a run, seen from one of them.
type fleet struct {
	self *Result
	all  *index
}
