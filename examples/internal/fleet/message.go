package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/nats-io/nkeys"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// job is all that a coordinator says to a worker. No URL, no reference and no command can
// come that way.
type job struct {
	Run      string    `json:"run"`
	Key      string    `json:"key"` // its name
	Exchange string    `json:"exchange"`
	Deadline time.Time `json:"deadline"`
}

func (j job) encode() []byte {
	text, _ := json.Marshal(j) // of texts and a time
	return text
}

// maxJob is the length of a job with the longest name, in bytes.
const maxJob = 4 << 10

var errNoJob = errors.New("it is no job, or one of another version")

// readJob accepts what a coordinator writes, byte for byte: no further field, none twice, and
// none in another spelling.
func readJob(data []byte) (j job, err error) {
	if len(data) > maxJob || json.Unmarshal(data, &j) != nil || j.Run == "" || j.Key == "" || j.Key != access.Printable(j.Key) {
		return job{}, errNoJob
	}
	if again, err := json.Marshal(j); err != nil || !bytes.Equal(data, again) {
		return job{}, errNoJob
	}
	return j, nil
}

// answer is what a worker says about a key: what it found, or why it did not ask.
type answer struct {
	Run      string           `json:"run"`
	Key      string           `json:"key"`
	Snapshot *access.Snapshot `json:"snapshot,omitempty"`
	Refused  string           `json:"refused,omitempty"`
}

// maxResult is the length of a result, in bytes. The longest lists hundreds of other keys.
const maxResult = 1 << 20

var errTooLong = errors.New("the message is too long")

// maxRefused is the length of a reason that is shown, in bytes.
const maxRefused = 300

func readAnswer(data []byte) (a answer, err error) {
	if err := strictly(data, &a); err != nil {
		return answer{}, err
	}
	whole := (a.Snapshot == nil) != (a.Refused == "") && len(a.Refused) <= maxRefused && a.Refused == access.Printable(a.Refused)
	if !whole || a.Snapshot != nil && !sound(a.Snapshot) {
		return answer{}, errors.New("it is neither a snapshot nor a refusal")
	}
	return a, nil
}

// sound reports whether a snapshot has what rules rely on.
func sound(s *access.Snapshot) bool {
	return s.Schema == access.SnapshotSchema && !slices.ContainsFunc(s.Siblings, func(s *access.Snapshot) bool { return s == nil || !sound(s) })
}

// presence is the word of a worker that it is there.
type presence struct {
	Worker  string    `json:"worker"`
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
	Parts   int       `json:"parts"` // of the list of its keys
	Leaving bool      `json:"leaving,omitempty"`
}

// held are keys that a worker holds.
type held struct {
	Since time.Time `json:"since"` // that of the presence
	Keys  []heldKey `json:"keys"`
}

type heldKey struct {
	Name        string `json:"name"`
	Exchange    string `json:"exchange"`
	Environment string `json:"environment"`
}

// namesInPart keeps a part of the list well below what a message may have.
const namesInPart = 500

// strictly decodes one JSON value without unknown fields. A worker that knows more than the
// coordinator must not have it dropped.
func strictly(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return errors.New("it is of another version, or malformed")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("it is malformed")
	}
	return nil
}

const signatureSize = 64

// seal signs a message for one subject.
func seal(by nkeys.KeyPair, subject string, message any) ([]byte, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("a message for %s cannot be written", subject)
	}
	signature, err := by.Sign(signed(subject, body))
	if err != nil || len(signature) != signatureSize {
		return nil, errors.New("the NKey cannot sign")
	}
	return append(signature, body...), nil
}

// unseal returns a message if it was signed for the subject by the holder of a key.
func unseal(public, subject string, data []byte) ([]byte, bool) {
	key, err := nkeys.FromPublicKey(public)
	if err != nil || len(data) < signatureSize {
		return nil, false
	}
	body := data[signatureSize:]
	return body, key.Verify(signed(subject, body), data[:signatureSize]) == nil
}

// signed is what a signature is about.
func signed(subject string, body []byte) []byte {
	return slices.Concat([]byte("keyaudit\n"+subject+"\n"), body)
}
