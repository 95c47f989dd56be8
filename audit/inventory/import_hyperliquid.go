package inventory

import "strconv"

// hyperliquidSDK is the file that the examples of Hyperliquid's Python client read, and
// many bots with them: one private key, or the path of an encrypted one, and those of the
// users of an account with several signatures.
// Source: https://github.com/hyperliquid-dex/hyperliquid-python-sdk, examples/config.json.example.
var hyperliquidSDK = Format{Name: "hyperliquid-sdk", Title: "the config.json of Hyperliquid's SDK", Read: readHyperliquidSDK}

const skipKeystore = "its private key is in an encrypted key store: list the key in an inventory, with a reference to the private key"

func readHyperliquidSDK(f *Files) ([]Found, error) {
	r, err := f.json(f.Find("config.json", "examples/config.json"))
	if err != nil {
		return nil, err
	}
	root := r.expect(Object, r.root, "")
	users := r.get(r.section(root, "multi_sig"), "authorized_users")
	own := root.without("multi_sig")
	out := r.oneKey(Member{Name: "hyperliquid", Line: 1, Column: 1}, func() []Found { return []Found{r.hyperliquidKey("hyperliquid", own)} })
	if users != nil && users.Kind != List {
		out = append(out, r.oneKey(Member{Name: "multi-sig", Line: users.Line, Column: users.Column}, func() []Found {
			r.expect(List, users, "authorized_users")
			return nil
		})...)
		users = nil
	}
	number := 0
	out = append(out, r.eachKey(users, func(m Member) []Found {
		number++
		name := "multi-sig-" + strconv.Itoa(number)
		if r.expect(Object, m.Value, "authorized_users") == nil {
			return []Found{{Name: name}}
		}
		return []Found{r.hyperliquidKey(name, m.Value, own)}
	})...)
	if root != nil && root.member("secret_key") == nil && root.member("keystore_path") == nil && users == nil {
		r.report(1, 1, `this is not the file of Hyperliquid's SDK: it has neither "secret_key" nor "keystore_path"`)
	}
	return append(out, r.lost...), r.problems.err()
}

func (r *botFile) hyperliquidKey(name string, n *Node, around ...*Node) Found {
	found := Found{Name: name, Exchange: "hyperliquid", File: r.path}
	if n == nil {
		return found
	}
	found.Line, found.Column = n.Line, n.Column
	found.Secret = r.part(append([]string{"secret_key"}, walletSecrets...), n)
	found.Account = r.partAt(r.text(walletAccounts, n))
	r.beside(&found, n)
	r.around(&found, around...)
	r.ccxtPlace(&found, n)
	if found.Secret.isZero() && r.word(n, "keystore_path") != "" {
		found.Skip = skipKeystore
	}
	return found
}
