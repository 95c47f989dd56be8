package inventory

import (
	"context"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// part is one part of a key: where it is kept, or its value if that is in the
// inventory in plaintext.
type part struct {
	name      string // as the inventory calls it: "secret"
	plaintext adapter.Secret
	ref       reference
}

// loader fetches the parts of a key when its turn comes, so that a long run
// never holds more secrets than it is using.
type loader struct {
	parts   []part
	sources *sources
}

// load is an audit.Key's Load. Its error is an *access.Error with everything
// that failed, or that of the context.
func (l *loader) load(ctx context.Context) (adapter.Credentials, error) {
	var c adapter.Credentials
	var failed failures
	fetched := fetchCache{}
	for i := range l.parts {
		p := &l.parts[i]
		value, storage, err := p.value(ctx, fetched, l.sources)
		if err != nil {
			failed.add(p.name, err)
			continue
		}
		c.Storage = append(c.Storage, storage)
		setPart(&c, p.name, value)
	}
	if len(failed) > 0 {
		return adapter.Credentials{}, failed.err(ctx)
	}
	return c, nil
}

// setPart sets the part of that name.
func setPart(c *adapter.Credentials, name, value string) {
	switch name {
	case "key":
		c.Key = value
	case "account":
		c.Account = value
	case "secret":
		c.Secret = adapter.NewSecret(value)
	case "passphrase":
		c.Passphrase = adapter.NewSecret(value)
	case "otp":
		c.OTP = adapter.NewSecret(value)
	case "key_passphrase":
		c.KeyPassphrase = adapter.NewSecret(keytext.Trim(value))
	}
}

// value fetches a part, or takes it from what was fetched before.
func (p *part) value(ctx context.Context, fetched fetchCache, s *sources) (string, access.Storage, error) {
	if !p.plaintext.IsZero() {
		storage := s.file
		storage.Part = p.name
		if p.name != "key" && p.name != "account" { // the public half may be kept anywhere
			storage.Plaintext = "it is in the inventory itself"
		}
		return p.plaintext.Reveal(), storage, nil
	}
	d, err := fetched.get(ctx, p.ref.source)
	if err != nil {
		return "", access.Storage{}, err
	}
	value, err := d.value(p.ref)
	storage := d.storage
	storage.Part, storage.In = p.name, p.ref.scheme.title
	return value, storage, err
}

// fetchCache keeps documents, so that parts of one key that come from the same
// source fetch it once.
type fetchCache map[source]fetchResult

type fetchResult struct {
	*document
	err error
}

func (f fetchCache) get(ctx context.Context, from source) (*document, error) {
	if got, ok := f[from]; ok {
		return got.document, got.err
	}
	d, err := from.scheme.fetch(ctx, from)
	f[from] = fetchResult{d, err}
	return d, err
}

// failures are the parts of a key that could not be fetched, and why.
type failures []failure

type failure struct {
	parts []string
	text  string
}

// add notes a failure. Parts that fail for the same reason share one.
func (f *failures) add(part string, err error) {
	text := err.Error()
	if at := slices.IndexFunc(*f, func(x failure) bool { return x.text == text }); at >= 0 {
		(*f)[at].parts = append((*f)[at].parts, part)
		return
	}
	*f = append(*f, failure{[]string{part}, text})
}

// err returns all of them as one error, or that of the context if it caused
// them.
func (f *failures) err(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	texts := make([]string, len(*f))
	for i, x := range *f {
		texts[i] = strings.Join(x.parts, " and ") + ": " + x.text
	}
	return inputError(strings.Join(texts, "; "))
}

// inputError is the error of a key that cannot be loaded.
func inputError(text string) error {
	return &access.Error{Kind: access.KindInput, Message: text}
}
