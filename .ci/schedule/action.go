package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// program stands for the program of a release: it prints its arguments, one a line.
const program = "#!/bin/sh\nprintf '%s\\n' \"$@\"\ncase \"$*\" in *unsafe*) exit 1 ;; *invalid*) exit 2 ;; esac\n"

const release = "1.2.3" // the one that is tried

// member is a file of an archive, or a link if it has a target.
type member struct{ name, body, target string }

// platform is a machine as GitHub names it, and its archive.
type platform struct{ system, machine, archive string }

// trial is a release as it may be found, and what the action has been told of it.
type trial struct {
	name     string
	members  []member
	cut      int  // bytes that are missing at the archive's end
	honest   bool // the digests are those of the archive as it is, not as it was made
	pin      func(archive, list string) map[string]string
	listed   func(line string) string // what the list of checksums says, if not the line
	missing  bool                     // the archive is not there
	version  string
	platform platform
	refused  string // why; empty: it is installed
}

func byArchive(archive, _ string) map[string]string { return map[string]string{"SHA256": archive} }
func byList(_, list string) map[string]string       { return map[string]string{"CHECKSUMS_SHA256": list} }

func trials() []trial {
	usual := []member{{name: "LICENSE", body: "MIT"}, {name: "keyaudit", body: program}}
	hostile := append([]member{
		{name: "../escaped", body: "x"}, {name: "HERE/escaped", body: "x"}, {name: "unexpected", body: "x"}, {name: "link", target: "HERE"}, {name: "link/escaped", body: "x"},
	}, usual...)
	return []trial{
		{name: "the archive that is pinned", members: usual, pin: byArchive},
		{name: "the archive of a list that is pinned", members: usual, pin: byList},
		{name: "both digests", members: usual, pin: func(a, l string) map[string]string {
			return map[string]string{"SHA256": strings.ToUpper(a), "CHECKSUMS_SHA256": l}
		}},
		{name: "a version with a v", members: usual, pin: byArchive, version: "v" + release},
		{name: "other names in the archive", members: hostile, pin: byArchive},
		{name: "another archive", refused: "is not the file that sha256 names", members: usual, pin: func(_, l string) map[string]string { return byArchive(l, l) }},
		{name: "another list", refused: "is not the file that checksums-sha256 names", members: usual, pin: func(_, _ string) map[string]string {
			return map[string]string{"CHECKSUMS_SHA256": strings.Repeat("0", 64)}
		}},
		{name: "digests that do not agree", refused: "do not agree", members: usual, pin: func(_, l string) map[string]string {
			return map[string]string{"SHA256": strings.Repeat("0", 64), "CHECKSUMS_SHA256": l}
		}},
		{name: "no digest", refused: "both empty", members: usual, pin: func(_, _ string) map[string]string { return nil }},
		{name: "a digest that is none", refused: "is no SHA-256 digest", members: usual, pin: func(a, _ string) map[string]string { return map[string]string{"SHA256": a[:63]} }},
		{name: "a list without the archive", refused: "does not name", members: usual, pin: byList, listed: func(string) string { return "" }},
		{name: "a list of another archive's digest", refused: "is not the file that", members: usual, pin: byList, listed: func(line string) string { return strings.Repeat("0", 64) + line[64:] }},
		{name: "a list with two digests", refused: "does not name", members: usual, pin: byList, listed: func(line string) string { return line + line }},
		{name: "an archive that broke off", refused: "is not the file that", members: usual, cut: 40, pin: byArchive},
		{name: "an archive that was broken when it was pinned", refused: "can't be read", members: usual, cut: 40, honest: true, pin: byArchive},
		{name: "no archive", refused: "could not be downloaded", members: usual, pin: byArchive, missing: true},
		{name: "an archive without the program", refused: "has no keyaudit", members: []member{{name: "../keyaudit", body: program}}, pin: byArchive},
		{name: "an archive with a link for the program", refused: "has an empty keyaudit", members: []member{{name: "keyaudit", target: "/bin/sh"}}, pin: byArchive},
		{name: "a version that leads elsewhere", refused: "is no version", members: usual, pin: byArchive, version: release + "/../../evil"},
		{name: "a machine without a release", refused: "no release for ARM", members: usual, pin: byArchive, platform: platform{"Linux", "ARM", "linux_armv6.tar.gz"}},
		{name: "macOS", members: usual, pin: byArchive, platform: platform{"macOS", "ARM64", "darwin_arm64.tar.gz"}},
		{name: "Windows", members: []member{{name: "keyaudit.exe", body: program}, {name: "../escaped", body: "x"}}, pin: byArchive, platform: platform{"Windows", "X64", "windows_amd64.zip"}},
	}
}

// action runs the scripts of the composite action as its steps do.
func action(root string) error {
	scripts := filepath.Join(root, "examples", "keyaudit", "action")
	var problems []error
	for _, t := range trials() {
		if t.platform == (platform{}) {
			t.platform = platform{"Linux", "X64", "linux_amd64.tar.gz"}
		}
		if _, err := exec.LookPath("unzip"); err != nil && t.platform.system == "Windows" {
			continue // .ci/schedule/run says so
		}
		if err := t.try(filepath.Join(scripts, "install.sh")); err != nil {
			problems = append(problems, fmt.Errorf("install.sh: %s: %w", t.name, err))
		}
	}
	if runtime.GOOS != "windows" { // where a shell script is no program
		problems = append(problems, runs(filepath.Join(scripts, "run.sh")))
	}
	return errors.Join(problems...)
}

func (t trial) try(script string) error {
	work, err := os.MkdirTemp("", "action")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	archive, err := pack(t.members, t.platform.archive, work)
	if err != nil {
		return err
	}
	name := "keyaudit_" + release + "_" + t.platform.archive
	whole := archive
	archive = archive[:len(archive)-t.cut]
	if t.honest {
		whole = archive
	}
	line := digest(whole) + "  " + name + "\n"
	if t.listed != nil {
		line = t.listed(line)
	}
	list := strings.Repeat("1", 64) + "  another.deb\n" + line
	files := map[string]string{"/v" + release + "/" + name: string(archive), "/v" + release + "/keyaudit_" + release + "_checksums.txt": list}
	if t.missing {
		delete(files, "/v"+release+"/"+name)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, ok := files[r.URL.Path]; ok {
			_, _ = w.Write([]byte(body))
			return
		}
		http.NotFound(w, r)
	}))
	defer server.Close()
	folder := filepath.Join(work, "a", "b")
	env := map[string]string{
		"VERSION": release, "FOLDER": folder, "RUNNER_OS": t.platform.system, "RUNNER_ARCH": t.platform.machine, "RELEASES": server.URL, "TMPDIR": work,
	}
	if t.version != "" {
		env["VERSION"] = t.version
	}
	for name, value := range t.pin(digest(whole), digest([]byte(list))) {
		env[name] = value
	}
	said, _, err := bash(script, work, env)
	if err != nil {
		return err
	}
	return t.judge(work, folder, said)
}

// judge holds that the program is there exactly if it may be, and that nothing else is.
func (t trial) judge(work, folder, said string) error {
	want := filepath.Join(folder, "keyaudit")
	if t.platform.system == "Windows" {
		want += ".exe"
	}
	var there []string
	err := filepath.WalkDir(work, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			there = append(there, path)
		}
		return err
	})
	installed := len(there) == 1 && there[0] == want
	if text, err := os.ReadFile(want); installed && (err != nil || string(text) != program) {
		return fmt.Errorf("another program is installed: %q", text)
	}
	switch {
	case err != nil:
		return err
	case !installed && len(there) > 0:
		return fmt.Errorf("it left %s: %s", there, said)
	case installed != (t.refused == ""):
		return fmt.Errorf("installed: %t: %s", installed, said)
	case !installed && !strings.Contains(said, "was not installed: ") || !strings.Contains(said, t.refused):
		return fmt.Errorf("it does not say why: %s", said)
	}
	return nil
}

// runs tries what the action runs the program with.
func runs(script string) error {
	work, err := os.MkdirTemp("", "action")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "keyaudit"), []byte(program), 0o700); err != nil {
		return err
	}
	var problems []error
	for _, t := range []struct {
		args, sarif, said, output string
		code                      int
	}{
		{"--keys keys.json\n--quiet", "", "--keys\nkeys.json\n--quiet\n", "", 0},
		{"--keys keys.json", "a b.sarif", "--keys\nkeys.json\n--report\nsarif=a b.sarif\n", "sarif=written\n", 0},
		{"unsafe", "a.sarif", "unsafe\n--report\nsarif=a.sarif\n", "sarif=written\n", 1},
		{"invalid", "a.sarif", "invalid\n--report\nsarif=a.sarif\n", "", 2},
		{"--only key* $(touch escaped) `touch escaped`;touch ${HOME}", "", "--only\nkey*\n$(touch\nescaped)\n`touch\nescaped`;touch\n${HOME}\n", "", 0},
		{"--only 'name=a b'", "", "args are separated by white space, and can have no quotes\n", "", 2},
		{" \n", "", "args are empty\n", "", 2},
	} {
		output := filepath.Join(work, "output")
		if err := os.WriteFile(output, nil, 0o600); err != nil {
			return err
		}
		said, code, err := bash(script, work, map[string]string{"ARGS": t.args, "SARIF": t.sarif, "FOLDER": work, "GITHUB_OUTPUT": output})
		if err != nil {
			return err
		}
		if got, err := os.ReadFile(output); err != nil || said != t.said || code != t.code || string(got) != t.output {
			problems = append(problems, fmt.Errorf("run.sh: %q: exit code %d, output %q: %q", t.args, code, got, said))
		}
	}
	return errors.Join(problems...)
}

func bash(script, folder string, env map[string]string) (said string, code int, err error) {
	cmd := exec.Command("bash", script)
	cmd.Dir = folder
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return string(out), exit.ExitCode(), nil
	}
	return string(out), 0, err
}

func digest(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// pack makes an archive, in which HERE is the folder.
func pack(members []member, name, here string) ([]byte, error) {
	var out bytes.Buffer
	if strings.HasSuffix(name, ".zip") {
		z := zip.NewWriter(&out)
		for _, m := range members {
			w, err := z.Create(m.name)
			if err != nil {
				return nil, err
			}
			if _, err := w.Write([]byte(m.body)); err != nil {
				return nil, err
			}
		}
		err := z.Close()
		return out.Bytes(), err
	}
	g := gzip.NewWriter(&out)
	t := tar.NewWriter(g)
	for _, m := range members {
		header := &tar.Header{Name: strings.ReplaceAll(m.name, "HERE", here), Mode: 0o755, Size: int64(len(m.body)), Typeflag: tar.TypeReg}
		if m.target != "" {
			header.Typeflag, header.Linkname = tar.TypeSymlink, strings.ReplaceAll(m.target, "HERE", here)
		}
		if err := t.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := t.Write([]byte(m.body)); err != nil {
			return nil, err
		}
	}
	err := errors.Join(t.Close(), g.Close())
	return out.Bytes(), err
}
