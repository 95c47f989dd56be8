package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// forOthers takes out of a snapshot what only its host may know: where a secret is kept, and
// what was wrong with it. How it is kept remains, for the rules.
func (w *atWork) forOthers(key string, found *access.Snapshot) *access.Snapshot {
	out := *found
	out.Storage = slices.Clone(found.Storage)
	names := map[string]string{}
	hidden := func(path, what string) string {
		if path != "" && names[path] == "" {
			names[path] = fmt.Sprintf("%s %d on the host of worker %s", what, len(names)+1, w.Worker.Worker)
		}
		return names[path]
	}
	for i := range out.Storage {
		s := &out.Storage[i]
		s.File, s.Folder = hidden(s.File, "file"), hidden(s.Folder, "folder")
	}
	if f := found.Failure; f != nil && f.Kind == access.KindInput {
		w.Log("key %q cannot be audited: %s", key, f.Message)
		own := *f
		own.Message = "the log of worker " + w.Worker.Worker + " says what is wrong"
		out.Failure = &own
	}
	return &out
}

// ban is until when an exchange wants no request from an egress. It outlives every lease.
type ban struct {
	Until time.Time   `json:"until"`
	Kind  access.Kind `json:"kind"`
}

// leastBan is how long a ban is that does not say so.
const leastBan = 2 * time.Minute

// noteBan tells the other workers of the egress.
func (w *atWork) noteBan(ctx context.Context, k *heldHere, found *access.Snapshot) {
	f := found.Failure
	if f == nil || found.Requests == 0 || k.Egress != "" { // an egress of its own is this worker's alone
		return
	}
	wait := max(f.RetryAfter, leastBan)
	switch {
	case adapter.BansAddress(f):
	case f.Kind == access.KindRateLimited && f.RetryAfter > leastBan:
	default:
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	value, err := json.Marshal(ban{time.Now().UTC().Add(wait), f.Kind})
	if err == nil {
		_, _ = w.bans.Put(ctx, k.Exchange.Name, value) // or the next worker is told by the exchange
	}
}

// banned is the result of a key that is not asked about, because the exchange wants to be
// left alone; nil if it is not known to.
func (w *atWork) banned(ctx context.Context, k *heldHere) (*access.Snapshot, error) {
	if k.Egress != "" {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	entry, err := w.bans.Get(ctx, k.Exchange.Name)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	var b ban
	if json.Unmarshal(entry.Value(), &b) != nil || !time.Now().Before(b.Until) {
		return nil, nil
	}
	f := access.Error{
		Exchange: k.Exchange.Title, Kind: b.Kind, RetryAfter: time.Until(b.Until).Round(time.Second),
		Message: "it answered so while another key of this egress was audited; nothing was sent",
	}
	if f.Kind != access.KindRateLimited {
		f.Kind = access.KindBanned
	}
	return &access.Snapshot{
		Inspection: access.Inspection{
			Schema: access.SnapshotSchema, TakenAt: time.Now().UTC(), Exchange: k.Exchange.Name,
			Environment: cmp.Or(k.Environment, k.Exchange.Environments[0].Name), Failure: &f,
		},
		Answer: access.Answer{Grants: []access.Grant{}},
	}, nil
}
