package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// webhooks are the URLs that chats give for posting to them, and how shoutrrr
// spells each.
var webhooks = []struct {
	pattern *regexp.Regexp
	service string
}{
	// api.slack.com/messaging/webhooks
	{regexp.MustCompile(`^https://hooks\.slack\.com/services/(\w+)/(\w+)/(\w+)/?$`), "slack://hook:$1-$2-$3@webhook"},
	// discord.com/developers/docs/resources/webhook
	{
		regexp.MustCompile(`^https://(?:(?:canary|ptb)\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/(\d+)/([\w-]+)/?$`),
		"discord://$2@$1?splitLines=No",
	},
	// learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors: a connector
	{regexp.MustCompile(`^(https://[\w-]+\.webhook\.office\.com/webhookb2/.+)$`), "teams+$1"},
}

// serviceURL is a URL as shoutrrr spells it.
func serviceURL(secretURL string) string {
	for _, w := range webhooks {
		if w.pattern.MatchString(secretURL) {
			return w.pattern.ReplaceAllString(secretURL, w.service)
		}
	}
	return secretURL
}

// isWorkflow reports whether a URL starts a workflow of Teams, which has replaced
// connectors and which shoutrrr does not know: learn.microsoft.com, "Create incoming
// webhooks with Workflows".
func isWorkflow(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "https" && strings.Contains(u.Path, "/workflows/") &&
		(strings.HasSuffix(host, ".logic.azure.com") || strings.HasSuffix(host, ".environment.api.powerplatform.com"))
}

// workflow sends to a workflow of Teams, which posts an adaptive card.
func workflow(secretURL string) sender {
	type block map[string]any
	return func(title, text string) error {
		body := []block{{"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": true}}
		for line := range strings.Lines(text) {
			body = append(body, block{"type": "TextBlock", "text": strings.TrimSpace(line), "wrap": true, "spacing": "Small"})
		}
		card := block{"type": "AdaptiveCard", "version": "1.2", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "body": body}
		message, err := json.Marshal(block{
			"type":        "message",
			"attachments": []block{{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}},
		})
		if err != nil {
			return err
		}
		answer, err := http.Post(secretURL, "application/json", bytes.NewReader(message)) //nolint:gosec,noctx // the caller bounds the time
		if err != nil {
			return err
		}
		defer answer.Body.Close() //nolint:errcheck // opened for reading
		if answer.StatusCode/100 != 2 {
			return errors.New("the answer is a refusal")
		}
		return nil
	}
}
