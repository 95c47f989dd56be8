package audit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// What a bot author writes of the package adapter, so that a bot imports this
// package and its exchange's and nothing else.
type (
	Credentials = adapter.Credentials // what the owner holds of a key
	Secret      = adapter.Secret      // a value that nothing prints
	Signer      = adapter.Signer      // signs with a key that this process does not hold
	NoncePolicy = adapter.NoncePolicy // for exchanges whose requests carry a growing number
	PlannedCall = adapter.PlannedCall // one request that an inspection would send
)

// NewSecret wraps a value so that nothing but Secret.Reveal gives it back.
func NewSecret(value string) Secret { return adapter.NewSecret(value) }
