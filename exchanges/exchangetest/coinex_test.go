package exchangetest

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestCoinExClients: a known client signs without HMAC. The fake accepts that, and
// refuses it with another secret.
func TestCoinExClients(t *testing.T) {
	t.Parallel()
	const stamp = "1700490703564"
	for secret, want := range map[string]string{"secret": `"user_type":"NORMAL"`, "other": `"code":4006`} {
		fake := CoinEx()
		fake.keys["key"] = &Issued{ID: "key", Secret: "secret"}
		fake.SetClock(func() time.Time { return time.UnixMilli(1700490703564) })
		sum := sha256.Sum256([]byte("GET/v2/account/subs/info" + stamp + secret))
		assert.Contains(t, answerTo(t, fake, "https://api.coinex.com/v2/account/subs/info", map[string]string{
			"X-COINEX-KEY": "key", "X-COINEX-TIMESTAMP": stamp, "X-COINEX-SIGN": hex.EncodeToString(sum[:]),
		}), want)
	}
}
