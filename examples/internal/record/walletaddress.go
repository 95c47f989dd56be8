package record

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// walletAddress replaces a wallet address by that of a key that nobody has, for not every
// text of the shape is one; it is empty if the text is none.
func (r *replacer) walletAddress(text string) string {
	if r.wallet == nil {
		return ""
	}
	canonical := r.wallet.Canonical(text)
	if canonical == "" {
		return ""
	}
	made, known := r.made[canonical]
	if !known {
		made = r.madeUp(canonical)
		r.made[canonical] = made
		r.Counts.Words++
	}
	if prefix, bare := strings.CutSuffix(canonical, text); bare { // written without what others write in front
		made = strings.TrimPrefix(made, prefix)
	}
	if as := cased(made, text); r.wallet.Canonical(as) == r.wallet.Canonical(made) {
		return as
	}
	return made // whose capitals count
}

// madeUp is the wallet address of a key that nobody has. Where answers have public keys too, of
// which addresses are hashes, it keeps that of the address.
func (r *replacer) madeUp(canonical string) string {
	if of := r.public.addressOf; of != nil {
		public := append([]byte{2}, r.private()...)
		r.publics[canonical] = public
		return of(public)
	}
	if derived := r.wallet.Derive(r.private()); derived != "" {
		return derived
	}
	return r.shaped(canonical) // of longer private keys
}

// private are the bytes of a private key that is thrown away: a number below the order of
// every curve.
func (r *replacer) private() []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(r.random.Uint32())
	}
	key[0] &= 7
	return key
}

// publicKey replaces the public key of a wallet, in base64; it is empty if the text is none.
func (r *replacer) publicKey(text string) string {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || r.public.addressOf == nil {
		return ""
	}
	address := r.public.addressOf(raw)
	if address == "" {
		return ""
	}
	r.walletAddress(address)
	return base64.StdEncoding.EncodeToString(r.publics[r.wallet.Canonical(address)])
}

// account makes up the name of an account. Where it is a wallet address and more, it stays
// one of the made-up wallet, and the more is replaced as the text that it is.
func (r *replacer) account(id string) string {
	if id == "" || r.wallet == nil || r.wallet.Account == nil {
		return r.pin(id)
	}
	folded, of := strings.ToLower(id), r.wallet.Account
	if _, known := r.made[folded]; !known {
		if of.Owner == nil {
			r.made[folded] = r.numbered(folded)
		} else {
			r.made[folded] = r.walletAddress(of.Owner(id)) + hex.EncodeToString([]byte(r.spans(nameIn(id, r.wallet), r.public.ids)))
		}
		r.taken[r.made[folded]] = true
	}
	if len(id) >= shortestPart { // a shorter number is a part of many others
		r.pins, r.whole[id] = append(r.pins, pin{id, r.made[folded]}), true
	}
	return r.made[folded]
}

// nameIn is what is in the name of an account besides its owner's wallet address.
func nameIn(account string, of *adapter.Wallet) string {
	if account == "" || of == nil || of.Account == nil || of.Account.Owner == nil {
		return ""
	}
	name, _ := hex.DecodeString(account[len(of.Account.Owner(account)):])
	return string(name)
}

// numbered makes up a number or another text of the same shape. A long number stays about as
// large, for that tells main accounts from others.
func (r *replacer) numbered(id string) string {
	switch {
	case zeros.MatchString(id):
		return id
	case len(id) < shortestPart, !number.MatchString(id):
		return r.word(id)
	default:
		return id[:1] + r.word(id[1:])
	}
}
