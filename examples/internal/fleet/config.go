package fleet

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ServerFiles are the configuration of a server that listens on a port and keeps its files in
// a folder, and the file that it includes: with the key that these are encrypted by, for
// they hold what workers found.
func (c *Coordinator) ServerFiles(port int, folder string) (config, store []byte, err error) {
	accounts, err := c.ServerConfig()
	if err != nil {
		return nil, nil, err
	}
	text := fmt.Sprintf("# The NATS server of the fleet; see keyaudit fleet --help. After a change: a restart.\n"+
		"include \"./store.conf\"\nserver_name: keyaudit-fleet\nport: %d\n"+
		"tls {cert_file: \"./server.pem\", key_file: \"./server.key\", min_version: \"1.3\", handshake_first: true, timeout: 5}\n"+
		"jetstream {store_dir: %q, max_memory_store: 0, max_file_store: %d, cipher: chachapoly, key: $KEYAUDIT_STORE_KEY}\n%s",
		port, folder, c.storeBytes(), accounts)
	return []byte(text), []byte("KEYAUDIT_STORE_KEY: \"" + rand.Text() + rand.Text() + "\"\n"), nil
}

// ServerConfig is the configuration of the server, but for where it listens and its
// certificate: an account for the workers of each egress, and for each user the least that it
// needs. The public halves of the keys are all that is in it.
func (c *Coordinator) ServerConfig() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "max_payload: %d\nmax_control_line: 4KB\naccounts {\n", maxResult)
	for _, egress := range slices.Sorted(maps.Keys(c.Egresses)) {
		pair, err := key(c.Egresses[egress])
		if err != nil {
			return "", err
		}
		public, err := pair.PublicKey()
		pair.Wipe()
		if err != nil {
			return "", fmt.Errorf("the credentials for egress %s have no NKey", egress)
		}
		workers := c.behind(egress)
		fmt.Fprintf(&b, "  %q: {\n    jetstream: {max_mem: 0, max_file: %d, max_streams: %d, max_consumers: %d}\n    users: [\n",
			egress, accountBytes, len(workers)+8, 200*len(workers)+8)
		fmt.Fprintf(&b, "      {nkey: %s} # the coordinator\n", public)
		for _, worker := range workers {
			fmt.Fprintf(&b, "      {nkey: %s, permissions: {publish: {allow: %s}, subscribe: {allow: %s}}} # %s\n",
				c.Workers[worker].NKey, list(mayPublish(worker)), list([]string{inbox(worker) + ".>"}), worker)
		}
		b.WriteString("    ]\n  }\n")
	}
	b.WriteString("}\n")
	return b.String(), nil
}

// accountBytes is how much an account may store: the results of 10,000 keys with many others
// on their accounts, until a coordinator takes them.
const accountBytes = 256 << 20

// storeBytes is how much all accounts may.
func (c *Coordinator) storeBytes() int64 { return int64(len(c.Egresses)+1) * accountBytes }

// mayPublish are the subjects to which a worker may send.
func mayPublish(worker string) []string {
	return []string{
		"$JS.API.CONSUMER.MSG.NEXT." + jobStream(worker) + ".*",
		"$JS.API.CONSUMER.INFO." + jobStream(worker) + ".*",
		"$JS.ACK." + jobStream(worker) + ".>",
		resultSubject(worker),
		bucketSubject(bucketHere, worker),
		bucketSubject(bucketNames, worker+".*"),
		bucketSubject(bucketLease, "*"),
		bucketSubject(bucketBan, "*"),
		"$JS.API.STREAM.INFO.KV_" + bucketLease,
		"$JS.API.STREAM.INFO.KV_" + bucketBan,
		"$JS.API.DIRECT.GET.KV_" + bucketLease + ".>",
		"$JS.API.DIRECT.GET.KV_" + bucketBan + ".>",
	}
}

func list(subjects []string) string {
	quoted := make([]string, len(subjects))
	for i, s := range subjects {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
