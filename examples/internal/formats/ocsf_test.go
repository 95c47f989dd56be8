package formats_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

func events(t *testing.T, r *audit.Report, class render.OCSFClass) (out []any) {
	t.Helper()
	all := written(t, func(w io.Writer) error { return render.OCSF(w, r, render.OCSFOptions{Class: class}) })
	for line := range bytes.Lines(all) {
		out = append(out, decoded(t, line))
	}
	return out
}

// TestOCSF checks both classes against our transcript of OCSF 1.6.0: see the
// README in its folder.
func TestOCSF(t *testing.T) {
	definitions := schema(t, "ocsf-1.6.0.json")
	for name, r := range reports(t) {
		for _, class := range []render.OCSFClass{render.IAMAnalysis, render.Compliance} {
			all := events(t, r, class)
			assert.Equal(t, len(r.Results) > 0, len(all) > 0)
			for _, event := range all {
				require.NoError(t, definitions.Validate(event), name)
			}
		}
	}
}

// TestOCSFCompliance checks the older class against the schema server's own schema
// of 1.2.0, which has one resource where there are several now. Its profile
// "cloud" is on, which our events don't use.
func TestOCSFCompliance(t *testing.T) {
	official := schema(t, "ocsf-1.2.0-compliance_finding.json", func(document map[string]any) {
		document["required"] = slices.DeleteFunc(document["required"].([]any), func(name any) bool { return name == "cloud" })
	})
	for name, r := range reports(t) {
		for _, event := range events(t, r, render.Compliance) {
			root := event.(map[string]any)
			root["resource"] = root["resources"].([]any)[0]
			require.NoError(t, official.Validate(event), name)
			delete(root, "compliance")
			require.Error(t, official.Validate(event), name)
		}
	}
}

// TestOCSFSchemasRefuse: a schema that accepts everything would be no test.
func TestOCSFSchemasRefuse(t *testing.T) {
	definitions := schema(t, "ocsf-1.6.0.json")
	line := func(class render.OCSFClass) string {
		all := written(t, func(w io.Writer) error { return render.OCSF(w, audited(), render.OCSFOptions{Class: class}) })
		first, _, _ := strings.Cut(string(all), "\n")
		return first
	}
	iam, compliance := line(render.IAMAnalysis), line(render.Compliance)
	for name, c := range map[string]struct{ line, old, now string }{
		"a class":         {iam, `"class_uid":2008`, `"class_uid":2004`},
		"a type":          {iam, `"type_uid":2008`, `"type_uid":3008`},
		"an activity":     {iam, `"activity_id":`, `"activity_id":7`},
		"text for number": {iam, `"severity_id":`, `"severity_id":"x","x":`},
		"an attribute":    {iam, `"message":`, `"massage":"x","message":`},
		"in an object":    {iam, `"user":{`, `"user":{"colour":"red",`},
		"no identity":     {iam, `"finding_info":{"uid":`, `"finding_info":{"uid_alt":`},
		"no permissions":  {iam, `"permission_analysis_results":`, `"observables":`},
		"no compliance":   {compliance, `"compliance":{`, `"unmapped":{`},
		"a user":          {compliance, `"message":`, `"user":{"name":"x"},"message":`},
	} {
		changed := strings.Replace(c.line, c.old, c.now, 1)
		require.NotEqual(t, c.line, changed, name)
		assert.Error(t, definitions.Validate(decoded(t, []byte(changed))), name)
	}
}
