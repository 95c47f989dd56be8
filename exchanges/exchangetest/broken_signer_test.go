package exchangetest

import (
	"context"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

var signerFlaws = []flaw{
	{name: "sends what was not signed", property: "signer", adapter: wrapped(func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
		found, err := next(ctx, s)
		if err != nil {
			_, _ = s.Do(ctx, adapter.Request{Method: "GET", Path: "/account"})
		}
		return found, err
	})},
	{name: "a signer's failure read as the exchange's", property: "signer", steps: func(do *steps) {
		do.signing = func(ctx context.Context) context.Context {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			return ended
		}
	}},
}
