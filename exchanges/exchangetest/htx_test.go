package exchangetest

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHTXSignedText: the test of the exchange's own client, which has only a part of
// a request.
func TestHTXSignedText(t *testing.T) {
	t.Parallel()
	seed, err := hex.DecodeString("9c96a75d107b58889282be9e43380d6908e9fb10a489e2e3d1143637101979fa")
	require.NoError(t, err)
	text := htxText("GET", "API.huobi.pro", "/v1/account/history", "account-id=1&currency=btcusdt")
	assert.Equal(t, "GET\napi.huobi.pro\n/v1/account/history\naccount-id=1&currency=btcusdt", text)
	signature := ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte(text))
	assert.Equal(t, "KnEhhsa511CrWu++7BMSdVrLtFhvxARINGsGpq8S699qMgghekPwW90RV14A4sniE3RS1J/v0hAo70iA9Ln4Aw==", base64.StdEncoding.EncodeToString(signature))
}

// TestHTXClients: the fake accepts a query in any order, and refuses with the
// documented words.
func TestHTXClients(t *testing.T) {
	t.Parallel()
	vector := htxVectors[2]
	base, query, _ := strings.Cut(vector.URL, "?")
	pairs := strings.Split(query, "&")
	for _, c := range []struct {
		name, query, want string
		late              time.Duration
	}{
		{name: "in order", query: query, want: `"code":200`},
		{name: "in another order", query: strings.Join([]string{pairs[4], pairs[3], pairs[2], pairs[1], pairs[0]}, "&"), want: `"code":200`},
		{name: "no signature", query: strings.Join(pairs[:4], "&"), want: "login-required"},
		{name: "another version", query: strings.Replace(query, "Version=2", "Version=1", 1), want: "Verification failure"},
		{name: "another method", query: strings.Replace(query, "HmacSHA256", "Ed25519", 1), want: "Verification failure"},
		{name: "another key", query: strings.Replace(query, "=access", "=other", 1), want: "Incorrect Access key"},
		{name: "5 minutes late", query: query, late: 5 * time.Minute, want: `"code":200`},
		{name: "more than 5 minutes late", query: query, late: 5*time.Minute + time.Second, want: "Timestamp"},
	} {
		fake := HTX()
		fake.keys[vector.Key] = &Issued{ID: vector.Key, Secret: vector.Secret}
		fake.SetClock(func() time.Time { return vector.Time.Add(c.late) })
		assert.Contains(t, answerTo(t, fake, base+"?"+c.query, nil), c.want, c.name)
	}
}

// TestHTXFilter: the list can be limited to one key.
func TestHTXFilter(t *testing.T) {
	t.Parallel()
	vector := htxVectors[4]
	fake := HTX()
	fake.keys[vector.Key] = &Issued{ID: vector.Key, Secret: vector.Secret}
	fake.Issue(Spec{Label: "beside it"})
	fake.SetClock(func() time.Time { return vector.Time })
	answer := answerTo(t, fake, vector.URL, nil)
	assert.Contains(t, answer, `"accessKey":"access"`)
	assert.NotContains(t, answer, "beside it")

	assert.Contains(t, answerTo(t, fake, htxVectors[3].URL, nil), "beside it")
}
