package find

import (
	"cmp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/copies"
)

// file is a text while keys are looked for in it.
type file struct {
	names     *names
	path      string // relative to the root
	text      string
	skipped   int // lines of the file before the text
	halves    []*half
	refs      []*half
	settings  []setting
	mentioned bool
	all       []mention
	counts    map[*frame]int
	holders   map[*frame]bool // that have a half in them
	remarks   []remark
	remarked  bool
	kept      int // settings, of all keys
}

// key is what was found: both halves, or one.
type key struct {
	id, secret *half
	evidence
	ambiguous bool          // another secret fits as well
	copy      *copies.Place // what was looked for, in place of keys
	wallet    bool          // the secret is a wallet's private key, and the whole key
	hidden    bool          // the id has the form of one, and is not shown
	uncertain string        // why it is not certain that it is one of the exchange, as a clause
	whereabouts
}

const (
	farthest = 80 // lines between halves with the same stem, or in one frame
	apart    = 20 // lines between others
)

// bond is how well a secret goes with a key's id.
type bond struct {
	id, secret *half
	stem, one  bool // equal stems; one frame
	distance   int
}

func (b *bond) rank() int {
	switch {
	case b.stem && b.one:
		return 0
	case b.one:
		return 1
	case b.stem:
		return 2
	default:
		return 3
	}
}

// keys puts the halves together. Each goes into one key only.
func (f *file) keys() (out []key) {
	ids, secrets := f.parts(adapter.KeyPart), f.parts(adapter.SecretPart)
	bonds := f.bonds(ids, secrets)
	var made []*bond
	for i := range bonds {
		b := &bonds[i]
		if b.id.taken || b.secret.taken {
			continue
		}
		if e, ok := f.exchangeOf(b.id, b.secret); ok {
			b.id.taken, b.secret.taken = true, true
			out = append(out, key{id: b.id, secret: b.secret, evidence: e, ambiguous: slices.ContainsFunc(bonds, b.rivals)})
			made = append(made, b)
		}
	}
	for i, b := range made {
		out[i].ambiguous = slices.ContainsFunc(bonds, b.leaves) || out[i].ambiguous
		f.locate(&out[i])
	}
	out = append(out, f.lones(slices.Concat(ids, secrets))...)
	out = append(out, f.markedKeys(out)...)
	return append(out, f.rowKeys()...)
}

// lones are the keys of which one half stands alone.
func (f *file) lones(halves []*half) (out []key) {
	for _, h := range halves {
		e, ok := f.lone(h)
		wallet := f.isWallet(h) && (!ok || f.names.read(e.exchange).Wallet || walletMarked.MatchString(h.value.Reveal()))
		if !ok && wallet {
			e, ok = f.walletOf(h)
		}
		if wallet {
			h.part = adapter.SecretPart
		}
		if ok {
			hidden := f.walletExchange(h) != "" && walletPlain.MatchString(h.value.Reveal())
			out = append(out, key{id: when(h.part == adapter.KeyPart, h), secret: when(h.part == adapter.SecretPart, h), evidence: e, wallet: wallet, hidden: hidden})
		}
	}
	return out
}

// bonds are all that may be keys, the likeliest first.
func (f *file) bonds(ids, secrets []*half) (out []bond) {
	for _, id := range ids {
		for _, secret := range secrets {
			if b, ok := f.bond(id, secret); ok {
				out = append(out, b)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b bond) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.distance, b.distance))
	})
	return out
}

// rivals reports whether another secret goes as well with the same key id.
func (b *bond) rivals(other bond) bool {
	return other.id == b.id && !other.secret.taken && other.rank() == b.rank() && other.distance == b.distance && !other.secret.value.Equal(b.secret.value)
}

// leaves reports whether another secret of the same name, which is of no other key, stands
// hardly farther from the key id: the nearer one may be the old one, in a comment.
func (b *bond) leaves(other bond) bool {
	return other.id == b.id && !other.secret.taken && other.rank() == b.rank() && other.distance <= b.distance+above && other.secret.name == b.secret.name &&
		!other.secret.value.Equal(b.secret.value)
}

// parts are the halves of a sort, without repetitions: a file's text and a text in it
// may be read twice.
func (f *file) parts(part adapter.Part) (out []*half) {
	type place struct {
		value string
		line  int
	}
	seen := map[place]bool{}
	for _, h := range f.halves {
		own := f.partOf(h)
		if own != part {
			continue
		}
		if at := (place{h.value.Reveal(), h.line}); !seen[at] {
			seen[at] = true
			out = append(out, h)
		}
	}
	return out
}

// partOf is the part that a half is where its exchange is known. What is called a key at
// an exchange whose keys are wallets, and is a private key by its form, is no key id.
func (f *file) partOf(h *half) adapter.Part {
	if h.part == adapter.NoPart {
		h.part = f.names.part(h.name, f.surely(h))
	}
	if h.part == adapter.KeyPart && walletKey.MatchString(h.value.Reveal()) && f.walletExchange(h) != "" {
		h.part = adapter.SecretPart
	}
	return h.part
}

// surely is the exchange of a half whose name means something at one exchange only.
func (f *file) surely(h *half) string {
	if v := f.named(h); v.exchange != "" || v.foreign {
		return v.exchange
	}
	e, _, _ := f.near(h.line)
	return e.exchange
}

// frameOf is what a half stands in. An item of a list that has no other half is only a
// line of it.
func (f *file) frameOf(h *half) *frame {
	if h.frame.kind == '-' && f.inFrame(h.frame) == 1 {
		return h.frame.parent
	}
	return h.frame
}

// inFrame counts the halves that stand in a frame.
func (f *file) inFrame(at *frame) int {
	if f.counts == nil {
		f.counts = map[*frame]int{}
		for _, h := range f.halves {
			f.counts[h.frame]++
		}
	}
	return f.counts[at]
}

func (f *file) bond(id, secret *half) (bond, bool) {
	b := bond{id: id, secret: secret, distance: abs(id.line - secret.line)}
	if b.distance > farthest || f.apart(id, secret) {
		return b, false
	}
	x, y := f.stemOf(id), f.stemOf(secret)
	in, other := f.frameOf(id), f.frameOf(secret)
	b.stem, b.one = x == y && x != "", in == other
	if b.stem || b.one {
		return b, true
	}
	nested := inside(in, other) || inside(other, in)
	return b, nested && b.distance <= apart && (x == y || x == "" || y == "")
}

// apart reports whether two halves cannot be of one key.
func (f *file) apart(id, secret *half) bool {
	if id.value.Equal(secret.value) || ofWallet(id, secret) || secret.private || id.positional != secret.positional || id.positional && id.frame != secret.frame {
		return true
	}
	if id.size < shortestPart && f.surely(id) != "deribit" {
		return true
	}
	x, y := f.named(id), f.named(secret)
	return x.foreign || y.foreign || x.exchange != "" && y.exchange != "" && x.exchange != y.exchange || f.otherHalf(id, secret) || f.otherHalf(secret, id)
}

// otherHalf reports whether a half is a variable that names its exchange, and the other one
// that says whose else it is.
func (f *file) otherHalf(h, other *half) bool {
	variables := isVariable.MatchString(h.name) && isVariable.MatchString(other.name)
	return variables && f.names.read(h.name).Exchange != "" && f.named(other).exchange == "" && !f.named(other).plain
}

func (f *file) stemOf(h *half) string { return stem(f.names.read(h.name).Stem) }

// stem is what the names of a key's parts have in common, in any order.
func stem(words []string) string {
	var out []string
	for _, w := range words {
		if !slices.Contains(partWords, w) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// inside reports whether a frame is in another.
func inside(inner, outer *frame) bool {
	for f := inner; f != nil; f = f.parent {
		if f == outer {
			return true
		}
	}
	return false
}

// lone decides whether one half alone is reported: its exchange must be named, and its
// shape fit or its name leave no doubt.
func (f *file) lone(h *half) (evidence, bool) {
	if h.taken || h.size < shortestPart || h.prose || h.positional || !random(h.value.Reveal()) {
		return evidence{}, false
	}
	v := f.named(h)
	if v.foreign || v.exchange == "" {
		return evidence{}, false
	}
	id, secret := h.value.Reveal(), ""
	if h.part == adapter.SecretPart {
		id, secret = "", id
	}
	own := f.names.read(h.name)
	if own.Weak || !fits(v.exchange, id, secret) && (own.Exchange == "" || own.Vague) {
		return evidence{}, false
	}
	return f.exchangeOf(when(id != "", h), when(secret != "", h))
}

func when(is bool, h *half) *half {
	if is {
		return h
	}
	return nil
}

func abs(n int) int { return max(n, -n) }

// holds gives a half that leads to a file what the file has, if that may be a secret.
func (h *half) holds(text string) bool {
	text = strings.Clone(clean(text))
	if !plausible(text, shortestPart) {
		return false
	}
	h.value, h.size = adapter.NewSecret(text), len(text)
	return true
}
