package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// file is one of a package.
type file struct {
	name       string
	data       []byte
	executable bool
}

func (f *file) mode() os.FileMode {
	if f.executable {
		return 0o755
	}
	return 0o644
}

// builder writes packages. It keeps the first error.
type builder struct {
	version   version
	root, out string
	licenses  []byte // of all that the programs are linked with
	err       error
}

func (b *builder) failed(err error) { b.err = errors.Join(b.err, err) }

func (b *builder) read(path string) []byte {
	data, err := os.ReadFile(path)
	b.failed(err)
	return data
}

// sources are files of the checkout. They are named one by one, so that nothing which lies
// about beside them is published.
func (b *builder) sources(folder string, names ...string) (out []file) {
	for _, name := range names {
		out = append(out, file{name: name, data: b.read(filepath.Join(b.root, "examples/keyaudit", folder, name))})
	}
	return out
}

func (b *builder) license() file {
	return file{name: "LICENSE", data: b.read(filepath.Join(b.root, "LICENSE"))}
}

// linked are the licence texts that go with a program.
func (b *builder) linked() file { return file{name: "THIRD_PARTY_LICENSES", data: b.licenses} }

// anyVersion stands for the release's in package.json.
const anyVersion = "0.0.0-dev"

// npmPackage is the wrapper, which names the packages of all platforms.
func (b *builder) npmPackage() {
	files := b.sources("npm", "package.json", "README.md", "bin/keyaudit.js", "index.d.ts", "index.js")
	files[0].data = bytes.ReplaceAll(files[0].data, []byte(anyVersion), []byte(b.version.npm))
	files[2].executable = true
	b.tarball("keyaudit-"+b.version.npm, append(files, b.license()))
}

// npmPlatform is the package with the binary of a platform.
func (b *builder) npmPlatform(p *platform, program file) {
	name := p.os + "-" + p.cpu
	program.name = "bin/" + program.name
	text := fmt.Sprintf(`{
  "name": "@keyaudit/%[1]s",
  "version": %[2]q,
  "description": "The program of the package keyaudit for %[1]s",
  "homepage": "https://github.com/exchangekeyaudit/exchangekeyaudit#readme",
  "repository": {"type": "git", "url": "git+https://github.com/exchangekeyaudit/exchangekeyaudit.git"},
  "license": "MIT",
  "os": [%[3]q],
  "cpu": [%[4]q],
  "preferUnplugged": true
}
`, name, b.version.npm, p.os, p.cpu)
	readme := fmt.Sprintf("# @keyaudit/%[1]s\n\nThe program of the package [keyaudit](https://www.npmjs.com/package/keyaudit) for %[1]s. Install that one.\n", name)
	b.tarball("keyaudit-"+name+"-"+b.version.npm, []file{
		{name: "package.json", data: []byte(text)}, {name: "README.md", data: []byte(readme)}, program, b.license(), b.linked(),
	})
}

// tarball writes a package as npm pack does.
func (b *builder) tarball(name string, files []file) {
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out) // without a name and a time
	archive := tar.NewWriter(compressed)
	for i := range files {
		f := &files[i]
		b.failed(archive.WriteHeader(&tar.Header{
			Name: "package/" + f.name, Mode: int64(f.mode()), Size: int64(len(f.data)), ModTime: always, Format: tar.FormatUSTAR,
		}))
		_, err := archive.Write(f.data)
		b.failed(err)
	}
	b.failed(errors.Join(archive.Close(), compressed.Close()))
	b.write(name+".tgz", out.Bytes())
}

// always is the time of every file: zip knows none before.
var always = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// wheel writes the Python package of a platform:
// https://packaging.python.org/specifications/binary-distribution-format.
func (b *builder) wheel(p *platform, program file) {
	name := "keyaudit-" + b.version.python
	info := name + ".dist-info/"
	program.name = "keyaudit/bin/" + program.name
	files := append(b.sources("python", "keyaudit/__init__.py", "keyaudit/__main__.py", "keyaudit/py.typed"), program)
	tags := ""
	for _, tag := range p.tags {
		tags += "Tag: py3-none-" + tag + "\n"
	}
	for _, text := range []file{b.license(), b.linked()} {
		text.name = info + "licenses/" + text.name
		files = append(files, text)
	}
	files = append(
		files,
		file{name: info + "METADATA", data: append([]byte(fmt.Sprintf(metadata, b.version.python)), b.sources("python", "README.md")[0].data...)},
		file{name: info + "WHEEL", data: []byte("Wheel-Version: 1.0\nGenerator: keyaudit\nRoot-Is-Purelib: false\n" + tags)},
		file{name: info + "entry_points.txt", data: []byte("[console_scripts]\nkeyaudit = keyaudit.__main__:main\n")},
	)
	var record strings.Builder
	for _, f := range files {
		sum := sha256.Sum256(f.data)
		fmt.Fprintf(&record, "%s,sha256=%s,%d\n", f.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(f.data))
	}
	fmt.Fprintf(&record, "%sRECORD,,\n", info)
	files = append(files, file{name: info + "RECORD", data: []byte(record.String())})

	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for i := range files {
		header := &zip.FileHeader{Name: files[i].name, Method: zip.Deflate, Modified: always}
		header.SetMode(files[i].mode())
		w, err := archive.CreateHeader(header)
		b.failed(err)
		if err == nil {
			_, err = w.Write(files[i].data)
			b.failed(err)
		}
	}
	b.failed(archive.Close())
	b.write(name+"-py3-none-"+strings.Join(p.tags, ".")+".whl", out.Bytes())
}

const metadata = `Metadata-Version: 2.4
Name: keyaudit
Version: %s
Summary: Lets a bot start only if its crypto exchange API keys are safe
Project-URL: Homepage, https://github.com/exchangekeyaudit/exchangekeyaudit
License-Expression: MIT
License-File: LICENSE
License-File: THIRD_PARTY_LICENSES
Keywords: api-key,audit,bot,crypto,exchange,security,trading
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Security
Classifier: Typing :: Typed
Requires-Python: >=3.9
Description-Content-Type: text/markdown

`

func (b *builder) write(name string, data []byte) {
	if b.err == nil {
		b.err = os.WriteFile(filepath.Join(b.out, name), data, 0o644)
	}
}
