package exchangetest

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

var signerProperties = []property{
	{
		"signer", "a request that could not be signed counts against the key at the exchange, which may lock it",
		checkSigner,
	},
}

// checkSigner lets a signer, such as a hardware module, fail at each signature that an
// inspection asks for. Nothing that needs the key may be sent after that.
func checkSigner(c *trial) {
	if c.exchange.Needs.SecretSent {
		return // there is no signer
	}
	for n := 1; ; n++ {
		b := c.bench(Spec{})
		whole := newSigner(b.key.Credentials, c.fresh().def.Kinds[0], c.exchange.Needs.Encoding)
		failing := &failingSigner{signer: whole, works: int64(n - 1)}
		b.key.Credentials.Signer, b.key.Credentials.Secret = failing, adapter.Secret{}
		requests := 0
		failing.fails = func() { requests = len(b.wire.requests()) }
		_, err := b.inspect()
		if failing.works >= 0 { // it was never asked that often
			return
		}
		if err == nil || err.Kind != access.KindInput {
			c.Errorf("signature %d fails, and the error is %v; it should be %q", n, err, access.KindInput)
		}
		for _, r := range b.wire.requests()[requests:] {
			c.Errorf("signature %d fails, and %s is sent after that", n, r.route())
		}
	}
}

// failingSigner fails once, after a few signatures, and returns half of one with the error.
type failingSigner struct {
	*signer
	works int64
	fails func()
}

var errUnplugged = errors.New("exchangetest: the signer is unplugged")

func (s *failingSigner) Sign(ctx context.Context, alg adapter.Algorithm, message []byte) ([]byte, error) {
	if atomic.AddInt64(&s.works, -1) == -1 {
		s.fails()
		return []byte("half"), errUnplugged
	}
	return s.signer.Sign(ctx, alg, message)
}
