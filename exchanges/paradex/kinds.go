package paradex

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/stark"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// kinds is what the page on authentication says of each kind of key: all capabilities of
// the account itself, and whether a subkey has them.
var kinds = []struct {
	capability access.Capability
	subkey     access.State
}{
	{access.Read, access.Granted},
	{access.TradeSpot, access.Granted},
	{access.TradeFutures, access.Granted},
	{access.TradeOptions, access.Granted},
	{access.Withdraw, access.Denied},
	{access.TransferInternal, access.Denied},
	{access.TransferExternal, access.Denied},
	{access.APIKeyManage, access.Denied},
}

// holding is what every key of a kind has; what one of an unknown kind has is unknown.
func holding(kind access.Wallet) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.Wallet = kind
	if kind == access.WalletUnknown {
		return snap
	}
	snap.NeverExpires = true
	if kind == access.MainWallet { // lists are those of subkeys and tokens
		snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	}
	for _, k := range kinds {
		g := access.Grant{Capability: k.capability, State: access.Granted, Evidence: access.Documented}
		if kind == access.DelegatedWallet {
			g.State = k.subkey
		}
		snap.Grants = append(snap.Grants, g)
	}
	return snap
}

// readSubkey reads one subkey of the list.
func readSubkey(record wire.Object) *access.Snapshot {
	snap := holding(access.DelegatedWallet)
	text, _ := record.Text("public_key")
	snap.KeyID = stark.Canonical(text)
	snap.Label, _ = record.Text("name")
	snap.KeyState = record.State("state", map[string]access.KeyState{"active": access.KeyActive, "revoked": access.KeyDisabled})
	if list, ok := record.Strings("allowed_cidrs"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Created, snap.Changed = moment(record, "created_at"), moment(record, "updated_at")
	switch at, ok := record.Int("revoked_at"); {
	case ok && at == 0: // it is not
	case ok && at > 0:
		snap.KeyState = access.KeyDisabled
	default:
		snap.KeyState = access.KeyUnclear
	}
	return snap
}

// notToken refuses read-only tokens, which are JSON web tokens (RFC 7519), by what their own text
// says: until when they are valid. Whether one may list keys and tokens is not documented.
func notToken(read func(string) ([]byte, error)) func(string) ([]byte, error) {
	return func(text string) ([]byte, error) {
		parts := strings.Split(text, ".")
		if len(parts) != 3 {
			return read(text)
		}
		says := "it is a token"
		if raw, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			if claims, err := wire.Parse(raw); err == nil {
				if ends, ok := claims.Int("exp"); ok {
					says += ", which ends on " + time.Unix(ends, 0).UTC().Format(time.DateOnly)
				}
			}
		}
		return nil, errors.New(says + ", and what it may do no documented read shows: give the private key of a subkey")
	}
}

// moment reads a time, which is documented in nanoseconds and shown in seconds.
func moment(record wire.Object, name string) time.Time {
	n, ok := record.Int(name)
	switch {
	case !ok || n <= 0:
		return time.Time{}
	case n < 1e11:
		return time.Unix(n, 0).UTC()
	case n < 1e14:
		return time.UnixMilli(n).UTC()
	case n < 1e17:
		return time.UnixMicro(n).UTC()
	default:
		return time.Unix(0, n).UTC()
	}
}
