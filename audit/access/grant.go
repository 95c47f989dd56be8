package access

import (
	"strings"
)

// State says whether a key holds a capability. The zero value is Unknown, and
// Unknown is never treated as Denied.
type State uint8

// The states of a grant.
const (
	Unknown State = iota
	Denied
	Granted
)

var stateWords = []string{"unknown", "denied", "granted"}

// String returns "unknown", "denied" or "granted".
func (s State) String() string { return FormatWord(stateWords, s) }

// MarshalText writes the state as a word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *State) UnmarshalText(text []byte) error { return ParseWord("state", stateWords, text, s) }

// StateOf turns an exchange's yes or no into Granted or Denied.
func StateOf(yes bool) State {
	if yes {
		return Granted
	}
	return Denied
}

// Evidence says how a fact is known.
type Evidence uint8

// The kinds of evidence.
const (
	NoEvidence Evidence = iota // unknown
	Reported                   // the exchange said so for this very key
	Refused                    // the exchange's refusal proves it
	Inferred                   // a read that needs the right was answered
	Attested                   // the owner attested it, until a date
	Documented                 // the exchange documents that no such key has the right
)

var evidenceWords = []string{"none", "reported", "refused", "inferred", "attested", "documented"}

// String returns the evidence as a word, for instance "reported".
func (e Evidence) String() string { return FormatWord(evidenceWords, e) }

// MarshalText writes the evidence as a word.
func (e Evidence) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (e *Evidence) UnmarshalText(text []byte) error {
	return ParseWord("evidence", evidenceWords, text, e)
}

// AddressBook says whether a right to send funds reaches only withdrawal
// addresses and accounts that the owner saved beforehand. The zero value is unknown.
type AddressBook uint8

// The answers.
const (
	BookUnknown AddressBook = iota
	BookOff                 // it reaches any withdrawal address: the exchange reports so
	BookOn                  // only saved ones: the exchange reports so
	BookAlways              // only saved ones: the exchange documents that of every key
)

var bookWords = []string{"unknown", "off", "on", "always"}

// String returns the answer as a word, for instance "always".
func (b AddressBook) String() string { return FormatWord(bookWords, b) }

// MarshalText writes the answer as a word.
func (b AddressBook) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (b *AddressBook) UnmarshalText(text []byte) error {
	return ParseWord("address book", bookWords, text, b)
}

// Implied says whether a right is for a power, or quietly includes it, and what
// avoids that. The zero value is judged most severely.
type Implied uint8

// The answers.
const (
	NotImplied    Implied = iota // a right that the key holds is for it
	ImpliedAlways                // it comes with another right, on every account
	ImpliedOnMain                // it comes with another right, on main accounts only
)

var impliedWords = []string{"no", "always", "main"}

// String returns "no", "always" or "main".
func (i Implied) String() string { return FormatWord(impliedWords, i) }

// MarshalText writes the answer as a word.
func (i Implied) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (i *Implied) UnmarshalText(text []byte) error {
	return ParseWord("implied", impliedWords, text, i)
}

// Grant is what is known about one capability of one key.
type Grant struct {
	Capability Capability `json:"capability"`
	State      State      `json:"state"`
	Evidence   Evidence   `json:"evidence"`
	// Names are the exchange's own names of the permissions that carry it.
	Names []string `json:"names,omitempty"`
	// NamesIncomplete: perhaps other permissions carry it too; whether the key holds
	// them is unknown.
	NamesIncomplete bool `json:"names_incomplete,omitempty"`
	// Qualifier narrows the right in the exchange's words, for instance "only to
	// registered withdrawal addresses".
	Qualifier string `json:"qualifier,omitempty"`
	// AddressBook says where a right to send funds reaches.
	AddressBook AddressBook `json:"address_book,omitempty"`
	// Implied says that no right the key holds is for this: Names quietly include it.
	Implied Implied `json:"implied,omitempty"`
	// Implies lists what else the right includes, for which there is no capability.
	// They are notes and raise no finding of their own.
	Implies []string `json:"implies,omitempty"`
}

// Describe names the right as a sentence needs it: `withdraw ("Wallet.Withdraw")`.
func (g Grant) Describe() string {
	text := string(g.Capability)
	if len(g.Names) > 0 {
		text += ` ("` + strings.Join(g.Names, `", "`) + `")`
	}
	if g.Qualifier != "" {
		text += ", " + g.Qualifier
	}
	return text
}
