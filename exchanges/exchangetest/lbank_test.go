package exchangetest

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestLBankPrepared: two lists of parameters; the first is the documentation's own,
// which has no signature.
func TestLBankPrepared(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct{ echo, method, stamp string }{
		"1757B8E33F56F4E26425F5161756FD53": {"P3LHfw6tUIYWc8R2VQNy0ilKmdg5pjhbxC7", "RSA", "1585119477235"},
		"14E4AD971B5B18A7B3E3495BBE4AC5A2": {"0123456789abcdef0123456789abcdef012345", "HmacSHA256", "1767225600000"},
	} {
		assert.Equal(t, want, lbankPrepared(url.Values{
			"api_key": {"c821db84-6fbd-11e4-a9e3-c86000d26d7c"}, "echostr": {c.echo}, "signature_method": {c.method}, "timestamp": {c.stamp},
		}))
	}
}
