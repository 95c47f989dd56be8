package find

import (
	"context"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

func (r *Report) tracked(ctx context.Context, in int, folder string) {}
func (r *Report) history(ctx context.Context, in int, folder, repository string, all []*adapter.Exchange) {
}

func (r *Report) staged(ctx context.Context, in int, root root, all []*adapter.Exchange) error {
	return nil
}
