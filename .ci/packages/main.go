// Command packages writes the npm packages and the Python wheels of a release, from its
// binaries. Two runs write the same bytes.
//
//	go run ./.ci/packages -version v0.1.0 -binaries dist -out dist/packages
//
// Which platform a binary is for is read from the binary itself, so that any folder will
// do, also that of GoReleaser. All six must be there.
package main

import (
	"debug/buildinfo"
	"debug/macho"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	version := flag.String("version", "", "of the release, such as v0.1.0")
	binaries := flag.String("binaries", "dist", "folder with the binaries, at any depth")
	out := flag.String("out", "dist/packages", "folder for the packages")
	root := flag.String("root", ".", "of the checkout")
	licenses := flag.String("licenses", ".ci/cache/release/THIRD_PARTY_LICENSES", "file with the licence texts of what is linked")
	flag.Parse()
	if err := run(*version, *binaries, *out, *root, *licenses); err != nil {
		fmt.Fprintln(os.Stderr, "packages:", err)
		os.Exit(1)
	}
}

func run(release, binaries, out, root, licenses string) error {
	v, err := parseVersion(release)
	if err != nil {
		return err
	}
	found, err := find(binaries)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	b := &builder{version: v, root: root, out: out}
	b.licenses = b.read(licenses)
	b.npmPackage()
	for i := range platforms {
		p := &platforms[i]
		path, ok := found[p.goos+"/"+p.goarch]
		if !ok {
			return fmt.Errorf("%s has no binary for %s/%s", binaries, p.goos, p.goarch)
		}
		program := file{name: p.program(), data: b.read(path), executable: true}
		b.npmPlatform(p, program)
		b.wheel(p, program)
	}
	return b.err
}

// platform is one that binaries are for, and its names elsewhere.
type platform struct {
	goos, goarch string
	os, cpu      string   // of Node.js: process.platform and process.arch
	tags         []string // of wheels
}

// A binary without cgo needs no C library, so that it has the tags of both. The macOS is the
// oldest that the Go release supports.
var platforms = []platform{
	{"darwin", "amd64", "darwin", "x64", []string{"macosx_12_0_x86_64"}},
	{"darwin", "arm64", "darwin", "arm64", []string{"macosx_12_0_arm64"}},
	{"linux", "amd64", "linux", "x64", []string{"manylinux_2_17_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"}},
	{"linux", "arm64", "linux", "arm64", []string{"manylinux_2_17_aarch64", "manylinux2014_aarch64", "musllinux_1_1_aarch64"}},
	{"windows", "amd64", "win32", "x64", []string{"win_amd64"}},
	{"windows", "arm64", "win32", "arm64", []string{"win_arm64"}},
}

const oldestMacOS = 12

// program is the name of the binary.
func (p *platform) program() string {
	if p.goos == "windows" {
		return "keyaudit.exe"
	}
	return "keyaudit"
}

// settings are what the tags promise about a binary.
var settings = map[string]string{"CGO_ENABLED": "0", "GOAMD64": "v1", "GOARM64": "v8.0"}

// find returns the binaries of a folder by platform.
func find(folder string) (map[string]string, error) {
	found := map[string]string{}
	return found, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.TrimSuffix(entry.Name(), ".exe") != "keyaudit" {
			return err
		}
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			return err
		}
		have := map[string]string{}
		for _, s := range info.Settings {
			have[s.Key] = s.Value
			if want := settings[s.Key]; want != "" && s.Value != want {
				return fmt.Errorf("%s: built with %s=%s, not %s", path, s.Key, s.Value, want)
			}
		}
		name := have["GOOS"] + "/" + have["GOARCH"]
		if have["CGO_ENABLED"] == "" || found[name] != "" {
			return fmt.Errorf("%s: a second binary for %s, or one that does not say how it was built", path, name)
		}
		found[name] = path
		if have["GOOS"] == "darwin" {
			return checkMacOS(path)
		}
		return nil
	})
}

// checkMacOS holds the tags of wheels to what the linker wrote.
func checkMacOS(path string) error {
	binary, err := macho.Open(path)
	if err != nil {
		return err
	}
	defer binary.Close()
	const buildVersion = 0x32 // LC_BUILD_VERSION: command, size, platform, oldest version
	for _, load := range binary.Loads {
		raw := load.Raw()
		if binary.ByteOrder.Uint32(raw) == buildVersion && binary.ByteOrder.Uint32(raw[12:]) == oldestMacOS<<16 {
			return nil
		}
	}
	return fmt.Errorf("%s does not need macOS %d.0 or later, as the tags of wheels say", path, oldestMacOS)
}
