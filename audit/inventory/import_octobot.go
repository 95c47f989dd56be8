package inventory

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// octobot keeps its keys in its configuration, encrypted with a key that is
// public.
var octobot = Format{Name: "octobot", Title: "OctoBot's config.json", Read: readOctobot}

// octobotPlaceholders are the values in its samples.
var octobotPlaceholders = []string{"nokey", "no key", "empty"}

// octobotKey is in OctoBot's public source and the same for all its users.
const octobotKey = "uVEw_JJe7uiXepaU_DR4T-ThkjZlDn8Pzl8hYPIv7w0="

func readOctobot(f *Files) ([]Found, error) {
	r, err := f.entries(f.Find("config.json", "user/config.json"), octobotPlaceholders...)
	if err != nil {
		return nil, err
	}
	root := r.expect(Object, r.root, "")
	exchanges := r.object(root, "exchanges")
	if exchanges == nil && len(r.problems) == 0 {
		r.report(1, 1, `this is not OctoBot's configuration: it has no "exchanges"`)
	}
	simulated, _ := r.flag(r.get(root, "trader-simulator"), "enabled") // in old versions; new ones keep it in a profile
	real, _ := r.flag(r.get(root, "trader"), "enabled")
	out := r.eachKey(exchanges, func(m Member) []Found {
		exchange := r.expect(Object, m.Value, m.Name)
		if exchange == nil {
			return nil
		}
		found := r.found(m.Name, m.Name, m.Line, m.Column)
		found.Key = r.octobotPart(&found, exchange, "api-key")
		found.Secret = r.octobotPart(&found, exchange, "api-secret")
		found.Passphrase = r.octobotPart(&found, exchange, "api-password")
		found.private = r.octobotPart(&found, exchange, "api-private-key")
		r.beside(&found, exchange)
		r.around(&found, root, exchanges)
		if on, _ := r.flag(exchange, "sandboxed"); on {
			found.Environment = sandbox
			found.Market = ccxtMarkets[strings.ToLower(r.word(exchange, "exchange-type"))]
		}
		if real != simulated {
			found.Stage = stage(simulated)
		}
		return []Found{found}
	})
	return out, r.problems.err()
}

// octobotPart decrypts a value, if it is encrypted.
func (r *botFile) octobotPart(found *Found, exchange *Node, name string) Part {
	third := name == "api-password"
	part := r.part([]string{name}, exchange)
	if third {
		part = r.passphrase(found, []string{name}, exchange)
	}
	value := part.Value.Reveal()
	if !strings.HasPrefix(value, fernetStart) {
		part.Plaintext = "it is in OctoBot's configuration, unencrypted"
		return part
	}
	plain, ok := fernet(octobotKey, value)
	switch {
	case !ok:
		found.Skip = "it cannot be decrypted with OctoBot's key: enter it in OctoBot again"
	case isPlaceholder(plain, r.placeholders) && (!third || found.Key.isZero()):
		return Part{}
	default:
		part.Value = NewPart(plain).Value
		part.Plaintext = "OctoBot encrypts it with a key that is public in its source code"
	}
	return part
}

// OctoBotPlain is a value of OctoBot's configuration in plaintext: the bot encrypts with
// a key that is the same for all its users. It is false for any other text.
func OctoBotPlain(value string) (plain string, ok bool) {
	if !strings.HasPrefix(value, fernetStart) {
		return "", false
	}
	return fernet(octobotKey, value)
}

// fernetStart is how Fernet tokens begin: the version, and the leading zeros of
// the time.
const fernetStart = "gAAAA"

// fernet decrypts a token of Python's cryptography package: the byte 0x80, the
// time in eight bytes, an initialization vector, AES-128-CBC with PKCS #7
// padding, and the HMAC-SHA256 of all that. The first half of the key signs, the
// second encrypts. Source: https://github.com/fernet/spec
func fernet(key, token string) (text string, ok bool) {
	k, err := base64.URLEncoding.DecodeString(key)
	if err != nil || len(k) != 32 {
		return "", false
	}
	data, err := base64.URLEncoding.DecodeString(token)
	const head = 1 + 8 + aes.BlockSize
	if err != nil || len(data) < head+aes.BlockSize+sha256.Size || data[0] != 0x80 {
		return "", false
	}
	signed, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	mac := hmac.New(sha256.New, k[:16])
	mac.Write(signed)
	sealed := signed[head:]
	if !hmac.Equal(mac.Sum(nil), sum) || len(sealed)%aes.BlockSize != 0 {
		return "", false
	}
	block, err := aes.NewCipher(k[16:])
	if err != nil {
		return "", false
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, signed[9:head]).CryptBlocks(plain, sealed)
	n := int(plain[len(plain)-1])
	if n < 1 || n > aes.BlockSize || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(n)}, n)) {
		return "", false
	}
	return string(plain[:len(plain)-n]), true
}
