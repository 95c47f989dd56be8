package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// licenses stand for the licence texts of what the programs are linked with.
const licenses = "== a module v1.0.0\n"

// licensed is a file with them.
func licensed(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "licenses")
	if err := os.WriteFile(path, []byte(licenses), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestVersion: what each registry is told, or that the release has no such version.
func TestVersion(t *testing.T) {
	for release, want := range map[string]version{
		"v0.1.0":                   {"0.1.0", "0.1.0"},
		"1.20.3":                   {"1.20.3", "1.20.3"},
		"v0.1.0-rc.1":              {"0.1.0-rc.1", "0.1.0rc1"},
		"v0.1.0-rc1":               {"0.1.0-rc1", "0.1.0rc1"},
		"v0.1.0-alpha.0":           {"0.1.0-alpha.0", "0.1.0a0"},
		"v0.1.0-beta.12":           {"0.1.0-beta.12", "0.1.0b12"},
		"0.1.1-SNAPSHOT-60509b9":   {"0.1.1-SNAPSHOT-60509b9", "0.1.1.dev0+snapshot.60509b9"},
		"v0.1.0-rc.1.x":            {"0.1.0-rc.1.x", "0.1.0.dev0+rc.1.x"},
		"":                         {},
		"0.1":                      {},
		"v01.1.0":                  {},
		"v0.1.0+build":             {},
		"v0.1.0-":                  {},
		"v0.1.0\"":                 {},
		"v0.1.0-rc.1\nName: other": {},
	} {
		got, err := parseVersion(release)
		if got != want || (err == nil) != (want.npm != "") {
			t.Errorf("%q: %v, %v", release, got, err)
		}
	}
}

// build makes a small program for a platform.
func build(t *testing.T, folder, goos, goarch string, env ...string) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := "keyaudit"
	if goos == "windows" {
		name += ".exe"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(folder, goos+"_"+goarch, name), source)
	cmd.Env = append(os.Environ(), append([]string{"GOWORK=off", "CGO_ENABLED=0", "GOOS=" + goos, "GOARCH=" + goarch}, env...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %s", err, out)
	}
}

// packages are what is written, by name, after what is written twice is found equal.
func packages(t *testing.T, binaries string) map[string][]byte {
	t.Helper()
	var out [2]map[string][]byte
	for i := range out {
		folder := t.TempDir()
		if err := run("v0.1.0-rc.1", binaries, folder, root, licensed(t)); err != nil {
			t.Fatal(err)
		}
		out[i] = map[string][]byte{}
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if out[i][entry.Name()], err = os.ReadFile(filepath.Join(folder, entry.Name())); err != nil {
				t.Fatal(err)
			}
		}
		err = filepath.WalkDir(binaries, func(path string, _ os.DirEntry, err error) error { // another checkout has other times
			return os.Chtimes(path, always, always)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range out[0] {
		if !bytes.Equal(data, out[1][name]) {
			t.Errorf("%s: two builds differ", name)
		}
	}
	return out[0]
}

func TestPackages(t *testing.T) {
	binaries := t.TempDir()
	for i := range platforms {
		build(t, binaries, platforms[i].goos, platforms[i].goarch)
	}
	got := packages(t, binaries)
	if len(got) != 1+2*len(platforms) {
		t.Errorf("%d packages", len(got))
	}
	var wrapper struct {
		Version              string
		OptionalDependencies map[string]string
	}
	if err := json.Unmarshal(untar(t, got["keyaudit-0.1.0-rc.1.tgz"])["package/package.json"].data, &wrapper); err != nil {
		t.Fatal(err)
	}
	if wrapper.Version != "0.1.0-rc.1" || len(wrapper.OptionalDependencies) != len(platforms) {
		t.Errorf("%+v", wrapper)
	}
	for i := range platforms {
		p := &platforms[i]
		path := filepath.Join(binaries, p.goos+"_"+p.goarch, p.program())
		binary, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := p.os + "-" + p.cpu
		if wrapper.OptionalDependencies["@keyaudit/"+name] != "0.1.0-rc.1" {
			t.Errorf("the package does not name %s at its own version", name)
		}
		files := untar(t, got["keyaudit-"+name+"-0.1.0-rc.1.tgz"])
		var pkg struct {
			Name, Version string
			OS, CPU       []string
			Scripts       map[string]string
		}
		if err := json.Unmarshal(files["package/package.json"].data, &pkg); err != nil {
			t.Fatal(err)
		}
		if pkg.Name != "@keyaudit/"+name || pkg.Version != "0.1.0-rc.1" || fmt.Sprint(pkg.OS, pkg.CPU) != fmt.Sprintf("[%s] [%s]", p.os, p.cpu) || pkg.Scripts != nil {
			t.Errorf("%+v", pkg)
		}
		if f := files["package/bin/"+p.program()]; !f.executable || !bytes.Equal(f.data, binary) {
			t.Errorf("%s does not have its program", name)
		}
		if text := files["package/THIRD_PARTY_LICENSES"]; string(text.data) != licenses || files["package/LICENSE"].data == nil {
			t.Errorf("%s does not have the licences of its program", name)
		}
		checkWheel(t, p, got["keyaudit-0.1.0rc1-py3-none-"+strings.Join(p.tags, ".")+".whl"], binary)
	}
}

// checkWheel checks a wheel as an installer does.
func checkWheel(t *testing.T, p *platform, data, binary []byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(p, err)
	}
	files := map[string]file{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = file{data: text, executable: f.Mode()&0o111 != 0}
	}
	const info = "keyaudit-0.1.0rc1.dist-info/"
	var record strings.Builder
	for _, f := range archive.File {
		if f.Name == info+"RECORD" {
			fmt.Fprintf(&record, "%s,,\n", f.Name)
			continue
		}
		sum := sha256.Sum256(files[f.Name].data)
		fmt.Fprintf(&record, "%s,sha256=%s,%d\n", f.Name, base64.RawURLEncoding.EncodeToString(sum[:]), len(files[f.Name].data))
	}
	if record.String() != string(files[info+"RECORD"].data) {
		t.Errorf("RECORD: %s", files[info+"RECORD"].data)
	}
	if last := archive.File[len(archive.File)-1].Name; last != info+"RECORD" {
		t.Errorf("%s is last", last)
	}
	for _, tag := range p.tags {
		if !strings.Contains(string(files[info+"WHEEL"].data), "\nTag: py3-none-"+tag+"\n") {
			t.Errorf("WHEEL: no %s", tag)
		}
	}
	if text := string(files[info+"METADATA"].data); !strings.Contains(text, "\nVersion: 0.1.0rc1\n") || !strings.Contains(text, "\n\n# keyaudit\n") {
		t.Errorf("METADATA: %s", text)
	}
	if text := files[info+"licenses/THIRD_PARTY_LICENSES"]; string(text.data) != licenses || files[info+"licenses/LICENSE"].data == nil {
		t.Errorf("%v does not have the licences of its program", p)
	}
	if f := files["keyaudit/bin/"+p.program()]; !f.executable || !bytes.Equal(f.data, binary) {
		t.Errorf("%v does not have its program", p)
	}
}

func untar(t *testing.T, data []byte) map[string]file {
	t.Helper()
	compressed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]file{}
	for archive := tar.NewReader(compressed); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = file{data: text, executable: header.Mode&0o111 != 0}
	}
}

// TestBinariesThatAreRefused: what a package could not say truthfully is not packed.
func TestBinariesThatAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(folder string)
		says    string
	}{
		"a platform missing":  {func(folder string) { build(t, folder, "darwin", "amd64") }, "no binary for darwin/arm64"},
		"no binary at all":    {func(folder string) { os.WriteFile(filepath.Join(folder, "keyaudit"), []byte("#!/bin/sh\n"), 0o600) }, "keyaudit"},
		"for newer CPUs only": {func(folder string) { build(t, folder, "linux", "amd64", "GOAMD64=v3") }, "GOAMD64=v3, not v1"},
		"two for a platform": {func(folder string) {
			build(t, filepath.Join(folder, "a"), "linux", "amd64")
			build(t, filepath.Join(folder, "b"), "linux", "amd64")
		}, "a second binary for linux/amd64"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			tc.prepare(folder)
			if err := run("v0.1.0", folder, t.TempDir(), root, licensed(t)); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Error(err)
			}
		})
	}
}
