package audit

import (
	"fmt"
	"os"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

var (
	envKeys        = []string{"_API_KEY", "_APIKEY", "_KEY"}
	envSecrets     = []string{"_API_SECRET", "_SECRET", "_SECRET_KEY", "_API_PRIVATE_KEY"}
	envPassphrases = []string{"_API_PASSPHRASE", "_PASSPHRASE", "_API_PASSWORD"}
	envOTPs        = []string{"_API_OTP"}
)

// FromEnv reads credentials from environment variables named after prefix, in
// the spellings bots use:
//
//	key         PREFIX_API_KEY, PREFIX_APIKEY, PREFIX_KEY
//	secret      PREFIX_API_SECRET, PREFIX_SECRET, PREFIX_SECRET_KEY, PREFIX_API_PRIVATE_KEY
//	passphrase  PREFIX_API_PASSPHRASE, PREFIX_PASSPHRASE, PREFIX_API_PASSWORD (optional)
//	otp         PREFIX_API_OTP (optional)
//
// Two spellings with different values are an error: it would be unclear
// which key was audited. The error names variables and never a value.
func FromEnv(prefix string) (adapter.Credentials, error) {
	var problems []string
	lookup := func(what string, suffixes []string, needed bool) string {
		value, from := "", ""
		for _, suffix := range suffixes {
			v := strings.TrimSpace(os.Getenv(prefix + suffix))
			switch {
			case v == "":
			case value == "":
				value, from = v, prefix+suffix
			case v != value:
				problems = append(problems, fmt.Sprintf("%s and %s are both set and differ: unset one", from, prefix+suffix))
			}
		}
		if value == "" && needed {
			problems = append(problems, fmt.Sprintf("no %s: set %s", what, prefix+suffixes[0]))
		}
		return value
	}
	c := adapter.Credentials{
		Key:        lookup("API key", envKeys, true),
		Secret:     adapter.NewSecret(lookup("secret", envSecrets, true)),
		Passphrase: adapter.NewSecret(lookup("passphrase", envPassphrases, false)),
		OTP:        adapter.NewSecret(lookup("second factor", envOTPs, false)),
	}
	if len(problems) > 0 {
		return adapter.Credentials{}, &access.Error{Kind: access.KindInput, Message: strings.Join(problems, "; ")}
	}
	return c, nil
}
