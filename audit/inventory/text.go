package inventory

import (
	"regexp"
	"slices"
)

// TextKey is a key in a text, as a bot's format reads it.
type TextKey struct {
	Found
	Title string // of the format
	// Own: nothing but the bot keeps such a file, so that what its format reads is sure.
	Own bool
}

// textMarks say of a format how its bot's files are told from those of other programs: by their
// name, or by a text in them. Without its mark, a file is none of the bot's.
var textMarks = map[string]struct{ name, text *regexp.Regexp }{
	lean.Name:      {text: regexp.MustCompile(`"environments"\s*:`)},
	openclaw.Name:  {name: regexp.MustCompile(`^openclaw\.json$`)},
	passivbot.Name: {name: regexp.MustCompile(`^api-keys.*\.json$`)},
	vnpy.Name:      {name: regexp.MustCompile(`^connect_.+\.json$`)},
}

// mayBeOf reports whether a text may be that of a file of the format's bot.
func (f *Format) mayBeOf(path string, text []byte) bool {
	mark := textMarks[f.Name]
	return !f.Environ && (mark.name == nil || mark.name.MatchString(path)) && (mark.text == nil || mark.text.Match(text))
}

// general are the formats of files that other programs may have, too.
var general = []string{ccxt.Name, ccxtMCP.Name, mcp.Name}

// KeysIn are the keys in the text of a file as the formats read it whose bots keep such
// files: those of the package, and of the options. The texts are those of the file and of others
// in its folder, by their names; nothing else is read, nor any variable. Formats of variables
// are left out, for From reads those of any file; and so are keys of which a half is missing,
// and wallets.
func KeysIn(name string, texts map[string][]byte, o Options) (out []TextKey) {
	o.Env, o.Environ, o.Reads, o.Stdin = nil, nil, nil, nil
	read := map[string]bool{}
	for _, format := range slices.Concat(o.Formats, Formats()) {
		if read[format.Name] || !format.mayBeOf(name, texts[name]) {
			continue
		}
		read[format.Name] = true
		files := newFiles(name, &o)
		files.texts, files.alone = texts, true
		found, err := format.Read(files)
		if err != nil {
			continue
		}
		for _, f := range found {
			if !f.Key.isZero() && !f.Secret.isZero() && f.private.isZero() {
				out = append(out, TextKey{f, format.Title, !slices.Contains(general, format.Name)})
			}
		}
	}
	return out
}
