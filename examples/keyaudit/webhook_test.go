package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestWebhooks: the URL that a chat gives is used as it is, and leads to where it says.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	const discord, group, tenant = "https://discord.com/api/webhooks/123456789012345678/" + token, "11111111-2222-4333-8444-555555555555", "99999999-8888-4777-a666-555555555555"
	slack, office := "https://hooks.slack.com/services/T00000000/B00000000/"+strings.Repeat("x", 24), "https://firm.webhook.office.com/webhookb2/"+group+"@"+tenant+"/IncomingWebhook/"+strings.Repeat("a", 32)+"/"+group+"/V2"
	for given, want := range map[string]string{
		slack:       "slack://hook:T00000000-B00000000-" + strings.Repeat("x", 24) + "@webhook",
		slack + "/": "slack://hook:T00000000-B00000000-" + strings.Repeat("x", 24) + "@webhook",
		discord:     "discord://" + token + "@123456789012345678?splitLines=No",
		strings.Replace(discord, "discord.com/api", "ptb.discord.com/api/v10", 1): "discord://" + token + "@123456789012345678?splitLines=No",
		strings.Replace(discord, "discord.com", "discordapp.com", 1):              "discord://" + token + "@123456789012345678?splitLines=No",
		office: "teams+" + office,
	} {
		assert.Equal(t, want, serviceURL(given))
		_, err := newSender(given)
		require.NoError(t, err, given)
	}
	for _, other := range []string{ // no webhook of these services
		"https://hooks.slack.com.evil.test/services/T00000000/B00000000/" + token, "http://hooks.slack.com/services/T0/B0/" + token,
		"https://evil.test/?https://discord.com/api/webhooks/1/" + token, "https://discord.com/api/webhooks/1", "https://x.webhook.office.com.evil.test/webhookb2/a@b/c/d",
	} {
		assert.Equal(t, other, serviceURL(other))
		_, err := newSender(other)
		require.Error(t, err, other)
	}
}

// TestTeamsWorkflow: what has replaced Teams' connectors gets a card.
func TestTeamsWorkflow(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://prod-12.westeurope.logic.azure.com:443/workflows/0a/triggers/manual/paths/invoke?sig=" + token:                               true,
		"https://default1.2.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0a/triggers/manual?sig=" + token: true,
		"https://logic.azure.com.evil.test/workflows/0a":                                                                                      false, "http://prod-12.logic.azure.com/workflows/0a": false, "https://prod-12.logic.azure.com/": false,
	} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		assert.Equal(t, want, isWorkflow(u), address)
		if want {
			_, err = newSender(address)
			require.NoError(t, err)
		}
	}
	h := newHook(t, http.StatusAccepted)
	require.NoError(t, workflow(h.URL+"/"+token)("API key audit: findings", "1 key\nSevere: withdrawal\n"))
	require.Len(t, h.received(), 1)
	var card struct {
		Type        string
		Attachments []struct {
			ContentType string
			Content     struct {
				Type string
				Body []struct{ Text string }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(h.received()[0], "/"+token+" ")), &card))
	require.Len(t, card.Attachments, 1)
	assert.Equal(t, "message AdaptiveCard", card.Type+" "+card.Attachments[0].Content.Type)
	assert.Equal(t, []struct{ Text string }{{"API key audit: findings"}, {"1 key"}, {"Severe: withdrawal"}}, card.Attachments[0].Content.Body)
	require.Error(t, workflow(newHook(t, http.StatusForbidden).URL)("t", "x"))
}

// TestNotificationOfChanges: with --notify-when changes it names what changed, and
// keys only with --notify-names.
func TestNotificationOfChanges(t *testing.T) {
	t.Parallel()
	failed := func(rule string, s audit.Severity, fresh bool) audit.Finding {
		return audit.Finding{Rule: rule, Outcome: audit.Failed, Severity: s, New: fresh}
	}
	clock := audit.Finding{Rule: "clock", Severity: audit.Medium, New: true}
	waived := failed("waived", audit.Critical, true)
	waived.Waived = "accepted"
	r := &audit.Report{Baseline: &audit.Baseline{Started: days(-1)}, Results: []*audit.Result{
		{Name: "old", Title: "OKX", Findings: []audit.Finding{failed("ip-allowlist", audit.Critical, false)}},
		{Name: "a", Title: "Bybit", Findings: []audit.Finding{failed("key-age", audit.Low, true), failed("withdrawal", audit.Critical, true), clock, waived}},
		{Name: "b", Title: "Bybit", Findings: []audit.Finding{failed("key-age", audit.Low, true)}, Resolved: []string{"lock-up"}},
	}}
	r.Recount()
	title, text := messageOf(r, audit.ExitFindings, false, true)
	assert.Equal(t, "API key audit: what has changed", title)
	changes := "New since " + stamp(days(-1)) + ": withdrawal, key-age (2)\nNewly unknown: clock\nResolved: lock-up\n" + r.Summary.String() + "\n"
	assert.Equal(t, changes, text)
	_, text = messageOf(r, audit.ExitFindings, true, true)
	assert.Equal(t, changes+"a at Bybit: new withdrawal, key-age, newly unknown clock\nb at Bybit: new key-age, resolved lock-up\n", text)

	title, text = messageOf(r, audit.ExitFindings, true, false)
	assert.Equal(t, "API key audit: findings", title)
	assert.Contains(t, text, "\nSevere: ip-allowlist, withdrawal\nNew since ")
	assert.Contains(t, text, "a at Bybit: withdrawal\nold at OKX: ip-allowlist\n")

	r.Baseline = nil // nothing to compare with: all of it
	_, text = messageOf(r, audit.ExitFindings, false, true)
	assert.Contains(t, text, "Severe: ip-allowlist, withdrawal")
	title, _ = messageOf(&audit.Report{Baseline: &audit.Baseline{}}, audit.ExitNotAssessed, false, true)
	assert.Equal(t, "API key audit: not everything could be assessed", title, "nothing has changed")
}
