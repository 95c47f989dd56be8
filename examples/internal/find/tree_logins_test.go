package find

import (
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// logins are forms in which somebody logs in at an exchange's host. {uid} and {usecret} are
// the parts as URLs have them.
var logins = []struct{ path, text string }{
	{"home/.netrc", "machine {host} login {id} password {secret}\n"},
	{"home/.netrc", "machine github.com\n  login maria\n  password x\n\nmachine {host}\n\tlogin {id}\n\tpassword {secret}\n"},
	{"home/_netrc", "machine {host} password {secret} login {id}\n"},
	{"home/.authinfo", "machine {host} port https login {id} password \"{secret}\"\n"},
	{"bot.sh", "curl https://{uid}:{usecret}@{host}/v5/account\n"},
	{".env", "URL=https://{uid}:{usecret}@{host}\n"},
	{"bot.py", "url = \"https://{uid}:{usecret}@{host}/v5\"\n"},
	{"conf.yaml", "api: wss://{uid}:{usecret}@{host}:443/ws\n"},
	{"home/.git-credentials", "https://{uid}:{usecret}@{host}\n"},
	{"notes.md", "see <https://{uid}:{usecret}@{host}/v1>\n"},
	{"bot.sh", "curl -u {id}:{secret} https://{host}/v5/x\n"},
	{"bot.sh", "curl https://{host}/v5/x -u '{id}:{secret}'\n"},
	{"bot.sh", "curl -s --user \"{id}:{secret}\" \\\n  -H 'Accept: application/json' \\\n  https://{host}/v5/x\n"},
	{"bot.sh", "curl https://{host}/v5/x \\\n  -X GET \\\n  --user={id}:{secret}\necho done\n"},
	{"home/.bash_history", "ls\nhttp -a {id}:{secret} https://{host}/v5/x\ngit pull\n"},
}

// TestLogins: what somebody logs in with at an exchange's host is found, and belongs to that
// exchange; at another host it is no key.
func TestLogins(t *testing.T) {
	t.Parallel()
	n, r := newNames(exchanges.All()), rand.New(rand.NewPCG(7, 71))
	long := strings.Repeat("some words about the weather and what else there is to do today.\n", 60)
	hosts := map[string]string{}
	for _, e := range exchanges.All() {
		if u, err := url.Parse(e.Environments[0].URLs[0]); err == nil && n.At(u.Hostname()) == e.Name && forms[e.Name][0] != "" {
			hosts[e.Name] = u.Hostname()
		}
	}
	assert.Greater(t, len(hosts), 25)
	for _, exchange := range slices.Sorted(maps.Keys(hosts)) {
		id, secret := draw(r, forms[exchange][0]), draw(r, forms[exchange][1])
		if strings.Contains(secret, "\n") {
			continue
		}
		for i, form := range logins {
			fill := func(host string) string {
				text := strings.NewReplacer("{id}", id, "{secret}", secret, "{uid}", url.QueryEscape(id), "{usecret}", url.QueryEscape(secret), "{host}", host).Replace(form.text)
				return strings.Repeat(long, i%2) + text
			}
			var keys []key
			if text := fill(hosts[exchange]); mayHold([]byte(text)) {
				keys, _ = n.inspect(form.path, text, nil)
			}
			said := exchange + ": " + strings.TrimPrefix(fill(hosts[exchange]), long)
			if assert.Len(t, keys, 1, said) && assert.NotNil(t, keys[0].id, said) && assert.NotNil(t, keys[0].secret, said) {
				assert.Equal(t, [3]string{exchange, id, secret}, [3]string{keys[0].exchange, keys[0].id.value.Reveal(), keys[0].secret.value.Reveal()}, said)
			}
			other, _ := n.inspect(form.path, fill("api.weather.example"), nil)
			other = slices.DeleteFunc(other, func(k key) bool { return k.id == nil || k.secret == nil || k.why == whyMarked })
			assert.Empty(t, other, said)
		}
	}
}

// TestLoginsAreSentThere: to the host's environment, and to no other.
func TestLoginsAreSentThere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"machine api.bybit.com login {id} password {secret}\n":                    "bybit live",
		"curl -u {id}:{secret} https://api-testnet.bybit.com/v5/user\n":           "bybit testnet",
		"url = https://{id}:{secret}@api-demo.bybit.com/v5\n":                     "bybit demo",
		"curl -s \"https://api.bybit.com/v5/user?a=1\" -u {id}:{secret} | jq .\n": "bybit live",
		"curl -u '{id}:{secret}' --url=https://api.bybit.com:443/v5\n":            "bybit live",
	} {
		assert.Equal(t, []string{want}, decided(t, map[string]string{"bot.conf": text}), text)
	}
}

// TestHostsAreLookedFor: a text that names the host of an exchange beside what was drawn is
// scanned.
func TestHostsAreLookedFor(t *testing.T) {
	t.Parallel()
	for _, e := range exchanges.All() {
		for _, env := range e.Environments {
			for _, address := range env.URLs {
				assert.GreaterOrEqual(t, wordIn(address, keyWords), 0, address)
			}
		}
	}
}

// TestLoginsElsewhereAreSentNowhere: another port of the host, and a command that speaks of another
// host too, say that the key may be for something else.
func TestLoginsElsewhereAreSentNowhere(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://{id}:{secret}@api.bybit.com:8443/v5\n",
		"curl -u {id}:{secret} https://api.bybit.com:8443/v5/user\n",
		"machine api.bybit.com port 8443 login {id} password {secret}\n",
		"machine api.bybit.com:8443 login {id} password {secret}\n",
		"curl -u {id}:{secret} https://ledger.internal/?next=https://api.bybit.com/v5\n",
		"curl -u {id}:{secret} https://ledger.internal/v1 \\\n  -H 'Origin: https://api.bybit.com'\n",
		"curl -x https://api.bybit.com -u {id}:{secret} https://ledger.internal\n",
		"curl -e https://www.bybit.com -u {id}:{secret} https://ledger.internal\n",
		"curl https://api.bybit.com/v5/market/time; curl -u {id}:{secret} http://localhost:8080/v5\n",
		"curl -u {id}:{secret} ledger.internal/v1 -H 'Origin: https://api.bybit.com'\n",
		"curl -u {id}:{secret} ledger.internal/v1 -e https://api.bybit.com\n",
		"curl -u {id}:{secret} localhost:8080/v5; curl https://api.bybit.com/v5/market/time\n",
		"curl -u {id}:{secret} ledger.internal/v1?next=https://api.bybit.com/v5\n",
	} {
		if not := decided(t, map[string]string{"bot.conf": text}); assert.Len(t, not, 1, text) {
			assert.Contains(t, not[0], "none of", text)
		}
	}
}
