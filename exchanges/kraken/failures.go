package kraken

import (
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// failures: docs.kraken.com, errors, and support.kraken.com. What a blocked
// address and an expired key get is unconfirmed, so the refusals that could be
// meant stay ambiguous; GetApiKeyInfo itself needs no permission.
var failures = wire.Failures{
	"EAPI:Invalid key":                    wire.OneOf(audit.KindBadKey, audit.KindIPNotAllowed, audit.KindExpired),
	"EAPI:Invalid signature":              wire.OneOf(audit.KindBadSignature, audit.KindSecondFactor),
	"EAPI:Invalid nonce":                  wire.Is(audit.KindNonce),
	"EGeneral:Permission denied":          wire.OneOf(audit.KindIPNotAllowed, audit.KindDisabled, audit.KindForbidden),
	"EAccount:Invalid permissions":        wire.OneOf(audit.KindIPNotAllowed, audit.KindDisabled, audit.KindForbidden),
	"EAPI:Rate limit exceeded":            wire.Is(audit.KindRateLimited),
	"EGeneral:Too many requests":          wire.Is(audit.KindRateLimited),
	"EAuth:Rate limit exceeded":           wire.Is(audit.KindRateLimited),
	"EAuth:Too many requests":             wire.Is(audit.KindRateLimited),
	throttled:                             wire.Is(audit.KindRateLimited),
	lockout:                               wire.Is(audit.KindBanned),
	"EAuth:Account temporary disabled":    wire.Is(audit.KindDisabled),
	"ETrade:User Locked":                  wire.Is(audit.KindDisabled),
	"EAuth:Account unconfirmed":           wire.Is(audit.KindForbidden),
	"EService:Unavailable":                wire.Is(audit.KindUnavailable),
	"EService:Busy":                       wire.Is(audit.KindUnavailable),
	"EService:Market in cancel_only mode": wire.Is(audit.KindUnavailable),
	"EService:Market in post_only mode":   wire.Is(audit.KindUnavailable),
	"EGeneral:Internal error":             wire.Is(audit.KindUnavailable),
}

const (
	throttled = "EService:Throttled"         // followed by the Unix time when it ends
	lockout   = "EGeneral:Temporary lockout" // about 15 minutes, by the venue's support pages
)

// refused reads an error text: severity and category, message, and for some
// messages something more, with colons between.
func refused(resp *audit.Response, text string, now time.Time) *audit.Error {
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
