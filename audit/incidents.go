package audit

import (
	"strings"
	"time"
	"unicode"
)

// Incident is something that happened to those who hold keys for others: what they held
// was exposed. A key that they had is to be rotated, and only one created since is not
// concerned.
type Incident struct {
	Holder string `json:"holder"` // software or a vendor: "3Commas"
	What   string `json:"what"`   // a clause: "API keys of its users were published"
	// Until is the last day, in UTC, on which what was held then was exposed; where only
	// the news is dated, the day of that.
	Until  time.Time `json:"until"`
	Source string    `json:"source"` // https URL of a public report
}

// IncidentsAsOf is the day on which Incidents was last looked through.
const IncidentsAsOf = "2026-11-30"

// Incidents are those that this version knows: few, each with a public source, of
// those that hold exchanges' keys or the variables that keys are kept in. That one is not
// listed says nothing.
func Incidents() []Incident {
	on := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	return []Incident{
		{
			"3Commas", "API keys of its users were published, after trades that nobody had ordered since October", on(2022, 12, 28),
			"https://unchainedcrypto.com/3commas-confirms-api-leak-says-no-proof-of-an-inside-job",
		},
		{
			"CircleCI", "customers' environment variables, tokens and keys were taken", on(2023, 1, 4),
			"https://discuss.circleci.com/t/faq-compilation-security-alert-rotate-any-secrets-stored-in-circleci/46559",
		},
		{
			"Codecov", "its uploader sent the environment variables of builds to somebody else", on(2021, 4, 1),
			"https://about.codecov.io/apr-2021-post-mortem/",
		},
		{
			"LastPass", "backups of customers' vaults were taken", on(2022, 12, 22),
			"https://9to5mac.com/2022/12/22/lastpass-breach-password-vaults-obtained/",
		},
		{
			"LiteLLM", "releases on PyPI stole keys and environment variables", on(2026, 3, 25),
			"https://blog.mozilla.ai/hardening-your-llm-dependency-supply-chain",
		},
		{
			"tj-actions/changed-files", "the GitHub action wrote the secrets of builds into their logs", on(2025, 3, 15),
			"https://github.com/advisories/GHSA-mrrh-fwg8-r2c3",
		},
		{
			"Vercel", "environment variables that were not marked as sensitive may have been read", on(2026, 4, 23),
			"https://vercel.com/kb/bulletin/vercel-april-2026-security-incident",
		},
	}
}

// Concerns reports whether it is about a holder, however the name is spelt.
func (i *Incident) Concerns(holder string) bool {
	own := plainName(i.Holder)
	return own != "" && (own == plainName(holder) || own == plainName(strings.TrimSuffix(strings.ToLower(holder), ".io")) ||
		own == plainName(strings.TrimSuffix(strings.ToLower(holder), ".com")))
}

// plainName is a name's letters and digits, in lower case.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// over is when a key that is created now was no longer exposed.
func (i *Incident) over() time.Time { return i.Until.UTC().Truncate(day).Add(day) }
