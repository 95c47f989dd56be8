package inventory

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// serverKind is what is known of an MCP server. The zero value is one that is not
// known; the keys among its variables are still read.
type serverKind struct {
	title   string
	keyless bool                                  // it has nothing to do with exchanges
	read    func(c *mcpClient, s *server) []Found // if the names of its variables do not say all
	// The environment that it uses unless the variable is off.
	test, unless string
}

// kindOfServer finds a server by the words of its command. Sources, November 2026:
// github.com/ccxt/ccxt/mcp, github.com/okx/agent-trade-kit,
// pypi.org/project/mcp-okx, and Alpaca's own server.
func kindOfServer(words []string) serverKind {
	for _, word := range words {
		if strings.HasPrefix(word, "@modelcontextprotocol/server-") || strings.HasPrefix(word, "mcp/") {
			return serverKind{keyless: true}
		}
		switch program(word) {
		case "ccxt-mcp":
			if strings.HasPrefix(word, "@") { // another server of that name
				return serverKind{title: "ccxt-mcp", read: (*mcpClient).accountsServer}
			}
			return serverKind{title: "ccxt-mcp", read: (*mcpClient).ccxtServer}
		case "okx-trade-mcp", "agent-tradekit-mcp":
			return serverKind{title: "OKX's agent trade kit", read: (*mcpClient).okxServer}
		case "mcp-okx":
			return serverKind{title: "mcp-okx", test: "demo", unless: "OKX_TRADE_FLAG"}
		case "alpaca-mcp-server":
			return serverKind{title: "Alpaca's MCP server", test: "paper", unless: "ALPACA_PAPER_TRADE"}
		case "mcp-server-fetch", "mcp-server-git", "mcp-server-time", "mcp-server-sqlite", "context7-mcp", "chrome-devtools-mcp", "mcp-server-filesystem":
			return serverKind{keyless: true}
		}
	}
	return serverKind{}
}

// place puts keys on the test network that the server uses unless told otherwise. Where
// another variable says real money, which the server does not read, nobody knows.
func (k *serverKind) place(out []Found, s *server) {
	if k.test == "" || isOff(s.value(k.unless)) {
		return
	}
	for i := range out {
		if f := &out[i]; f.Environment == "live" && s.value(k.unless) == "" {
			f.skip(twoSettings)
		} else {
			f.Environment = testOf(f.Environment, k.test)
		}
	}
}

// twoSettings is why a key is skipped of whose variables a server reads only some.
const twoSettings = "its variables say one place, and what its server reads of them another" + listIt

func isOff(text string) bool {
	on, set := switchWord(text)
	return set && !on
}

func isOn(text string) bool {
	on, _ := switchWord(text)
	return on
}

// agentPolicy is the policy of a key that an agent holds. If its file promises
// that it only reads, then so must the key.
func agentPolicy(readOnly bool) *audit.Policy {
	p := audit.Agent()
	if readOnly {
		reading := audit.ReadOnly()
		p.Name, p.Needs = reading.Name, reading.Needs
	}
	return &p
}

// mcpTier reports whether a server is told to read only: by a flag or a variable
// of that name, or by one for trading that is off.
func mcpTier(words []string, variables []Variable) (readOnly bool) {
	for _, word := range words {
		if slices.Contains([]string{"--read-only", "--readonly", "--read_only"}, strings.ToLower(word)) {
			return true
		}
	}
	for _, v := range variables {
		name, value := strings.ToUpper(v.Name), v.Value.Reveal()
		switch {
		case strings.HasSuffix(name, "READ_ONLY") || strings.HasSuffix(name, "READONLY"):
			readOnly = readOnly || isOn(value)
		case strings.HasSuffix(name, "TRADING_ENABLED") || strings.HasSuffix(name, "ENABLE_TRADING") || strings.HasSuffix(name, "ALLOW_TRADING"):
			readOnly = readOnly || isOff(value)
		}
	}
	return readOnly
}

// home is a path in the user's own folder; empty if that is unknown.
func (f *Files) home(names ...string) string {
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if folder := f.Env(name); folder != "" {
			return filepath.Join(append([]string{folder}, names...)...)
		}
	}
	return ""
}

// firstFile is the first of the paths that is a file; empty if none is.
func firstFile(paths ...string) string {
	for _, path := range paths {
		if info, err := os.Stat(path); path != "" && err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

// follow reads the keys in a file that a server's settings lead to. One that
// cannot be read costs this server's keys, and not the others.
func (c *mcpClient) follow(s *server, path string, read func(r *botFile) []Found) []Found {
	r, err := c.f.json(path)
	if err != nil {
		return []Found{c.unread(s, "its keys are in a file of its own, "+showPath(path)+", which cannot be read: list them in an inventory")}
	}
	out := read(r)
	c.problems = append(c.problems, r.problems...)
	for i := range out {
		out[i].Name = s.name + "-" + out[i].Name
	}
	if len(out) == 0 {
		out = []Found{c.unread(s, "its own file "+showPath(path)+" has no key for it: list the key in an inventory")}
	}
	return out
}

// ccxtServer is ccxt's own server: variables of its own, those named after an
// exchange, and a file of accounts.
func (c *mcpClient) ccxtServer(s *server) []Found {
	out := c.ccxtSlots(s)
	var others []Variable
	for _, v := range s.variables {
		if !strings.HasPrefix(strings.ToUpper(v.Name), "CCXT_MCP_") {
			others = append(others, v)
		}
	}
	// Keys that are named after an exchange have no tier of their own: a live one
	// never trades unless the file of accounts says so.
	sandboxOn, sandboxClear := s.toggle("CCXT_MCP_SANDBOX")
	demoOn, demoClear := s.toggle("CCXT_MCP_DEMO")
	for _, found := range c.variableKeys(s.name, others, !sandboxOn && !demoOn) {
		if !sandboxClear || !demoClear {
			found.skip(skipSwitch)
		}
		if sandboxOn {
			found.Environment = testOf(found.Environment, sandbox)
		}
		if demoOn {
			found.Environment = testOf(found.Environment, "demo")
		}
		out = append(out, found)
	}
	path := s.value("CCXT_MCP_CONFIG")
	if path == "" {
		path = firstFile(c.f.home(".config", "ccxt-mcp", "config.json"), c.f.home("Library", "Application Support", "ccxt-mcp", "config.json"),
			c.f.home("AppData", "Roaming", "ccxt-mcp", "config.json"))
	}
	switch {
	case path != "":
		out = append(out, c.follow(s, path, (*botFile).ccxtAccounts)...)
	case len(out) == 0:
		out = append(out, c.unread(s, "ccxt-mcp keeps its keys in a file of its own: audit that with the format ccxt-mcp"))
	}
	return out
}

// ccxtSlots are the accounts in ccxt-mcp's variables: CCXT_MCP_EXCHANGE and
// CCXT_MCP_APIKEY, and further ones with a number at the end. A key without an exchange
// is named.
func (c *mcpClient) ccxtSlots(s *server) (out []Found) {
	for _, v := range s.variables {
		if number, ok := strings.CutPrefix(strings.ToUpper(v.Name), "CCXT_MCP_APIKEY"); ok && !isNamed(s.value("CCXT_MCP_EXCHANGE"+number)) && s.value(v.Name) != "" {
			out = append(out, c.unread(s, show(v.Name)+" has no exchange: its CCXT_MCP_EXCHANGE"+number+" is missing or a reference; set it, or list the key in an inventory"))
		}
	}
	return append(c.ccxtAccountsOf(s), out...)
}

// isNamed reports whether a slot's exchange is given, and not a reference.
func isNamed(exchange string) bool { return exchange != "" && !strings.Contains(exchange, "${") }

// ccxtAccountsOf are the slots that name an exchange.
func (c *mcpClient) ccxtAccountsOf(s *server) (out []Found) {
	for _, v := range s.variables {
		number, ok := strings.CutPrefix(strings.ToUpper(v.Name), "CCXT_MCP_EXCHANGE")
		exchange := strings.TrimSpace(v.Value.Reveal())
		if !ok || !isNamed(exchange) {
			continue
		}
		part := func(names ...string) Part {
			for _, name := range names {
				if value := s.value("CCXT_MCP_" + name + number); value != "" {
					p := NewPart(value)
					p.File, p.Line, p.Column = c.path, v.Line, min(1, v.Line)
					return p
				}
			}
			return Part{}
		}
		setting := func(name string) string { // of the slot, or else the one that may serve all of them
			return cmp.Or(s.value("CCXT_MCP_"+name+number), s.value("CCXT_MCP_"+name))
		}
		found := c.found(s.name+number, exchange, v.Line, min(1, v.Line))
		found.Key, found.Secret, found.Passphrase = part("APIKEY", "API_KEY"), part("SECRET"), part("PASSWORD", "UID")
		if isOn(setting("SANDBOX")) {
			found.Environment = sandbox
		}
		if isOn(setting("DEMO")) {
			found.Environment = "demo"
		}
		if _, clear := s.toggle("CCXT_MCP_SANDBOX"+number, "CCXT_MCP_SANDBOX", "CCXT_MCP_DEMO"+number, "CCXT_MCP_DEMO"); !clear {
			found.skip(skipSwitch)
		}
		s.noteSlot(&found, number)
		trades := s.value("CCXT_MCP_TRADING"+number) == "live" && s.value("CCXT_MCP_MAX_ORDER_VALUE"+number) != ""
		test := found.Environment != "" && slices.Contains([]string{"true", "sandbox"}, setting("TRADING"))
		found.Policy = agentPolicy(!trades && !test)
		if isReference(found.Key) || isReference(found.Secret) {
			found.skip(skipReference)
		}
		out = append(out, found)
	}
	return out
}

// noteSlot keeps what else the variables say of a slot. One without a number may serve all.
func (s *server) noteSlot(found *Found, number string) {
	for _, v := range s.variables {
		name, is := strings.CutPrefix(strings.ToUpper(v.Name), "CCXT_MCP_")
		if slot := name[len(strings.TrimRight(name, "0123456789")):]; is && (slot == "" || slot == number) {
			found.Note(v.Value.Reveal(), strings.TrimSuffix(name, slot))
		}
	}
}

// accountsServer is a server with the path of its accounts in --config, or with
// the accounts themselves among its settings.
func (c *mcpClient) accountsServer(s *server) []Found {
	out := c.variableKeys(s.name, s.variables, mcpTier(s.words, s.variables))
	if path := s.value("CONFIG"); path != "" {
		return append(out, c.follow(s, path, (*botFile).ccxtAccounts)...)
	}
	if len(out) > 0 {
		return out
	}
	return []Found{c.unread(s, "it keeps its keys in a file of its own: audit that with the format ccxt-mcp")}
}

// The variables and flags that OKX's own server reads.
var (
	okxParts    = []string{"OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"}
	okxSettings = []string{"SITE", "OKX_SITE", "OKX_API_BASE_URL", "OKX_DEMO", "DEMO", "LIVE"}
)

// okxServer is OKX's own server. Its variables count more than the profile in its
// file, and its flags more than both.
func (c *mcpClient) okxServer(s *server) []Found {
	demo, clear := s.toggle("OKX_DEMO", "DEMO")
	demo = demo || slices.Contains(s.words, "--demo")
	o := okxOptions{
		unclear: !clear && !demo,
		site:    s.value("SITE"), siteAfterFlag: s.value("OKX_SITE"), url: s.value("OKX_API_BASE_URL"),
		demo: demo, live: slices.Contains(s.words, "--live"),
		readOnly: mcpTier(s.words, s.variables) || okxOnlyReads(s.value("MODULES")),
	}
	if s.value("OKX_API_KEY") != "" {
		key, others := divide(s.variables, func(v Variable) bool { return slices.Contains(okxParts, strings.ToUpper(v.Name)) })
		names := newNameReader(c.f.options.Exchanges, "")
		unread, _ := divide(others, func(v Variable) bool { // which the server does not know
			n := names.read(v.Name)
			return n.part == adapter.NoPart && !slices.Contains(okxSettings, strings.ToUpper(v.Name))
		})
		out := c.variableKeys(s.name, append(key, unread...), o.readOnly)
		for i := range out {
			said := out[i].Environment
			if o.place(&out[i], okxProfile{}); said != "" && said != cmp.Or(out[i].Environment, "live") {
				out[i].skip(twoSettings)
			}
		}
		return append(out, c.variableKeys(s.name, others, o.readOnly)...)
	}
	path := firstFile(c.f.home(".okx", "config.toml"))
	if path == "" {
		return []Found{c.unread(s, "OKX's agent kit keeps its keys in a file of its own: audit that with the format okx-agent-kit")}
	}
	profile := s.value("PROFILE")
	return c.follow(s, path, func(r *botFile) []Found { return r.okxProfiles(o, profile, true) })
}
