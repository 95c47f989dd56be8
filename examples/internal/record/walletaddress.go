package record

import "strings"

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
		made = r.shaped(canonical)
		const patience = 100
		for range patience {
			if derived := r.wallet.Derive(r.private()); derived != "" { // nothing, of very few private keys
				made = derived
				break
			}
		}
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

// private are the bytes of a private key that is thrown away.
func (r *replacer) private() []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(r.random.Uint32())
	}
	return key
}
