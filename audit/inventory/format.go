package inventory

import "github.com/exchangekeyaudit/exchangekeyaudit/audit"

// Format reads the keys out of a bot's own files.
type Format struct {
	Name  string // as -from and Source.Format say it: "freqtrade"
	Title string // what it reads: "freqtrade's config.json"
	// Environ: the format reads environment variables and no file.
	Environ bool
	// Read finds the keys. It is called once to learn which there are, and
	// again for each key when its turn comes, so that no secret is held in
	// between. It opens files through f only.
	Read func(f *Files) ([]Found, error)
}

// Found is a key in a bot's file. Placeholders are not found.
type Found struct {
	Name        string // unique in the file: the venue's or the user's name there
	Exchange    string // this library's name of the venue; if there is none, the bot's own
	Environment string // empty means the venue's first
	Stage       audit.Stage
	Key         string
	Secret      audit.Secret
	Passphrase  audit.Secret
	OTP         audit.Secret
	File        string // where the key stands; the path given to Files.Read
	Line        int    // from 1; 0 if not known
	Column      int
	// Clear says why the secret is as good as in clear although the bot has a
	// better place for it; see audit.Storage.
	Clear string
}

// Files is what a Format may read. It notes how each file is kept.
type Files struct {
	Path    string // what the user named: a file or a folder; empty for Environ formats
	options *Options
	kept    map[string]audit.Storage
}

// Env looks a variable up.
func (f *Files) Env(name string) string {
	if f.options.Env == nil {
		return ""
	}
	return f.options.Env(name)
}

// Environ lists the variables as NAME=value.
func (f *Files) Environ() []string { return f.options.Environ }
