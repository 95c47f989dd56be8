package adapter

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestEdgeRefusal(t *testing.T) {
	html := http.Header{"Content-Type": {"text/html; charset=UTF-8"}}
	from := func(name, value string) http.Header {
		h := html.Clone()
		h.Set(name, value)
		return h
	}
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   string
		kind   access.Kind // KindNotUnderstood: the exchange's own answer
		words  string
	}{
		"CloudFront refuses a country": {
			403, from("Via", "1.1 abc.cloudfront.net (CloudFront)"),
			"<html><body>The Amazon CloudFront distribution is configured to block access from your country.</body></html>",
			access.KindGeoBlocked, "CloudFront",
		},
		"legal reasons without a word": {451, http.Header{}, "", access.KindGeoBlocked, "a web page"},
		"Cloudflare refuses an address": {
			403, from("Server", "cloudflare"), "<!DOCTYPE html><title>Attention Required! | Cloudflare</title>", access.KindAmbiguous, "Cloudflare",
		},
		"Cloudflare names itself in one header":  {403, from("Cf-Ray", "8f0-FRA"), "<html>no</html>", access.KindAmbiguous, "Cloudflare"},
		"a challenge with another status":        {503, from("Server", "cloudflare"), "<html>Just a moment...</html>", access.KindAmbiguous, "Cloudflare"},
		"a page after a byte order mark":         {403, http.Header{}, "\ufeff\r\n <!doctype HTML><p>no", access.KindAmbiguous, "a web page"},
		"Akamai":                                 {403, from("Server", "AkamaiGHost"), "<html>Access Denied</html>", access.KindAmbiguous, "Akamai"},
		"Incapsula":                              {405, from("X-Cdn", "Incapsula"), "<html>_Incapsula_Resource</html>", access.KindAmbiguous, "Imperva"},
		"Cloudflare for programs":                {403, http.Header{}, `{"title": "Error 1010", "error_code": 1010, "owner": "cloudflare"}`, access.KindAmbiguous, "Cloudflare"},
		"Cloudflare for programs, a country":     {403, http.Header{}, `{"title": "Error 1009", "error_code":1009, "cloudflare_error": true}`, access.KindGeoBlocked, "Cloudflare"},
		"Cloudflare in one line":                 {403, http.Header{"Server": {"cloudflare"}}, "error code: 1020", access.KindAmbiguous, "Cloudflare"},
		"Cloudflare in one line, a country":      {403, http.Header{}, "error code: 1009\n", access.KindGeoBlocked, "Cloudflare"},
		"Cloudflare's block":                     {400, http.Header{}, `{"cloudflare":"block"}`, access.KindAmbiguous, "Cloudflare"},
		"XML of a store behind CloudFront":       {403, http.Header{"Server": {"CloudFront"}}, "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", access.KindAmbiguous, "CloudFront"},
		"Alibaba Cloud":                          {405, html, "<!doctypehtml><img src='https://errors.aliyun.com/x.png'>", access.KindAmbiguous, "a web page"},
		"too many requests":                      {429, from("Server", "cloudflare"), "<html>Access denied: Error 1015, you are being rate limited</html>", access.KindNotUnderstood, ""},
		"too many requests, in one line":         {429, http.Header{"Server": {"cloudflare"}}, "error code: 1015", access.KindNotUnderstood, ""},
		"an origin that is down":                 {521, from("Server", "cloudflare"), "<html>Web server is down. Your location: Frankfurt</html>", access.KindNotUnderstood, ""},
		"an origin that is down, in one line":    {522, http.Header{"Server": {"cloudflare"}}, "error code: 522", access.KindNotUnderstood, ""},
		"an exchange's code of that number":      {403, http.Header{}, `{"error_code": 1009, "msg": "no such order"}`, access.KindNotUnderstood, ""},
		"an exchange's JSON, as if it were HTML": {403, html, `{"code": 10005, "msg": "access denied"}`, access.KindNotUnderstood, ""},
		"an exchange that says why, by law":      {451, http.Header{}, `{"code": 0, "msg": "restricted location"}`, access.KindNotUnderstood, ""},
		"Imperva with a status of success":       {200, html, "<html><iframe src='/_Incapsula_Resource?x=1'></iframe></html>", access.KindAmbiguous, "a web page"},
		"a page of maintenance":                  {503, html, "<html>We are upgrading our systems</html>", access.KindNotUnderstood, ""},
		"an exchange that speaks of a country":   {403, http.Header{}, `{"code": 7, "msg": "not available in your country"}`, access.KindNotUnderstood, ""},
		"an exchange that refuses a key":         {403, http.Header{}, `{"code": 10003, "msg": "access denied"}`, access.KindNotUnderstood, ""},
		"an answer that is one":                  {200, html, "<html>access denied</html>", access.KindNotUnderstood, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := edgeRefusal(&Response{Status: test.status, Header: test.header, Body: []byte(test.body)})
			if test.kind == access.KindNotUnderstood {
				require.NoError(t, err)
				return
			}
			var refusal *access.Error
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, test.kind, refusal.Kind)
			assert.Equal(t, test.status, refusal.Status)
			assert.Contains(t, refusal.Message, "refused by "+test.words)
			if test.kind == access.KindAmbiguous {
				assert.ElementsMatch(t, []access.Kind{access.KindBanned, access.KindGeoBlocked}, refusal.Candidates)
			}
		})
	}
}
