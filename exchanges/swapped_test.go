package exchanges_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestWalletsSwapped: a private key in the place of what everybody may see is refused in a
// sentence that says what to do, and nothing of it is sent or shown.
func TestWalletsSwapped(t *testing.T) {
	t.Parallel()
	issuedFor(t, func(t *testing.T, e *adapter.Exchange, fake *exchangetest.Fake, kind access.KeyKind) {
		t.Helper()
		if !kind.IsWallet() {
			return
		}
		spec, secret := exchangetest.Spec{Kind: kind}, adapter.NewSecret
		whole := fake.Issue(spec)
		private := whole.Secret.Reveal()
		mistakes := map[string]adapter.Credentials{
			"key and secret":             {Key: private, Account: whole.Account, Secret: secret(whole.Key)},
			"key and secret, no account": {Key: private, Secret: secret(whole.Key)},
			"account and secret":         {Key: whole.Key, Account: private, Secret: secret(whole.Account)},
			"the key's as the secret":    {Account: private, Secret: secret(whole.Key)},
			"private twice":              {Account: private, Secret: secret(private)},
			"private twice, as the key":  {Key: private, Account: whole.Account, Secret: secret(private)},
			"the key's twice":            {Key: whole.Key, Account: whole.Account, Secret: secret(whole.Key)},
			"account twice":              {Account: whole.Account, Secret: secret(whole.Account)},
		}
		if e.Name != "pacifica" && e.Name != "paradex" { // where an account and a private key have one form, and none derives from the other
			mistakes["account and secret, no key"] = adapter.Credentials{Account: private, Secret: secret(whole.Account)}
			mistakes["account as the secret, secret as the key"] = adapter.Credentials{Key: private, Secret: secret(whole.Account)}
		}
		for about, c := range mistakes {
			s, err := audit.Inspect(t.Context(), audit.Key{Exchange: e, Credentials: c}, &audit.Options{Transport: fake})
			require.ErrorIs(t, err, access.KindInput, about)
			assert.Regexp(t, "put each where the other is|leave that out|put the .* there|copy it again|correct one of them|give a delegated key", err.Error(), about)
			assert.Empty(t, exchangetest.FindCanaries(err.Error()+s.KeyID+s.Account.ID, []string{private}), about)
			assert.Empty(t, fake.Requests(), about)
		}
	})
}

// made is an invented text of n letters.
func made(letters string, n int) string {
	raw := exchangetest.Hex(2*n, letters, n)
	out := make([]byte, n)
	for i := range out {
		at, _ := strconv.ParseUint(raw[2*i:2*i+2], 16, 8)
		out[i] = letters[int(at)%len(letters)]
	}
	return string(out)
}

const (
	hexadecimal = "0123456789abcdef"
	capitals    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	letters     = capitals + "abcdefghijklmnopqrstuvwxyz"
)

func grouped(letters string, lengths ...int) string {
	var groups []string
	for i, n := range lengths {
		groups = append(groups, made(letters, n+i)[i:])
	}
	return strings.Join(groups, "-")
}

// inForm are pairs in every form that is known of an exchange's keys, and by them its two
// halves are told apart. Of a form in unclear the other half may be, too.
func inForm() map[string]struct{ keys, secrets, unclear []string } {
	uuid, b64, b64u := grouped(hexadecimal, 8, 4, 4, 4, 12), letters+"+/", letters+"_-"
	seed := ed25519.NewKeyFromSeed([]byte(made(letters, ed25519.SeedSize)))
	type pair = struct{ keys, secrets, unclear []string }
	one := func(key, secret string) pair { return pair{keys: []string{key}, secrets: []string{secret}} }
	kraken := pair{keys: []string{made(b64, 56)}, secrets: []string{made(b64, 85) + "w==", made(b64, 85) + "A"}}
	return map[string]pair{
		"ascendex":         one(made(letters, 32), made(letters, 64)),
		"bitget":           one("bg_"+made(hexadecimal, 32), made(hexadecimal, 64)),
		"bitmart":          one(made(hexadecimal, 40), made(hexadecimal, 64)),
		"bitmex":           one(made(b64u, 24), made(b64u, 48)),
		"coinbase":         {keys: []string{uuid, "organizations/" + uuid + "/apiKeys/" + uuid}, secrets: []string{base64.StdEncoding.EncodeToString(seed)}},
		"coinbaseexchange": one(made(hexadecimal, 32), made(b64, 85)+"w=="),
		"cryptocom":        one(made(letters, 22), "cxakp_"+made(letters, 22)),
		"deribit":          {keys: []string{made(letters, 8), made(letters, 10)}, secrets: []string{made(b64u, 43), made(capitals, 32)}},
		"gemini":           {keys: []string{"account-" + made(letters, 20), "master-" + made(letters, 20)}, secrets: []string{made(letters, 27), made(letters, 28)}},
		"htx":              {keys: []string{grouped(hexadecimal+"ghijklmnopqrstuvwxyz", 10) + "-" + grouped(hexadecimal, 8, 8, 5)}, secrets: []string{grouped(hexadecimal, 8, 8, 8, 5)}, unclear: []string{grouped(hexadecimal, 8, 8, 8, 5)[1:] + "0"}},
		"indodax":          one(grouped(capitals, 8, 8, 8, 8, 8), made(hexadecimal, 80)),
		"kraken":           kraken,
		"krakenfutures":    kraken,
		"kucoin":           one(made(hexadecimal, 24), uuid),
		"lbank":            one(uuid, strings.ToUpper(made(hexadecimal, 32))),
		"mexc":             one("mx0"+made(letters, 15), made(hexadecimal, 32)),
		"okx":              one(uuid, strings.ToUpper(made(hexadecimal, 32))),
		"polymarket":       one(uuid, made(b64u, 42)+"w="),
		"woox":             one(made(b64, 21)+"w==", made(capitals, 28)),
		"xt":               one(uuid, made(hexadecimal, 40)),
	}
}

// notTellable is why nothing in a pair shows which half is which. Nothing of such a key is
// shown when the exchange may not know it, which the conformance suite demands.
var notTellable = map[string]string{
	"alpaca":        "prefixes and lengths are seen in clients only, and newer keys have others",
	"binance":       bothAlike,
	"binanceth":     bothAlike,
	"binancetr":     bothAlike,
	"binanceus":     bothAlike,
	"bingx":         bothAlike,
	"bitbank":       noForm,
	"bitfinex":      bothAlike,
	"bitflyer":      unsure,
	"bithumb":       bothAlike,
	"bitkub":        noForm,
	"bitrue":        bothAlike,
	"bitstamp":      bothAlike,
	"bittrade":      "known of HTX only, whose software it runs",
	"bitvavo":       unsure,
	"blofin":        bothAlike,
	"btcmarkets":    "of the key no form is documented; a secret that is no base64 is refused",
	"bybit":         unsure,
	"coinbaseprime": bothAlike,
	"coindcx":       noForm,
	"coinex":        unsure,
	"coinsph":       bothAlike,
	"coinspot":      unsure,
	"gate":          "the lengths are unconfirmed, and both halves are hexadecimal",
	"gmocoin":       noForm,
	"gopax":         "of the key no form is documented; a secret that is no base64 is refused",
	"hashkey":       noForm,
	"hitbtc":        noForm,
	"korbit":        "of the key no form is documented, and clients have it as long as the secret",
	"maicoin":       noForm,
	"phemex":        unsure,
	"pionex":        bothAlike,
	"swyftx":        "the key is the secret, and what identifies it is its owner's to enter",
	"tokocrypto":    bothAlike,
	"toobit":        bothAlike,
	"upbit":         bothAlike,
	"valr":          "of the secret no form is documented",
	"wazirx":        noForm,
	"whitebit":      bothAlike,
	"yobit":         bothAlike,
	"zaif":          bothAlike,
}

const (
	noForm    = "no form is documented"
	unsure    = "lengths are seen in clients only, and unconfirmed"
	bothAlike = "keys and secrets look alike"
)

// TestHalvesInTheirForms: a pair in any known form is asked about, and a swapped one refused
// before anything is sent, with nothing of either half shown.
func TestHalvesInTheirForms(t *testing.T) {
	t.Parallel()
	forms := inForm()
	for _, e := range exchanges.All() {
		why, untellable := notTellable[e.Name]
		pair, tellable := forms[e.Name]
		switch private := !slices.Contains(e.Needs.Kinds, access.SharedSecret); {
		case e.Needs.Wallet != nil || private && e.Needs.KeyForm == nil: // whose secret is recognised by what it is
			assert.False(t, tellable || untellable, e.Name)
			continue
		case e.Needs.KeyForm == nil:
			assert.False(t, tellable, e.Name)
			assert.NotEmpty(t, why, "%s: why can nobody tell its keys and secrets apart?", e.Name)
			continue
		default:
			assert.False(t, untellable, e.Name)
			require.True(t, tellable, "%s: in which forms are its keys and secrets?", e.Name)
		}
		t.Run(e.Name, func(t *testing.T) {
			for _, secret := range pair.secrets {
				for _, key := range slices.Concat(pair.keys, pair.unclear) {
					_, requests, err := asked(t, e, key, secret)
					require.NotErrorIs(t, err, access.KindInput, "a key of %d and a secret of %d characters", len(key), len(secret))
					assert.NotEmpty(t, requests)
					if slices.Contains(pair.unclear, key) {
						continue
					}
					s, requests, err := asked(t, e, secret, key)
					require.ErrorIs(t, err, access.KindInput, "swapped: a key of %d and a secret of %d characters", len(key), len(secret))
					assert.Contains(t, err.Error(), "the API key and the secret are swapped")
					assert.Empty(t, requests)
					assert.Empty(t, s.KeyID+s.Fingerprint)
				}
			}
		})
	}
}

// TestOneTextTwice: what is in both places is no pair. It may be the secret, so nothing of it
// is sent or shown.
func TestOneTextTwice(t *testing.T) {
	t.Parallel()
	issuedFor(t, func(t *testing.T, e *adapter.Exchange, fake *exchangetest.Fake, kind access.KeyKind) {
		t.Helper()
		if kind.IsWallet() {
			return // see TestWalletsSwapped
		}
		whole := fake.Issue(exchangetest.Spec{Kind: kind})
		mistakes := make([]adapter.Credentials, 2, 3)
		for i, text := range []string{whole.Key, whole.Secret.Reveal()} {
			mistakes[i] = whole
			mistakes[i].Key, mistakes[i].Secret = text, adapter.NewSecret(text)
		}
		if e.Needs.Passphrase {
			mistakes = append(mistakes, whole)
			mistakes[2].Passphrase = whole.Secret // which would be sent as it is
		}
		for _, c := range mistakes {
			s, err := audit.Inspect(t.Context(), audit.Key{Exchange: e, Credentials: c}, &audit.Options{Transport: fake})
			require.ErrorIs(t, err, access.KindInput)
			assert.Empty(t, fake.Requests())
			assert.Empty(t, s.KeyID+s.Fingerprint)
		}
	})
}

// asked inspects a pair that the exchange does not know.
func asked(t *testing.T, e *adapter.Exchange, key, secret string) (*access.Snapshot, []exchangetest.Seen, error) {
	t.Helper()
	fake := fakeOf(t, e.Name)
	c := fake.Issue(exchangetest.Spec{})
	c.Key, c.Secret = key, adapter.NewSecret(secret)
	s, err := audit.Inspect(t.Context(), audit.Key{Exchange: e, Credentials: c}, &audit.Options{Transport: fake, Attempts: 1})
	return s, fake.Requests(), err
}
