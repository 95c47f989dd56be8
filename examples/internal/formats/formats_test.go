package formats_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

const testdata = "../../../audit/render/testdata"

// reports are what the formats are tested with: the stored one of the renderers'
// own tests, which has all that can be shown and all that is hostile, and one of
// a fleet that was really audited.
func reports(t *testing.T) map[string]*audit.Report {
	t.Helper()
	file, err := os.Open(filepath.Join(testdata, "report.json"))
	require.NoError(t, err)
	defer file.Close()
	stored, err := render.ReadJSON(file)
	require.NoError(t, err)
	return map[string]*audit.Report{
		"stored": stored, "fleet": audited(), "alone": {Results: audited().Results}, "empty": {Schema: audit.ReportSchema},
	}
}

// audited is a fleet with keys at a few fake exchanges, audited twice: in between,
// some keys got worse, some better, and one was removed.
var audited = sync.OnceValue(func() *audit.Report {
	start := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	var keys []audit.Key
	for i, fake := range []*exchangetest.Fake{exchangetest.Bybit(), exchangetest.Binance(), exchangetest.Kraken(), exchangetest.OKX()} {
		exchange, _ := exchanges.Lookup(fake.Name())
		var all []string
		for _, right := range fake.Rights() {
			all = append(all, right.Name)
		}
		for j, spec := range []exchangetest.Spec{{Label: `<script>alert("1")</script>`}, {Permissions: all, Label: "everything"}} {
			policy := audit.SpotTrading()
			if j == 0 {
				policy.Waivers = []audit.Waiver{{Rule: "ip-allowlist", Reason: "a moving laptop", Until: start.AddDate(1, 0, 0)}}
			}
			keys = append(keys, audit.Key{
				Name: fmt.Sprintf("%s-%d", fake.Name(), j), Exchange: exchange, Policy: policy, Transport: fake, Credentials: fake.Issue(spec),
				Record: audit.Record{
					Owner: "Ada", Labels: map[string]string{"desk": "a&b"},
					Source: audit.Source{Format: audit.FormatInventory, File: "fleet/keys.json", Line: 10*i + j + 1, Column: 5},
				},
			})
		}
	}
	keys = append(keys, audit.Key{Name: "nowhere"}, audit.Key{Name: "no secret", Exchange: keys[0].Exchange})
	run := func(keys []audit.Key, at time.Time) *audit.Report {
		clock := func() time.Time { return at }
		return audit.Collect(audit.Run(context.Background(), slices.Values(keys), &audit.Options{Clock: clock, Attempts: 1}), clock)
	}
	before := run(keys, start)
	keys[0].Policy = audit.ReadOnly()
	keys[1].Policy.Allows = access.Capabilities()
	return audit.Compare(before, run(keys[:len(keys)-1], start.AddDate(0, 0, 1)), nil)
})

// TestAudited: the fleet has findings of every kind, or the other tests would
// test too little.
func TestAudited(t *testing.T) {
	r := audited()
	assert.NotNil(t, r.Baseline)
	assert.NotEmpty(t, r.Findings, "a key was removed")
	assert.Positive(t, r.Summary.NotInspected)
	assert.Positive(t, r.Summary.Waived)
	var isNew, resolved, undetermined bool
	for _, result := range r.Results {
		resolved = resolved || len(result.Resolved) > 0
		for _, f := range result.Findings {
			isNew = isNew || f.New
			undetermined = undetermined || f.Outcome == audit.Undetermined && result.Inspected()
		}
	}
	assert.True(t, isNew, "new")
	assert.True(t, resolved, "resolved")
	assert.True(t, undetermined, "undetermined")
}

func written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, write(&buf))
	return buf.Bytes()
}

// keep leaves a file for .ci/formats, which checks it with programs that are no
// Go libraries. Without FORMATS_DIR, the file is deleted after the test.
func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	folder := os.Getenv("FORMATS_DIR")
	if folder == "" {
		folder = t.TempDir()
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
}
