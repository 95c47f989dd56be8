package inventory

import (
	"regexp"
	"slices"
)

// Fleet says which worker audits which key, where each bot's host has a worker of its
// own and a coordinator holds no secret.
type Fleet struct {
	Workers map[string]string // by the name of the key
	// Egresses are where the workers' requests come from, by the name of the worker.
	// Those of one egress share an IP address, and take turns at each exchange.
	Egresses map[string]string
}

// workersOwn are the fields that only the file of a key's worker may have.
var workersOwn = []string{
	"from", "key", "account", "secret", "passphrase", "otp", "key_passphrase", "base_url", "egress", "probe", "nonce_unit", "nonce_floor",
}

// workerName is what a worker or its egress may be called: it is a part of a subject, and of
// the name of a file.
var workerName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

const workerNames = "be a name of lower-case letters, digits, - and _, of at most 32"

// namesWorkers reports whether an inventory is a coordinator's.
func namesWorkers(root *Node) bool {
	keys := root.member("keys")
	return keys != nil && slices.ContainsFunc(keys.Items, func(n *Node) bool { return n != nil && n.member("worker") != nil })
}

// readWorkers reads behind which egress each worker is, for those that share one.
func (r *reader) readWorkers(n *Node) {
	if !r.options.Fleet {
		r.report(n, `"workers" is for the inventory of a fleet's coordinator`)
		return
	}
	if !r.is(n, Object) {
		return
	}
	r.members(n, func(m Member) {
		if !workerName.MatchString(m.Name) {
			r.reportAt(m.Line, m.Column, "the name of a worker must "+workerNames)
			return
		}
		if egress := r.textOf(m.Value); workerName.MatchString(egress) {
			r.fleet.Egresses[m.Name] = egress
		} else if egress != "" {
			r.must(m.Value, workerNames)
		}
	})
}

// worker reads which worker audits a key.
func (r *reader) worker(to *string) func(*Node) {
	return func(n *Node) {
		name := r.textOf(n)
		switch {
		case !r.options.Fleet:
			r.report(n, `"worker" is for the inventory of a fleet's coordinator: remove it, or name the coordinator by --nats`)
		case name == "":
		case !workerName.MatchString(name):
			r.must(n, workerNames)
		default:
			*to = r.intern(name)
		}
	}
}

// assign notes which worker audits a key. Without a word of its egress a worker has an IP
// address of its own.
func (f *Fleet) assign(key, worker string) {
	f.Workers[key] = worker
	if f.Egresses[worker] == "" {
		f.Egresses[worker] = worker
	}
}

// onlyForWorkers reports what the coordinator must not know.
func (r *reader) onlyForWorkers(n *Node, names ...string) {
	for _, name := range names {
		if at := n.member(name); at != nil {
			r.report(at, "remove %q: it belongs in the file of the worker, and a coordinator holds no secret and no reference", name)
		}
	}
}
