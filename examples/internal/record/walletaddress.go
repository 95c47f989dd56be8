package record

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
		for made == "" {
			made = r.wallet.Derive(r.private()) // nothing, of very few private keys
		}
		r.made[canonical] = made
		r.Counts.Words++
	}
	return cased(made, text)
}

// private are the bytes of a private key that is thrown away.
func (r *replacer) private() []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(r.random.Uint32())
	}
	return key
}
