package exchangetest

import (
	"context"
	"errors"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// misread changes what the adapter makes of a refusal.
func misread(f func(*access.Error)) func(*steps) {
	return func(do *steps) {
		do.refusal = func(_ *adapter.Session, err *access.Error) error { f(err); return err }
	}
}

// refusalFlaws read refusals wrongly.
var refusalFlaws = []flaw{
	{name: "goes by codes only", property: "plain-words", steps: misread(func(err *access.Error) {
		if err.Code == unrecognised(err.Code) {
			err.Kind, err.Candidates = access.KindNotUnderstood, nil
		}
	})},
	{name: "takes any word about an IP address for an allowlist", property: "plain-words", only: true, steps: misread(func(err *access.Error) {
		if strings.Contains(err.Message, "IP") && err.Kind == access.KindAmbiguous {
			err.Kind, err.Candidates = access.KindIPNotAllowed, nil
		}
	})},
	{name: "takes a refused IP address for a missing right", property: "plain-words", only: true, steps: misread(func(err *access.Error) {
		if strings.Contains(err.Message, "IP") && err.Kind == access.KindAmbiguous {
			err.Kind, err.Candidates = access.KindForbidden, nil
		}
	})},
	{name: "shows the ends of what is no key", property: "swapped", adapter: wrapped(
		func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
			found, err := next(ctx, s)
			var refusal *access.Error
			if errors.As(err, &refusal) {
				refusal.Message += " (" + access.MaskID(s.Key()) + ")"
			}
			return found, err
		})},
	{name: "takes a firewall for a missing right", property: "network", adapter: wrapped(
		func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
			found, err := next(ctx, s)
			if errors.Is(err, access.KindAmbiguous) && strings.Contains(err.Error(), "geo-blocked") {
				return found, &access.Error{Kind: access.KindForbidden}
			}
			return found, err
		},
	)},
	{name: "asks a firewall again", property: "network", adapter: wrapped(
		func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
			found, err := next(ctx, s)
			if errors.Is(err, access.KindAmbiguous) && strings.Contains(err.Error(), "geo-blocked") {
				return next(ctx, s)
			}
			return found, err
		},
	)},
	{name: "drops the exchange's words", property: "plain-words", steps: misread(func(err *access.Error) { err.Message = "" })},
}
