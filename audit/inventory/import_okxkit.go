package inventory

import (
	"cmp"
	"slices"
	"strings"
)

// okxAgentKit is OKX's kit for agents, whose command line and MCP server share
// one file of profiles. Source: https://github.com/okx/agent-trade-kit
var okxAgentKit = Format{Name: "okx-agent-kit", Title: "OKX's ~/.okx/config.toml", Read: readOKXAgentKit}

func readOKXAgentKit(f *Files) ([]Found, error) {
	r, err := f.settings(f.Find("config.toml", ".okx/config.toml"))
	if err != nil {
		return nil, err
	}
	r.of = "okx"
	out := r.okxProfiles(okxOptions{}, "", false)
	if len(out) == 0 && r.get(r.root, "profiles") == nil && len(r.problems) == 0 {
		r.report(1, 1, `this is not the file of OKX's agent kit: it has no "profiles"`)
	}
	return out, r.problems.err()
}

// okxOptions are what a server's flags and variables say.
type okxOptions struct {
	site, siteAfterFlag, url string
	demo, live, readOnly     bool
	unclear                  bool // the switch for demo trading is neither on nor off
}

// okxProfile is where a profile belongs.
type okxProfile struct {
	site, url, proxy string
	demo             bool
}

// okxSites are the environments of the kit's sites.
var okxSites = map[string]string{"": "", "global": "", "eea": "eea", "us": "us"}

// place says where the key is used: a flag counts more than a variable, that more
// than the profile, and an address more than a site.
func (o okxOptions) place(found *Found, p okxProfile) {
	site := strings.ToLower(cmp.Or(o.site, o.siteAfterFlag, p.site))
	demo := !o.live && (o.demo || p.demo)
	region, known := okxSites[site]
	if url := cmp.Or(o.url, p.url); url != "" {
		found.URLs, region, known = append(found.URLs, url), "", true
	}
	switch {
	case !known:
		found.skip("its file names an unknown site: list the key in an inventory, with its environment")
	case region != "" && demo:
		found.Environment = region + "-demo"
	case demo:
		found.Environment = "demo"
	default:
		found.Environment = region
	}
	if o.unclear && !o.live {
		found.skip(skipSwitch)
	}
	if p.proxy != "" {
		found.skip(skipProxy)
	}
}

// okxProfiles are the keys of all profiles, or of the selected one.
func (r *botFile) okxProfiles(o okxOptions, name string, one bool) []Found {
	selected := cmp.Or(name, r.word(r.root, "default_profile"), "default")
	profiles := r.object(r.expect(Object, r.root, ""), "profiles")
	return r.eachKey(profiles, func(m Member) []Found {
		if one && m.Name != selected || r.expect(Object, m.Value, m.Name) == nil {
			return nil
		}
		found := r.found(m.Name, "okx", m.Line, m.Column)
		found.Key = r.part([]string{"api_key"}, m.Value)
		found.Secret = r.part([]string{"secret_key"}, m.Value)
		found.Passphrase = r.passphrase(&found, []string{"passphrase"}, m.Value)
		r.beside(&found, m.Value)
		r.around(&found, r.root, profiles)
		demo, set := r.flag(m.Value, "demo")
		found.where = slices.DeleteFunc(found.where, func(w whereField) bool { // which are read here
			return !w.outer && (slices.Contains([]string{"site", "base_url"}, w.name) || set && w.name == "demo")
		})
		found.placed = set || r.word(m.Value, "site") != ""
		o.place(&found, okxProfile{
			site: r.word(m.Value, "site"), url: r.word(m.Value, "base_url"), proxy: r.word(m.Value, "proxy_url"), demo: demo,
		})
		found.Policy = agentPolicy(o.readOnly)
		return []Found{found}
	})
}

// okxOnlyReads reports whether the modules that a server is told to load have no
// tool that trades.
func okxOnlyReads(modules string) bool {
	list := strings.FieldsFunc(strings.ToLower(modules), notInWord)
	return len(list) > 0 && !slices.ContainsFunc(list, func(m string) bool {
		return !slices.Contains([]string{"market", "news", "account", "skills"}, m)
	})
}
