package exchanges_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// beforeWallets are the modules of the library's go.sum before there were keys that are wallets.
var beforeWallets = strings.Fields(`
	github.com/adshao/go-binance/v2 github.com/bitly/go-simplejson github.com/bmizerany/assert github.com/creack/pty github.com/golang/mock github.com/google/uuid
	github.com/gorilla/websocket github.com/jpillora/backoff github.com/kr/pretty github.com/kr/text github.com/shopspring/decimal github.com/stretchr/objx
	github.com/stretchr/testify go.yaml.in/yaml/v3`)

// TestBotsGoSum: the go.sum of a bot with one adapter has no module for the sake of wallets, unless its
// own exchange has such keys. The last shows that the test would see one.
func TestBotsGoSum(t *testing.T) {
	t.Parallel()
	for name, wallets := range map[string]bool{"bybit": false, "kraken": false, "binance": false, "polymarket": false, "nado": true} {
		sums := botsGoSum(t, name)
		if wallets {
			assert.Contains(t, sums, "github.com/decred/dcrd/dcrec/secp256k1/v4", name)
			continue
		}
		for _, module := range sums {
			assert.Contains(t, beforeWallets, module, name)
		}
	}
}

// botsGoSum are the modules in the go.sum of a bot with one adapter. Nothing is downloaded: of what is
// not there, only tests of tests have need.
func botsGoSum(t *testing.T, adapter string) (modules []string) {
	t.Helper()
	checkout, err := filepath.Abs("..")
	require.NoError(t, err)
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/bot\n\ngo 1.25.0\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + checkout + "\n",
		"main.go": "package main\n\nimport (\n\t\"" + module + "/audit\"\n\t\"" + module + "/exchanges/" + adapter + "\"\n)\n\nfunc main() { _ = audit.Key{Exchange: " + adapter + ".Exchange} }\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	cmd := exec.CommandContext(t.Context(), "go", "mod", "tidy", "-e")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	sum, err := os.ReadFile(filepath.Join(folder, "go.sum"))
	require.NoError(t, err)
	for line := range strings.Lines(string(sum)) {
		path, _, _ := strings.Cut(line, " ")
		modules = append(modules, path)
	}
	return modules
}
