package exchangetest

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// LBank is a fake of LBank's V2 API. Its permissions are the flags of the
// answer that are true. Options: "edition": "bare" answers without an envelope, as
// in the documentation; "bool": "1" writes the envelope's result as a boolean.
func LBank() *Fake {
	return New(Definition{
		Name:     "lbank",
		Hosts:    []string{"api.lbkex.com", "www.lbkex.net", "api.lbank.info"},
		Kinds:    []access.KeyKind{access.SharedSecret, access.RSAKey},
		Rights:   lbankRights,
		Reports:  Reports{Allowlist: true, Created: true, Unit: time.Millisecond},
		Failures: lbankFailures,
		Vectors:  lbankVectors,
		Unsigned: []string{"path"},
		// The exchange grants withdrawals only to keys with an IP allowlist, and answers
		// no key that may not read.
		CanExist: func(s *Spec) bool {
			return s.Has("enableReading") && (len(s.IPs) > 0 || !s.Has("enableWithdrawals"))
		},
		Shape: func(k *Issued) {
			t := Hex(32, "lbank", k.Serial)
			k.ID = strings.Join([]string{t[:8], t[8:12], t[12:16], t[16:20], t[20:]}, "-")
			k.Secret = strings.ToUpper(Hex(32, "lbank secret", k.Serial))
		},
		Identify: func(c *Call) string {
			form, _ := url.ParseQuery(string(c.Body))
			return form.Get("api_key")
		},
		Verify: lbankVerify,
		Public: map[string]func(*Call) Reply{
			"GET /v2/timestamp.do": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"result":"true","data":{ms},"error_code":0,"ts":{ms}}`})
			},
		},
		Routes: map[string]func(*Call) Reply{"POST /v2/supplement/api_Restrictions.do": lbankRestrictions},
	})
}

var lbankRights = []Right{
	{"enableReading", []access.Capability{access.Read}},
	{"enableSpotTrading", []access.Capability{access.TradeSpot}},
	{"enableWithdrawals", []access.Capability{access.Withdraw, access.TransferExternal}},
}

// Names of refusals that only this exchange has.
const (
	lbankNoHeader = "header missing, one of three"
	lbankMethod   = "signature method refused"
	lbankEcho     = "echostr refused"
)

// lbankFailures all come with status 200. The code for an expired key is not
// documented.
var lbankFailures = []Failure{
	{Name: FailUnknownKey, Reply: lbankError(10005, "Secret key does not exist"), Kind: access.KindBadKey},
	{Name: "unknown user", Reply: lbankError(10006, "User does not exist"), Kind: access.KindBadKey},
	{Name: FailBadSignature, Reply: lbankError(10007, "Invalid signature"), Kind: access.KindBadSignature},
	{
		Name: "validation", Reply: lbankError(10002, "Validation Failed"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{
		Name: FailIP, Reply: lbankError(10022, "API Key permission denied,Invalid IP or permissions"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindIPNotAllowed, access.KindForbidden},
	},
	{Name: "forbidden", Reply: lbankError(10067, "Current account does not have permission"), Kind: access.KindForbidden},
	{Name: "withdrawal forbidden", Reply: lbankError(10100, "Permission denied for withdraw"), Kind: access.KindForbidden},
	{Name: FailClock, Reply: lbankError(10600, "Request timeout, check the timestamp against the server's time"), Kind: access.KindClockSkew},
	{Name: FailHeader, Reply: lbankError(10201, "sign or api_key is missing"), Kind: access.KindBadSignature},
	{Name: lbankNoHeader, Reply: lbankError(10202, "timestamp, signature_method or echostr is missing"), Kind: access.KindNotUnderstood},
	{Name: lbankMethod, Reply: lbankError(10203, "signature_method is wrong"), Kind: access.KindNotUnderstood},
	{Name: lbankEcho, Reply: lbankError(10031, "echostr length must be 30 to 40"), Kind: access.KindNotUnderstood},
	{Name: "rate limited", Reply: lbankError(10004, "Request too frequent"), Kind: access.KindRateLimited},
	{Name: "country", Reply: lbankError(10205, "Restricted in your country"), Kind: access.KindGeoBlocked},
	{Name: "upgrading", Reply: lbankError(10116, "The system is upgrading"), Kind: access.KindUnavailable},
	{Name: "closed", Reply: lbankError(10601, "Interface closed, unavailable"), Kind: access.KindUnavailable},
	{Name: "server", Reply: lbankError(10000, "Internal error"), Kind: access.KindUnavailable},
	{Name: "server, other code", Reply: lbankError(10017, "Server exception"), Kind: access.KindUnavailable},
	{Name: "withdrawal address", Reply: lbankError(10801, "Address whitelist verify failed"), Kind: access.KindNotUnderstood},
}

func lbankError(code int, message string) Reply {
	text, _ := json.Marshal(message)
	return Reply{Body: `{"result":"false","msg":` + string(text) + `,"data":null,"error_code":` + strconv.Itoa(code) + `,"ts":{ms}}`}
}

// lbankVerify follows the documentation: the body's parameters without the
// signature, and the three headers, sorted by name and joined without encoding; of
// that the MD5 in upper-case hexadecimal; of that HMAC-SHA256 in lower-case
// hexadecimal, or RSA with SHA-256 in base64.
func lbankVerify(c *Call) *Reply {
	form, err := url.ParseQuery(string(c.Body))
	signature := form.Get("sign")
	if err != nil || signature == "" {
		return c.Refuse(FailHeader)
	}
	form.Del("sign")
	for _, name := range []string{"timestamp", "signature_method", "echostr"} {
		if c.Header.Get(name) == "" || form.Has(name) {
			return c.Refuse(lbankNoHeader)
		}
		form.Set(name, c.Header.Get(name))
	}
	ms, err := strconv.ParseInt(form.Get("timestamp"), 10, 64)
	off := c.Now.UnixMilli() - ms
	public, isRSA := c.Key.PublicKey.(*rsa.PublicKey)
	switch {
	case !lbankEchostr.MatchString(form.Get("echostr")):
		return c.Refuse(lbankEcho)
	case err != nil || off > 5000 || off <= -1000:
		return c.Refuse(FailClock)
	case form.Get("signature_method") != map[bool]string{false: "HmacSHA256", true: "RSA"}[isRSA]:
		return c.Refuse(lbankMethod)
	}
	prepared := lbankPrepared(form)
	if isRSA && rsaSigned(public, prepared, signature) || !isRSA && signature == hmacHex(sha256.New, c.Key.Secret, prepared) {
		return nil
	}
	return c.Refuse(FailBadSignature)
}

var lbankEchostr = regexp.MustCompile(`^[0-9A-Za-z]{30,40}$`)

// lbankPrepared is the text that is signed.
func lbankPrepared(parameters url.Values) string {
	var pairs []string
	for name := range parameters {
		pairs = append(pairs, name+"="+parameters.Get(name))
	}
	slices.Sort(pairs)
	sum := md5.Sum([]byte(strings.Join(pairs, "&")))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func lbankRestrictions(c *Call) Reply {
	k := c.Key
	data := map[string]any{ // the last two are in an independent client only
		"ipRestrict": len(k.IPs) > 0, "createTime": timeOr(k.Created, c.Now).UnixMilli(), "enableTransfer": false, "enableFuturesTrading": false,
	}
	for _, right := range lbankRights {
		data[right.Name] = false
	}
	for _, name := range k.Permissions {
		data[name] = true
	}
	answer := map[string]any{"result": "true", "msg": "Success", "data": data, "error_code": 0, "ts": c.Now.UnixMilli()}
	if k.Options["bool"] == "1" {
		answer["result"] = true
	}
	if k.Options["edition"] == "bare" {
		answer = data
	}
	body, _ := json.Marshal(answer)
	return Reply{Body: string(body)}
}

// lbankVectors were computed and compared with an independent client: the
// documentation has no signature. Its RSA sample is in the tests.
var lbankVectors = []Vector{{
	Name: "api_Restrictions", Time: time.UnixMilli(1767225600000),
	Key: "c821db84-6fbd-11e4-a9e3-c86000d26d7c", Secret: "0123456789ABCDEF0123456789ABCDEF",
	Method: http.MethodPost, URL: "https://api.lbkex.com/v2/supplement/api_Restrictions.do",
	Header: map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "timestamp": "1767225600000", "signature_method": "HmacSHA256",
		"echostr": "0123456789abcdef0123456789abcdef012345",
	},
	Body: "api_key=c821db84-6fbd-11e4-a9e3-c86000d26d7c&sign=62a0ff0ef1bb78775721c2bf5663fdf2803429d2d511ef2eeae60f57ee689800",
}}
