package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func jobBody(j job) ([]byte, error) {
	body, err := json.Marshal(j)
	if err == nil {
		_, err = readJob(body)
	}
	if err != nil {
		return nil, errors.New("a name of the inventory is too long for a job")
	}
	return body, nil
}

// read takes a message for a result if subject, signature and inventory name one worker. All
// else is counted, and no result.
func (r *Run) read(m received) (Answer, bool) {
	worker, _ := strings.CutPrefix(m.msg.Subject(), resultSubject(""))
	member, known := r.Credentials.Workers[worker]
	body, genuine := unseal(member.NKey, m.msg.Subject(), m.msg.Data())
	if !known || member.Egress != m.egress || !genuine {
		r.count("not signed by the worker on whose subject it came")
		return Answer{}, false
	}
	a, err := readAnswer(body)
	if err != nil {
		r.count("from worker " + worker + ": " + err.Error())
		return Answer{}, false
	}
	if a.Run != r.id {
		r.count("of another run")
		return Answer{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.keys[a.Key]
	switch {
	case k == nil || k.Worker != worker:
		r.strange["from worker "+worker+" about a key of another"]++
		return Answer{}, false
	case k.answered: // it was sent twice
		return Answer{}, false
	case a.Snapshot != nil && !r.fits(a.Snapshot, &k.Assigned):
		r.strange["from worker "+worker+": another exchange, environment or time than asked about"]++
		return Answer{}, false
	}
	k.answered = true
	r.open--
	return Answer{Key: a.Key, Worker: worker, Snapshot: a.Snapshot, Refused: a.Refused}, true
}

// apart is by how much the clocks of two hosts may differ.
const apart = 5 * time.Minute

// fits reports whether a snapshot is of the key as the inventory has it, and of this run.
func (r *Run) fits(s *access.Snapshot, k *Assigned) bool {
	return s.Exchange == k.Exchange && s.Environment == k.Environment &&
		s.TakenAt.After(r.started.Add(-apart)) && s.TakenAt.Before(time.Now().Add(apart))
}

func (r *Run) count(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.strange[why]++
}

// here notes that a worker is there.
func (r *Run) here(a *account, subject string, data []byte, at time.Time) {
	worker := subject[len(bucketSubject(bucketHere, "")):]
	var is presence
	body, genuine := unseal(r.Credentials.Workers[worker].NKey, subject, data)
	if !genuine || r.Credentials.Workers[worker].Egress != a.egress || strictly(body, &is) != nil || is.Worker != worker {
		r.count("not signed by the worker on whose subject it came")
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.After(r.seen[worker].at) {
		r.seen[worker] = seen{is, at}
	}
}

// handedOut notes a job that was handed out as often as it is, and came to nothing.
func (r *Run) handedOut(a *account, m *nats.Msg) {
	var advisory struct {
		Stream   string `json:"stream"`
		Sequence uint64 `json:"stream_seq"`
	}
	if json.Unmarshal(m.Data, &advisory) != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stream, err := a.js.Stream(ctx, advisory.Stream)
	if err != nil {
		return
	}
	msg, err := stream.GetMsg(ctx, advisory.Sequence)
	if err != nil {
		return
	}
	j, err := readJob(msg.Data)
	_ = stream.DeleteMsg(ctx, advisory.Sequence)
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.keys[j.Key]; err == nil && k != nil && j.Run == r.id {
		k.usedUp = true
	}
}

// missing yields the keys that have no answer, each with the reason.
func (r *Run) missing(ctx context.Context, yield func(Answer) bool) {
	for _, k := range r.Keys {
		r.mu.Lock()
		waits := r.keys[k.Name]
		answered := waits.answered
		waits.answered = true
		r.mu.Unlock()
		if !answered && !yield(Answer{Key: k.Name, Worker: k.Worker, Missing: r.why(ctx, waits)}) {
			return
		}
	}
}

// why is the reason for which a key has no answer.
func (r *Run) why(ctx context.Context, k *asked) string {
	r.mu.Lock()
	was, came := r.seen[k.Worker]
	usedUp := k.usedUp
	r.mu.Unlock()
	a := r.accounts[r.Credentials.Workers[k.Worker].Egress]
	switch {
	case usedUp:
		return fmt.Sprintf("worker %s was given it %d times and never answered: see its log", k.Worker, mostDelivered)
	case !came:
		return fmt.Sprintf("worker %s never came: see that it runs on its host and reaches the server", k.Worker)
	case was.Leaving || time.Since(was.at) > present(r.Lease):
		return fmt.Sprintf("worker %s was there until %s and is gone: see its log", k.Worker, was.at.UTC().Format("15:04:05 UTC"))
	}
	if holder := a.holder(ctx, k.Exchange); holder != "" && holder != k.Worker {
		return fmt.Sprintf("worker %s waited for its turn, which worker %s had at the deadline: give the run more time", k.Worker, holder)
	}
	return fmt.Sprintf("worker %s did not get to it by the deadline: give the run more time", k.Worker)
}

// holder is the worker whose turn it is at an exchange.
func (a *account) holder(ctx context.Context, exchange string) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	entry, err := a.leases.Get(ctx, exchange)
	var has holding
	if err != nil || json.Unmarshal(entry.Value(), &has) != nil || has.Released {
		return ""
	}
	return has.Worker
}

// Closing is what is said about the run as a whole.
type Closing struct {
	// Absent are workers that never came, with how many keys each has.
	Absent map[string]int
	// Strange are messages that were no results, by why.
	Strange map[string]int
	// Unlisted are keys that workers hold and the inventory does not name.
	Unlisted []Assigned
}

// Closing looks at the fleet as a whole, after the last answer.
func (r *Run) Closing(ctx context.Context) *Closing {
	c := &Closing{Absent: map[string]int{}, Strange: r.strange}
	for _, k := range r.Keys {
		if _, came := r.seen[k.Worker]; !came {
			c.Absent[k.Worker]++
		}
	}
	for _, worker := range slices.Sorted(maps.Keys(r.seen)) {
		c.Unlisted = append(c.Unlisted, r.unlisted(ctx, worker)...)
	}
	slices.SortFunc(c.Unlisted, func(a, b Assigned) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Worker, b.Worker))
	})
	return c
}

// unlisted are the keys that a worker holds and the inventory does not give it.
func (r *Run) unlisted(ctx context.Context, worker string) (out []Assigned) {
	a := r.accounts[r.Credentials.Workers[worker].Egress]
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for i := range r.seen[worker].Parts {
		name := namesKey(worker, fmt.Sprint(i))
		entry, err := a.names.Get(ctx, name)
		if err != nil {
			r.count("the list of the keys of worker " + worker + " cannot be read")
			return out
		}
		var part held
		body, genuine := unseal(r.Credentials.Workers[worker].NKey, bucketSubject(bucketNames, name), entry.Value())
		if !genuine || strictly(body, &part) != nil || !part.Since.Equal(r.seen[worker].Since) {
			r.count("the list of the keys of worker " + worker + " is not its own")
			continue
		}
		for _, k := range part.Keys {
			if own := r.keys[k.Name]; own == nil || own.Worker != worker {
				out = append(out, Assigned{Name: access.Printable(k.Name), Exchange: access.Printable(k.Exchange), Worker: worker})
			}
		}
	}
	return out
}
