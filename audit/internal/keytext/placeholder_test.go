package keytext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// none are texts that stand in a key's place, by what they are.
var none = map[string][]string{
	isVariable: {
		"%(KEY)s", "%(api_key)s", "!BYBIT_KEY!",
		"${BYBIT_KEY}", "${BYBIT_KEY:-}", "${BYBIT_KEY:?missing}", "${env:BYBIT_KEY}", "${{ secrets.BYBIT_KEY }}", "prefix-${X}", "$BYBIT_KEY", "$env:BYBIT_KEY", "%BYBIT_KEY%", "env:BYBIT_KEY",
		"env.BYBIT_KEY", "process.env.BYBIT_KEY", `os.environ["BYBIT_KEY"]`, `os.getenv('BYBIT_KEY')`, "$(cat /run/secrets/key)", "import.meta.env.KEY", `"${BYBIT_KEY}"`, " '$BYBIT_KEY' ", "\ufeff${BYBIT_KEY}", "vars.BYBIT_KEY", "secrets.BYBIT_KEY",
		`env("BYBIT_KEY")`, "ENV['BYBIT_KEY']",
	},
	isTemplate: {
		"{{ bybit_key }}", "{{.Values.key}}", "{{bybit_key}}", "<%= key %>", "{% raw %}", "#{key}", "{api_key}", "[[ key ]]", "@BYBIT_KEY@", "__BYBIT_KEY__", "{{ op://vault/item/key }}", "{{ with secret \"kv/bybit\" }}",
	},
	isStore: {
		"gopass:x", "k8s:secret/x", "secretref:x", "secret-ref:x", "kubernetes:x/y", "aws-ssm:/x", "gsm:x", "dpapi:AQAA", "akeyless:/x",
		"op://vault/item/field", "vault:secret/data/bybit#key", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:bybit-AbCdEf", "arn:aws-cn:ssm:cn-north-1:1:parameter/x", "projects/p/secrets/bybit/versions/latest",
		"!vault |\n $ANSIBLE_VAULT;1.1;AES256\n 6638", "$ANSIBLE_VAULT;1.1;AES256", "ENC[AES256_GCM,data:abc,iv:def]", "ENC(x+y/z=)", "!secret bybit_key", "!Ref BybitKey", "ref+vault://kv/bybit#/key", "ssm:/prod/bybit/key",
		"@Microsoft.KeyVault(SecretUri=https://x)", "keyring:bybit/main", "vault:v1:abcd", "secretKeyRef", "aws-sm:bybit", "sm:bybit", "vault://secret/x", "pass:exchanges/bybit", "secrets/binance", "secret/data/bybit", "kv/bybit", "projects/p/locations/eu/secrets/bybit/versions/1", "resolve:secretsmanager:x",
	},
	isSigner: {
		"pkcs11:token=a;object=b", "PKCS11:token=a", "tpm2:0x81000001", "tpm:key", "yubihsm:1", "yubikey:9c", "piv:9a", "hsm:slot1", "cloudhsm:key", "awskms:///alias/binance", "gcpkms://projects/p/x", "azurekms:name", "kms:alias/x", "alias/binance-key", "ledger:0", "signer:main",
		"arn:aws:kms:eu-west-1:123456789012:key/1234abcd", "arn:aws-cn:kms:cn-north-1:1:alias/x", "projects/p/locations/global/keyRings/r/cryptoKeys/k", "mrk-1234abcd12ab34cd56ef1234567890ab", "transit/keys/binance", "ssh-agent:SHA256", "agent:binance", "enclave:binance",
	},
	isChannel: {"fd:3", "unix:/run/signer.sock", "npipe:x", `\\.\pipe\signer`, "/dev/fd/3", "/dev/stdin", "/proc/self/fd/3", "pipe:5", "stdin:", "socket:/x", "/x/signer.sock"},
	isAge: {
		"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", "AGE-SECRET-KEY-1QL3Z7HJY54PW3HYWW5AYYFG7ZQGVC7W3J2ELW8ZMRJ2KG5SFN9AQMCAC8P", "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sqhr95ejj8vu3hyfumptt", "AGE-PLUGIN-YUBIKEY-1QYQSZQGPQYQSZQGP",
	},
	isWallet: {"xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"},
	isWords: {
		"aaaaaaaaaaaaaaaaaaaa", "ZZZZZZZZ", "1234567890", "12345678", "0", "1111", "123456", "99999999", "-1", "1.5", "true", "abc123", "ABCDEF", "mock", "mock_key", "MockSecret", "ask", "encrypted", "lorem", "lorem ipsum", "qwerty", "foobar", "unknown", "prompt",
		"<your key>", "<API_KEY>", "changeme", "change-me", "CHANGE_ME", "changeit", "xxx", "xxxxxxxxxxxx", "XXXX-XXXX-XXXX", "your_api_key", "your-api-key-here", "YOUR_BYBIT_API_KEY", "yourApiKey", "Your Key", "your key goes here",
		"insert_your_key_here", "INSERT YOUR SECRET", "enter-api-key", "replace_me", "replace with your key", "api_key", "API_SECRET", "mySecretKey", "my-secret", "TODO", "todo: add key", "none", "null", "undefined", "N/A", "placeholder", "dummy_key", "test-api-key",
		"example", "BYBIT_API_KEY", "binance_secret", "[your key]", "(secret)", "********", "____", "...", "0000000000000000", "00000000-0000-0000-0000-000000000000", "key1", "not set", "to be replaced with your own key", "[REDACTED]", "secret",
	},
	isMasked: {"abcd****wxyz", "abcd...wxyz", "abcd…wxyz", "•••••wxyz", "ab***", "sk-***", "AbCd....", "1a2b3c…", "aaaa••••", "3b241101-****-4255"},
	isFile: {
		"~/keys/bybit.pem", "./bybit.pem", "../secret", "/run/secrets/bybit", "/home/me/bybit.pem", "/etc/bot/key", `C:\keys\bybit.pem`, "C:/keys/bybit", "file:///etc/key", "file:key.txt", "bybit.pem", "keys/private.key", "secret.txt", "cdp_api_key.json", "/Users/me/key", "id_ed25519.pub", `C:\new\key`, `~\key`,
	},
	isURL:  {"https://bybit.com/app/user/api-management", "http://localhost:8200/v1/secret", "postgres://u:p@host/db", "keyvault+x://a/b", "s3://bucket/key", "gs://bucket/key", "ftp://h/x", "wss://h/x", "HTTPS://bybit.com"},
	isLine: {"BYBIT_API_KEY=abcdef", "export BYBIT_API_SECRET=abcdef", "bybit_secret: abcdef", "API_SECRET = abc", "apikey: abcdefg", "secret=abcdefg", "set BYBIT_KEY=abc", "api key: abcd", "secret key: abcd", "OKX_PASSPHRASE=abc"},
	isSeed: {"abandon ability able about above absent absorb abstract absurd abuse access accident"},
}

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	for why, texts := range none {
		for _, text := range texts {
			assert.Equal(t, why, Placeholder(text), text)
		}
	}
	for _, text := range []string{
		"", "abcdefgh", "k", "s3cret-of-mine", "Zx-your-9", "AKIAthisIsNone4Sure", "a.b.c", "3b241101-e2bb-4255-8caf-4136c566a962", "hook", "b64+with/slashes==", "run/secrets", "/runsecrets+ab/cd==", "testimony42", "kv/4Zq8nB+Lw0==", "KV/dLq8Nb+Lw0aQ", "kv/dLq8Nb+Lw0aQ", "keyboard", "xXxYzZ", "58213947", "20482048204820", "-----BEGIN PRIVATE KEY-----",
	} {
		assert.Empty(t, Placeholder(text), text)
	}
}

// TestTemplate: people choose passphrases, so only what other programs fill in is
// none.
func TestTemplate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"${OKX_PASS}", "{{ pass }}", "op://vault/okx/pass", "arn:aws:secretsmanager:x", "projects/p/secrets/okx", "ENC[AES256_GCM,data:x]", "$ANSIBLE_VAULT;1.1", "!vault |", "ref+vault://x", " ${OKX_PASS}\n", "$(pass okx)"} {
		assert.NotEmpty(t, Template(text), text)
	}
	for _, text := range []string{"", "changeme", "$ummer2024", "%a%", "passphrase", "your dog", "<3", "xxx", "secret:1", "!secret", "$(", "{}", "$$", "a ${ b", "***", "~/x", "pass:word"} {
		assert.Empty(t, Template(text), text)
	}
}

// TestClean: what is around a key goes, what is in it stays.
func TestClean(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"abcDEF123", "b64+with/slashes==", "3b241101-e2bb-4255", "a_b.c~d!"} {
		for _, text := range []string{
			key, " " + key + "\n", "\ufeff" + key + "\r\n", "\u200b" + key, key + "\u00a0", "\"" + key + "\"", "'" + key + "',", "“" + key + "”", "`" + key + "`;", `\"` + key + `\"`, key + `\n`, key + `\\r\\n`, "\\\"" + key + "\\\"\\n",
			strings.ReplaceAll(key, "/", `\/`), strings.ReplaceAll(key, "=", `\u003d`), strings.ReplaceAll(strings.ReplaceAll(key, "+", "%2B"), "=", "%3D"), strings.ReplaceAll(key, "+", "&#43;"), utf16Text(key), utf16Text(key + "\r\n"), "\t'\"" + key + "\"'\u2003",
			key[:3] + "\u200b" + key[3:], key[:3] + "\u00ad\ufeff" + key[3:], "&quot;" + key + "&quot;", key + "%0A", "%20" + key, key + "\\", "\u202a" + key + "\u202c",
		} {
			assert.Equal(t, key, Clean(text), "%q", text)
			assert.Equal(t, key, Clean(Clean(text)))
		}
	}
	for text, want := range map[string]string{"a b": "a b", "a\nb": "a\nb", `a\nb`: "a\nb", "": "", " \n": "", "\ufeff": "", `""`: "", "ключ": "ключ", "%zz": "%zz", `a\qb`: `a\qb`, "a\x00b": "a\x00b", "%00": "%00", "%ff": "%ff"} {
		assert.Equal(t, want, Clean(text), "%q", text)
	}
	for text, want := range map[string]string{" my dog \n": "my dog", "\ufeffpass\u200b": "pass", `"quoted"`: `"quoted"`, `a\n`: `a\n`, "": "", "%20": "%20", "a\u200bb": "a\u200bb"} {
		assert.Equal(t, want, Trim(text), "%q", text)
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]File{
		`{"name": "organizations/o/apiKeys/k", "privateKey": "p"}`:                {"organizations/o/apiKeys/k", "p"},
		"\ufeff{\r\n \"id\": \"k\",\r\n \"privateKey\": \"p\\n\"}\r\n":            {"k", "p\n"},
		`'{"name": "k", "private_key": "p", "nickname": "n", "enabled": true}'`:   {"k", "p"},
		`{"apiKey": "k", "secret": "s"}`:                                          {"k", "s"},
		`{"api_key": "k", "api_secret": "s", "passphrase": "x"}`:                  {"k", "s"},
		`{"API Key": "k", "API Secret": "s"}`:                                     {"k", "s"},
		`{"key": "k", "secretKey": "s"}`:                                          {"k", "s"},
		`{"access-key": "k", "secret-key": "s"}`:                                  {"k", "s"},
		`{"name": "k", "id": "k", "privateKey": "p"}`:                             {"k", "p"},
		`{"apiKeyName": "k", "apiKeySecret": "p", "allowedIps": ["203.0.113.7"]}`: {"k", "p"},
	} {
		got, ok := ReadFile(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "{", "{}", "[]", `{"name": "k"}`, `{"privateKey": "p"}`, `{"name": "k", "id": "other", "privateKey": "p"}`, `{"name": 1, "privateKey": "p"}`, `{"name": "k", "privateKey": {"kty": "OKP"}}`, `{"name": "", "privateKey": "p"}`, "name: k", `{"key": "k", "secret": "a", "apiSecret": "b"}`} {
		_, ok := ReadFile(text)
		assert.False(t, ok, text)
	}
}

// TestWordsOfOtherLanguages: samples are written in any language, and no key is.
func TestWordsOfOtherLanguages(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"dein-api-key", "DEIN_API_SCHLUESSEL", "votre-cle-api", "tu_clave_api", "il-tuo-segreto", "sua_chave_api", "你的API密钥", "あなたのキー", "내 API 키", "ваш_ключ", "κλειδί",
		"gcp:projects/p/secrets/k/versions/1", "((bybit-key))",
	} {
		assert.NotEmpty(t, Placeholder(text), text)
	}
	for _, text := range []string{"tuQz81kLmPq7sTx2wV", "cle9Qz81kLmPq7sTx2", "deinQz81kLm-Pq7sTx2", "\ufeffQz81kLmPq7sTx2wV\u00a0", "“Qz81kLmPq7sTx2wV”"} {
		assert.Empty(t, Placeholder(text), text)
	}
}
