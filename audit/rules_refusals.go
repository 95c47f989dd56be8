package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// kindAdvice says what a person does about each kind of failure. What depends on
// the failure itself is added by causeAdvice.
var kindAdvice = map[access.Kind]string{
	access.KindInput: "Fix what the message names, then audit the key again; nothing was sent.",
	access.KindBadKey: "Check that the key still exists at the exchange, was copied whole, and was not swapped " +
		"with its secret. If it was deleted, remove it everywhere.",
	access.KindBadSignature: "Check that the secret, and the passphrase if there is one, belong to this key and " +
		"were copied whole.",
	access.KindIPNotAllowed: "Run the audit from an IP address on the key's allowlist, for instance on the bot's " +
		"host or through its proxy",
	access.KindClockSkew: "Synchronise this machine's clock by NTP, then audit the key again.",
	access.KindNonce: "Another client of this key uses larger nonces. Set nonce_unit to the unit of that client " +
		"(s, ms, us or ns), and never to a finer one: that would lock the client out.",
	access.KindSecondFactor: "Set otp to the key's second factor, or look at the key's page by hand, attest the other " +
		"rules by what you see, and waive this one.",
	access.KindExpired:  "Create a new key, move the bot to it and delete this one.",
	access.KindDisabled: "At the exchange, find out why the key or its account is switched off or locked.",
	access.KindForbidden: "The key may not ask about itself. Look at its page by hand, attest the other rules by what you see, " +
		"and waive this one.",
	access.KindAmbiguous:   "The exchange gives no reason: look at the key's page by hand, then audit the key again.",
	access.KindRateLimited: "Audit the key again later, or fewer keys at a time.",
	access.KindBanned:      "Stop every client on this IP address until the ban ends; further requests prolong it.",
	access.KindWrongEnvironment: "Check on which site or network of the exchange the key was created, and set that " +
		"as its environment",
	access.KindGeoBlocked:  "Run the audit from a place that the exchange serves.",
	access.KindUnavailable: "Audit the key again later.",
	access.KindNotUnderstood: "The exchange's answer has changed, or something else answered in its place. Look at " +
		"the key's page by hand and report the change to this project.",
	access.KindGuard: "Nothing but the declared requests was sent. Check base_url and any proxy in between; report " +
		"it if neither is unusual.",
	access.KindCanceled: "Audit the key again, with a longer time limit if that was reached.",
}

// causes are what a failure may mean. Where a key may be unknown, it may be one of
// another site, or of another exchange of the brand.
func causes(exchange string, f *access.Error) []access.Kind {
	kinds := []access.Kind{f.Kind}
	if f.Kind == access.KindAmbiguous && len(f.Candidates) > 0 {
		kinds = slices.Clone(f.Candidates)
	}
	elsewhere := len(f.Environments) > 0 || len(sisters(exchange)) > 0
	if slices.Contains(kinds, access.KindBadKey) && elsewhere { // what is advised twice is said once
		kinds = append(kinds, access.KindWrongEnvironment)
	}
	return kinds
}

// refusalAdvice says what a person does about the failure: what each of its
// possible causes calls for, and nothing else.
func (p *Pass) refusalAdvice() string {
	f := p.Snapshot.Failure
	kinds := causes(p.Snapshot.Exchange, f)
	seen := ""
	if f.Address.IsValid() && !slices.Contains(kinds, access.KindIPNotAllowed) {
		seen = fmt.Sprintf(" The exchange named the IP address %s.", f.Address)
	}
	var texts []string
	for _, kind := range kinds {
		if text := p.causeAdvice(kind); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) < 2 {
		return strings.Join(texts, "") + seen
	}
	for i := range texts {
		texts[i] = fmt.Sprintf("(%d) %s", i+1, texts[i])
	}
	return "Check in turn: " + strings.Join(texts, " ") + seen
}

func (p *Pass) causeAdvice(kind access.Kind) string {
	text := kindAdvice[kind]
	switch kind {
	case access.KindIPNotAllowed:
		text += p.addressAdvice()
		if p.refusedByIP() && !p.Snapshot.IPAllowlist.Restricts() {
			text += " This exchange refuses keys without an allowlist too: if the key's page shows none, look there for the " +
				"third-party app or the site that the key belongs to."
		}
	case access.KindWrongEnvironment:
		text = p.siteAdvice(text)
	default:
	}
	return text
}
