package find

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// labelled are what people call a key and its secret, in their languages.
var labelled = []struct{ language, key, secret string }{
	{"French", "clé API", "clé secrète"},
	{"French", "Clé d'API", "Clé secrète"},
	{"French", "Clé API", "Secret API"},
	{"French", "cle api", "cle secrete"},
	{"French", "Clef publique", "Clef privée"},
	{"German", "API-Schlüssel", "geheimer Schlüssel"},
	{"German", "API-Schlüssel", "Geheimnis"},
	{"German", "Schlüssel", "Geheimer Schlüssel"},
	{"German", "Zugriffsschlüssel", "Geheimschlüssel"},
	{"German", "API Schluessel", "geheimer Schluessel"},
	{"German", "Öffentlicher Schlüssel", "Privater Schlüssel"},
	{"German", "API-Key", "API-Geheimnis"},
	{"German", "SCHLÜSSEL", "GEHEIMNIS"},
	{"Spanish", "Clave API", "Clave secreta"},
	{"Spanish", "Clave de la API", "Secreto"},
	{"Spanish", "clave pública", "clave privada"},
	{"Spanish", "Llave API", "Llave secreta"},
	{"Spanish", "Clave de acceso", "Clave secreta de acceso"},
	{"Portuguese", "Chave de API", "Chave secreta"},
	{"Portuguese", "Chave API", "Segredo"},
	{"Portuguese", "chave pública", "chave privada"},
	{"Italian", "Chiave API", "Chiave segreta"},
	{"Italian", "chiave pubblica", "chiave privata"},
	{"Italian", "Chiave", "Segreto"},
	{"Italian", "Chiave di accesso", "Chiave segreta"},
	{"Russian", "ключ", "секрет"},
	{"Russian", "API-ключ", "Секретный ключ"},
	{"Russian", "Ключ API", "Секрет API"},
	{"Russian", "Ключ доступа", "Секретный ключ"},
	{"Russian", "КЛЮЧ", "СЕКРЕТ"},
	{"Russian", "Публичный ключ", "Приватный ключ"},
	{"Chinese", "API密钥", "私钥"},
	{"Chinese", "密钥", "秘钥"},
	{"Chinese", "公钥", "私钥"},
	{"Chinese", "API Key", "密钥"},
	{"Chinese", "API密钥", "密钥"},
	{"Chinese", "访问密钥", "秘密密钥"},
	{"Chinese", "API 金鑰", "私密金鑰"},
	{"Chinese", "密钥", "私钥"},
	{"Chinese", "我的API密钥", "我的私钥"},
	{"Chinese", "API秘钥", "私钥"},
	{"Japanese", "APIキー", "シークレットキー"},
	{"Japanese", "API キー", "秘密鍵"},
	{"Japanese", "アクセスキー", "シークレット"},
	{"Japanese", "公開鍵", "秘密鍵"},
	{"Korean", "API 키", "시크릿 키"},
	{"Korean", "액세스 키", "비밀 키"},
	{"Korean", "API키", "비밀키"},
	{"Korean", "키", "시크릿"},
	{"Turkish", "API anahtarı", "Gizli anahtar"},
	{"Turkish", "API Anahtarı", "API Sırrı"},
	{"Turkish", "anahtar", "gizli"},
	{"Turkish", "ERİŞİM ANAHTARI", "GİZLİ ANAHTAR"},
	{"Dutch", "API-sleutel", "geheime sleutel"},
	{"Polish", "Klucz API", "Tajny klucz"},
	{"Ukrainian", "API-ключ", "Секретний ключ"},
	{"Indonesian", "Kunci API", "Kunci rahasia"},
}

// labelForms are files in which a key and its secret are called something. {K} and {S} are
// their labels, {_K} and {_S} these as a variable's name.
var labelForms = []struct{ path, text string }{
	{"notes.txt", "Bybit\n\n{K}: {id}\n{S}: {secret}\n"},
	{"notes.txt", "Bybit\n{K} : {id}\n{S} : {secret}\nIP: 10.0.0.1\n"},
	{"notes.md", "# Bybit\n\n- {K}: {id}\n- {S}: {secret}\n"},
	{"notes.md", "## Bybit\n\n* **{K}:** `{id}`\n* **{S}:** `{secret}`\n"},
	{"notes.md", "## Bybit\n\n{K} = {id}\n{S} = {secret}\n"},
	{"notes.txt", "Bybit:\n{K}：{id}\n{S}：{secret}\n"},
	{"notes.txt", "Bybit\n{K}:\n{id}\n{S}:\n{secret}\n"},
	{"notes.txt", "bybit {K} {id}\nbybit {S} {secret}\n"},
	{"bot.json", `{"bybit": {"{K}": "{id}", "{S}": "{secret}"}}`},
	{"bot.yaml", "bybit:\n  {K}: {id}\n  {S}: \"{secret}\"\n"},
	{"bot.ini", "[bybit]\n{_K}={id}\n{_S}={secret}\n"},
	{"bot.py", "bybit_{_K} = '{id}'\nbybit_{_S} = '{secret}'\n"},
	{"keys.csv", "exchange;{K};{S}\nbybit;{id};{secret}\n"},
	{"keys.md", "| | {K} | {S} |\n|---|---|---|\n| bybit | {id} | {secret} |\n"},
}

// TestLanguages: a key is found by its label in any language of the table, and in any form,
// alone and in a long file.
func TestLanguages(t *testing.T) {
	t.Parallel()
	n, r := newNames(exchanges.All()), rand.New(rand.NewPCG(3, 41))
	long := strings.Repeat("some words about the weather and what else there is to do today.\n", 60)
	variable := strings.NewReplacer(" ", "_", "-", "_", "'", "_")
	for _, label := range labelled {
		for _, form := range labelForms {
			id, secret := draw(r, forms["bybit"][0]), draw(r, forms["bybit"][1])
			text := strings.NewReplacer("{K}", label.key, "{S}", label.secret, "{_K}", variable.Replace(label.key), "{_S}", variable.Replace(label.secret), "{id}", id, "{secret}", secret).Replace(form.text)
			for _, text := range []string{text, long + text} {
				var keys []key
				if mayHold([]byte(text)) {
					keys, _ = n.inspect(form.path, text, nil)
				}
				said := label.language + ": " + strings.TrimPrefix(text, long)
				if assert.Len(t, keys, 1, said) && assert.NotNil(t, keys[0].id, said) && assert.NotNil(t, keys[0].secret, said) {
					assert.Equal(t, [3]string{"bybit", id, secret}, [3]string{keys[0].exchange, keys[0].id.value.Reveal(), keys[0].secret.value.Reveal()}, said)
				}
			}
		}
	}
}
