package access

// Account is whose key it is.
type Account struct {
	ID   string      `json:"id,omitempty"` // masked
	Kind AccountKind `json:"kind"`
	// Alarms are what the exchange says is wrong with the account, under its own
	// names: "trading_blocked".
	Alarms   []string `json:"alarms,omitempty"`
	Standing Standing `json:"standing,omitempty"`
}

// Standing is whether the exchange reports that nothing is wrong with an account.
type Standing uint8

// The standings. One that is good has no alarm.
const (
	StandingUnknown Standing = iota // the exchange doesn't report it
	StandingGood
	StandingUnclear // the exchange reports it, and not all of it was understood
)

var standingWords = []string{"unknown", "good", "unclear"}

// String returns "unknown", "good" or "unclear".
func (s Standing) String() string { return FormatWord(standingWords, s) }

// MarshalText writes the standing as a word.
func (s Standing) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Standing) UnmarshalText(text []byte) error {
	return ParseWord("standing", standingWords, text, s)
}

// AccountKind is whether an account is a main account or a sub-account.
type AccountKind uint8

// The kinds of account.
const (
	AccountUnknown AccountKind = iota
	MainAccount
	SubAccount
)

var accountWords = []string{"unknown", "main", "sub"}

// String returns "unknown", "main" or "sub".
func (k AccountKind) String() string { return FormatWord(accountWords, k) }

// MarshalText writes the kind as a word.
func (k AccountKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *AccountKind) UnmarshalText(text []byte) error {
	return ParseWord("account kind", accountWords, text, k)
}

// AccountKindOf turns an exchange's "is main account" into an AccountKind.
func AccountKindOf(isMain bool) AccountKind {
	if isMain {
		return MainAccount
	}
	return SubAccount
}
