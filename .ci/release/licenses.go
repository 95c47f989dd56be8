// Command release writes the licence texts of all that the program of a release is linked
// with, on any of its platforms: Go itself, and every module. They are read where the build
// reads the code. A module without one is an error.
//
//	go run ./.ci/release >THIRD_PARTY_LICENSES
package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

// platforms are those of goreleaser.yaml: what is linked differs.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// isLicense is how the files are called that a licence asks to hand on.
var isLicense = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([-_.][^.]*)?(\.(md|txt))?$`)

func write(w io.Writer) error {
	folders, err := linked()
	if err != nil {
		return err
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	folders["Go "+runtime.Version()] = map[string]bool{strings.TrimSpace(string(root)): true}
	fmt.Fprint(w, "keyaudit, whose own licence is in LICENSE, is linked with what is listed here, on one platform or on\nall. The name and version of each are followed by its licence texts.\n")
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		texts := 0
		fmt.Fprintf(w, "\n== %s\n", name)
		for _, folder := range slices.Sorted(maps.Keys(folders[name])) {
			entries, err := os.ReadDir(folder)
			if err != nil {
				return err
			}
			for _, entry := range entries {
				if !isLicense.MatchString(entry.Name()) || !entry.Type().IsRegular() {
					continue
				}
				text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
				if err != nil {
					return err
				}
				texts++
				fmt.Fprintf(w, "\n%s\n", bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
			}
		}
		if texts == 0 {
			return fmt.Errorf("%s has no licence text", name)
		}
	}
	return nil
}

// linked are the modules that the program is linked with, by name and version, and their
// folders that may have a licence: those of the packages, up to the module's own.
func linked() (map[string]map[string]bool, error) {
	folders := map[string]map[string]bool{}
	for _, platform := range platforms {
		system, machine, _ := strings.Cut(platform, "/")
		list := exec.Command("go", "list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{"\t"}}{{.Dir}}{{"\t"}}{{$.Dir}}{{end}}{{end}}`, "./keyaudit")
		list.Dir, list.Stderr = "examples", os.Stderr
		list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+machine)
		out, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", platform, err)
		}
		for line := range strings.Lines(string(out)) {
			parts := strings.Split(strings.TrimSpace(line), "\t")
			if len(parts) != 3 {
				continue // of the standard library, or ours
			}
			name, module, folder := parts[0], parts[1], parts[2]
			if folders[name] == nil {
				folders[name] = map[string]bool{module: true}
			}
			for ; len(folder) > len(module); folder = filepath.Dir(folder) {
				folders[name][folder] = true
			}
		}
	}
	return folders, nil
}
