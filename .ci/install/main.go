// Command install makes a file-system module proxy of this checkout: what a proxy
// would have of both modules after a release.
//
//	go run . CHECKOUT FOLDER VERSION
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const library = "github.com/exchangekeyaudit/exchangekeyaudit"

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: install CHECKOUT FOLDER VERSION")
		os.Exit(2)
	}
	for path, folder := range map[string]string{library: "", library + "/examples": "examples"} {
		if err := publish(path, filepath.Join(os.Args[1], folder), os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// publish writes a module's zip, go.mod and info where a proxy has them.
func publish(path, from, proxy, version string) error {
	escaped, err := module.EscapePath(path)
	if err != nil {
		return err
	}
	to := filepath.Join(proxy, escaped, "@v")
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	archive, err := os.Create(filepath.Join(to, version+".zip"))
	if err != nil {
		return err
	}
	// A nested module is left out, as it is of a release.
	if err := zip.CreateFromDir(archive, module.Version{Path: path, Version: version}, from); err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(from, "go.mod"))
	if err != nil {
		return err
	}
	info := fmt.Sprintf(`{"Version":%q,"Time":%q}`, version, time.Now().UTC().Format(time.RFC3339))
	for name, text := range map[string][]byte{version + ".mod": mod, version + ".info": []byte(info), "list": []byte(version + "\n")} {
		if err := os.WriteFile(filepath.Join(to, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
