package inventory

import (
	"slices"
	"strings"
)

// What ccxt, and the bots built on it, are told about where a key belongs.

// ccxtSwitches are ccxt's switches for test networks, and what each means. The
// names in its options are those that set_sandbox_mode and enable_demo_trading
// leave there.
var ccxtSwitches = []struct{ name, environment string }{
	{"sandbox", sandbox},
	{"sandboxMode", sandbox},
	{"testnet", sandbox},
	{"isTestnet", sandbox},
	{"use_testnet", sandbox},
	{"demo", "demo"},
	{"demoTrading", "demo"},
	{"enableDemoTrading", "demo"},
}

// ccxtMarkets are ccxt's words for a market, which decide between an exchange's
// test networks. The others mean none in particular.
var ccxtMarkets = map[string]Market{
	"spot":   Spot,
	"future": Futures, "futures": Futures, "swap": Futures, "delivery": Futures, "perpetual": Futures, "contract": Futures,
	"linear": Futures, "inverse": Futures, "usdm": Futures, "coinm": Futures,
	"option": options, "options": options,
}

// ccxtProxies are ccxt's settings for a proxy.
var ccxtProxies = []string{
	"proxies", "proxy", "proxyUrl", "proxy_url", "aiohttp_proxy", "aiohttpProxy",
	"httpProxy", "http_proxy", "httpsProxy", "https_proxy", "socksProxy", "socks_proxy",
}

// ccxtPlace reads where requests go from the settings of an exchange and from
// their options. Their addresses are among the fields beside the key.
func (r *botFile) ccxtPlace(found *Found, nodes ...*Node) {
	for _, n := range nodes {
		for _, s := range ccxtSwitches {
			switch v := r.get(n, s.name); {
			case v == nil || v.Kind == Object || v.Kind == List || v.Text == "":
			case r.isOn(found, v):
				found.Environment = s.environment
			}
		}
		if r.word(r.get(n, "headers"), "x-simulated-trading") == "1" { // OKX's demo trading
			found.Environment = "demo"
		}
		for _, name := range []string{"defaultType", "defaultSubType", "type", "marketType"} {
			if market := ccxtMarkets[strings.ToLower(r.word(n, name))]; market != "" && (found.Market == "" || market.derivatives()) {
				found.Market = market
			}
		}
	}
}

// isOn reads a switch. A value that is neither on nor off costs the key.
func (r *botFile) isOn(found *Found, v *Node) bool {
	on, set := switchWord(v.Text)
	if !set {
		found.skip(skipSwitch)
	}
	return on
}

// texts are all texts in a value that are not empty.
func texts(n *Node) (out []string) {
	if n == nil {
		return nil
	}
	for _, m := range n.Members {
		out = append(out, texts(m.Value)...)
	}
	for _, item := range n.Items {
		out = append(out, texts(item)...)
	}
	if text := strings.TrimSpace(n.Text); n.Kind == Text && text != "" {
		out = append(out, text)
	}
	return out
}

// ccxtProxy is why a key is skipped whose bot uses a proxy; empty if it uses
// none.
func (r *botFile) ccxtProxy(nodes ...*Node) string {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for _, m := range n.Members {
			if slices.Contains(ccxtProxies, m.Name) && hasValue(m.Value) {
				return skipProxy
			}
		}
	}
	return ""
}
