package exchangetest

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"regexp"
	"strings"
	"unicode"
)

// armoured is PEM, also on one line; escaped is a line break as programs write it.
var (
	armoured = regexp.MustCompile(`(?s)-----BEGIN ([A-Z0-9 ]+)-----(.*)-----END `)
	escaped  = regexp.MustCompile(`\\+[nr]`)
)

// asIssued is a part of a key as the exchange once showed it: owners hold it with
// what files and forms add, and a private key on one line or without PEM's lines.
// It is code of its own: adapters are judged by whether they read the same.
func asIssued(text string) string {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") { // UTF-16, in which keys, which are ASCII, have every other byte 0
		text = strings.ReplaceAll(text[2:], "\x00", "")
	}
	text = trimmed(strings.Trim(trimmed(text), `"'`))
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return text
	}
	if m := armoured.FindStringSubmatch(text); m != nil {
		body := strings.Join(strings.Fields(escaped.ReplaceAllString(m[2], " ")), "")
		if der, err := base64.StdEncoding.DecodeString(body); err == nil {
			return string(pem.EncodeToMemory(&pem.Block{Type: m[1], Bytes: der}))
		}
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if _, other := x509.ParsePKCS8PrivateKey(der); err == nil && other == nil {
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	return text
}

// trimmed is text without white space and invisible characters, such as U+FEFF,
// around it.
func trimmed(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) })
}
