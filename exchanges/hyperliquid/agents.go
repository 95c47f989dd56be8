package hyperliquid

import (
	"context"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/ethereum"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// agentsOf asks for the named agents of an account.
func agentsOf(ctx context.Context, s *adapter.Session, account string) ([]*access.Snapshot, error) {
	if account == "" {
		return nil, nil
	}
	resp, err := ask(ctx, s, "extraAgents", account)
	if err != nil {
		return nil, err
	}
	list, err := wire.ParseList(resp.Body)
	if err != nil || resp.Status != http.StatusOK {
		return nil, wire.NotUnderstood(resp, err)
	}
	var out []*access.Snapshot
	for _, row := range list {
		agent := holding("agent")
		text, _ := row.Text("address")
		agent.KeyID = ethereum.Canonical(text)
		agent.Label, _ = row.Text("name")
		agent.Expires, _ = row.Millis("validUntil")
		agent.NeverExpires = row.IsNull("validUntil")
		switch {
		case row.Err() != nil, agent.KeyID == "":
			return nil, wire.NotUnderstood(resp, row.Err())
		case agent.NeverExpires, s.Now().Before(agent.Expires):
			agent.KeyState = access.KeyActive
		case agent.Expires.IsZero():
			agent.KeyState = access.KeyUnclear
		default:
			agent.KeyState = access.KeyExpired
		}
		out = append(out, agent)
	}
	return out, nil
}

// missing: the exchange forgets agents some time after their end.
func missing(own role, agents []*access.Snapshot, id string) *access.Error {
	e := &access.Error{
		Kind: access.KindBadKey, Status: own.resp.Status, Code: own.name,
		Message: "the wallet is no agent: it was never approved, was replaced, or has expired",
	}
	if listed, _ := keylist.Own(agents, id); listed != nil && listed.KeyState == access.KeyExpired {
		e.Kind, e.Message = access.KindExpired, "the agent expired on "+listed.Expires.Format(time.DateOnly)
	}
	return e
}

// readAgents reads what the list of the account's agents says of the key, and keeps the
// others.
func readAgents(snap *access.Snapshot, listed []*access.Snapshot, read bool, id string) {
	own, others := keylist.Own(listed, id)
	if own != nil {
		snap.Label, snap.Expires, snap.NeverExpires, snap.KeyState = own.Label, own.Expires, own.NeverExpires, own.KeyState
	} else if !read {
		snap.Notes = append(snap.Notes, "The list of the account's agents could not be read, so the end of this one is unknown, and so are the others.")
	} else if snap.Wallet == access.DelegatedWallet {
		snap.Notes = append(snap.Notes, "The agent is not in the list of the account's named agents, so its end is unknown.")
	}
	snap.Siblings = others
}
