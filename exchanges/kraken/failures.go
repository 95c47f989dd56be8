package kraken

import (
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// failures: docs.kraken.com, errors, and support.kraken.com. How an IP address that
// is not allowed and an expired key are refused is unconfirmed, so what may mean
// them is ambiguous; GetApiKeyInfo itself needs no permission.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindExpired).For("EAPI:Invalid key"),
	wire.OneOf(access.KindBadSignature, access.KindSecondFactor).For("EAPI:Invalid signature"),
	wire.Is(access.KindNonce, "EAPI:Invalid nonce"),
	wire.OneOf(access.KindIPNotAllowed, access.KindDisabled, access.KindForbidden).For(
		"EGeneral:Permission denied", "EAccount:Invalid permissions",
	),
	wire.Is(access.KindRateLimited,
		"EAPI:Rate limit exceeded", "EGeneral:Too many requests", "EAuth:Rate limit exceeded",
		"EAuth:Too many requests", throttled,
	),
	wire.Is(access.KindBanned, lockout),
	wire.Is(access.KindDisabled, "EAuth:Account temporary disabled", "ETrade:User Locked"),
	wire.Is(access.KindForbidden, "EAuth:Account unconfirmed"),
	wire.Is(access.KindUnavailable,
		"EService:Unavailable", "EService:Busy", "EService:Market in cancel_only mode",
		"EService:Market in post_only mode", "EGeneral:Internal error",
	),
}

const (
	throttled = "EService:Throttled"         // followed by the Unix time when it ends
	lockout   = "EGeneral:Temporary lockout" // about 15 minutes, according to the exchange's support pages
)

// refusal reads an error text: severity and category, message, and for some
// messages something more, separated by colons.
func refusal(resp *adapter.Response, text string, now time.Time) *access.Error {
	category, rest, _ := strings.Cut(text, ":")
	message, more, _ := strings.Cut(strings.TrimSpace(rest), ":")
	e := failures.Refusal(resp, category+":"+message, strings.TrimSpace(more))
	switch e.Code {
	case throttled:
		if at, err := strconv.ParseInt(e.Message, 10, 64); err == nil {
			if wait := time.Unix(at, 0).Sub(now); wait > 0 && wait < 24*time.Hour {
				e.RetryAfter = wait
			}
		}
	case lockout:
		e.RetryAfter = 15 * time.Minute
	}
	return e
}
