package find

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestBase64LikePaths: one of 64 keys in base64 begins like a path, and is none.
func TestBase64LikePaths(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"/HtbT1b/D6nvUPUA2xfXb0ukFoBwYvOowAfEoHYgg3VjEOz/B0P2I5T1": true,
		"/3Q2tUsXUTYUerzREfp88tMPQmKiri2p8kNW7EFMd4Q=":             true,
		"+3Q2tUsXUTYUerzREfp88tMPQmKiri2p8kNW7EFMd4Q=":             true,
		"/usr/local/share/exchange/secrets":                        false,
		"/home/maria/bots/Kraken2/keys/private":                    false,
		"/etc/systemd/system/Bot01.service":                        false,
		"/srv/Data2024/Exchange/ApiKeys/v1":                        false,
	} {
		assert.Equal(t, want, plausible(text, shortestPart), text)
	}
}

// TestHyphenInValue: a value may begin with one; after ${NAME: it is the shell's.
func TestHyphenInValue(t *testing.T) {
	t.Parallel()
	const id, secret = "-kT7bQ2wX9zLm4RvN8c_PdY3", "-q3WvT8rKp5XnB7mLc2HdJ9sFg4QyR6tVbN1aZ0eUiO5pLkJ"
	for text, want := range map[string]string{
		"exchange=bitmex\napikey=" + id + "\napisecret=" + secret + "\n":                                                               id,
		"export BITMEX_API_KEY=${BITMEX_API_KEY:-" + id[1:] + "}\nexport BITMEX_API_SECRET=${BITMEX_API_SECRET:-" + secret[1:] + "}\n": id[1:],
	} {
		folder := t.TempDir()
		write(t, folder, "bot.conf", text)
		found := look(t, Options{Paths: []string{folder}}).Found
		if assert.Len(t, found, 1, text) {
			assert.True(t, found[0].Both)
			assert.Equal(t, want, found[0].ID.Reveal())
		}
	}
}

// TestPrivateKeyAlone: a file of nothing but a private key is read whole.
func TestPrivateKeyAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "tls.pem", "-----BEGIN "+"PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEID4MPUHeUQYkfot/BQzi5sEpJh2cUCKj63epJ0aFriND\n-----END "+"PRIVATE KEY-----\n")
	r := look(t, Options{Paths: []string{folder}})
	assert.Empty(t, r.Found)
	assert.Zero(t, r.Unread())
}

// TestDrawnTexts: what is drawn now and then begins as something else does, or has a word in
// it, and is a key all the same. Words that somebody wrote are none, be they as long.
func TestDrawnTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"EAA5DFE4F9AD472BBA49CC0DFB08B219":                 true, // one of 4,096 in capitals
		"EAA91C4D7B3F60E28A5CEAA91C4D7B3F60E28A5C11D04F9B": true,
		"my-kT7bQ2wX9zLm4RvN8cPdY3hJ6sFg4QyR6tVbN1a":       true,
		"kT7bQ2wX9zLm4R_tu_vN8cPdY3hJ6sFg4QyR6tVbN1a":      true,
		"kT7bQ2wX9zLm4RvN8cPdY3hJ6sFg4QyR6tVbN1aZ-My":      true,
		"YOUR_BINANCE_API_KEY_GOES_IN_HERE_1234":           false,
		"your-kraken-api-key-2024-goes-exactly-here":       false,
		"My_Own_Secret_Key_For_The_Bot_Number_12":          false,
		"Insert_Your_OKX_Api_Secret_Key_Version5_Here":     false,
	} {
		assert.Equal(t, want, plausible(text, shortestPart), text)
	}
}
