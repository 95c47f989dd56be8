package exchangetest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// FindCanaries searches text for secrets in every spelling in which they could
// have leaked: plain, hexadecimal, base64 (also in the middle of other data),
// percent-encoded, quoted, or one half of it. It describes what it found, each
// spelling of each secret once; nothing found is nil. Of a private key it searches
// for every line.
//
//	found := exchangetest.FindCanaries(output, fake.Canaries())
func FindCanaries(text string, canaries []string) []string {
	var out []string
	for _, canary := range canaries {
		for _, part := range canaryParts(canary) {
			for _, s := range spellings(part) {
				if strings.Contains(text, s.text) {
					out = append(out, fmt.Sprintf("%s… as %s", part[:min(4, len(part)/2)], s.name))
				}
			}
		}
	}
	return out
}

// shortestCanary is the length from which a match is no coincidence.
const shortestCanary = 6

// canaryParts are what must not be printed of a secret: the lines of a private
// key, else the whole and, of a long one, its halves.
func canaryParts(canary string) []string {
	if len(canary) < shortestCanary {
		return nil
	}
	if strings.Contains(canary, "-----BEGIN") {
		var lines []string
		for line := range strings.Lines(canary) {
			if line = strings.TrimSpace(line); len(line) >= shortestCanary && !strings.HasPrefix(line, "-----") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	if n := len(canary); n >= 24 {
		return []string{canary, canary[:n/2], canary[n/2:]}
	}
	return []string{canary}
}

type spelling struct{ name, text string }

func spellings(secret string) []spelling {
	raw := []byte(secret)
	hexed := hex.EncodeToString(raw)
	quoted := strconv.Quote(secret)
	out := []spelling{{"plain text", secret}, {"hexadecimal", hexed}, {"upper-case hexadecimal", strings.ToUpper(hexed)}}
	if escaped := url.QueryEscape(secret); escaped != secret {
		out = append(out, spelling{"percent-encoded text", escaped})
	}
	if inner := quoted[1 : len(quoted)-1]; inner != secret {
		out = append(out, spelling{"quoted text", inner})
	}
	for _, e := range []struct {
		name string
		*base64.Encoding
	}{{"base64", base64.RawStdEncoding}, {"base64url", base64.RawURLEncoding}} {
		for shift := range 3 { // bytes before it in the same base64 text
			encoded := e.EncodeToString(append(make([]byte, shift), raw...))
			from, to := (shift*8+5)/6, (shift+len(raw))*8/6
			if from < to {
				out = append(out, spelling{e.name, encoded[from:to]})
			}
			if e.name == "base64" && strings.ContainsAny(encoded[from:to], "+/") {
				out = append(out, spelling{"percent-encoded base64", url.QueryEscape(encoded[from:to])})
			}
		}
	}
	return out
}
