package fleet

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// read takes a message for a result if subject, signature and inventory name one worker. All
// else is counted, and no result.
func (r *Run) read(m received) (Answer, bool) {
	worker, _ := strings.CutPrefix(m.msg.Subject(), resultSubject(""))
	member, known := r.Credentials.Workers[worker]
	body, genuine := unseal(member.NKey, m.msg.Subject(), m.msg.Data())
	if !known || member.Egress != m.egress || !genuine {
		r.count(forged(m.egress))
		return Answer{}, false
	}
	a, err := readAnswer(body)
	switch {
	case err != nil:
		r.count("from worker " + worker + ": " + err.Error())
		return Answer{}, false
	case a.Key == "" && a.Refused != "":
		r.count("sent to worker " + worker + " as a job, and none")
		return Answer{}, false
	case a.Run != r.id:
		r.count(anotherRun)
		return Answer{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at, known := r.at[a.Key]
	switch {
	case !known || r.Keys[at].Worker != worker:
		r.strange["from worker "+worker+" about a key of another"]++
		return Answer{}, false
	case !r.asked[at].open: // it was sent twice
		return Answer{}, false
	}
	r.asked[at].open = false
	r.open--
	if _, came := r.seen[worker]; !came {
		r.seen[worker] = seen{at: time.Now()}
	}
	out := Answer{At: at, Key: a.Key, Worker: worker, Snapshot: a.Snapshot, Refused: a.Refused}
	if a.Snapshot != nil && !r.fits(a.Snapshot, &r.Keys[at]) {
		out.Snapshot = nil
		out.Unfit = "the answer of worker " + worker + " is about another exchange or environment, or of another time: " +
			"compare its file with the inventory, and set the clocks by NTP"
	}
	return out, true
}

// forged is said of what is not, or not rightly, signed.
func forged(egress string) string {
	return "in the account of egress " + egress + ", not signed by the worker on whose subject it came"
}

// anotherRun is said of results that came too late for their run.
const anotherRun = "of another run"

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
	if !genuine || r.Credentials.Workers[worker].Egress != a.egress || strictly(body, &is) != nil || is.Worker != worker || is.Version != access.Printable(is.Version) {
		r.count(forged(a.egress))
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
	ctx, cancel := context.WithTimeout(context.Background(), patience)
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
	if at, known := r.at[j.Key]; err == nil && known && j.Run == r.id {
		r.asked[at].usedUp = true
	}
}
