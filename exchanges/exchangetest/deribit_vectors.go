package exchangetest

import (
	"fmt"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const deribitForbidden = "scope insufficient"

var deribitFailures = []Failure{
	deribitFailure(FailUnknownKey, 13004, "invalid_credentials", "", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew),
	deribitFailure(FailBadSignature, 10000, "authorization_required", "", access.KindAmbiguous, access.KindBadSignature, access.KindClockSkew),
	deribitFailure(FailClock, 13009, "unauthorized", "timestamp is too old", access.KindAmbiguous, access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew),
	deribitFailure(deribitForbidden, 13021, "forbidden", "", access.KindForbidden),
	deribitFailure("scope exceeded", 13403, "scope_exceeded", "", access.KindForbidden),
	deribitFailure("permission denied", 11042, "permission_denied", "", access.KindForbidden),
	deribitFailure("main account only", 13012, "unavailable_in_subaccount", "", access.KindForbidden),
	deribitFailure("second factor", 13668, "security_key_authorization_error", "tfa_code_is_required", access.KindSecondFactor),
	deribitFailure("API off", 9999, "api_not_enabled", "", access.KindDisabled),
	deribitFailure("account locked", 11098, "account_locked", "", access.KindDisabled),
	deribitFailure("account blocked", 13002, "account_blocked", "", access.KindDisabled),
	deribitFailure("locked by admin", 10019, "locked_by_admin", "", access.KindDisabled),
	deribitFailure("rate limited", 10028, "too_many_requests", "", access.KindRateLimited),
	deribitFailure("too many at once", 10066, "too_many_concurrent_requests", "", access.KindRateLimited),
	{Name: "too many connections", Reply: *RateLimited(""), Kind: access.KindRateLimited},
	deribitFailure("maintenance", 11051, "system_maintenance", "", access.KindUnavailable),
	deribitFailure("temporarily unavailable", 13028, "temporarily_unavailable", "", access.KindUnavailable),
	deribitFailure("unavailable", 13503, "unavailable", "", access.KindUnavailable),
	deribitFailure("country banned", 12005, "country_is_banned", "", access.KindGeoBlocked),
}

func deribitFailure(name string, code int, message, reason string, kind access.Kind, candidates ...access.Kind) Failure {
	data := ""
	if reason != "" {
		data = fmt.Sprintf(`,"data":{"reason":%q}`, reason)
	}
	body := fmt.Sprintf(`{"jsonrpc":"2.0","error":{"code":%d,"message":%q%s},"usIn":{ms}000,"usOut":{ms}000,"usDiff":0,"testnet":false}`, code, message, data)
	return Failure{Name: name, Reply: Reply{Status: 400, Body: body}, Kind: kind, Candidates: candidates}
}

// deribitVectors: the first is the documentation's own sample.
var deribitVectors = []Vector{
	{
		Name: "client signature, as documented", Time: deribitTime, Key: "AMANDA", Secret: "AMANDASECRECT",
		Method: "POST", URL: "https://www.deribit.com/api/v2/public/auth", Header: map[string]string{"Content-Type": "application/json"},
		Body: `{"jsonrpc":"2.0","id":9929,"method":"public/auth","params":{"grant_type":"client_signature","client_id":"AMANDA",` +
			`"timestamp":1576074319000,"nonce":"1iqt2wls","data":"","signature":"56590594f97921b09b18f166befe0d1319b198bbcdad7ca73382de2f88fe9aa1"}}`,
	},
	deribitVector("/api/v2/private/list_api_keys", "6b2bd9662948cbb16e3c752d4592d0fa9548d525a42a6066b7e026481360b9f3"),
	deribitVector("/api/v2/private/get_account_summary?currency=BTC&extended=true", "91e6193100e8cbf118d55d485e822fc5f2c594b192e97309aa882b21bd65378a"),
}

var deribitTime = time.UnixMilli(1576074319000)

func deribitVector(path, signature string) Vector {
	return Vector{
		Name: path, Time: deribitTime, Key: "AMANDA", Secret: "AMANDASECRECT", Method: "GET", URL: "https://www.deribit.com" + path,
		Header: map[string]string{"Authorization": "deri-hmac-sha256 id=AMANDA,ts=1576074319000,sig=" + signature + ",nonce=1iqt2wls"},
	}
}
