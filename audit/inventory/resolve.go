package inventory

import (
	"context"
	"errors"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Resolve fetches what one reference leads to, for values that are no part of
// a key, such as the address of a chat, which holds a token. Paths are
// relative to the working folder, and clear text is refused. Its errors never
// show the value.
func Resolve(ctx context.Context, text string, o Options) (adapter.Secret, error) {
	s := newSources("", &o)
	r, ok, err := s.parse(text)
	switch {
	case err != nil:
		return adapter.Secret{}, err
	case !ok:
		return adapter.Secret{}, errors.New("it must say where it is kept, for instance env:NAME or file:PATH (it is not shown here)")
	}
	d, err := fetches{}.get(ctx, r.source)
	if err != nil {
		return adapter.Secret{}, err
	}
	value, err := d.value(r)
	return adapter.NewSecret(strings.TrimSpace(value)), err
}
