package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Policy is what a key is for. Every capability is needed, allowed or
// forbidden; what is not listed is forbidden. The zero value allows reading
// only, with the default limits.
type Policy struct {
	Name string `json:"name,omitempty"`
	// Needs must be granted: without them the bot fails.
	Needs []access.Capability `json:"needs,omitempty"`
	// Allows may be granted.
	Allows []access.Capability `json:"allows,omitempty"`

	MaxAge       time.Duration  `json:"max_age,omitempty"`       // 90 days if zero
	MaxIdle      time.Duration  `json:"max_idle,omitempty"`      // 45 days if zero
	ExpiryNotice time.Duration  `json:"expiry_notice,omitempty"` // 30 days if zero
	MaxEntries   int            `json:"max_entries,omitempty"`   // of an IP allowlist; 10 if zero
	ExpectedIPs  []netip.Prefix `json:"expected_ips,omitempty"`  // where the bot runs
	// Off are the hours in which the bot does not run, so that a use of the key then is
	// somebody else's.
	Off []Hours `json:"off,omitempty"`
	// Autonomous raises the finding main-account for a trading key to High: for
	// software that acts on its own, whose losses a sub-account limits.
	Autonomous bool `json:"autonomous,omitempty"`

	Attestations []Attestation `json:"attestations,omitempty"`
	Waivers      []Waiver      `json:"waivers,omitempty"`
}

// Attestation states a fact that the exchange does not report, for instance
// that an IP allowlist is set. It turns Undetermined into Passed, with the
// evidence "attested", until it expires. It never overrules what the exchange
// reports.
type Attestation struct {
	Rule      string    `json:"rule"`
	Statement string    `json:"statement"` // what was looked at
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	Until     time.Time `json:"until"`
	// Covers names the permissions that an attestation of unknown-permission is
	// about. It does not hold once the key has another one.
	Covers []string `json:"covers,omitempty"`
}

// Waiver accepts a risk until a date. The finding is still shown.
type Waiver struct {
	Rule   string    `json:"rule"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

// title is the name that reports use.
func (p *Policy) title() string {
	if name := access.Printable(p.Name); name != "" {
		return name
	}
	return "unnamed"
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

func (p *Policy) maxAge() time.Duration { return orDefault(p.MaxAge, 90*day) }

func (p *Policy) maxIdle() time.Duration { return orDefault(p.MaxIdle, 45*day) }

func (p *Policy) expiryNotice() time.Duration { return orDefault(p.ExpiryNotice, 30*day) }

func (p *Policy) maxEntries() int { return orDefault(p.MaxEntries, 10) }

func (p *Policy) needs(c access.Capability) bool { return slices.Contains(p.Needs, c) }

func (p *Policy) admits(c access.Capability) bool { return p.needs(c) || slices.Contains(p.Allows, c) }

// trades reports whether the key is meant to trade at all.
func (p *Policy) trades() bool {
	return slices.ContainsFunc(slices.Concat(p.Needs, p.Allows), access.Capability.Trades)
}

// ReadOnly is for dashboards, tax tools and price watchers.
func ReadOnly() Policy {
	return Policy{Name: "read-only", Needs: []access.Capability{access.Read}}
}

// SpotTrading is for bots that trade spot.
func SpotTrading() Policy {
	return Policy{Name: "spot-trading", Needs: []access.Capability{access.Read, access.TradeSpot}}
}

// FuturesTrading is for bots that trade futures and perpetual swaps.
func FuturesTrading() Policy {
	return Policy{Name: "futures-trading", Needs: []access.Capability{access.Read, access.TradeFutures}}
}

// Trading is for bots that may trade every product.
func Trading() Policy {
	return Policy{
		Name: "trading", Needs: []access.Capability{access.Read},
		Allows: []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions},
	}
}

// Treasury is for keys that pay out: withdrawal is needed, and then only with
// an IP allowlist and to withdrawal addresses that the owner saved beforehand.
func Treasury() Policy {
	return Policy{
		Name: "treasury", Needs: []access.Capability{access.Read, access.Withdraw},
		Allows: []access.Capability{access.TransferInternal, access.TransferExternal},
	}
}

// Agent is for software that decides on its own, such as a language model: spot
// only, with shorter limits, on a sub-account.
func Agent() Policy {
	return Policy{
		Name: "agent", Needs: []access.Capability{access.Read, access.TradeSpot}, MaxAge: 30 * day,
		Autonomous: true,
	}
}

// Presets lists the presets by name, for inventories.
func Presets() map[string]Policy {
	presets := map[string]Policy{}
	for _, p := range []Policy{ReadOnly(), SpotTrading(), FuturesTrading(), Trading(), Treasury(), Agent()} {
		presets[p.Name] = p
	}
	return presets
}

// problems reports what is wrong in the policy, which may name the rules that are
// known.
func (p *Policy) problems(known func(id string) bool) []string {
	var out []string
	unknown := func(name string) bool { return name != "" && !known(currentRule(name)) }
	for _, c := range slices.Concat(p.Needs, p.Allows) {
		if !c.Valid() {
			out = append(out, fmt.Sprintf("the policy names the unknown capability %q", c))
		}
	}
	if slices.ContainsFunc(p.ExpectedIPs, func(x netip.Prefix) bool { return !x.IsValid() }) {
		out = append(out, "the policy expects an IP address or range that is none: check what its text was parsed with")
	}
	for _, a := range p.Attestations {
		out = appendText(out, a.problem())
		if unknown(a.Rule) {
			out = append(out, fmt.Sprintf("the policy attests the unknown rule %q", access.Printable(a.Rule)))
		}
	}
	for _, w := range p.Waivers {
		out = appendText(out, w.problem())
		if unknown(w.Rule) {
			out = append(out, fmt.Sprintf("the policy waives the unknown rule %q", access.Printable(w.Rule)))
		}
	}
	return out
}

func (a *Attestation) problem() string {
	if a.Rule == "" || a.By == "" || a.Statement == "" || a.At.IsZero() || a.Until.IsZero() {
		return fmt.Sprintf("the attestation of %q must say who (by), what (statement), when (at) and until when (until)",
			access.Printable(a.Rule))
	}
	return ""
}

func (w *Waiver) problem() string {
	if w.Rule == "" || w.Reason == "" || w.Until.IsZero() {
		return fmt.Sprintf("the waiver of %q must say why (reason) and until when (until)", access.Printable(w.Rule))
	}
	return ""
}

// lapse says why the attestation is not in force now, or nothing.
func (a *Attestation) lapse(now time.Time) string {
	switch problem := a.problem(); {
	case problem != "":
		return problem
	case now.Before(a.At):
		return fmt.Sprintf("the attestation of %s is dated %s, which is in the future", access.Printable(a.Rule), date(a.At))
	case !now.Before(a.Until):
		return fmt.Sprintf("the attestation of %s expired on %s", access.Printable(a.Rule), date(a.Until))
	default:
		return ""
	}
}

// lapse says why the waiver is not in force now, or nothing.
func (w *Waiver) lapse(now time.Time) string {
	switch problem := w.problem(); {
	case problem != "":
		return problem
	case !now.Before(w.Until):
		return fmt.Sprintf("the waiver of %s expired on %s", access.Printable(w.Rule), date(w.Until))
	default:
		return ""
	}
}

// covers reports whether the attestation names every one of the permissions.
func (a *Attestation) covers(permissions []string) bool {
	return !slices.ContainsFunc(permissions, func(name string) bool { return !slices.Contains(a.Covers, name) })
}

// overlong names the attestations and waivers that run longer than a year: by then
// nobody remembers what was looked at.
func (p *Policy) overlong(now time.Time) []string {
	const longest = 366 * day
	var out []string
	for _, a := range p.Attestations {
		if a.lapse(now) == "" && a.Until.Sub(a.At) > longest {
			out = append(out, fmt.Sprintf("the attestation of %s runs longer than a year, until %s", access.Printable(a.Rule), date(a.Until)))
		}
	}
	for _, w := range p.Waivers {
		if w.lapse(now) == "" && w.Until.Sub(now) > longest {
			out = append(out, fmt.Sprintf("the waiver of %s runs longer than a year, until %s", access.Printable(w.Rule), date(w.Until)))
		}
	}
	return out
}

// attests reports whether an attestation of a rule is in force now.
func (p *Policy) attests(rule string, now time.Time) bool {
	return slices.ContainsFunc(p.Attestations, func(a Attestation) bool {
		return currentRule(a.Rule) == rule && a.lapse(now) == ""
	})
}

// lapsed names the attestations and waivers that are not in force. An attestation that
// was renewed by another is history.
func (p *Policy) lapsed(now time.Time) []string {
	var out []string
	for _, a := range p.Attestations {
		if a.problem() != "" || !p.attests(currentRule(a.Rule), now) {
			out = appendText(out, a.lapse(now))
		}
	}
	for _, w := range p.Waivers {
		out = appendText(out, w.lapse(now))
	}
	return out
}

// speaks reports whether the owner attested or waived a rule for this key.
func (p *Policy) speaks(rule string, now time.Time) bool {
	return p.attests(rule, now) || slices.ContainsFunc(p.Waivers, func(w Waiver) bool {
		return currentRule(w.Rule) == rule && w.lapse(now) == ""
	})
}
