// Command cold measures a cold start of the gate, beside ccxt making the same single call
// to the same fake, each as a new process, in turns:
//
//	go run ./.ci/independent/cold KEYAUDIT MODULES
//
// MODULES is the folder that ccxt was installed into. It prints medians.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

const turns = 15

// client makes the call with ccxt, of which it loads the one exchange.
const client = `
const { createRequire } = require('node:module');
const binance = createRequire(process.argv[1] + '/')('ccxt').binance;
const http = require('node:http');
const own = new binance({ apiKey: process.env.KEY, secret: process.env.SECRET });
own.fetch = (target, method, headers) => new Promise((resolve, reject) => {
  const { pathname, search } = new URL(target), to = new URL(process.env.SITE);
  http.request({ host: to.hostname, port: to.port, method, path: pathname + search, headers }, async (answer) => {
    let text = '';
    for await (const part of answer) text += part;
    resolve(JSON.parse(text));
  }).on('error', reject).end();
});
own.request('account/apiRestrictions', 'sapi', 'GET', {}).then((answer) => process.exit('ipRestrict' in answer ? 0 : 1));
`

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: cold KEYAUDIT MODULES")
	}
	fake := exchangetest.Binance()
	server := exchangetest.Serve(fake)
	defer server.Close()
	key := fake.Issue(exchangetest.Spec{Permissions: []string{"enableReading", "enableSpotAndMarginTrading"}, IPs: []string{"198.51.100.20"}, SubAccount: true})
	folder, err := os.MkdirTemp("", "cold")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // temporary
	until := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	waiver := func(rule string) map[string]string {
		return map[string]string{"rule": rule, "reason": "the exchange is a fake on this host", "until": until}
	}
	attested := func(rule string) map[string]string {
		return map[string]string{"rule": rule, "statement": "seen on the exchange's page", "by": "ann", "at": time.Now().Format(time.DateOnly), "until": until}
	}
	inventory, err := json.Marshal(map[string]any{"keys": []any{map[string]any{
		"name": "bot", "exchange": "binance", "base_url": server.URL, "key": "env:KEY", "secret": "env:SECRET",
		"policy": "spot-trading", "waivers": []any{waiver("insecure-transport")},
		"attestations": []any{attested("ip-allowlist-width"), attested("ip-allowlist-entries"), attested("key-expiry")},
	}}})
	if err != nil {
		log.Fatal(err)
	}
	keys := filepath.Join(folder, "keys.json")
	if err := os.WriteFile(keys, inventory, 0o600); err != nil {
		log.Fatal(err)
	}
	env := append(os.Environ(), "KEY="+key.Key, "SECRET="+key.Secret.Reveal(), "SITE="+server.URL, "HOME="+folder)
	commands := []struct {
		name string
		args []string
	}{
		{"keyaudit check", []string{os.Args[1], "check", "--keys", keys}},
		{"ccxt in Node.js", []string{"node", "-e", client, os.Args[2]}},
	}
	spent, held := make([][]time.Duration, len(commands)), make([][]int64, len(commands))
	for range turns {
		for i, c := range commands {
			cmd := exec.Command(c.args[0], c.args[1:]...)
			cmd.Env = env
			began := time.Now()
			if out, err := cmd.CombinedOutput(); err != nil {
				log.Fatalf("%s: %v: %s", c.name, err, out)
			}
			spent[i] = append(spent[i], time.Since(began))
			held[i] = append(held[i], cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
		}
	}
	for i, c := range commands {
		slices.Sort(spent[i])
		slices.Sort(held[i])
		fmt.Printf("%-16s %4d ms  %4d MiB\n", c.name, spent[i][turns/2].Milliseconds(), held[i][turns/2]>>10)
	}
}
