package audit

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// FromEnv reads credentials from environment variables named after prefix, in
// any case and under the names that exchanges, their clients and bots use
// (adapter.PartNames has all of them):
//
//	key         PREFIX_API_KEY, PREFIX_KEY, PREFIX_ACCESS_KEY, PREFIX_API_KEY_ID …
//	secret      PREFIX_API_SECRET, PREFIX_SECRET, PREFIX_SECRET_KEY, PREFIX_PRIVATE_KEY …
//	passphrase  PREFIX_API_PASSPHRASE, PREFIX_PASSPHRASE, PREFIX_PASSWORD … (optional)
//	otp         PREFIX_API_OTP (optional)
//	account     PREFIX_ACCOUNT_ADDRESS, PREFIX_WALLET_ADDRESS … (of wallets, which need no key)
//
// PREFIX_PRIVATE_KEY_PASSPHRASE opens a private key that is encrypted.
//
// Two names with different values are an error: it would be unclear which key
// was audited. The error names variables and never a value.
func FromEnv(prefix string) (adapter.Credentials, error) {
	var problems []string
	set := variablesOf(prefix)
	lookup := func(what string, part adapter.Part, usual string) string {
		found := set[part]
		for _, v := range found {
			if v.rank == found[0].rank && v.value != found[0].value {
				problems = append(problems, fmt.Sprintf("%s and %s are both set and differ: unset one", found[0].name, v.name))
			}
		}
		if len(found) > 0 {
			return found[0].value
		}
		if usual != "" {
			problems = append(problems, fmt.Sprintf("no %s: set %s", what, strings.TrimPrefix(prefix+usual, "_")))
		}
		return ""
	}
	usual := "_API_KEY"
	secret, account := lookup("secret", adapter.SecretPart, "_API_SECRET"), lookup("account", adapter.AccountPart, "")
	if account != "" || walletKeyForm.MatchString(secret) { // from which the key derives
		usual = ""
	}
	c := adapter.Credentials{
		Key:        lookup("API key", adapter.KeyPart, usual),
		Account:    account,
		Secret:     adapter.NewSecret(secret),
		Passphrase: adapter.NewSecret(lookup("passphrase", adapter.PassphrasePart, "")),
		OTP:        adapter.NewSecret(lookup("second factor", adapter.OTPPart, "")),

		KeyPassphrase: adapter.NewSecret(lookup("pass phrase of the private key", adapter.KeyPassphrasePart, "")),
	}
	if len(problems) > 0 {
		return adapter.Credentials{}, &access.Error{Kind: access.KindInput, Message: strings.Join(problems, "; ")}
	}
	return c, nil
}

// walletKeyForm is how clients write the private key of a wallet. Without the 0x it could
// be a shared secret.
var walletKeyForm = regexp.MustCompile(`^0x[0-9A-Fa-f]{64}$`)

// variable is one that holds a part. Only those of the lowest rank count.
type variable struct {
	name, value string
	rank        int
}

// variablesOf are the variables that are set and named after prefix, the usual
// names first.
func variablesOf(prefix string) map[adapter.Part][]variable {
	named := map[string][]variable{} // by what follows the prefix
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if value = strings.TrimSpace(value); value == "" || len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
			continue
		}
		end := adapter.Fold(name[len(prefix):])
		named[end] = append(named[end], variable{name: name, value: value})
	}
	out := map[adapter.Part][]variable{}
	for _, row := range adapter.PartNames() {
		for _, v := range named[adapter.Fold(row.Name)] {
			switch {
			case len(row.Of) > 0: // which exchange it is isn't known here
				v.rank = 2
			case row.Weak:
				v.rank = 1
			}
			out[row.Part] = append(out[row.Part], v)
		}
	}
	for _, found := range out {
		slices.SortStableFunc(found, func(a, b variable) int { return a.rank - b.rank })
	}
	return out
}
