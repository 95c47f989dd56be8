package adapter

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Between a host and an exchange is a network such as Cloudflare or CloudFront,
// which refuses whole countries and hosting providers with a page of its own. That
// page is the same at every exchange and before every call, and says nothing about
// the key.

// edgeRefusal reads such a page: nil if the answer is none. How many requests are
// allowed is the same question there and at the exchange, so a 429 is left to the
// adapter.
func edgeRefusal(r *Response) error {
	page := isPage(r)
	if r.Status == http.StatusTooManyRequests || (r.Status < http.StatusBadRequest && !page) {
		return nil
	}
	const enough = 64 << 10
	text := strings.ToLower(string(r.Body[:min(len(r.Body), enough)]))
	code, refused := cloudflareCode(r, text), r.Status/100 == 4
	e := &access.Error{Kind: access.KindGeoBlocked, Status: r.Status, Message: edgeName(r, text)}
	switch {
	case r.Status == http.StatusUnavailableForLegalReasons && (page || len(r.Body) == 0), refused && code == countryCode,
		refused && page && mentions(text, countryWords):
		return e
	case refused && code != "", page && blocks(r, text):
		e.Kind, e.Candidates = access.KindAmbiguous, []access.Kind{access.KindBanned, access.KindGeoBlocked}
		return e
	default:
		return nil
	}
}

// blocks reports whether a page refuses the host, or asks for a proof of being a person.
func blocks(r *Response, text string) bool {
	return r.Status == http.StatusForbidden || (r.Status >= http.StatusBadRequest && mentions(text, blockWords)) || mentions(text, firewallMarks)
}

// isPage reports whether an answer is written for browsers, which no exchange's API
// does by itself. Some send their JSON as if it were a page.
func isPage(r *Response) bool {
	body := bytes.TrimLeft(r.Body, "\xef\xbb\xbf \t\r\n")
	html := strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "text/html")
	return bytes.HasPrefix(body, []byte("<")) || (html && !bytes.HasPrefix(body, []byte("{")) && !bytes.HasPrefix(body, []byte("[")))
}

// Cloudflare's own errors have numbers, which programs get as JSON or as one line of
// text: 1009 for a country, others for an IP address. Its firewall may also answer
// that it blocked the request, without a number.
const (
	countryCode = "1009"
	blocked     = "blocked"
)

var (
	cloudflareError = regexp.MustCompile(`^error code: (1\d{3})\b|"error_code": ?(1\d{3})\b`)
	cloudflareBlock = regexp.MustCompile(`"cloudflare": ?(?:"block|true)|"error": ?"cloudflare"`)
)

func cloudflareCode(r *Response, text string) string {
	found := cloudflareError.FindStringSubmatch(text)
	switch {
	case found != nil && (found[1] != "" || isCloudflare(r, text)):
		return found[1] + found[2]
	case cloudflareBlock.MatchString(text):
		return blocked
	default:
		return ""
	}
}

func isCloudflare(r *Response, text string) bool {
	return strings.Contains(text, "cloudflare") || r.Header.Get("Cf-Ray") != "" || strings.EqualFold(r.Header.Get("Server"), "cloudflare")
}

func mentions(text string, words []string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// countryWords are parts of pages that refuse a country: of CloudFront, of
// Cloudflare (error 1009), and of exchanges' own.
var countryWords = []string{
	"block access from your country", "blocked your country", "country or region your ip address is in", "country or region that your ip", "error 1009",
	"your country", "your region", "your location", "your jurisdiction", "restricted location", "restricted country", "restricted region",
	"restricted jurisdiction", "eligibility", "unavailable for legal reasons", "legal reasons", "not available in your", "not supported in your",
	"geo-block", "geoblock", "geo block", "geographic",
}

// firewallMarks are parts of pages that refuse an IP address or ask for a proof of
// being a person, with whatever status, some with 200: Cloudflare, Akamai, Imperva,
// DDoS-Guard, Sucuri, Alibaba Cloud.
var firewallMarks = []string{
	"attention required! | cloudflare", "incapsula incident", "_incapsula_resource", "checking your browser", "just a moment...",
	"enable javascript and cookies to continue", "ddos protection by", "sucuri website firewall", "errors.edgesuite.net", "errors.aliyun.com",
}

// blockWords are likewise, where the status says that it is a refusal.
var blockWords = []string{
	"you have been blocked", "error 1006", "error 1007", "error 1008", "error 1010", "error 1012", "error 1020", "access denied", "request blocked",
	"ddos-guard", "captcha", "web application firewall",
}

// edgeName names the network that a page is of, as far as it says.
func edgeName(r *Response, text string) string {
	server := strings.ToLower(strings.Join([]string{r.Header.Get("Server"), r.Header.Get("Via"), r.Header.Get("X-Cache"), r.Header.Get("X-Cdn")}, " "))
	for _, edge := range []struct{ mark, name string }{
		{"cloudfront", "CloudFront"},
		{"akamai", "Akamai"},
		{"imperva", "Imperva"},
		{"incapsula", "Imperva"},
		{"ddos-guard", "DDoS-Guard"},
		{"sucuri", "Sucuri"},
		{"fastly", "Fastly"},
	} {
		if strings.Contains(server, edge.mark) {
			return "refused by " + edge.name + ", before the exchange's own API was reached"
		}
	}
	if isCloudflare(r, text) || cloudflareError.MatchString(text) {
		return "refused by Cloudflare, before the exchange's own API was reached"
	}
	return "refused by a web page, before the exchange's own API was reached"
}
