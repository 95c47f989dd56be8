package find

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// containers are how files begin that may hold any text and are not opened: archives,
// what is compressed, and SQLite's databases. Sources: the formats' documentation, and the
// tables of file(1).
var containers = []struct {
	at    int
	magic string
	why   Why
}{
	{0, "PK\x03\x04", SkippedArchive}, // ZIP: documents, apps and Java's packages are ZIP too
	{0, "PK\x05\x06", SkippedArchive},
	{0, "\x1f\x8b", SkippedArchive},           // gzip
	{0, "\xfd7zXZ\x00", SkippedArchive},       // xz
	{0, "7z\xbc\xaf\x27\x1c", SkippedArchive}, // 7z
	{0, "\x28\xb5\x2f\xfd", SkippedArchive},   // Zstandard
	{0, "\x04\x22\x4d\x18", SkippedArchive},   // LZ4
	{0, "Rar!\x1a\x07", SkippedArchive},
	{0, "!<arch>\ndebian", SkippedArchive},
	{0, "\xed\xab\xee\xdb", SkippedArchive}, // RPM
	{4, "1AY&SY", SkippedArchive},           // bzip2, after BZh and a digit
	{257, "ustar", SkippedArchive},          // tar
	{0, sqliteMagic, SkippedDatabase},
}

const sqliteMagic = "SQLite format 3\x00"

// container says what a file is, from its beginning, if it may hold a text that cannot be
// seen; empty if it is something else.
func container(data []byte) Why {
	if bytes.HasPrefix(data, []byte(sqliteMagic)) && store.Marked(data) {
		return SkippedOwn
	}
	for _, c := range containers {
		if len(data) > c.at && bytes.HasPrefix(data[c.at:], []byte(c.magic)) {
			return c.why
		}
	}
	return ""
}

// isCase reports whether a file is a case that keyaudit record wrote, as it wrote it: what
// looks like a key in it was invented. Its name has the hash of its text.
func isCase(path string, text []byte) bool {
	name, is := strings.CutSuffix(filepath.Base(path), ".json")
	if !is || !bytes.HasPrefix(text, []byte("{\n  \"schema\": ")) {
		return false
	}
	sum := sha256.Sum256(text)
	return strings.HasSuffix(name, "-"+hex.EncodeToString(sum[:4]))
}
