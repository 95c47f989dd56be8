package wire

import "regexp"

// Form is what a key or a secret of an exchange looks like, whole.
func Form(expression string) *regexp.Regexp { return regexp.MustCompile("^(?:" + expression + ")$") }

// Parts of forms.
const (
	UUID    = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
	Hex     = "[0-9A-Fa-f]"
	Letters = "[A-Za-z0-9]"
)

// AddressHex is a wallet address of Ethereum's form.
var AddressHex = Form("0[xX]" + Hex + "{40}")

// PrivateHex is a private key of a wallet of Ethereum's form, of which many clients leave
// out "0x".
var PrivateHex = Form("(?:0[xX])?" + Hex + "{64}")
