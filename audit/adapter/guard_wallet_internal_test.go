package adapter

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWalletInPath: a declared path takes the key's own wallet address, or its account's,
// and nothing else in its place.
func TestWalletInPath(t *testing.T) {
	t.Parallel()
	s := &Session{credentials: Credentials{Key: "0xkey", Account: "0xaccount"}, site: &site{environment: &Environment{}, exchange: &Exchange{Calls: []Call{
		{Method: http.MethodGet, Path: "/v1/wallets/" + walletInPath + "/grants"}, {Method: http.MethodGet, Path: "/v1/time"},
	}}}}
	declared := &s.exchange.Calls[0]
	for path, want := range map[string]bool{
		"/v1/wallets/0xkey/grants": true, "/v1/wallets/0xaccount/grants": true, "/v1/wallets/0xother/grants": false, "/v1/wallets//grants": false,
		declared.Path: false, "/v1/wallets/0xkey/grants/0xkey": false, "/v1/time": false,
	} {
		assert.Equal(t, want, s.follows(declared, path), path)
	}
	assert.True(t, s.follows(&s.exchange.Calls[1], "/v1/time"))
	assert.False(t, (&Session{}).follows(declared, "/v1/wallets//grants"), "no wallet")
	assert.Equal(t, declared.Path, s.declaredPath(&Request{Method: http.MethodGet, Path: "/v1/wallets/0xkey/grants"}))
	assert.Equal(t, "/v1/time", s.declaredPath(&Request{Method: http.MethodGet, Path: "/v1/time"}), "it is not the first of its method")
	assert.Equal(t, "/v1/wallets/0xkey/grants", s.declaredPath(&Request{Method: http.MethodPost, Path: "/v1/wallets/0xkey/grants"}))
}
