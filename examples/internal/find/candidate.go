package find

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Candidate is a key that was found, as it would be audited.
type Candidate struct {
	*Key
	Order []*Found  // its places, those first that it is to be read from
	Place *Found    // that it is audited from, or that is named for it
	Audit audit.Key // with a name and a source in any case
	Not   string    // why it is not sent anywhere, as a clause; empty if it may be
}

// What the owner of a key can do that is not sent.
const (
	listExchange = ": list the key in an inventory, with its exchange"
	listPlace    = ": list the key in an inventory, with its environment"
)

// Why a key is not sent, each with what to do.
const (
	notID        = "its secret is not with it: list the key in an inventory, with both halves"
	notSecret    = "its key id is not with it: list the key in an inventory, with both halves" //nolint:gosec // no secret, but about one
	notWallet    = "it is a wallet's private key, which a search never sends: list it in an inventory, if its exchange is supported"
	notNamed     = "nothing beside it names its exchange with certainty, and a key that is sent to another exchange is disclosed to it" + listExchange
	notMarked    = "only the form of the key itself says which exchange it is for, and a key that is sent to another exchange is disclosed to it" + listExchange
	notOne       = "the places where it was found name different exchanges" + listExchange
	notAmbiguous = "another secret stands as near, and combinations are not tried: list the key in an inventory, with the secret that is its own"
	notSwapped   = "its key id has the form of a secret, and the other way round: they may be swapped, and a secret must not be sent as a key id; put each in its place, or list the key in an inventory"
	notShared    = "one of its halves was also found with another half, and combinations are not tried: list the key in an inventory, with the two that belong together"
	notFollowed  = "what stands beside it cannot be followed" + listPlace
	notWhole     = "its file is too large for everything that may say where the key belongs to be seen together" + listPlace
)

// Candidates are all keys of the report, in its order. Only those whose exchange is named
// beside them, without any doubt about where they belong, may be sent.
func (r *Report) Candidates(all []*adapter.Exchange) []Candidate {
	shared := r.shared()
	out := make([]Candidate, len(r.Keys))
	taken := map[string]int{}
	for i := range r.Keys {
		c := &out[i]
		c.Key, c.Order = &r.Keys[i], lasting(r.Keys[i].Places)
		c.Place = c.Order[0]
		switch {
		case c.Wallet:
			c.Not = notWallet
		case !c.Both && c.Half == "secret":
			c.Not = notSecret
		case !c.Both:
			c.Not = notID
		case c.Strength != Named:
			c.Not = notNamed
		case shared[r.halfPrint(c.Place.ID)] || shared[r.halfPrint(c.Place.Secret)]:
			c.Not = notShared
		default:
			c.decide(all)
		}
		r.describe(c, taken)
	}
	return out
}

// describe names a key after the place where it was found.
func (r *Report) describe(c *Candidate, taken map[string]int) {
	name := printable(r.Where(c.Place))
	if c.Place.Past && c.Place.Commit != "" {
		name += "@" + c.Place.Commit[:min(len(c.Place.Commit), 12)]
	}
	name = fmt.Sprintf("%s:%d", name, c.Place.Line)
	if taken[name]++; taken[name] > 1 {
		name += fmt.Sprintf("-%d", taken[name])
	}
	c.Audit.Name = name
	c.Audit.Record.Source = audit.Source{Format: "find", File: r.File(c.Place), Line: c.Place.Line}
}

// Where is a place's path: relative to the one that was given, if it was one.
func (r *Report) Where(f *Found) string {
	if len(r.Paths) > 1 {
		return filepath.ToSlash(r.File(f))
	}
	return f.Path
}

func printable(path string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, path)
}

// shared are the halves that stand in more than one pair.
func (r *Report) shared() map[[sha256.Size]byte]bool {
	seen, out := map[[sha256.Size]byte]int{}, map[[sha256.Size]byte]bool{}
	for i := range r.Keys {
		if at := r.Keys[i].Places[0]; r.Keys[i].Both {
			for _, half := range []adapter.Secret{at.ID, at.Secret} {
				print := r.halfPrint(half)
				seen[print]++
				out[print] = seen[print] > 1
			}
		}
	}
	return out
}

func (r *Report) halfPrint(half adapter.Secret) [sha256.Size]byte {
	return sha256.Sum256(slices.Concat(r.salt[:], []byte(half.Reveal())))
}

// decide finds out where the key is to be sent, from all places that name its exchange.
func (c *Candidate) decide(all []*adapter.Exchange) {
	var good *Found
	var first *audit.Key // of any place, to compare with
	for _, at := range c.Order {
		switch {
		case at.Strength != Named && at.unfit+at.doubt != "":
			c.Not, c.Place = cmp.Or(at.unfit, at.doubt), at
			return
		case at.Strength != Named:
			continue
		case at.Exchange != c.Exchange:
			c.Not = notOne
			return
		}
		key, why := at.settle(all)
		lacking := why != ""
		if lacking {
			c.Not, c.Place = why, at
			if key, why = at.completed(all); why != "" {
				return
			}
		}
		switch {
		case first == nil:
			first = &key
		case key.Exchange != first.Exchange || key.Environment != first.Environment:
			c.Not = "the places where it was found do not agree on where it belongs" + listPlace
			return
		}
		switch {
		case lacking:
		case good == nil:
			good, c.Audit = at, key
		case !good.where.passphrase.equal(at.where.passphrase):
			c.Not = "the places where it was found have different passphrases: list the key in an inventory, with the one that is its own"
			return
		}
	}
	if good != nil {
		c.Place, c.Not = good, ""
		c.Audit.Load = keptBesides(good, c.Order, &c.Audit)
	}
}

// completed settles a place as if it had a passphrase. If that says no reason, the
// passphrase is all that it lacks, and another place may have it.
func (f *Found) completed(all []*adapter.Exchange) (audit.Key, string) {
	with := *f
	with.where.passphrase = &half{value: adapter.NewSecret("of another place")}
	return with.settle(all)
}

// unfit says why a key must not be sent although its exchange is named.
func (k *key) unfit() string {
	if k.id == nil || k.secret == nil {
		return ""
	}
	id, secret := k.id.value.Reveal(), k.secret.value.Reveal()
	possible, marked := fitting(id, secret)
	switch {
	case k.ambiguous:
		return notAmbiguous
	case k.swapped() && !fits(k.exchange, id, secret):
		return notSwapped
	case k.why == whyMarked && !isOrganization.MatchString(id):
		return notMarked
	case marked && possible[0] != k.exchange && !fits(k.exchange, id, secret):
		return fmt.Sprintf("its form is that of %s's keys, and what stands beside it names %s"+listExchange, possible[0], k.exchange)
	default:
		return k.uncertain
	}
}

func (h *half) equal(other *half) bool {
	return h == other || h != nil && other != nil && h.value.Equal(other.value)
}

// InRepository reports whether whoever has a copy of a git repository has the key.
func (f *Found) InRepository() bool { return f.Tracked == InGit || f.Past || f.Commit != "" }

// Repository says where a key stands in a repository.
func (r *Report) Repository(f *Found) string {
	text := fmt.Sprintf("%s:%d", display(r.Where(f)), f.Line)
	if f.Past {
		text += ", in the history only"
	} else {
		text += ", tracked by git"
	}
	if f.Commit != "" {
		text += ", since commit " + f.Commit[:min(len(f.Commit), 12)]
	}
	return text
}

// HistoryRead reports whether everything that git has was read.
func (r *Report) HistoryRead() bool {
	return !r.Stopped && !r.unreadObjects && !r.left(SkippedHistory) && !r.left(SkippedNoGit)
}
