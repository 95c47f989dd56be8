package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"

	"github.com/nats-io/nkeys"
)

// Coordinator is what the coordinator of a fleet holds: a seed for the account of each
// egress, and by which key each worker signs.
type Coordinator struct {
	Egresses map[string]string `json:"egresses"` // its own seeds, by the name of the egress
	Workers  map[string]Member `json:"workers"`
}

// Member is a worker, as others know it.
type Member struct {
	Egress string `json:"egress"`
	NKey   string `json:"nkey"` // the public half
}

// Worker is what a worker holds.
type Worker struct {
	Worker string `json:"worker"`
	Seed   string `json:"seed"` // of its NKey
}

// NewMembers makes keys for a fleet; egresses says behind which egress each worker is. Those
// that are kept keep theirs, and their credentials are not among the new ones.
func NewMembers(egresses map[string]string, kept *Coordinator) (*Coordinator, []Worker, error) {
	c := &Coordinator{Egresses: map[string]string{}, Workers: map[string]Member{}}
	var workers []Worker
	for _, name := range slices.Sorted(maps.Keys(egresses)) {
		egress := egresses[name]
		if kept != nil && kept.Egresses[egress] != "" {
			c.Egresses[egress] = kept.Egresses[egress]
			if m := kept.Workers[name]; m.Egress == egress {
				c.Workers[name] = m
				continue
			}
		}
		public, seed, err := newKey()
		if err != nil {
			return nil, nil, err
		}
		c.Workers[name] = Member{Egress: egress, NKey: public}
		workers = append(workers, Worker{name, seed})
		if c.Egresses[egress] == "" {
			if _, c.Egresses[egress], err = newKey(); err != nil {
				return nil, nil, err
			}
		}
	}
	return c, workers, nil
}

func newKey() (public, seed string, err error) {
	key, err := nkeys.CreateUser()
	if err != nil {
		return "", "", errors.New("an NKey cannot be made")
	}
	defer key.Wipe()
	secret, err := key.Seed()
	if err == nil {
		public, err = key.PublicKey()
	}
	if err != nil {
		return "", "", errors.New("an NKey cannot be made")
	}
	return public, string(secret), nil
}

// behind are the workers of an egress, in order.
func (c *Coordinator) behind(egress string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.Workers)) {
		if c.Workers[name].Egress == egress {
			names = append(names, name)
		}
	}
	return names
}

// ReadCredentials reads a file with a Coordinator or a Worker. Its errors name the file and
// nothing in it.
func ReadCredentials(path string, to any) error {
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return errors.New("it cannot be opened")
	}
	defer file.Close() //nolint:errcheck // opened for reading
	info, err := file.Stat()
	switch {
	case err != nil || !info.Mode().IsRegular():
		return errors.New("it is not a file")
	case info.Mode().Perm()&0o027 != 0 && // a group may read what Kubernetes gives it
		runtime.GOOS != "windows":
		return fmt.Errorf("it is accessible to other users (mode %04o): run chmod 600 on it", info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(file, 16<<20))
	if err != nil {
		return errors.New("it cannot be read")
	}
	if err := strictly(data, to); err != nil {
		return errors.New("it is not a file that keyaudit fleet init wrote for this command")
	}
	return nil
}

// Encode writes credentials as ReadCredentials reads them.
func Encode(credentials any) []byte {
	text, err := json.MarshalIndent(credentials, "", "  ")
	if err != nil {
		panic(err) // texts can be encoded
	}
	return append(text, '\n')
}

// key is the pair of a seed. The caller wipes it.
func key(seed string) (nkeys.KeyPair, error) {
	pair, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		return nil, errors.New("the credentials have no NKey seed")
	}
	return pair, nil
}
