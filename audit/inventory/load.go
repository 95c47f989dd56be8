package inventory

import (
	"context"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// part is one part of a key: where it is kept, or the part itself if it stands
// in the inventory in clear.
type part struct {
	name  string // as the inventory calls it: "secret"
	clear adapter.Secret
	from  reference
}

// loader fetches the parts of a key when its turn comes, so that a long run
// never holds more secrets than it is using.
type loader struct {
	parts   []part
	sources *sources
}

// load is an audit.Key's Load. Its error is an *audit.Error that says all that
// is wrong, or that of the context.
func (l *loader) load(ctx context.Context) (adapter.Credentials, error) {
	var c adapter.Credentials
	var wrong complaints
	fetched := fetches{}
	for i := range l.parts {
		p := &l.parts[i]
		value, storage, err := p.value(ctx, fetched, l.sources)
		if err != nil {
			wrong.add(p.name, err.Error())
			continue
		}
		c.Storage = append(c.Storage, storage)
		switch p.name {
		case "key":
			c.Key = value
		case "secret":
			c.Secret = adapter.NewSecret(value)
		case "passphrase":
			c.Passphrase = adapter.NewSecret(value)
		case "otp":
			c.OTP = adapter.NewSecret(value)
		}
	}
	if len(wrong) > 0 {
		return adapter.Credentials{}, wrong.err(ctx)
	}
	return c, nil
}

// value fetches a part, or takes it from what was fetched before.
func (p *part) value(ctx context.Context, fetched fetches, s *sources) (string, access.Storage, error) {
	if !p.clear.IsZero() {
		storage := s.file
		storage.Part = p.name
		if p.name != "key" { // the public half may stand anywhere
			storage.Plaintext = "it stands in the inventory itself"
		}
		return p.clear.Reveal(), storage, nil
	}
	d, err := fetched.get(ctx, p.from.source)
	if err != nil {
		return "", access.Storage{}, err
	}
	value, err := d.value(p.from)
	storage := d.storage
	storage.Part, storage.In = p.name, p.from.scheme.in
	return value, storage, err
}

// fetches are documents fetched before: parts of one key that come out of the
// same place fetch it once.
type fetches map[source]fetched

type fetched struct {
	*document
	err error
}

func (f fetches) get(ctx context.Context, from source) (*document, error) {
	if got, ok := f[from]; ok {
		return got.document, got.err
	}
	d, err := from.scheme.fetch(ctx, from)
	f[from] = fetched{d, err}
	return d, err
}

// complaints are what is wrong with the parts of a key.
type complaints []complaint

type complaint struct {
	parts []string
	text  string
}

// add notes a mistake; the same one of two parts is said once.
func (c *complaints) add(part, text string) {
	if at := slices.IndexFunc(*c, func(x complaint) bool { return x.text == text }); at >= 0 {
		(*c)[at].parts = append((*c)[at].parts, part)
		return
	}
	*c = append(*c, complaint{[]string{part}, text})
}

// err is all of them as one error, or the context's if that ended them.
func (c *complaints) err(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	texts := make([]string, len(*c))
	for i, x := range *c {
		texts[i] = strings.Join(x.parts, " and ") + ": " + x.text
	}
	return &access.Error{Kind: access.KindInput, Message: strings.Join(texts, "; ")}
}
