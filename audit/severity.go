package audit

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Severity is how bad a finding is in its context. The zero value is unset.
type Severity uint8

// The severities, from least to worst.
const (
	Info Severity = iota + 1
	Low
	Medium
	High
	Critical
)

var severityWords = []string{"unset", "info", "low", "medium", "high", "critical"}

// String returns the severity as a word, for instance "high".
func (s Severity) String() string { return access.FormatWord(severityWords, s) }

// MarshalText writes the severity as a word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a word that MarshalText wrote.
func (s *Severity) UnmarshalText(text []byte) error {
	return access.ParseWord("severity", severityWords, text, s)
}

// orDefault is the threshold that applies: High if unset, and never above
// Critical, which would let everything pass.
func (s Severity) orDefault() Severity {
	if s == 0 {
		return High
	}
	return min(s, Critical)
}

// Outcome is the answer of one rule about one key. The zero value is
// Undetermined, and Undetermined is never shown as passed.
type Outcome uint8

// The outcomes of a rule.
const (
	Undetermined Outcome = iota
	Failed
	Passed
	NotApplicable
)

var outcomeWords = []string{"undetermined", "failed", "passed", "not-applicable"}

// String returns the outcome as a word, for instance "failed".
func (o Outcome) String() string { return access.FormatWord(outcomeWords, o) }

// MarshalText writes the outcome as a word.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads a word that MarshalText wrote.
func (o *Outcome) UnmarshalText(text []byte) error {
	return access.ParseWord("outcome", outcomeWords, text, o)
}
