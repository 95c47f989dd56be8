package inventory

import (
	"path/filepath"
	"slices"
	"strings"
)

// vnpy is VeighNa. It keeps one file for each gateway, which its name names.
var vnpy = Format{Name: "vnpy", Title: "vn.py's connect_….json", Read: readVnpy}

func readVnpy(f *Files) ([]Found, error) {
	paths := f.Glob("connect_*.json", ".vntrader/connect_*.json")
	if len(paths) == 0 {
		return nil, Problems{{File: f.Path, Text: "the folder holds no connect_….json: name the folder .vntrader, or one of its files"}}
	}
	var out []Found
	var problems Problems
	for _, path := range paths {
		r, err := f.json(path)
		if err != nil {
			return nil, err
		}
		gateway := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), ".json"), "connect_")
		if settings := r.of(Object, r.root, ""); settings != nil {
			found := r.found(gateway, gateway, 1, 1)
			found.Key = r.part([]string{"API Key", "key"}, settings)
			found.Secret = r.part([]string{"API Secret", "Secret Key", "secret"}, settings)
			found.Passphrase = r.part([]string{"Passphrase", "passphrase", "passwd"}, settings)
			for _, name := range []string{"Server", "server"} {
				if server := strings.ToLower(r.word(settings, name)); slices.Contains(testWords, server) {
					found.Environment = server
				}
			}
			if found.Key.Line > 0 {
				found.Line, found.Column = found.Key.Line, found.Key.Column
			}
			out = append(out, found)
		}
		problems = append(problems, r.problems...)
	}
	return out, problems.err()
}
