package inventory

import (
	"path/filepath"
	"slices"
	"strings"
)

// vnpy is VeighNa. It keeps one file per gateway, named after the gateway.
var vnpy = Format{Name: "vnpy", Title: "vn.py's connect_….json", Read: readVnpy}

func readVnpy(f *Files) ([]Found, error) {
	paths := f.Glob("connect_*.json", ".vntrader/connect_*.json")
	if len(paths) == 0 {
		text := "the folder contains no connect_….json: give the path of the folder .vntrader or of one of its files"
		return nil, Problems{{File: f.Path, Text: text}}
	}
	var out []Found
	var problems Problems
	for _, path := range paths {
		gateway := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), ".json"), "connect_")
		r, err := f.entries(path)
		if err == nil {
			r.of = gateway
		}
		switch {
		case err != nil && len(paths) == 1:
			return nil, err
		case err != nil: // the other files still count
			out = append(out, Found{Name: gateway, File: path, Skip: unreadFile})
		case r.expect(Object, r.root, "") != nil:
			out = append(out, r.oneKey(Member{Name: gateway, Line: 1, Column: 1}, func() []Found { return []Found{r.vnpyGateway(gateway, r.root)} })...)
		case len(paths) > 1:
			out = append(out, Found{Name: gateway, File: path, Line: 1, Column: 1, Skip: r.problems[0].Text})
		default:
			problems = append(problems, r.problems...)
		}
	}
	return out, problems.err()
}

// The names that gateways have for the parts of a key.
var (
	vnpyKey    = []string{"API Key", "key", "ID"}
	vnpySecret = []string{"API Secret", "Secret Key", "secret", "Secret"}
)

// vnpyLive are the names of live servers.
var vnpyLive = []string{"", "real", "aws"}

// vnpyGateway is the key in one file. The file of a gateway that was never used
// is empty.
func (r *botFile) vnpyGateway(gateway string, settings *Node) Found {
	found := r.found(gateway, gateway, 1, 1)
	found.Key = r.part(vnpyKey, settings)
	found.Secret = r.part(vnpySecret, settings)
	found.Passphrase = r.passphrase(&found, []string{"Passphrase", "passphrase", "passwd"}, settings)
	r.beside(&found, settings)
	if found.Key.Line > 0 {
		found.Line, found.Column = found.Key.Line, found.Key.Column
	}
	server, _ := r.text([]string{"Server", "server", "服务器"}, settings)
	proxy, _ := r.text([]string{"Proxy Host", "proxy_host", "代理地址"}, settings)
	switch server = strings.ToLower(server); {
	case slices.Contains(testWords, server):
		found.Environment = server
	case !slices.Contains(vnpyLive, server):
		found.skip("its file names an unknown server" + listIt)
	}
	if proxy != "" {
		found.skip(skipProxy)
	}
	known := func(m Member) bool { return slices.Contains(vnpyKey, m.Name) || slices.Contains(vnpySecret, m.Name) }
	if len(settings.Members) > 0 && !slices.ContainsFunc(settings.Members, known) {
		found.Skip = "its file has no API key under a known name: list the key in an inventory"
	}
	return found
}
