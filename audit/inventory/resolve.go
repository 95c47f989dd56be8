package inventory

import (
	"context"
	"errors"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Resolve fetches the value of one reference, for values that are not part of
// a key, such as a webhook URL, which contains a token. Paths are relative to
// the working directory, and plaintext is refused. Its errors never contain
// the value. With Options.Offline it fetches nothing.
func Resolve(ctx context.Context, text string, o Options) (adapter.Secret, error) {
	s := newSources("", &o)
	r, ok, err := s.parse(text)
	switch {
	case err != nil:
		return adapter.Secret{}, err
	case !ok:
		return adapter.Secret{},
			errors.New("must be a reference, for instance env:NAME or file:PATH (the value is not shown here)")
	}
	if o.Offline {
		return adapter.Secret{}, nil
	}
	d, err := fetchCache{}.get(ctx, r.source)
	if err != nil {
		return adapter.Secret{}, err
	}
	value, err := d.value(r)
	return adapter.NewSecret(strings.TrimSpace(value)), err
}
