package inventory

// ccxtMCP is the file of accounts of ccxt's own MCP server. An account says how
// much the server may do with it, which is compared with what the key can do.
// Source: https://github.com/ccxt/ccxt/tree/master/mcp
var ccxtMCP = Format{Name: "ccxt-mcp", Title: "ccxt-mcp's config.json", Read: readCCXTMCP}

func readCCXTMCP(f *Files) ([]Found, error) {
	r, err := f.settings(f.Find("config.json", "ccxt-mcp/config.json"))
	if err != nil {
		return nil, err
	}
	out := r.ccxtAccounts()
	if len(out) == 0 && len(r.problems) == 0 {
		r.report(1, 1, `no accounts found: they are written {"accounts": {"main": {"exchange": "binance", "apiKey": "…", "secret": "…"}}}`)
	}
	return out, r.problems.err()
}

// ccxtAccounts are the accounts of a file, by name or in a list; or those of an
// older one, by exchange.
func (r *botFile) ccxtAccounts() []Found {
	root := r.expect(Object, r.root, "")
	accounts := r.get(root, "accounts")
	byExchange := accounts == nil
	if byExchange {
		accounts = root
	}
	if accounts == nil {
		return nil
	}
	return r.eachKey(accounts, func(m Member) []Found {
		exchange := ""
		if byExchange {
			exchange = m.Name
		}
		if m.Value.Kind == Object && m.Name == "" {
			m.Name = r.word(m.Value, "name")
		}
		return r.ccxtAccount(m.Name, exchange, m.Value, m.Line, m.Column)
	})
}

func (r *botFile) ccxtAccount(name, exchange string, n *Node, line, column int) []Found {
	found := r.ccxtEntry(n, exchange, line, column, r.root, r.get(r.root, "accounts"))
	for i := range found {
		found[i].Name = name
		r.ccxtTier(&found[i], n)
	}
	return found
}

// ccxtTier reads what the server may do with an account: true is for test networks
// only, and "live" needs a limit.
func (r *botFile) ccxtTier(found *Found, n *Node) {
	trading := r.get(n, "trading")
	on := trading != nil && (trading.Kind == Boolean && trading.Text == "true" && found.Environment != "" ||
		trading.Text == "live" && n.member("maxOrderValue") != nil)
	found.Policy = agentPolicy(!on)
	if dry, _ := r.flag(n, "dryRun"); dry {
		found.Stage = stage(true)
	}
}
