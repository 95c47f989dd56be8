package exchangetest

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Validate says what is missing or wrong in the definition, one sentence each; nil
// if nothing is. [Conform] and [Fuzz] demand that it is nil.
func (d *Definition) Validate() error {
	var p defects
	p.demand(d.Name != "", "Name is missing: use the Name of the adapter's Exchange.")
	p.demand(len(d.Hosts) > 0, "Hosts is empty: list the hosts of the adapter's Environments.")
	for _, host := range d.Hosts {
		u, err := url.Parse("https://" + host)
		bare := err == nil && host != "" && u.Host == host
		p.demand(bare, "Hosts has %q: write a host only, without scheme and path.", host)
	}
	p.demand(len(d.Kinds) > 0, "Kinds is empty: list the kinds of keys that the exchange issues.")
	p.demand(!slices.Contains(d.Kinds, access.KindOfKeyUnknown),
		"Kinds has the zero value: name the kind of key, for instance access.SharedSecret.")
	p.demand(d.Identify != nil, "Identify is missing: it finds the key's identifier in a request.")
	p.demand(d.Verify != nil, "Verify is missing: it checks the signature of a request.")
	d.validateRights(&p)
	d.validateRoutes(&p)
	d.validateFailures(&p)
	d.validateVectors(&p)
	return errors.Join(p...)
}

// defects are the sentences of one validation.
type defects []error

func (p *defects) demand(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Errorf(format, args...))
	}
}

// once demands that names are neither empty nor duplicate.
func (p *defects) once(field string, names []string) {
	seen := map[string]bool{}
	for i, name := range names {
		p.demand(name != "", "%s[%d] has no name.", field, i)
		p.demand(name == "" || !seen[name], "%s has the duplicate name %q: every name must be unique.", field, name)
		seen[name] = true
	}
}

func (d *Definition) validateRights(p *defects) {
	names := make([]string, len(d.Rights))
	for i, r := range d.Rights {
		names[i] = r.Name
	}
	p.once("Rights", names)
	for _, r := range d.Rights {
		for _, c := range r.Capabilities {
			p.demand(c.Valid(), "Rights: %q has the capability %q, which no rule knows: use a constant of access, or access.Other.", r.Name, c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.MayGrant)) {
		p.demand(slices.Contains(names, name), "MayGrant has %q, which is not in Rights.", name)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Implied)) {
		p.demand(name == "" || slices.Contains(names, name), "Implied has %q, which is not in Rights.", name)
	}
}

func (d *Definition) validateRoutes(p *defects) {
	p.demand(len(d.Routes) > 0, "Routes is empty: it has the calls that need a key, as \"METHOD /path\".")
	for field, routes := range map[string]map[string]func(*Call) Reply{"Routes": d.Routes, "Public": d.Public} {
		for _, route := range slices.Sorted(maps.Keys(routes)) {
			method, path, _ := strings.Cut(route, " ")
			valid := method != "" && method == strings.ToUpper(method) && strings.HasPrefix(path, "/")
			p.demand(valid, "%s has %q: write it as \"METHOD /path\".", field, route)
			p.demand(routes[route] != nil, "%s has no function for %q.", field, route)
		}
	}
	p.demand(d.Introspection == "" || d.Routes[d.Introspection] != nil,
		"Introspection is %q, which is not in Routes.", d.Introspection)
}

func (d *Definition) validateFailures(p *defects) {
	names := make([]string, len(d.Failures))
	for i, f := range d.Failures {
		names[i] = f.Name
		ambiguous := f.Kind == access.KindAmbiguous
		p.demand(!ambiguous || len(f.Candidates) > 1, "Failures: %q is ambiguous: list its Candidates, at least two.", f.Name)
		p.demand(ambiguous || len(f.Candidates) == 0,
			"Failures: %q has Candidates: set its Kind to access.KindAmbiguous.", f.Name)
	}
	p.once("Failures", names)
	p.demand(slices.Contains(names, FailUnknownKey),
		"Failures has no FailUnknownKey: document what a key gets that does not exist.")
}

func (d *Definition) validateVectors(p *defects) {
	p.demand(len(d.Vectors) > 0 || d.NoVectors != "",
		"Vectors is empty: add a documented request with its signature, or say in NoVectors why there is none.")
	p.demand(len(d.Vectors) == 0 || d.NoVectors == "", "NoVectors is set although there are Vectors: remove it.")
	for i, v := range d.Vectors {
		p.demand(v.Key != "" && v.Secret != "" && v.Method != "" && v.URL != "" && !v.Time.IsZero(),
			"Vectors[%d] (%q) is incomplete: it needs Time, Key, Secret, Method and URL.", i, v.Name)
	}
}
