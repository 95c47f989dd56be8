package kraken

import (
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// failures: docs.kraken.com, errors, and support.kraken.com. What a blocked
// address and an expired key get is unconfirmed, so the refusals that could be
// meant stay ambiguous; GetApiKeyInfo itself needs no permission.
var failures = wire.Failures{
	"EAPI:Invalid key":                    wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindExpired),
	"EAPI:Invalid signature":              wire.OneOf(access.KindBadSignature, access.KindSecondFactor),
	"EAPI:Invalid nonce":                  wire.Is(access.KindNonce),
	"EGeneral:Permission denied":          wire.OneOf(access.KindIPNotAllowed, access.KindDisabled, access.KindForbidden),
	"EAccount:Invalid permissions":        wire.OneOf(access.KindIPNotAllowed, access.KindDisabled, access.KindForbidden),
	"EAPI:Rate limit exceeded":            wire.Is(access.KindRateLimited),
	"EGeneral:Too many requests":          wire.Is(access.KindRateLimited),
	"EAuth:Rate limit exceeded":           wire.Is(access.KindRateLimited),
	"EAuth:Too many requests":             wire.Is(access.KindRateLimited),
	throttled:                             wire.Is(access.KindRateLimited),
	lockout:                               wire.Is(access.KindBanned),
	"EAuth:Account temporary disabled":    wire.Is(access.KindDisabled),
	"ETrade:User Locked":                  wire.Is(access.KindDisabled),
	"EAuth:Account unconfirmed":           wire.Is(access.KindForbidden),
	"EService:Unavailable":                wire.Is(access.KindUnavailable),
	"EService:Busy":                       wire.Is(access.KindUnavailable),
	"EService:Market in cancel_only mode": wire.Is(access.KindUnavailable),
	"EService:Market in post_only mode":   wire.Is(access.KindUnavailable),
	"EGeneral:Internal error":             wire.Is(access.KindUnavailable),
}

const (
	throttled = "EService:Throttled"         // followed by the Unix time when it ends
	lockout   = "EGeneral:Temporary lockout" // about 15 minutes, by the exchange's support pages
)

// refused reads an error text: severity and category, message, and for some
// messages something more, with colons between.
func refused(resp *adapter.Response, text string, now time.Time) *access.Error {
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
