package find

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// Lengths of keys and secrets, in bytes. Shorter ones are words or numbers.
const (
	shortestID   = 8 // Deribit's
	shortestPart = 16
	longestPart  = 140
	longestPEM   = 8 << 10
)

// marks are how values of other services begin, which have a mark of their own.
var marks = []string{
	"AKIA", "ASIA", "AIza", "sk_live_", "sk_test_", "pk_live_", "pk_test_", "rk_live_", "whsec_", "ghp_", "gho_", "ghs_", "github_pat_", "xoxb-", "xoxp-", "xapp-", "SG.",
	"glpat-", "ck_", "cs_", "0oa", "npm_", "pypi-", "eyJ", "GOCSPX-", "ya29.", "dop_v1_", "hf_", "sk-", "AAAAB3Nza", "AAAAC3Nza", "django-insecure-", "key-", "shpat_", "gAAAAA",
	"THORS-HAMMER", "$ANSIBLE_VAULT", "ENC[", "sha256-", "sha384-", "sha512-", "sha1-", "sha256:", "secret_", "ntn_", "lin_api_", "dckr_pat_", "ATATT", "NRAK-", "phc_", "PMAK-",
	"tfp_", "rdme_", "sq0", "AGE-SECRET-KEY-", "ssh-",
}

// isPEM reports whether a text is a private key in PEM.
func isPEM(text string) bool {
	if len(text) < len("-----BEGIN ")+len(privateKey) {
		return false
	}
	text = strings.TrimLeft(text, " \t\r\n\"'`")
	head, _, ok := strings.Cut(strings.TrimPrefix(text, "-----BEGIN "), "-----")
	return ok && strings.HasPrefix(text, "-----BEGIN ") && strings.HasSuffix(head, "PRIVATE KEY") && len(text) < longestPEM
}

// clean is a value without what surrounds it in a file.
func clean(text string) string {
	text = strings.TrimSpace(text)
	if isPEM(text) {
		var lines []string
		for line := range strings.SplitSeq(strings.NewReplacer(`\r`, "", `\n`, "\n").Replace(strings.Trim(text, "\"'`")), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "\n")
	}
	return strings.Trim(text, "\"'` \t,;\\")
}

// plausible reports whether a clean text may be a key or a secret at all.
func plausible(text string, least int) bool {
	if isPEM(text) {
		return true
	}
	if len(text) < least || len(text) > longestPart || !charset(text) {
		return false
	}
	if slices.ContainsFunc(marks, func(m string) bool { return strings.HasPrefix(text, m) }) {
		return false
	}
	return distinct(text) >= min(8, len(text)/2+1) && !words(text) && !runs(text) && inventory.Placeholder(text) == "" && !sampled(text)
}

// charset reports whether a text has only characters that keys have.
func charset(text string) bool {
	text = strings.TrimPrefix(text, "ed25519:")
	for i := range len(text) {
		if c := text[i]; !isRun(c) || c == '.' || c == '$' || c == '%' || c == '@' || c == '~' {
			return false
		}
	}
	return strings.Trim(text, "/=+") != "" && (text[0] != '/' || drawnBase64(text)) && !strings.Contains(strings.TrimRight(text, "="), "=")
}

// drawnBase64 reports whether a text that begins like a path is base64 of random bytes: one
// of 64 such texts does.
func drawnBase64(text string) bool {
	_, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return err == nil && strings.ContainsAny(text, digit) && strings.ToUpper(text) != text && strings.ToLower(text) != text && 3*changes(text) > len(text)
}

func distinct(text string) (n int) {
	var seen [256]bool
	for i := range len(text) {
		if !seen[text[i]] {
			seen[text[i]] = true
			n++
		}
	}
	return n
}

// changes counts the places where the class of characters changes.
func changes(text string) (n int) {
	for i := 1; i < len(text); i++ {
		if classOf[text[i-1]] != classOf[text[i]] {
			n++
		}
	}
	return n
}

// turns counts the places where letters and digits of different classes meet.
func turns(text string) (n int) {
	for i := 1; i < len(text); i++ {
		if a, b := classOf[text[i-1]], classOf[text[i]]; a != b && a > 0 && b > 0 {
			n++
		}
	}
	return n
}

// longDrawn is how long a text is that chance alone does not make look drawn.
const longDrawn = 32

var (
	isOrganization = regexp.MustCompile(`^organizations/[0-9a-f-]{36}/apiKeys/[0-9a-f-]{36}$`)
	hasMark        = regexp.MustCompile(`^(?:(?:account|master)-[A-Za-z0-9]{20}|cxakp_[A-Za-z0-9]{22})$`)
	sampleWord     = regexp.MustCompile(`(?i)(?:^|[_-])(?:your?|my|example|sample|dummy|fake|placeholder|changeme|replace|insert|redacted|todo|here|votre|deine?|tu|ваш)(?:[_-]|$)|^(?:test|demo)(?:[_-]|key|secret|api)|(?:^|[_-])(?:api|secret|access)[_-]?(?:key|secret)(?:[_-]|$)`)
	letters        = regexp.MustCompile(`[a-z]{5,}`)
)

// words reports whether a text consists of words, as names and paths do, and random
// text does not.
func words(text string) bool {
	if isOrganization.MatchString(text) || hasMark.MatchString(text) {
		return false
	}
	drawn := len(text) >= longDrawn && 3*turns(text) > len(text) // one in thousands of them has "-my-"
	if !drawn && sampleWord.MatchString(text) {
		return true
	}
	digits := strings.ContainsAny(text, "0123456789")
	upper := strings.ToLower(text) != text
	if !digits && (!upper || 4*changes(text) < len(text)) {
		return true
	}
	covered := 0
	for _, word := range letters.FindAllString(strings.ToLower(text), -1) {
		if strings.ContainsAny(text, "_-/") && strings.ContainsAny(word, "aeiou") {
			covered += len(word)
		}
	}
	return 5*changes(text) < 2*len(text) && 2*covered > len(text)
}

// runs reports whether a text is counted out rather than drawn.
func runs(text string) bool {
	lower := strings.ToLower(text)
	for _, run := range []string{"0123456789", "1234567890", "abcdefgh", "123456789a", "deadbeef", "cafebabe", "qwerty", "11111111", "00000000", "xxxxxx", "aaaaaaaa"} {
		if strings.Contains(lower, run) {
			return true
		}
	}
	return false
}

// entropy is Shannon's, in bits per character.
func entropy(text string) (bits float64) {
	var count [256]int
	for i := range len(text) {
		count[text[i]]++
	}
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(text))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

var hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f-]+$`)

// random reports whether a text that no other half stands beside is drawn, and no word.
func random(text string) bool {
	floor := 3.2
	if hexadecimal.MatchString(text) {
		floor = 2.8
	}
	return isPEM(text) || entropy(text) >= floor && (strings.ContainsAny(text, "0123456789") || 3*changes(text) > len(text))
}

// sampled reports whether a text stands in an exchange's documentation.
func sampled(text string) bool {
	sum := sha256.Sum256([]byte(strings.TrimPrefix(text, "0x")))
	return documented[hex.EncodeToString(sum[:])]
}
