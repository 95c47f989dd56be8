package htxstyle

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// parseKeys reads the list of the user's keys. The exchange refuses it to keys of
// sub-users, whose rights stay unknown.
func (a *API) parseKeys(resp *adapter.Response, uid, key string, now time.Time) (*access.Snapshot, error) {
	body, err := unwrap(resp)
	if err != nil {
		missing := resp.Status == http.StatusNotFound // the exchange has no such call
		code, ofOneCall := wire.OfOneCall(err)
		if !missing && !ofOneCall {
			return nil, err
		}
		code = cmp.Or(code, strconv.Itoa(resp.Status))
		return unlisted(uid, "The exchange refused the list of keys ("+code+"), as it does for keys of sub-users, "+
			"so what this key may do, and from which IP addresses, is unknown."), nil
	}
	list, ok := body.Objects("data")
	if !ok || len(list) == 0 {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	var own, others, unnamed []*access.Snapshot
	for _, entry := range list {
		listed := a.readKey(entry, now)
		switch id, _ := entry.Text("accessKey"); id {
		case "": // may be any key, this one too
			unnamed = append(unnamed, listed)
		case key:
			own = append(own, listed)
		default:
			listed.KeyID = id
			others = append(others, listed)
		}
	}
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	snap := unlisted(uid, "This key is not in the list of the user's keys, so what it may do, and from which IP addresses, is unknown.")
	if len(own) == 1 && len(unnamed) == 0 {
		snap = own[0]
		snap.Account.ID = uid
		rights.Prove(snap, access.Read)
	}
	snap.Siblings = append(others, unnamed...)
	return snap, nil
}

// unlisted is a key of which the answer itself is all that is known: it may read.
func unlisted(uid, note string) *access.Snapshot {
	snap := &access.Snapshot{Answer: access.Answer{Account: access.Account{ID: uid}, Notes: []string{note}}}
	rights.Prove(snap, access.Read)
	return snap
}

// readKey reads one key of the list.
func (a *API) readKey(entry wire.Object, now time.Time) *access.Snapshot {
	snap := &access.Snapshot{Answer: access.Answer{Account: access.Account{Kind: access.MainAccount}}}
	snap.Label, _ = entry.Text("note")
	a.readPermissions(entry, snap)
	if ips, ok := entry.Commas("ipAddresses"); ok { // documented as always present
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	snap.Created, _ = entry.Millis("createTime")
	snap.Changed, _ = entry.Millis("updateTime")
	snap.KeyState = entry.State("status", map[string]access.KeyState{"normal": access.KeyActive, "expired": access.KeyExpired})
	days, ok := entry.Int("validDays")
	snap.NeverExpires = ok && days == -1
	if ok && days >= 0 && days < 100*365 && snap.KeyState == access.KeyActive {
		snap.Expires = now.Add(time.Duration(max(days, 1)) * day).Truncate(day)
	}
	expires := slices.ContainsFunc(snap.Grants, func(g access.Grant) bool { return g.Capability != access.Read && g.State != access.Denied })
	// What is unknown counts as held and as unrestricted.
	if expires && a.Unrestricted != "" && snap.IPAllowlist.State != access.AllowlistRestricted {
		snap.Deadlines = []access.Deadline{{What: a.Unrestricted, At: snap.Expires, DateMissing: !ok}}
	}
	return snap
}

const day = 24 * time.Hour

// readPermissions: every key may read, and the call needs that right. So a list
// without it is incomplete and denies nothing.
func (a *API) readPermissions(entry wire.Object, snap *access.Snapshot) {
	held, _ := entry.Commas("permission")
	for i, name := range held {
		for known := range a.Permissions {
			if strings.EqualFold(name, known) || known == "withdraw" && strings.Contains(strings.ToLower(name), known) {
				held[i] = known
			}
		}
	}
	states := a.Permissions.Listed(held)
	rights.DenyNothingWithout(states, "readOnly")
	a.Permissions.Apply(snap, states)
}
