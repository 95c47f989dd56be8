package find

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// names reads names, most of them more than once. It is not safe for concurrent use.
type names struct {
	*inventory.Names
	all    []*adapter.Exchange
	cache  map[string]*inventory.Name
	folded map[string]folded
	marks  *wordSet
}

// folded is a name in small letters without separators.
type folded struct {
	text  string
	where bool // it may be of a setting that says where keys belong
}

func newNames(all []*adapter.Exchange) *names {
	n := inventory.NewNames(all)
	return &names{n, all, map[string]*inventory.Name{}, map[string]folded{}, exchangeMarks(n)}
}

const (
	mostCached  = 1 << 13 // names
	longestName = 80      // bytes
)

// headers are the beginnings of HTTP headers that carry a key, and of names made of
// them. Source: the exchanges' documentation.
var headers = []struct{ prefix, exchange string }{
	{"x-mbx-", "binance"},
	{"ok-access-", "okx"},
	{"apca-", "alpaca"},
	{"x-bx-", "bingx"},
	{"kc-api-", "kucoin"},
	{"x-bapi-", "bybit"},
	{"x-bm-", "bitmart"},
	{"x-gemini-", "gemini"},
	{"x-txc-", "whitebit"},
	{"x-mexc-", "mexc"},
	{"x-phemex-", "phemex"},
	{"bfx-", "bitfinex"},
	{"x-cb-", "coinbaseprime"},
	{"xt-validate-", "xt"},
}

// unsupported are exchanges that this library has no adapter for. A key of theirs is
// a finding all the same.
var unsupported = []string{
	"poloniex", "bittrex", "ftx", "probit", "bitso", "luno", "bitpanda", "backpack", "ndax", "independentreserve", "exmo", "coincheck", "latoken",
	"digifinex", "bigone", "coinone", "btse", "okcoin", "hotbit", "bibox", "bitforex", "kuna", "therocktrading", "coinjar", "cryptopia",
	"bleutrade", "tidex", "foxbit", "mercadobitcoin", "novadax", "coinmate", "paymium",
}

// services are words for other services, besides those that inventory knows.
var services = []string{
	"okta", "reddit", "praw", "woocommerce", "shopify", "spotify", "auth0", "nextauth", "keycloak", "linkedin", "facebook", "dropbox", "salesforce", "hubspot",
	"cloudinary", "mapbox", "paypal", "braintree", "plaid", "xero", "quickbooks", "jira", "atlassian", "bitbucket", "heroku", "digitalocean", "linode", "hetzner", "vultr",
	"recaptcha", "hcaptcha", "tweepy", "amadeus", "etsy", "ebay", "fitbit", "strava", "garmin", "unsplash", "flickr", "vimeo", "youtube", "pinterest", "tumblr", "instagram",
	"mailchimp", "mailjet", "messagebird", "vonage", "nexmo", "plivo", "onesignal", "agora", "livekit", "grafana", "newrelic", "mongodb", "couchbase", "rabbitmq",
	"kafka", "confluent", "snowflake", "databricks", "wandb", "huggingface", "cohere", "replicate", "mistral", "oanda", "tradier", "finnhub", "quandl", "alphavantage",
	"openexchangerates", "fixer", "currencylayer", "gateway", "gatekeeper", "wechat", "alipay", "weixin", "qiniu", "aliyun", "tencent", "baidu", "kakao", "naver",
}

// read reads a name. Header names count as names of their exchange.
func (n *names) read(name string) *inventory.Name {
	if len(name) > longestName {
		return &inventory.Name{}
	}
	if known := n.cache[name]; known != nil {
		return known
	}
	if len(n.cache) >= mostCached {
		clear(n.cache)
	}
	in, _ := english(name)
	out := n.Read(in)
	lower := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for _, h := range headers {
		if out.Part != adapter.NoPart && strings.HasPrefix(lower, h.prefix) {
			out.Exchange, out.Foreign = h.exchange, false
			out.Stem = []string{h.exchange}
		}
	}
	n.further(&out)
	switch {
	case out.NoPart:
		out.Part = adapter.NoPart
	case out.Part == adapter.NoPart && adapter.Fold(name) == "codename": // Superalgos
		out.Part, out.Weak, out.Lone = adapter.KeyPart, true, true
	case out.Part == adapter.NoPart && strings.HasSuffix(adapter.Fold(name), "privkey"):
		out.Part, out.Weak = adapter.SecretPart, true
	}
	n.cache[strings.Clone(name)] = &out
	return &out
}

// further looks for services and exchanges that package inventory does not know.
func (n *names) further(out *inventory.Name) {
	for _, word := range out.Words {
		out.Foreign = out.Foreign || slices.Contains(services, word)
		if out.Exchange == "" && !out.Several && slices.Contains(unsupported, word) {
			out.Exchange = word
		}
	}
}

// member reads a name, or if that says no part, what comes after its last dot.
func (n *names) member(name string) (string, *inventory.Name) {
	out := n.read(name)
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 && out.Part == adapter.NoPart {
		name = name[dot+1:]
		out = n.read(name)
	}
	return name, out
}

// function reads the name of a function or of what else things stand in: of a method of
// something, whichever of the two says an exchange.
func (n *names) function(name string) *inventory.Name {
	out := n.read(name)
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && out.Exchange == "" && !out.Foreign {
		if of := n.read(name[:dot]); of.Exchange != "" || of.Foreign {
			return of
		}
	}
	return out
}

// part is the part that a name means where the exchange is known: CLIENT_ID is a
// customer's number at most of them.
func (n *names) part(name, exchange string) adapter.Part {
	out := n.read(name)
	if out.Part == adapter.NoPart && exchange != "" && out.Exchange == "" && !out.NoPart {
		return n.read(exchange + "_" + name).Part
	}
	return out.Part
}

// phrase finds the name in the words before an operator: in "static String OKX_KEY"
// the last, in "Secret Key" both, in "okxKey string" the first.
func (n *names) phrase(words []string) string {
	if len(words) == 0 {
		return ""
	}
	for end := len(words); end > 0 && end > len(words)-3; end-- {
		if n.hasRole(words[end-1]) {
			name := words[end-1]
			for at, longer := end-2, name; at >= 0 && at >= end-4; at-- {
				if longer = words[at] + " " + longer; n.read(longer).Lone { // "gate io key": "io key" is not
					name = longer
				}
			}
			return name
		}
	}
	return words[len(words)-1]
}

// hasRole reports whether a name may be that of a part.
func (n *names) hasRole(name string) bool {
	if len(name) < 2 || len(name) > longestName || !mayName(name) {
		return false
	}
	return n.read(name).Part != adapter.NoPart || slices.Contains(clientNames, adapter.Fold(name))
}

// roleWords are in every name of a part.
var roleWords = newWordSet(slices.Concat(labelWords, []string{"key", "sec", "pas", "pk", "pem", "memo", "otp", "access", "client", "codename"})...)

// mayName rules out most words before they are read.
func mayName[T ~string | ~[]byte](name T) bool { return wordIn(name, roleWords) >= 0 }

// fold is a name in small letters without separators.
func (n *names) fold(name string) string { return n.folding(name).text }

func (n *names) folding(name string) folded {
	if known, ok := n.folded[name]; ok {
		return known
	}
	if len(n.folded) >= mostCached || len(name) > longestName {
		clear(n.folded)
	}
	text, _ := english(name)
	text = adapter.Fold(text)
	out := folded{text, wordIn(text, settingWords) >= 0}
	n.folded[strings.Clone(name)] = out
	return out
}

// clientNames are parts' names at one exchange, and something else elsewhere.
var clientNames = []string{"clientid", "clientsecret", "appkey", "connectkey", "signingkey", "memo"}
