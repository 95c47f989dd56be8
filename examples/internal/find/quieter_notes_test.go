package find

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// harmlessNotes are files that look like notes, lists and logins of keys, and have none.
var harmlessNotes = []struct{ path, text string }{
	{"addresses.yaml", "deposit:\n  bybit:\n    - {B34}\n    - {B44}\n  kraken:\n    - 0x{h40}\n    - 0x{h40}\n"},
	{"transfers.json", `{"binance": ["0x{h64}", "0x{h64}"], "okx": ["{g1}", "{g1}"], "gateio": ["0x{h40}", "0x{h40}"]}`},
	{"orders.json", `{"kraken": ["{U19}", "{U19}"], "bybit": ["{g1}", "{g1}", "{g1}"], "htx": ["{d18}", "{d18}"]}`},
	{"hashes.md", "# Binance\n\nclient.zip: {h64}\nclient.sha512: {h128}\n"},
	{"releases.md", "## Bybit connector\n\n{h40}\n{h64}\n"},
	{"commits.md", "# Kraken\n\n- {h40}\n- {h40}\n- {h40}\n"},
	{"lock.yaml", "okx:\n  - {h64}\n  - {h64}\n  - {h64}\n"},
	{"ids.md", "# OKX\n\nid: {g1}\nstate: {h32}\n\nid: {g1}\nstate: {h32}\n"},
	{"dsn.env", "DB=postgres://{a20}:{a40}@db.firm.example/x\nSENTRY=https://{h32}@o1.ingest.sentry.io/2\nREDIS=redis://:{a40}@cache:6379\n"},
	{"clone.sh", "git clone https://oauth2:{a40}@gitlab.firm.example/x.git\ncurl -u {a20}:{a40} https://api.firm.example/v1\n"},
	{"home/.netrc", "machine api.firm.example login {a20} password {a40}\nmachine github.com login maria password ghp_{a36}\n"},
	{"price.sh", "curl -u maria:{a40} https://proxy.firm.example/ -o x; curl https://api.kraken.com/0/public/Time\n"},
	{"hosts.txt", "the machine api.bybit.com is up, login from the password manager\n"},
	{"es.py", "clave = hashlib.sha256('{h64}').hexdigest()\nclave_primaria = '{h64}'\nsecreto_cifrado = None\n"},
	{"de.txt", "Der Schlüssel zum Erfolg liegt im Geheimnis der Geduld, sagt man in Köln: {h64}\n"},
	{"zh.md", "# 说明\n\n密钥用于签名，请勿泄露。\n校验和：{h64}\n"},
	{"ru.md", "Ключ: смотри в сейфе\nсекрет: тоже\nхеш {h64}\n"},
	{"ja.yaml", "キー: name\nスキーマ: {h64}\nクッキー: {h64}\n"},
	{"fr.json", `{"cle": "{h64}", "clef": "{h40}", "etag": "{h64}"}`},
	{"music.txt", "treble clef, bass clef: {h64}\nclave rhythm {h40}\n"},
	{"k.go", "K: \"{h64}\",\nS: \"{h64}\",\n"},
	{"k.yaml", "id: {h64}\nkind: block\ns: {h64}\npublic: {h64}\n"},
	{"users.yaml", "user: {a20}\nhome: /srv\npassword: {h64}\n"},
	{"doc.py", "def key():\n                                                            \"\"\"{a40}\n{a40}\n\"\"\""},
	{"minified.js", "{long}"},
	{"cert.txt", "Kraken\n-----BEGIN CERTIFICATE-----\n{b64}\n{b64}\n{b64}\n-----END CERTIFICATE-----\n"},
}

// TestQuietNotes: what notes, lists and logins have besides keys is none, and is read to its end.
func TestQuietNotes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 91))
		long := strings.Repeat(`a("https://api.bybit.com/v5","client",-u,"`+chars(r, 'h', 40)+`");`, 8000) // one line
		root := t.TempDir()
		for i, s := range harmlessNotes {
			write(t, root, fmt.Sprintf("%d/%s", i, s.path), expand(r, s.text, map[string]string{"long": long}))
		}
		report := look(t, Options{Paths: []string{root}})
		for _, f := range report.Found {
			assert.Fail(t, "a key that is none", "%s: line %d, %s %s, %s", f.Path, f.Line, f.Exchange, f.Half, f.Why)
		}
		require.Zero(t, report.Unread(), "%v", report.Skipped)
	}
}
