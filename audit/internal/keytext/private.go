package keytext

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// What a text may be in place of a private key that can sign. Each says what
// helps.
var (
	errUnreadable = errors.New("the private key is not readable PEM: it must be a PKCS#8, PKCS#1 or SEC 1 block, as the file was saved")
	errDamaged    = errors.New("the private key is damaged or cut short: copy it again, whole")
	errSeveral    = errors.New("the text holds several private keys: give only the one that belongs to the API key")
	errEncrypted  = errors.New("the private key is encrypted: give its pass phrase (key_passphrase in an inventory), " +
		"or decrypt a copy: openssl pkey -in KEY.pem -out NEW.pem")
	errPhrase  = errors.New("the private key is encrypted, and the pass phrase does not open it")
	errScheme  = errors.New("the private key is encrypted in a way that is not read here: re-encrypt a copy: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY.pem -out NEW.pem")
	errOpenSSH = errors.New("the private key is in OpenSSH's format: convert a copy of it: ssh-keygen -p -m PEM -f COPY")
	errSSHEd   = errors.New("the private key is an Ed25519 key in OpenSSH's format, which ssh-keygen cannot convert: " +
		"create a new pair for the exchange: openssl genpkey -algorithm ed25519 -out NEW.pem")
	errPuTTY  = errors.New("the private key is in PuTTY's format: convert a copy of it: puttygen KEY.ppk -O private-openssh -o NEW.pem")
	errPublic = errors.New("this is a public key, which was made for the exchange: give the private key of the same pair " +
		"(only it can sign; if it is lost, create a new pair: openssl genpkey -algorithm ed25519 -out NEW.pem)")
	errCertificate = errors.New("this is a certificate or a request for one, and no private key: give the private key that belongs to it (openssl pkey -in KEY.pem -noout -text shows one)")
	errPKCS12      = errors.New("the private key is in a PKCS#12 file: take it out: openssl pkcs12 -in KEY.p12 -nocerts -out NEW.pem")
	errPGP         = errors.New("this is a PGP key or message, which exchanges do not take: create a pair for the exchange: openssl genpkey -algorithm ed25519 -out NEW.pem")
	errJWK         = errors.New("the private key is a JSON Web Key, which is not read here: convert it to PEM (PKCS#8)")
	errCannotSign  = errors.New("the private key is whole, but of a kind or on a curve that no exchange takes: it must be Ed25519, RSA or ECDSA on P-256")
	errExplicit    = errors.New("the private key spells out the parameters of its curve: name the curve in a copy: openssl ec -in KEY.pem -param_enc named_curve -out NEW.pem")
	errSSHCom      = errors.New("the private key is in ssh.com's format: convert a copy of it: ssh-keygen -i -f COPY (an Ed25519 key cannot be converted: create a new pair for the exchange)")
	errAge         = errors.New("this is a file that age encrypted: decrypt it, and give what is in it")
)

// Private reads a private key, however it is wrapped: PEM with text around it or
// on one line, base64 or hexadecimal without PEM, base64 of PEM, a JSON key file. The
// phrase opens it if it is encrypted. Found reports whether the text is a key, or a
// file of one, at all: a shared secret is not. Its errors contain nothing of either.
func Private(text, phrase string) (key crypto.PrivateKey, found bool, err error) {
	if file, ok := ReadFile(text); ok {
		text = file.Secret
	}
	if isBinary(text) {
		return openDER([]byte(text), phrase)
	}
	return private(Clean(text), phrase, 0)
}

// marks are how files with keys begin that are neither PEM nor base64.
var marks = []struct {
	text *regexp.Regexp
	err  error
}{
	{regexp.MustCompile(`PuTTY-User-Key-File-[0-9]`), errPuTTY},
	{regexp.MustCompile(`^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+@openssh\.com)\s`), errPublic},
	{regexp.MustCompile(`^\{[\s\S]*"kty"\s*:`), errJWK},
}

func private(text, phrase string, depth int) (crypto.PrivateKey, bool, error) {
	if strings.ContainsAny(text, " :{") || strings.Contains(text, "BEGIN") { // as no base64
		for _, m := range marks {
			if m.text.MatchString(text) {
				return nil, true, m.err
			}
		}
		if begin.MatchString(text) {
			key, err := armoured(text, phrase)
			return key, true, err
		}
		if strings.Contains(text, "PRIVATE KEY") {
			return nil, true, errUnreadable
		}
	}
	for _, decode := range []func(string) ([]byte, error){decodeBase64, hex.DecodeString} {
		raw, err := decode(body(text))
		if err != nil || len(raw) < shortestDER {
			continue
		}
		if key, is, err := openDER(raw, phrase); is {
			return key, true, err
		}
		if inner := string(raw); depth < 2 && !strings.ContainsFunc(inner, func(r rune) bool { return r > '~' }) {
			if key, is, err := private(Clean(inner), phrase, depth+1); is { // base64 of base64, as Kubernetes has it
				return key, true, err
			}
		}
	}
	return nil, false, nil
}

// shortestDER is less than the shortest private key has.
const shortestDER = 24

// Word processors make one dash of two, and forms a plus sign of a space.
const dashes = `[-\x{2010}-\x{2015}\x{2212}]+`

var (
	begin   = regexp.MustCompile(`(?i)` + dashes + `\s*BEGIN((?:[\s+]+[A-Z0-9]+)+)\s*` + dashes)
	end     = regexp.MustCompile(`(?i)` + dashes + `\s*END\b`)
	dekInfo = regexp.MustCompile(`(?i)(?:Proc-Type:[\s+]*4\s*,\s*ENCRYPTED\s*)?DEK-Info:[\s+]*([A-Z0-9-]+)\s*,[\s+]*([0-9A-F]+)\b`)
)

// block is what stands between one pair of PEM's lines.
type block struct{ label, body string }

func blocks(text string) (out []block) {
	at := begin.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		stop := len(text)
		if i+1 < len(at) {
			stop = at[i+1][0]
		}
		rest := text[m[1]:stop]
		if e := end.FindStringIndex(rest); e != nil {
			rest = rest[:e[0]]
		}
		out = append(out, block{strings.ToUpper(strings.ReplaceAll(Compact(text[m[2]:m[3]]), "+", "")), rest})
	}
	return out
}

// armoured reads the one private key in PEM text. The parameters of a curve, a
// certificate or the public half may stand beside it.
func armoured(text, phrase string) (crypto.PrivateKey, error) {
	all := blocks(text)
	var keys []crypto.PrivateKey
	var failed error
	seen := map[string]bool{}
	for _, b := range all {
		if !strings.HasSuffix(b.label, "PRIVATEKEY") || seen[body(b.body)] {
			continue
		}
		seen[body(b.body)] = true
		key, err := b.open(phrase)
		if failed != nil || err != nil && len(keys) > 0 || len(keys) > 0 && !sameKey(keys[0], key) {
			return nil, errSeveral
		}
		if failed = err; err == nil {
			keys = append(keys, key)
		}
	}
	switch {
	case len(keys) > 0:
		return keys[0], nil
	case failed != nil:
		return nil, failed
	default:
		return nil, withoutPrivate(all)
	}
}

func sameKey(a, b crypto.PrivateKey) bool {
	key, ok := a.(interface{ Equal(crypto.PrivateKey) bool })
	return ok && key.Equal(b)
}

// withoutPrivate says what PEM without a private key is.
func withoutPrivate(all []block) error {
	for _, kind := range []struct {
		word string
		err  error
	}{{"PGP", errPGP}, {"PUBLICKEY", errPublic}, {"CERTIFICATE", errCertificate}, {"PKCS12", errPKCS12}, {"AGEENCRYPTED", errAge}} {
		if slices.ContainsFunc(all, func(b block) bool { return strings.Contains(b.label, kind.word) }) {
			return kind.err
		}
	}
	return errUnreadable
}

func (b block) open(phrase string) (crypto.PrivateKey, error) {
	if strings.HasPrefix(b.label, "SSH2") {
		return nil, errSSHCom
	}
	if m := dekInfo.FindStringSubmatchIndex(b.body); m != nil {
		return openLegacy(b.body[m[2]:m[3]], b.body[m[4]:m[5]], b.body[m[1]:], phrase)
	}
	raw, err := decodeBase64(body(b.body))
	if err != nil {
		return nil, errUnreadable
	}
	switch key, is, err := openDER(raw, phrase); {
	case is:
		return key, err
	case b.label == "ENCRYPTEDPRIVATEKEY":
		return nil, errDamaged
	case strings.HasPrefix(b.label, "OPENSSH"):
		return nil, errOpenSSH
	default:
		return nil, errUnreadable
	}
}

// openLegacy opens PEM that OpenSSL before 1.0 encrypted, with the parameters in
// headers (RFC 1421).
func openLegacy(cipher, iv, text, phrase string) (crypto.PrivateKey, error) {
	raw, err := decodeBase64(body(text))
	switch {
	case err != nil:
		return nil, errUnreadable
	case phrase == "":
		return nil, errEncrypted
	}
	sealed := pem.Block{Headers: map[string]string{"DEK-Info": strings.ToUpper(cipher + "," + iv)}, Bytes: raw}
	//lint:ignore SA1019 people have such files
	raw, err = x509.DecryptPEMBlock(&sealed, []byte(phrase)) //nolint:staticcheck // likewise
	if err != nil {
		return nil, errPhrase
	}
	if key, is, err := openDER(raw, ""); is && err == nil {
		return key, nil
	}
	return nil, errPhrase
}

// body is base64 without what its alphabet does not have and wrapping, quoting or
// listing adds.
func body(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n\v\f\\>|,;"+quotes, r) {
			return -1
		}
		return r
	}, text)
}

var urlAlphabet = strings.NewReplacer("-", "+", "_", "/")

// decodeBase64 decodes either alphabet, with the padding or without it.
func decodeBase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(urlAlphabet.Replace(text), "="))
}

// Pieces are the runs of base64 in PEM, for a search for them elsewhere. Other
// texts have none.
func Pieces(text string) (out []string) {
	for _, b := range blocks(Clean(text)) {
		out = append(out, strings.Fields(b.body)...)
	}
	return out
}
