package exchanges_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// writes are words that only the paths of writing calls have, in any exchange's
// documentation: they place orders, send funds, or change keys and accounts.
var writes = regexp.MustCompile(`(?i)(^|[/._-])(` + strings.Join([]string{
	"orders?", "cancel.*", "batch.*", "withdraw(als?)?", "transfers?", "internal-?transfer", "universal-?transfer", "innerTransfer", "deposit",
	"apply", "create.*", "delete.*", "update.*", "modify.*", "edit.*", "remove.*", "revoke.*", "enable.*", "disable.*", "convert", "loan", "borrow", "repay",
	"redeem", "subscribe", "stake", "giftcard", "heartbeat", "w", "sendorder", "add.*", "new", "tokens?", "logout",
}, "|") + `)([/._-]|$)`)

// posts are the reads that their exchanges accept only by POST, each documented as
// changing nothing.
var posts = map[string]string{
	"bitfinex /v2/auth/r/permissions":                      "everything under auth/r reads",
	"bitstamp /api/v2/account_balances/":                   "all private calls are POST",
	"coindcx /exchange/v1/users/balances":                  "all private calls are POST",
	"coinspot /api/v2/status":                              "all private calls are POST",
	"coinspot /api/v2/ro/status":                           "all private calls are POST",
	"cryptocom /exchange/v1/private/get-accounts":          "all private calls are POST",
	"deribit /api/v2/public/auth":                          "GET would put credentials into the URL",
	"derive /v3/private/session_keys":                      "all private calls are POST",
	"gemini /v1/roles":                                     "all private calls are POST",
	"hyperliquid /info":                                    "its own path for reads; the body must begin with what is asked for",
	"indodax /tapi":                                        "one path; the body must begin with getInfo, or withdrawFee, which quotes a fee",
	"kraken /0/private/GetApiKeyInfo":                      "all private calls are POST",
	"lbank /v2/supplement/api_Restrictions.do":             "all private calls are POST",
	"paradex /v1/auth/{wallet}":                            "exchanges a signature for a token of some minutes, and changes nothing",
	"yobit /tapi":                                          "one path; the body must begin with getInfo",
	"zaif /tapi":                                           "one path; the body must begin with get_info2",
	"whitebit /api/v4/sub-account/api-key/list":            "all private calls are POST",
	"whitebit /api/v4/main-account/balance":                "all private calls are POST",
	"bitmart /account/v1/transfer-contract-list":           "a list, sent by POST",
	"nado /v1/query":                                       "its own path for reads; the body must begin with what is asked for",
	"pacifica /api/v1/agent/list":                          "a list; all signed calls are POST",
	"pacifica /api/v1/agent/ip_whitelist/list":             "a list; all signed calls are POST",
	"swyftx /auth/refresh/":                                "exchanges the key for a token of the session, and changes nothing",
	"whitebit /api/v4/sub-account/list":                    "all private calls are POST",
	"whitebit /api/v4/sub-account/api-key/ip-address/list": "all private calls are POST",
}

// reads are paths that sound like writes but are documented as reads.
var reads = map[string]string{
	"bitmart /account/v1/withdraw/charge":        "returns the limits of a withdrawal, and makes none",
	"bitmart /account/v1/transfer-contract-list": "lists past transfers",
	"coinbaseexchange /withdrawals/fee-estimate": "quotes the fee of a withdrawal, and makes none",
}

// TestOnlyReadsAreDeclared: no adapter declares a path that writes, or a POST where
// the exchange accepts the read by GET.
func TestOnlyReadsAreDeclared(t *testing.T) {
	t.Parallel()
	for _, e := range exchanges.All() {
		for _, c := range e.Calls {
			where := e.Name + " " + c.Path
			if reads[where] == "" {
				assert.Empty(t, writes.FindString(c.Path), "%s looks like a write", where)
			}
			if c.Method == http.MethodPost {
				assert.NotEmpty(t, posts[where], "%s is sent by POST: say here why that is a read", where)
			}
		}
		assert.Positive(t, e.Limit.Requests, "%s has no rate", e.Name)
	}
}

// TestWritesAreRecognised: the words match known writing calls.
func TestWritesAreRecognised(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/sapi/v1/capital/withdraw/apply", "/api/v3/order", "/v5/user/update-api", "/v5/order/create", "/api/v5/asset/transfer", "/0/private/AddOrder",
		"/0/private/Withdraw", "/api/v2/cancel_all_orders/", "/api/v2/revoke_all_api_keys/", "/v2/auth/w/order/submit", "/v1/heartbeat",
		"/api/v1/sub/api-key/update", "/sapi/v1/giftcard/createCode", "/derivatives/api/v3/sendorder", "/openApi/subAccount/v1/apiKey/edit",
	} {
		assert.NotEmpty(t, writes.FindString(path), path)
	}
}
