package inventory

import "strings"

// passivbot keeps its keys in one map, by user names.
var passivbot = Format{Name: "passivbot", Title: "passivbot's api-keys.json", Read: readPassivbot}

// passivbotPlaceholders are the values in its sample.
var passivbotPlaceholders = []string{
	"key", "secret", "passphrase", "wallet_address", "private_key", "optional_passphrase", "0x_your_starknet_private_key",
}

func readPassivbot(f *Files) ([]Found, error) {
	r, err := f.entries(f.Find("api-keys.json"), passivbotPlaceholders...)
	if err != nil {
		return nil, err
	}
	out := r.eachKey(r.expect(Object, r.root, ""), func(m Member) []Found {
		if m.Name == "referrals" || m.Name == "tradfi" || strings.HasPrefix(m.Name, "_") { // not keys of exchanges
			return nil
		}
		user := r.expect(Object, m.Value, m.Name)
		if user == nil {
			return nil
		}
		found := r.found(m.Name, r.word(user, "exchange"), m.Line, m.Column)
		r.ccxt(&found, user)
		r.around(&found, r.root)
		if found.Environment != "" && found.Market == "" {
			found.Market = Futures // all that the bot trades, and Binance's test network for it is another
		}
		found.skip(r.ccxtProxy(user, r.get(user, "options")))
		return []Found{found}
	})
	return out, r.problems.err()
}
