package exchangetest

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/url"
	"strings"
)

// hmacJWT is a token as Upbit and Bithumb require it: signed with a shared secret,
// and with the hash of the request's parameters among its claims.
type hmacJWT struct {
	Header struct{ Alg, Typ string }
	Claims struct {
		AccessKey    string `json:"access_key"`
		Nonce        string
		Timestamp    int64
		QueryHash    string `json:"query_hash"`
		QueryHashAlg string `json:"query_hash_alg"`
	}
	signed, signature string
}

func readHMACJWT(c *Call) (*hmacJWT, bool) {
	text, ok := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	parts := strings.Split(text, ".")
	if !ok || len(parts) != 3 {
		return nil, false
	}
	t := &hmacJWT{signed: parts[0] + "." + parts[1], signature: parts[2]}
	for i, into := range []any{&t.Header, &t.Claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return nil, false
		}
	}
	return t, true
}

// hmacJWTKey is the key that a request's token names.
func hmacJWTKey(c *Call) string {
	if t, ok := readHMACJWT(c); ok {
		return t.Claims.AccessKey
	}
	return ""
}

// signedWith reports whether the token is signed with the secret as text, by
// one of these algorithms.
func (t *hmacJWT) signedWith(secret string, algorithms map[string]func() hash.Hash) bool {
	h := algorithms[t.Header.Alg]
	return h != nil && t.Header.Typ == "JWT" &&
		t.signature == base64.RawURLEncoding.EncodeToString(hmacRaw(h, []byte(secret), t.signed))
}

// covers reports whether the token is for the request's parameters: it has the
// hexadecimal SHA-512 of the query without percent-encoding.
func (t *hmacJWT) covers(c *Call) bool {
	if c.URL.RawQuery == "" {
		return t.Claims.QueryHash == ""
	}
	query, err := url.QueryUnescape(c.URL.RawQuery)
	sum := sha512.Sum512([]byte(query))
	return err == nil && t.Claims.QueryHashAlg == "SHA512" && t.Claims.QueryHash == hex.EncodeToString(sum[:])
}

// fresh reports whether the nonce differs from that of the key's previous request.
func (t *hmacJWT) fresh(k *Issued) bool {
	sum := sha512.Sum512([]byte(t.Claims.Nonce))
	was := k.Nonce
	k.Nonce = binary.BigEndian.Uint64(sum[:])
	return t.Claims.Nonce != "" && was != k.Nonce
}

// errorByName is a refusal as both exchanges write it.
func errorByName(status int, name, message string) Reply {
	body, _ := json.Marshal(map[string]any{"error": map[string]string{"name": name, "message": message}})
	return Reply{Status: status, Body: string(body)}
}

// keyExpiries lists the keys of the caller's account with their expiry, and nothing
// else.
func keyExpiries(c *Call) Reply {
	list := []any{}
	for _, k := range c.Keys(func(*Issued) bool { return true }) {
		entry := map[string]any{"access_key": k.ID}
		if !k.Expires.IsZero() {
			entry["expire_at"] = inSeoul(k.Expires)
		}
		list = append(list, entry)
	}
	body, _ := json.Marshal(list)
	return Reply{Body: string(body)}
}
