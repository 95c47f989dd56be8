package find

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// shape is what keys and secrets of an exchange look like. Many lengths were never
// confirmed by the exchange, and they change: a shape is evidence, and never decides
// whether something is a key.
type shape struct {
	exchange   string
	id, secret *regexp.Regexp
	marked     byte // which half has a mark of its own: 'i', 's', 'b' for both; 0 for none
}

func form(exchange, id, secret string, marked byte) shape {
	return shape{exchange, regexp.MustCompile(`^(?:` + id + `)$`), regexp.MustCompile(`^(?:` + secret + `)$`), marked}
}

const (
	uuid = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	b64  = `[A-Za-z0-9+/]`
	b64u = `[A-Za-z0-9_-]`
	aln  = `[A-Za-z0-9]`
	hx   = `[0-9a-f]`
	pem  = `-----BEGIN [\s\S]*`
)

// shapes: from the exchanges' documentation and SDKs, from the rules of public
// scanners, and some unconfirmed. They are made when a key is found: the program has
// other commands.
var shapes = sync.OnceValue(func() []shape {
	return []shape{
		form("alpaca", `[AP]K[A-Z0-9]{18,24}`, aln+`{40,44}`, 0),
		form("ascendex", aln+`{32}`, aln+`{64}`, 0),
		form("binance", aln+`{64}`, aln+`{64}|`+pem, 0),
		form("binanceth", aln+`{64}`, aln+`{64}`, 0),
		form("binanceus", aln+`{64}`, aln+`{64}`, 0),
		form("bingx", aln+`{60,90}`, aln+`{60,90}`, 0),
		form("bitfinex", b64u+`{43}`, b64u+`{43}`, 0),
		form("bitflyer", b64+`{22}`, b64+`{43}=`, 0),
		form("bitget", `bg_`+hx+`{32}`, hx+`{64}|`+pem, 'i'),
		form("bithumb", hx+`{32}`, hx+`{32}`, 0),
		form("bitmart", hx+`{40}`, hx+`{64}`, 0),
		form("bitmex", b64u+`{24}`, b64u+`{48}`, 0),
		form("bitrue", aln+`{64}`, aln+`{64}`, 0),
		form("bitstamp", aln+`{32}`, aln+`{32}`, 0),
		form("bittrade", `[0-9a-z]{8,10}-`+hx+`{8}-`+hx+`{8}-`+hx+`{5}`, hx+`{8}-`+hx+`{8}-`+hx+`{8}-`+hx+`{5}`, 0),
		form("bitvavo", hx+`{64}`, hx+`{128}`, 0),
		form("blofin", hx+`{32}`, hx+`{32}`, 0),
		form("bybit", aln+`{18}`, aln+`{36}|`+pem, 0),
		form("coinbase", `organizations/`+uuid+`/apiKeys/`+uuid+`|`+uuid, pem+`|`+b64+`{86}==`, 'i'),
		form("coinbaseexchange", hx+`{32}`, b64+`{86}==`, 0),
		form("coinex", `[0-9A-F]{32}`, `[0-9A-F]{48}`, 0),
		form("coinsph", aln+`{64}`, aln+`{64}`, 0),
		form("coinspot", hx+`{32}`, `[A-Z0-9]{40,80}`, 0),
		form("cryptocom", aln+`{22}`, `cxakp_`+aln+`{22}`, 's'),
		form("deribit", aln+`{8,10}|`+b64u+`{8,10}`, b64u+`{43}|[A-Z0-9]{32}`, 0),
		form("gate", hx+`{32}`, hx+`{64}`, 0),
		form("gemini", `(?:account|master)-`+aln+`{20}`, aln+`{27,28}`, 'i'),
		form("htx", `[0-9a-z]{8,10}-`+hx+`{8}-`+hx+`{8}-`+hx+`{5}`, hx+`{8}-`+hx+`{8}-`+hx+`{8}-`+hx+`{5}`, 'b'),
		form("korbit", b64u+`{43}`, b64+`{43}`, 0),
		form("kraken", b64+`{56}`, b64+`{86}(?:==)?`, 0),
		form("krakenfutures", b64+`{56}`, b64+`{86}(?:==)?`, 0),
		form("kucoin", hx+`{24}`, uuid, 0),
		form("lbank", uuid, `[0-9A-F]{32}`, 0),
		form("mexc", `mx0`+aln+`{15}`, hx+`{32}`, 'i'),
		form("okx", uuid, `[0-9A-F]{32}`, 0),
		form("phemex", uuid, b64u+`{80,90}`, 0),
		form("pionex", aln+`{40,60}`, aln+`{50,70}`, 0),
		form("tokocrypto", aln+`{64}`, aln+`{64}`, 0),
		form("toobit", aln+`{64}`, aln+`{64}`, 0),
		form("upbit", aln+`{40}`, aln+`{40}`, 0),
		form("whitebit", hx+`{32}`, hx+`{32}`, 0),
		form("woox", b64+`{22}==`, `[A-Z0-9]{28}`, 0),
		form("xt", uuid, hx+`{40}`, 0),
		form("yobit", `[0-9A-F]{32}`, hx+`{32}`, 0),
		form("zaif", uuid, uuid, 0),
	}
})

// fitting are the exchanges whose shapes a key and a secret have, those with a mark
// first and alone.
func fitting(id, secret string) (exchanges []string, marked bool) {
	for _, s := range shapes() {
		i, k := s.id.MatchString(id), s.secret.MatchString(secret)
		own := s.marked == 'i' && i && strings.ContainsAny(id, "_-/x") && !isUUID.MatchString(id) || s.marked == 's' && k || s.marked == 'b' && i && k
		switch {
		case own:
			return []string{s.exchange}, true
		case i && k:
			exchanges = append(exchanges, s.exchange)
		}
	}
	return exchanges, false
}

var isUUID = regexp.MustCompile(`^` + uuid + `$`)

// fits reports whether the parts have the shapes of an exchange; either may be empty.
func fits(exchange, id, secret string) bool {
	at := slices.IndexFunc(shapes(), func(s shape) bool { return s.exchange == exchange })
	return at >= 0 && (id == "" || shapes()[at].id.MatchString(id)) && (secret == "" || shapes()[at].secret.MatchString(secret))
}

// impostors are services that share an exchange's name, and the shapes of their keys.
var impostors = sync.OnceValue(func() []shape {
	return []shape{
		form("kraken", hx+`{32}`, hx+`{40}`, 0),        // kraken.io, images
		form("coinbase", uuid, uuid, 0),                // Coinbase Commerce
		form("woox", `[cw]k_`+hx+`+`, `cs_`+hx+`+`, 0), // WooCommerce
	}
})

func impostor(exchange, id, secret string) bool {
	return slices.ContainsFunc(impostors(), func(s shape) bool {
		return s.exchange == exchange && s.id.MatchString(id) && s.secret.MatchString(secret)
	})
}
