package exchangetest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// listFlaws are adapters that believe lists which cannot be whole, each at an
// exchange where the list shows that.
var listFlaws = []flaw{
	{
		name: "a list without any right read as a key without rights", property: "incomplete",
		fake: func(d *Definition) { d.CanExist = func(s *Spec) bool { return len(s.Permissions) > 0 } },
	},
	{
		name: "rights denied to a key that may not even read", property: "incomplete",
		steps: after(func(s *access.Snapshot) {
			reads := slices.Contains(s.Unmapped, readingRight)
			s.Unmapped = slices.DeleteFunc(s.Unmapped, func(name string) bool { return name == readingRight })
			s.Grants[0] = access.Grant{Capability: access.Read, State: access.StateOf(reads), Evidence: access.Reported}
		}),
		fake: func(d *Definition) {
			d.Base = nil
			d.Rights = append([]Right{{readingRight, []access.Capability{access.Read}}}, d.Rights...)
			d.CanExist = func(s *Spec) bool { return s.Has(readingRight) }
		},
	},
	{
		name: "one part of the allowlist read as all of it", property: "allowlist-parts",
		steps: func(do *steps) {
			do.allowlist = func(list access.IPAllowlist, answer wire.Object) access.IPAllowlist {
				if one, ok := answer.Text("ip"); ok && one == "0.0.0.0/0" {
					return access.NewIPAllowlist([]string{one})
				}
				return list
			}
		},
		fake: func(d *Definition) {
			whole := d.Routes["GET /allowlist"]
			d.Routes["GET /allowlist"] = func(c *Call) Reply {
				reply := whole(c)
				reply.Body = strings.TrimSuffix(reply.Body, "}") + `,"ip":""}`
				return reply
			}
		},
	},
	{
		name: "5.0 read as no permission", property: "spelling",
		steps: func(do *steps) {
			do.rights = func(account wire.Object) map[string]access.State {
				held, ok := account.Texts("rights")
				if !ok {
					return nil
				}
				for i, number := range held {
					if n := slices.Index(numbered, number); n >= 0 {
						held[i] = referenceFake(false).Rights[n].Name
					}
				}
				return referenceRights.Listed(held)
			}
		},
		fake: func(d *Definition) {
			whole := d.Routes["GET /account"]
			d.Routes["GET /account"] = func(c *Call) Reply {
				reply := whole(c)
				for i, right := range referenceFake(false).Rights {
					name, _ := json.Marshal(right.Name)
					reply.Body = strings.ReplaceAll(reply.Body, string(name), numbered[i])
				}
				return reply
			}
		},
	},
}

// numbered are the numbers that one of these exchanges has for its rights.
var numbered = []string{"1", "2", "5"}

const readingRight = "account.read"

func hexed(s string) string { return spellings(s)[1].text }
