package injective

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/cosmos"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// grants are those that an account gave, or a wallet has.
type grants struct {
	list  []grant
	paged bool // it says whether there is a further page
	whole bool // there is none
	resp  *adapter.Response
}

// grant lets one wallet send one type of message for an account.
type grant struct {
	granter, grantee string
	message          string // its type, or that of an authorization of the chain's own
	ends             time.Time
	endless          bool
	any              bool // it may be for any message: its authorization is none that is known
}

func (g grant) to() string   { return g.grantee }
func (g grant) from() string { return g.granter }

func readGrant(record wire.Object) grant {
	g := grant{endless: record.IsNull("expiration")}
	g.granter, _ = record.Text("granter")
	g.grantee, _ = record.Text("grantee")
	g.ends, _ = record.RFC3339("expiration")
	authorization, _ := record.Object("authorization")
	if g.message, _ = authorization.Text("@type"); g.message == "/cosmos.authz.v1beta1.GenericAuthorization" {
		g.message, _ = authorization.Text("msg")
	} else if _, known := rightOf(g.message); !known {
		g.any = true
	}
	if !strings.HasPrefix(g.message, "/") {
		g.message, g.any = "", true
	}
	return g
}

// snapshots are what each wallet may do, by one of the two addresses of its grants. One
// without that address may be of any of them.
func (g grants) snapshots(s *adapter.Session, by func(grant) string) (out []*access.Snapshot) {
	held := map[string][]grant{}
	for _, one := range g.list {
		address := cosmos.Canonical(prefix, by(one))
		held[address] = append(held[address], one)
	}
	lost := g.lost(by)
	for _, address := range slices.Sorted(maps.Keys(held)) {
		snap := of(held[address], g.whole && !lost, s.Now())
		if snap.KeyID = address; lost {
			snap.Expires, snap.NeverExpires = time.Time{}, false
		}
		out = append(out, snap)
	}
	return out
}

// lost reports whether a grant names no wallet there.
func (g grants) lost(by func(grant) string) bool {
	return slices.ContainsFunc(g.list, func(one grant) bool { return cosmos.Canonical(prefix, by(one)) == "" })
}

// of is what a wallet may do that has these grants. Those that have ended are nothing; if
// they are all, so is the key. A list that goes on denies nothing.
func of(held []grant, whole bool, now time.Time) *access.Snapshot {
	snap, table, names := empty(), rights.Table{}, []string{}
	snap.Wallet, snap.KeyState, snap.ExpiryOffered = access.DelegatedWallet, access.KeyExpired, true
	for _, f := range families {
		table[f.name] = f.right
	}
	unknown := false
	for _, g := range held {
		if snap.Expires.Before(g.ends) {
			snap.Expires = g.ends
		}
		unknown = unknown || g.ends.IsZero() && !g.endless
		if !g.ends.IsZero() && !now.Before(g.ends) {
			continue
		}
		snap.NeverExpires = snap.NeverExpires || g.endless
		if snap.KeyState = access.KeyActive; unknown {
			snap.KeyState = access.KeyUnclear
		}
		names = append(names, g.message)
		if right, known := rightOf(g.message); known {
			table[g.message] = right
		}
	}
	if snap.NeverExpires || unknown { // its last grant has no end, or none that is known
		snap.Expires = time.Time{}
	}
	states := table.Listed(names)
	if !whole || slices.ContainsFunc(held, func(g grant) bool { return g.any }) {
		rights.DenyNothing(states)
	}
	table.Apply(snap, states)
	return snap
}

// families are the types of messages, by what the documentation says of them: what
// their names consist of. The two versions of the exchange's module have the same, and its
// authorizations are named likewise.
var families = []struct {
	name  string // none that a message has
	is    *regexp.Regexp
	right rights.Right
}{
	family("spot", `/injective\.exchange\.v[^.]*\.(Batch)?(Create|Cancel)Spot\w*`, rights.For(access.TradeSpot)),
	family("derivatives", `/injective\.exchange\.v[^.]*\.((Batch)?(Create|Cancel)Derivative\w*|IncreasePositionMargin)`, rights.For(access.TradeFutures)),
	family("both", `/injective\.exchange\.v[^.]*\.BatchUpdateOrders`, rights.For(access.TradeSpot, access.TradeFutures)),
	family("binary options", `/injective\.exchange\.v[^.]*\.(Batch)?(Create|Cancel)BinaryOptions\w*`, rights.For(access.TradeOptions)),
	family("own", `/injective\.exchange\.v[^.]*\.(Deposit|Withdraw|SubaccountTransfer)`, rights.For(access.TransferInternal)),
	family("external", `/injective\.exchange\.v[^.]*\.ExternalTransfer`, rights.For(access.TransferExternal)),
	family("send", `/cosmos\.bank\.v[^.]*\.(Send|MultiSend|SendAuthorization)`, rights.For(access.Withdraw, access.TransferExternal)),
	family("bridge", `/injective\.peggy\.v[^.]*\.SendToEth|/ibc\.applications\.transfer\.v[^.]*\.Transfer`, rights.For(access.Withdraw)),
	family("grants", `/cosmos\.authz\.v[^.]*\.(Grant|Revoke|Exec)`, rights.For(access.APIKeyManage)),
	family("contracts", `/injective\.exchange\.v[^.]*\.PrivilegedExecuteContract|/cosmwasm\.wasm\.v[^.]*\.\w+`, rights.Right{
		Grants: []access.Capability{access.Other("contracts")}, Perhaps: []access.Capability{access.Withdraw, access.TransferExternal},
	}),
	family("staking", `/cosmos\.staking\.v[^.]*\.\w+`, rights.For(access.Other("staking"))),
}

func family(name, is string, right rights.Right) (out struct {
	name  string
	is    *regexp.Regexp
	right rights.Right
},
) {
	out.name, out.is, out.right = name, wire.Form(is), right
	return out
}

// rightOf is what a type of messages is for. MsgExec sends what others granted to the
// account, which may be anything.
func rightOf(message string) (rights.Right, bool) {
	at := strings.LastIndexByte(message, '.') + 1
	bare := message[:at] + strings.TrimSuffix(strings.TrimPrefix(message[at:], "Msg"), "Authz")
	for _, f := range families {
		if f.is.MatchString(bare) {
			right := f.right
			if strings.HasSuffix(bare, ".Exec") {
				right.Perhaps = []access.Capability{access.Withdraw, access.TransferExternal}
			}
			return right, true
		}
	}
	return rights.Right{}, false
}
