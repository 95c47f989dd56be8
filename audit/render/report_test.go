package render

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

var now = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

func finding(rule string, o audit.Outcome, s audit.Severity, e access.Evidence, message, remedy string) audit.Finding {
	return audit.Finding{Rule: rule, Outcome: o, Severity: s, Evidence: e, Message: message, Remedy: remedy}
}

func passed(rule, message string) audit.Finding {
	return finding(rule, audit.Passed, 0, access.Reported, message, "")
}

// snapshot is that of a key of which all common facts are known.
func snapshot(exchange, environment, id string, grants ...access.Grant) *access.Snapshot {
	return &access.Snapshot{
		Inspection: access.Inspection{
			Schema:      access.SnapshotSchema,
			Exchange:    exchange,
			Environment: environment,
			TakenAt:     now,
			KeyID:       id,
			KeyKind:     access.SharedSecret,
			Clock:       access.Clock{Known: true, Window: 5 * time.Second},
			Requests:    1,
		},
		Answer: access.Answer{
			Account:      access.Account{ID: "…42", Kind: access.SubAccount},
			KeyState:     access.KeyActive,
			Grants:       append([]access.Grant{}, grants...),
			IPAllowlist:  access.NewIPAllowlist([]string{"203.0.113.7"}),
			Created:      now.AddDate(0, -1, 0),
			NeverExpires: true,
		},
	}
}

func granted(c access.Capability, names ...string) access.Grant {
	return access.Grant{Capability: c, State: access.Granted, Evidence: access.Reported, Names: names}
}

func denied(c access.Capability) access.Grant {
	return access.Grant{Capability: c, State: access.Denied, Evidence: access.Reported}
}

// nasty holds what would act on a terminal, on HTML, or on Markdown.
const nasty = "\x1b[31mred\x1b]8;;https://evil.test\x07 <script>alert(1)</script> | a | b ](javascript:alert(1)) `code` *bold* " +
	"\u202eevil\u202c \u009b2J @someone #1 https://evil.test www.evil.test \r\n## title\u200b\u2028\U000e0041 \xff"

const keyPage = "https://www.bybit.com/app/user/api-management"

// richReport has every outcome, severity and state that a report can show, and
// was compared with a previous one.
func richReport() *audit.Report {
	r := &audit.Report{
		Schema: audit.ReportSchema, Version: "v0.1.0", Started: now, Finished: now.Add(4 * time.Second),
		Baseline: &audit.Baseline{Started: now.AddDate(0, 0, -1), Finished: now.AddDate(0, 0, -1).Add(3 * time.Second), Keys: 11},
		Results: []*audit.Result{
			worstKey(), nastyKey(), refusedKey(), openKey(), waivedKey(), attestedKey(), unjudgedKey(), unnamedKey(),
			cleanKey("arbitrage-1"), fixedKey(),
		},
		Findings: []audit.Finding{
			{
				Rule: "key-vanished", Outcome: audit.Failed, Severity: audit.Medium, New: true,
				Message: "the key old-hedger (Deribit live) was in the previous report and is not in this one: it is no longer audited",
				Remedy:  "Delete it at the exchange if it was retired, or add it to the inventory again.",
			},
			{Rule: "x" + nasty, Outcome: audit.Undetermined, Severity: audit.Low, Message: "未知: " + nasty, Remedy: nasty},
		},
	}
	r.Recount()
	return r
}

// inventoried is what an inventory says about the key on one of its lines.
func inventoried(owner, purpose string, line int, labels map[string]string) audit.Record {
	return audit.Record{
		Owner: owner, Purpose: purpose, Review: now.AddDate(0, 3, 0), Labels: labels, Stage: audit.StageLive,
		Source: audit.Source{Format: audit.FormatInventory, File: "fleet/keys.json", Line: line, Column: 5},
	}
}

func worstKey() *audit.Result {
	withdraw := granted(access.Withdraw, "Wallet.Withdraw")
	withdraw.Qualifier = "only to saved addresses"
	withdraw.AddressBook = access.BookOn
	withdraw.Implies = []string{"on a main account: can create sub-accounts and their API keys, and add trading rights to this very key"}
	s := snapshot("bybit", "live", "8Kd0…x9Qa", granted(access.Read), granted(access.TradeSpot, "Spot.SpotTrade"), denied(access.TradeOptions), withdraw)
	s.Account.Kind, s.IPAllowlist, s.Created = access.MainAccount, access.NewIPAllowlist(nil), now.AddDate(-1, -2, 0)
	s.Permissions, s.Unmapped = []string{"Spot.SpotTrade", "Wallet.Withdraw"}, []string{"Wallet.Teleport"}
	s.Deadlines = []access.Deadline{{What: "the exchange deletes keys without an IP allowlist after 90 days", At: now.AddDate(0, 1, 0)}}
	s.Facts = []access.Fact{{Name: "vip level", Value: "No VIP"}}
	s.Notes = []string{"Only keys of the main account can withdraw, and only to saved addresses."}
	s.Siblings = []*access.Snapshot{{Inspection: access.Inspection{KeyID: "Zz11…0099"}, Answer: access.Answer{Label: "old bot"}}}
	s.KeyKinds, s.Account.Alarms = []access.KeyKind{access.SharedSecret, access.RSAKey}, []string{"trading_blocked"}
	s.PairAllowlist = access.PairAllowlist{Offered: true, Reported: true, Pairs: []string{"ETHUSDT"}}
	s.Fingerprint, s.FirstSeen, s.Egress = "5b1f0c9d2e7a4468", now.AddDate(0, -2, 0), "frankfurt-1"
	s.Storage = []access.Storage{
		{Part: "key", In: "inventory", File: "fleet/keys.json", Mode: 0o600},
		{Part: "secret", In: "file", File: "/srv/grid/.env", Mode: 0o644, Foreign: true, Plaintext: "every user of this machine can read it"},
	}
	s.Search = &access.Search{
		At: now, Paths: []string{"/home", "/srv"}, Unread: 1, UnreadPaths: []string{"/srv/old.7z"}, More: 3, Lists: []string{"leaked.txt"}, Omitted: []string{"a signer holds the secret, which could not be searched for"},
		Copies: []access.Copy{{Secret: true, File: "/srv/grid/notes.md", Line: 4, Form: "base64", Readers: "its group can read it", Git: access.GitPast, Commit: "3f786850e387550fdab836ed7e6dc881de23001b"}},
	}
	policy := audit.SpotTrading()
	policy.ExpectedIPs = []netip.Prefix{netip.MustParsePrefix("203.0.113.7/32")}
	return &audit.Result{
		Name: "grid-bot-eth", Exchange: "bybit", Title: "Bybit", KeyPage: keyPage, Policy: policy.Name, JudgedBy: policy, Snapshot: s,
		Record: inventoried("Ada Lovelace", "grid trading in ETH", 12, map[string]string{"desk": "markets", "cost-centre": "4711"}),
		Findings: withNew([]audit.Finding{
			finding("withdrawal", audit.Failed, audit.Critical, access.Reported, `the key can withdraw funds (permission "Wallet.Withdraw", only to saved addresses)`,
				"Edit the key and switch the withdrawal right off, or create a new key without it and delete this one."),
			passed("external-transfer", "the key cannot send funds to other users"),
			finding("withdrawal-addresses", audit.Undetermined, audit.Critical, access.NoEvidence, "could not determine whether the key can change withdrawal addresses",
				"Look at the key's page for the right to change withdrawal addresses: switch it off, or attest that it is off."),
			finding("ip-allowlist", audit.Failed, audit.Critical, access.Reported, "the key is usable from any IP address",
				"Edit the key and restrict it to the IP address that the bot runs from. Give the bot a fixed IP address first if it has none."),
			finding("ip-allowlist-width", audit.NotApplicable, 0, access.NoEvidence, "no IP allowlist is in force", ""),
			finding("unknown-permission", audit.Failed, audit.High, access.Reported, `the key has rights that this version does not recognise: ["Wallet.Teleport"]`,
				"Look up what the right does at the exchange and switch it off if the bot doesn't use it; a newer version of this library may recognise it."),
			finding("key-age", audit.Failed, audit.High, access.Reported, "the key is 427 days old, created on 2025-09-22; the policy allows 90 days",
				"Create a new key with the same rights and the same allowlist, move the bot to it, then delete this one."),
			finding("main-account", audit.Failed, audit.Medium, access.Reported, "the key trades on the main account", "Open a sub-account."),
			finding("never-expires", audit.Failed, audit.Low, access.Reported, "the exchange offers an expiry and none is set", "Set an expiry when you create the next key."),
			finding("label", audit.Failed, audit.Info, access.Reported, "the key has no name at the exchange", "Give it one."),
			finding("clock", audit.Undetermined, audit.Medium, access.NoEvidence, "the exchange's answer carried no time to compare with", "Set the machine's clock by NTP."),
		}, "withdrawal", "unknown-permission", "clock"),
	}
}

// withNew marks what the previous report didn't have.
func withNew(findings []audit.Finding, rules ...string) []audit.Finding {
	for i := range findings {
		findings[i].New = slices.Contains(rules, findings[i].Rule)
	}
	return findings
}

func nastyKey() *audit.Result {
	s := snapshot("okx", "live", "a1b2…c3d4", granted(access.Read, nasty), granted(access.Other("earn"), "earn"))
	s.Label, s.Notes, s.Unmapped = nasty, []string{nasty}, []string{nasty}
	s.Facts = []access.Fact{{Name: nasty, Value: nasty}}
	s.PairAllowlist.Pairs, s.Account.Alarms = []string{nasty}, []string{nasty}
	s.Egress, s.Storage = nasty, []access.Storage{{Part: nasty, In: nasty, File: nasty, Plaintext: nasty}}
	s.Deadlines = []access.Deadline{{What: nasty}}
	return &audit.Result{
		Name: "bot " + nasty, Exchange: "okx", Title: "OKX", KeyPage: "javascript:alert(1)", Policy: nasty, Snapshot: s,
		JudgedBy: audit.Policy{Name: nasty, Attestations: []audit.Attestation{{Rule: nasty, Statement: nasty, By: nasty, At: now, Until: now}}},
		Record: audit.Record{
			Owner: nasty, Purpose: nasty, Labels: map[string]string{nasty: nasty, "=1+1": "@SUM(1)"}, Stage: audit.Stage(nasty),
			Source: audit.Source{Format: nasty, File: "=cmd|' /C calc'!A0 " + nasty, Line: 7},
		},
		Resolved: []string{nasty},
		Findings: []audit.Finding{
			finding("lock-up", audit.Failed, audit.Medium, access.Reported, "the key can lock funds in products: "+nasty, nasty),
			finding("x"+nasty, audit.Undetermined, audit.Low, access.NoEvidence, "未知の権限が見つかりました。"+nasty, ""),
			finding("note", audit.Failed, audit.Info, access.Reported, nasty, ""),
			{Rule: "key-age", Outcome: audit.Failed, Severity: audit.Medium, Evidence: access.Reported, Message: nasty, Waived: "accepted until 2027-01-01: " + nasty},
		},
	}
}

func refusedKey() *audit.Result {
	failure := &access.Error{
		Exchange: "Binance", Operation: "GET /sapi/v1/account/apiRestrictions", Kind: access.KindAmbiguous, Status: 401, Code: "-2015",
		Candidates: []access.Kind{access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden}, RetryAfter: 30 * time.Second,
		Message: "Invalid API-key, IP, or permissions for action.", Address: netip.MustParseAddr("2001:db8::1"),
	}
	last := snapshot("binance", "live", "vmPU…Eh8A", granted(access.Read), granted(access.TradeSpot, "enableSpotAndMarginTrading"))
	last.TakenAt, last.FirstSeen, last.KeyKind = now.AddDate(0, 0, -1), now.AddDate(0, -5, 0), access.Ed25519Key
	return &audit.Result{
		Record: inventoried("Grace Hopper", "", 31, nil), JudgedBy: audit.Trading(), Last: last,
		Name: "rebalancer", Exchange: "binance", Title: "Binance", KeyPage: "https://www.binance.com/en/my/settings/api-management", Policy: "trading",
		Snapshot: &access.Snapshot{
			Inspection: access.Inspection{
				Schema:      access.SnapshotSchema,
				Exchange:    "binance",
				Environment: "live",
				TakenAt:     now,
				KeyID:       "vmPU…Eh8A",
				KeyKind:     access.Ed25519Key,
				Failure:     failure,
				Requests:    2,
				Insecure:    []string{"plain http"},
			},
			Answer: access.Answer{
				Grants: []access.Grant{},
			},
		},
		Findings: []audit.Finding{
			finding("withdrawal", audit.Undetermined, audit.Critical, access.NoEvidence, "could not determine whether the key can withdraw funds", "Look."),
			finding("ip-allowlist", audit.Undetermined, audit.High, access.NoEvidence, "could not determine whether the key has an IP allowlist", "Look."),
			finding("insecure-transport", audit.Failed, audit.High, access.Reported, "plain http", "Use https."),
			{
				Rule: "not-inspected", Outcome: audit.Failed, Severity: audit.High, Evidence: access.Refused, New: true, Message: failure.Error(),
				Remedy: "The exchange gives one answer for several causes: check in turn that the key exists, that this machine's IP address is on its allowlist, and that reading is switched on.",
			},
		},
	}
}

func openKey() *audit.Result {
	s := snapshot("kraken", "live", "Kq77…pp01", granted(access.Read))
	s.IPAllowlist, s.Account = access.IPAllowlist{}, access.Account{}
	return &audit.Result{
		Name: "tax-report", Exchange: "kraken", Title: "Kraken", KeyPage: "https://pro.kraken.com/app/settings/api", Policy: "read-only", JudgedBy: audit.ReadOnly(), Snapshot: s,
		Record: audit.Record{Source: audit.Source{Format: "freqtrade", File: "user_data/config.json", Line: 88}},
		Findings: []audit.Finding{
			passed("withdrawal", "the key cannot withdraw funds"),
			finding("ip-allowlist", audit.Undetermined, audit.High, access.NoEvidence, "could not determine whether the key has an IP allowlist",
				"Look at the key's page: restrict the key to the bot's IP address, then attest it."),
		},
	}
}

func waivedKey() *audit.Result {
	f := finding("internal-transfer", audit.Failed, audit.High, access.Reported, "the key can move funds between the owner's accounts: transfer.internal", "Switch it off.")
	f.Waived = "accepted until 2027-03-01: sweeps profits to the cold sub-account every day"
	return &audit.Result{
		Name: "sweeper", Exchange: "bybit", Title: "Bybit", KeyPage: keyPage, Policy: "internal", Findings: []audit.Finding{f},
		JudgedBy: audit.Policy{
			Name: "internal", Needs: []access.Capability{access.Read},
			Waivers: []audit.Waiver{{Rule: f.Rule, Reason: "sweeps profits to the cold sub-account every day", Until: now.AddDate(0, 4, 0)}},
		},
		Snapshot: snapshot("bybit", "live", "Sw33…per1", granted(access.Read), granted(access.TransferInternal, "Wallet.AccountTransfer")),
	}
}

func attestedKey() *audit.Result {
	return &audit.Result{
		Name: "price-watch", Exchange: "kraken", Title: "Kraken", KeyPage: "https://pro.kraken.com/app/settings/api", Policy: "read-only", JudgedBy: audit.ReadOnly(),
		Snapshot: snapshot("kraken", "live", "Pw00…wx12", granted(access.Read)),
		Findings: []audit.Finding{
			finding("ip-allowlist", audit.Passed, 0, access.Attested, "attested by Ada on 2026-11-01, until 2027-02-01: restricted to 203.0.113.7 on the key's page", ""),
		},
	}
}

func unjudgedKey() *audit.Result {
	return &audit.Result{
		Name: "later", Exchange: "bybit", Title: "Bybit", Policy: "", Snapshot: snapshot("bybit", "demo", "Lt44…er22"), Findings: []audit.Finding{},
	}
}

func unnamedKey() *audit.Result {
	return &audit.Result{
		Snapshot: &access.Snapshot{Inspection: access.Inspection{Schema: access.SnapshotSchema, TakenAt: now, Failure: &access.Error{Kind: access.KindInput}}, Answer: access.Answer{Grants: []access.Grant{}}},
		Findings: []audit.Finding{},
	}
}

func cleanKey(name string) *audit.Result {
	s := snapshot("bybit", "testnet", "Ab12…Yz89", granted(access.Read), granted(access.TradeSpot, "Spot.SpotTrade"))
	s.Test = true
	return &audit.Result{
		Name: name, Exchange: "bybit", Title: "Bybit", KeyPage: keyPage, Policy: "spot-trading", JudgedBy: audit.SpotTrading(), Snapshot: s,
		Findings: []audit.Finding{passed("withdrawal", "the key cannot withdraw funds"), passed("ip-allowlist", "the key is restricted to 1 IP address or range")},
	}
}

// fixedKey was worse in the previous report.
func fixedKey() *audit.Result {
	r := cleanKey("arbitrage-2")
	r.Resolved = []string{"ip-allowlist", "key-age"}
	r.Record = inventoried("Ada Lovelace", "", 57, map[string]string{"desk": "arbitrage"})
	return r
}

// golden compares with a file of testdata, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if before, now := string(want), string(got); before != now {
		require.Fail(t, path+" differs; UPDATE_GOLDEN=1 rewrites it", "%s", difference(before, now))
	}
}

// difference shows the lines between the first and the last that differ.
func difference(before, now string) string {
	a, b := strings.Split(before, "\n"), strings.Split(now, "\n")
	start := 0
	for start < min(len(a), len(b)) && a[start] == b[start] {
		start++
	}
	for len(a) > start && len(b) > start && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	out := fmt.Sprintf("line %d\n", start+1)
	for _, side := range []struct {
		mark  string
		lines []string
	}{{"- ", a[start:]}, {"+ ", b[start:]}} {
		for i, line := range side.lines {
			if i == 40 {
				out += fmt.Sprintf("%s… and %d more lines\n", side.mark, len(side.lines)-i)
				break
			}
			out += side.mark + line + "\n"
		}
	}
	return out
}
