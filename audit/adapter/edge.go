package adapter

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Between a host and an exchange is a network such as Cloudflare or CloudFront,
// which refuses whole countries and hosting providers with a page of its own. That
// page is the same at every exchange and before every call, and says nothing about
// the key.

// edgeRefusal reads such a page: nil if the answer is none.
func edgeRefusal(r *Response) error {
	if r.Status < http.StatusBadRequest {
		return nil
	}
	const enough = 64 << 10
	text := strings.ToLower(string(r.Body[:min(len(r.Body), enough)]))
	page := isPage(r)
	switch {
	case r.Status == http.StatusUnavailableForLegalReasons, page && mentions(text, countryWords):
		return &access.Error{Kind: access.KindGeoBlocked, Status: r.Status, Message: edgeName(r)}
	case page && (r.Status == http.StatusForbidden || mentions(text, blockWords)), isCloudflareJSON(r, text):
		return &access.Error{
			Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}, Status: r.Status, Message: edgeName(r),
		}
	default:
		return nil
	}
}

// isPage reports whether an answer is written for browsers, which no exchange's API
// does by itself.
func isPage(r *Response) bool {
	head := bytes.ToLower(bytes.TrimLeft(r.Body[:min(len(r.Body), 512)], "\xef\xbb\xbf \t\r\n"))
	return strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "text/html") || bytes.HasPrefix(head, []byte("<!doctype html")) ||
		bytes.HasPrefix(head, []byte("<html"))
}

// isCloudflareJSON: what Cloudflare's firewall answers to programs.
func isCloudflareJSON(r *Response, text string) bool {
	compact := strings.Join(strings.Fields(text), "")
	return r.Status == http.StatusForbidden &&
		(strings.Contains(compact, `"cloudflare":"block`) || strings.Contains(compact, `"cloudflare":true`) || strings.Contains(compact, `"error":"cloudflare"`) ||
			(strings.Contains(compact, `"error_code":10`) && strings.Contains(compact, "cloudflare")))
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

// blockWords are parts of pages that refuse an IP address or ask for a proof of being
// a person, with whatever status: Cloudflare, Akamai, Imperva, DDoS-Guard, Sucuri,
// AWS WAF.
var blockWords = []string{
	"you have been blocked", "attention required! | cloudflare", "sorry, you have been blocked", "error 1006", "error 1007", "error 1008", "error 1010",
	"error 1012", "error 1020", "access denied", "request blocked", "incapsula incident", "_incapsula_resource", "checking your browser", "just a moment...",
	"enable javascript and cookies to continue", "ddos-guard", "ddos protection by", "sucuri website firewall", "captcha", "errors.edgesuite.net",
	"web application firewall",
}

// edgeName names the network that a page is of, as far as it says.
func edgeName(r *Response) string {
	server := strings.ToLower(strings.Join([]string{r.Header.Get("Server"), r.Header.Get("Via"), r.Header.Get("X-Cache"), r.Header.Get("X-Cdn")}, " "))
	for _, edge := range []struct{ mark, name string }{
		{"cloudflare", "Cloudflare"},
		{"cloudfront", "CloudFront"},
		{"akamai", "Akamai"},
		{"imperva", "Imperva"},
		{"incapsula", "Imperva"},
		{"ddos-guard", "DDoS-Guard"},
		{"sucuri", "Sucuri"},
		{"fastly", "Fastly"},
	} {
		if strings.Contains(server, edge.mark) || (edge.mark == "cloudflare" && r.Header.Get("Cf-Ray") != "") {
			return "refused by " + edge.name + ", before the exchange's own API was reached"
		}
	}
	return "refused by a web page, before the exchange's own API was reached"
}
