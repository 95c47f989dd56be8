package access

// KeyKind is what sort of key signs.
type KeyKind uint8

// The kinds of keys. The zero value is unknown.
const (
	KindOfKeyUnknown KeyKind = iota
	SharedSecret
	Ed25519Key
	RSAKey
	ECDSAKey
	Secp256k1Wallet // the private key of a wallet, as Ethereum has them
	Ed25519Wallet   // likewise, as Solana has them
	StarkWallet     // likewise, as Starknet has them
	SchnorrWallet   // likewise, a Schnorr key of the curve ECgFp5, as Lighter has them
)

var keyKindWords = []string{
	"unknown", "shared-secret", "ed25519", "rsa", "ecdsa", "secp256k1-wallet", "ed25519-wallet", "stark-wallet", "schnorr-wallet",
}

// IsWallet reports whether such a key is a wallet's: the exchange knows it by its
// wallet address.
func (k KeyKind) IsWallet() bool { return k >= Secp256k1Wallet && k <= SchnorrWallet }

// String returns the kind as a word, for instance "shared-secret".
func (k KeyKind) String() string { return FormatWord(keyKindWords, k) }

// MarshalText writes the kind as a word.
func (k KeyKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *KeyKind) UnmarshalText(text []byte) error {
	return ParseWord("key kind", keyKindWords, text, k)
}

// Wallet says what a wallet's key is to the account that it trades for.
type Wallet uint8

// The answers. A key that is no wallet's has the zero value too.
const (
	WalletUnknown   Wallet = iota
	DelegatedWallet        // a wallet of its own, to which the account's owner gave rights: an agent
	MainWallet             // the wallet that owns the account: its key can do everything
)

var walletWords = []string{"unknown", "delegated", "main"}

// String returns "unknown", "delegated" or "main".
func (w Wallet) String() string { return FormatWord(walletWords, w) }

// MarshalText writes the answer as a word.
func (w Wallet) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (w *Wallet) UnmarshalText(text []byte) error { return ParseWord("wallet", walletWords, text, w) }

// Storage says how one part of a key is kept on this machine, as far as
// what loaded it knows. It never holds the part itself.
type Storage struct {
	Part string `json:"part"` // "secret", "passphrase" and so on
	// In names the place: "environment", "file", "command", "keyring",
	// "standard input", "inventory", or the bot whose file it is.
	In   string `json:"in"`
	File string `json:"file,omitempty"`
	// Mode is the file's permission bits, for instance 0o644; 0 where the
	// system has none.
	Mode uint32 `json:"mode,omitempty"`
	// Foreign: the file belongs to another user than the program's, and not
	// to root.
	Foreign bool `json:"foreign,omitempty"`
	// Folder is the file's folder, or one above it, that others than the program's
	// user may write to, so that they can replace the file; and its mode.
	Folder     string `json:"folder,omitempty"`
	FolderMode uint32 `json:"folder_mode,omitempty"`
	// Plaintext says, as a clause, why the part is as good as in plaintext, although
	// a safer place was at hand: "it is written in the inventory itself".
	Plaintext string `json:"plaintext,omitempty"`
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
	KeyUnclear // the exchange names a state that this version doesn't know
)

var keyStateWords = []string{"unknown", "active", "disabled", "locked", "pending", "expired", "unclear"}

// String returns the state as a word, for instance "active".
func (k KeyState) String() string { return FormatWord(keyStateWords, k) }

// MarshalText writes the state as a word.
func (k KeyState) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *KeyState) UnmarshalText(text []byte) error {
	return ParseWord("key state", keyStateWords, text, k)
}
