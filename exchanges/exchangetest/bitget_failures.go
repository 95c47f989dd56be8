package exchangetest

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Names of refusals that only Bitget has.
const (
	bitgetNoPassphrase = "passphrase header missing"
	bitgetBadTimestamp = "timestamp malformed"
	bitgetIsClassic    = "classic account"
	bitgetIsUnified    = "unified account"
	bitgetMixedUp      = "live and demo mixed up"
)

// bitgetFailures: the exchange's own pages and its clients disagree about the codes
// 40006, 40010, 40018 and 40024, so the words decide.
var bitgetFailures = []Failure{
	{Name: FailUnknownKey, Reply: bitgetError(400, "40037", "Apikey does not exist"), Kind: access.KindBadKey},
	{Name: "unknown key, other words", Reply: bitgetError(400, "40041", "User's ApiKey does not exist"), Kind: access.KindBadKey},
	{Name: "invalid key", Reply: bitgetError(400, "40006", "Invalid ACCESS_KEY"), Kind: access.KindBadKey},
	{Name: "40006 in the words of another page", Reply: bitgetError(400, "40006", "Invalid IP"), Kind: access.KindIPNotAllowed},
	{
		Name: "40006 in other words", Reply: bitgetError(400, "40006", "Request refused"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindIPNotAllowed},
	},
	{Name: "key header missing", Reply: bitgetError(400, "40001", "ACCESS_KEY cannot be empty"), Kind: access.KindBadKey},
	{Name: FailHeader, Reply: bitgetError(400, "40002", "ACCESS_SIGN cannot be empty"), Kind: access.KindBadSignature},
	{Name: "signature empty", Reply: bitgetError(400, "40003", "Signature cannot be empty"), Kind: access.KindBadSignature},
	{Name: FailBadSignature, Reply: bitgetError(400, "40009", "sign signature error"), Kind: access.KindBadSignature},
	{
		Name: FailPassphrase, Reply: bitgetError(400, "40012", "apikey/password is incorrect"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{Name: "wrong passphrase, other words", Reply: bitgetError(400, "40036", "passphrase is error"), Kind: access.KindBadSignature},
	{Name: bitgetNoPassphrase, Reply: bitgetError(400, "40011", "ACCESS_PASSPHRASE cannot be empty"), Kind: access.KindBadSignature},
	{Name: FailIP, Reply: bitgetError(400, "40018", "Invalid IP"), Kind: access.KindIPNotAllowed},
	{Name: "40018 in the words of another page", Reply: bitgetError(400, "40018", "Incorrect permissions"), Kind: access.KindForbidden},
	{
		Name: "40018 in other words", Reply: bitgetError(400, "40018", "Request refused"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindIPNotAllowed, access.KindForbidden},
	},
	{Name: "IP address not allowed, other words", Reply: bitgetError(400, "40038", "request ip {ip} not in the apikey's allowlist"), Kind: access.KindIPNotAllowed},
	{Name: FailClock, Reply: bitgetError(400, "40004", "Request timestamp expired"), Kind: access.KindClockSkew},
	{Name: "timestamp refused, other code", Reply: bitgetError(400, "40008", "Request timestamp expired"), Kind: access.KindClockSkew},
	{Name: bitgetBadTimestamp, Reply: bitgetError(400, "40005", "Invalid ACCESS_TIMESTAMP"), Kind: access.KindClockSkew},
	{Name: "forbidden", Reply: bitgetError(400, "40014", "Incorrect permissions, need spot read"), Kind: access.KindForbidden},
	{Name: "not for sub-accounts", Reply: bitgetError(400, "40061", "Sub-account may not"), Kind: access.KindForbidden},
	{Name: "not for sub-accounts, other code", Reply: bitgetError(400, "40068", "Sub-account may not"), Kind: access.KindForbidden},
	{Name: "main key needed", Reply: bitgetError(400, "40048", "Main account key is needed"), Kind: access.KindForbidden},
	{Name: bitgetIsUnified, Reply: bitgetError(400, "40085", "You are in Unified Account mode, and the Classic Account API is not supported at this time"), Kind: access.KindNotUnderstood},
	{Name: bitgetIsClassic, Reply: bitgetError(400, "40084", "You are in Classic Account mode"), Kind: access.KindNotUnderstood},
	{Name: bitgetMixedUp, Reply: bitgetError(400, "40099", "exchange environment is incorrect"), Kind: access.KindWrongEnvironment},
	{Name: "user abnormal", Reply: bitgetError(400, "40013", "User status is abnormal"), Kind: access.KindDisabled},
	{Name: FailDisabled, Reply: bitgetError(400, "40024", "Account frozen"), Kind: access.KindDisabled},
	{
		Name: "40024 in other words", Reply: bitgetError(400, "40024", "Request refused"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindDisabled, access.KindGeoBlocked},
	},
	{Name: "user disabled", Reply: bitgetError(400, "40026", "User is disabled"), Kind: access.KindDisabled},
	{Name: "user cancelled", Reply: bitgetError(400, "40031", "The account has been cancelled"), Kind: access.KindDisabled},
	{Name: "restricted", Reply: bitgetError(400, "40022", "The business of this account has been restricted"), Kind: access.KindDisabled},
	{Name: "restricted, second code", Reply: bitgetError(400, "40023", "The business of this account has been restricted"), Kind: access.KindDisabled},
	{Name: "restricted, third code", Reply: bitgetError(400, "40025", "The business of this account has been restricted"), Kind: access.KindDisabled},
	{Name: "withdrawal disabled", Reply: bitgetError(400, "40021", "User disabled withdraw"), Kind: access.KindNotUnderstood},
	{Name: "withdrawal blocked", Reply: bitgetError(400, "40052", "Security settings have been modified, no withdrawal within 24 hours"), Kind: access.KindNotUnderstood},
	{Name: "function not granted", Reply: bitgetError(400, "40301", "Permission has not been obtained yet. If you need to use it, please contact customer service"), Kind: access.KindForbidden},
	{Name: "second factor", Reply: bitgetError(400, "40016", "The user must bind the phone or Google"), Kind: access.KindSecondFactor},
	{Name: "identity", Reply: bitgetError(400, "40027", "Please complete the identity verification"), Kind: access.KindDisabled},
	{Name: "identity, other code", Reply: bitgetError(400, "40035", "Judging from your login information, you are required to complete KYC first"), Kind: access.KindDisabled},
	{Name: "no data", Reply: bitgetError(400, "40054", "The data fetched is empty"), Kind: access.KindNotUnderstood},
	{Name: "rate limited", Reply: bitgetError(429, "429", "Too many requests"), Kind: access.KindRateLimited},
	{Name: "throttled", Reply: bitgetError(429, "1001", "The request is too frequent and has been throttled"), Kind: access.KindRateLimited},
	{Name: "rate limited, first version", Reply: bitgetError(429, "30014", "request too frequent"), Kind: access.KindRateLimited},
	{Name: "upgrade", Reply: bitgetError(400, "40200", "Server upgrade, please try again later"), Kind: access.KindUnavailable},
	{Name: "system error", Reply: bitgetError(400, "40015", "System is abnormal, please try again later"), Kind: access.KindUnavailable},
	{Name: "service error", Reply: bitgetError(400, "40725", "service return an error"), Kind: access.KindUnavailable},
	{Name: "timed out", Reply: bitgetError(400, "40010", "Request timed out"), Kind: access.KindUnavailable},
	{
		Name: "40010 in other words", Reply: bitgetError(400, "40010", "Request refused"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindUnavailable, access.KindBadSignature},
	},
	{Name: "gateway", Reply: bitgetError(500, "47001", "gateway error"), Kind: access.KindUnavailable},
	{Name: "gateway, 401", Reply: *HTML(401), Kind: access.KindNotUnderstood},
	{Name: "gateway, 403", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
	{Name: "gateway, 404", Reply: *HTML(404), Kind: access.KindNotUnderstood},
}
