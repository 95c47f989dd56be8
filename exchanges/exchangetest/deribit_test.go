package exchangetest

import (
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestDeribitClients: the fake accepts what clients send, and each nonce once.
func TestDeribitClients(t *testing.T) {
	t.Parallel()
	const key, secret, keys = "AMANDA", "AMANDASECRECT", "https://www.deribit.com/api/v2/private/list_api_keys"
	const basic = "Basic QU1BTkRBOkFNQU5EQVNFQ1JFQ1Q="
	assert.Equal(t, basic, "Basic "+base64.StdEncoding.EncodeToString([]byte(key+":"+secret)))
	good := deribitVectors[1].Header["Authorization"]
	for _, c := range []struct {
		name, url, authorization string
		late                     time.Duration
		want                     string
	}{
		{"signed", keys, good, 0, `"client_id":"AMANDA"`},
		{"nearly too late", keys, good, time.Minute, `"client_id":"AMANDA"`},
		{"too late", keys, good, 61 * time.Second, `"code":13009`},
		{"too early", keys, good, -61 * time.Second, `"code":13009`},
		{"basic", keys, basic, time.Hour, `"client_id":"AMANDA"`},
		{"basic, another secret", keys, "Basic QU1BTkRBOmFtYW5kYQ==", 0, `"code":13004`},
		{"not signed", keys, "", 0, `"code":13004`},
		{
			"credentials in the query", "https://www.deribit.com/api/v2/public/auth?grant_type=client_credentials&client_id=AMANDA&client_secret=AMANDASECRECT",
			"", 0, `"scope":"account:read connection mainaccount"`,
		},
		{
			"signature in the query", "https://www.deribit.com/api/v2/public/auth?grant_type=client_signature&client_id=AMANDA&timestamp=1576074319000" +
				"&nonce=1iqt2wls&signature=" + hmacHex(sha256.New, secret, "1576074319000\n1iqt2wls\n"), "", 0, `"token_type":"bearer"`,
		},
	} {
		fake := Deribit()
		fake.keys[key] = &Issued{ID: key, Secret: secret, Serial: 1}
		fake.SetClock(func() time.Time { return deribitTime.Add(c.late) })
		header := map[string]string{}
		if c.authorization != "" {
			header["Authorization"] = c.authorization
		}
		assert.Contains(t, answerTo(t, fake, c.url, header), c.want, c.name)
		if c.name == "signed" {
			assert.Contains(t, answerTo(t, fake, c.url, header), `"code":10000`, "the nonce again")
		}
	}
}
