// Package exchanges lists every adapter of this module.
//
// It is for programs that audit keys of many venues. A bot imports the one
// adapter it uses, and links nothing of the others.
package exchanges

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binance"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinbase"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kraken"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kucoin"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/okx"
)

// All lists the exchanges, sorted by name. The slice is the caller's to change.
func All() []*audit.Exchange {
	return []*audit.Exchange{
		binance.Exchange,
		bybit.Exchange,
		coinbase.Exchange,
		kraken.Exchange,
		kucoin.Exchange,
		okx.Exchange,
	}
}

// Lookup finds an exchange by its name, for instance "bybit".
func Lookup(name string) (*audit.Exchange, bool) {
	for _, e := range All() {
		if e.Name == name {
			return e, true
		}
	}
	return nil, false
}
