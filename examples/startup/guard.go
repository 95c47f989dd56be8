package main

import (
	"context"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
)

// guard is the whole safety check: copy it into your bot, name your exchange and
// what the key is for, and do not trade unless the error is nil. Pass the prefix of
// your environment variables ("BYBIT" reads BYBIT_API_KEY and BYBIT_API_SECRET),
// and nil options.
func guard(ctx context.Context, prefix string, opts *audit.Options) (audit.Key, error) {
	credentials, err := audit.FromEnv(prefix)
	if err != nil {
		return audit.Key{}, err
	}
	key := audit.Key{Name: "grid-bot", Exchange: bybit.Exchange, Policy: audit.SpotTrading(), Credentials: credentials}
	return key, audit.Check(ctx, key, opts)
}
