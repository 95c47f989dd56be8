package exchanges

import (
	"embed"
	"path"
)

//go:embed */testdata/answers/*.json
var documented embed.FS

// Documented are the sample answers in an exchange's documentation, by its name: what is
// known of its words beyond what its adapter reads. {key} stands for the key that asks.
func Documented(name string) [][]byte {
	var out [][]byte
	folder := path.Join(name, "testdata", "answers")
	files, _ := documented.ReadDir(folder) // none, if there is no such exchange
	for _, f := range files {
		if body, err := documented.ReadFile(path.Join(folder, f.Name())); err == nil {
			out = append(out, body)
		}
	}
	return out
}
