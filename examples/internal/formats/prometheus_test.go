package formats_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

func metrics(t *testing.T, r *audit.Report) []byte {
	t.Helper()
	return written(t, func(w io.Writer) error {
		return render.Prometheus(w, r, render.PrometheusOptions{PerKey: true, LastSuccess: time.Unix(1_700_000_000, 0)})
	})
}

func parsed(t *testing.T, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation) // the names that every collector accepts
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	require.NoError(t, err)
	return families
}

// TestPrometheus checks the metrics with the parser that Prometheus and
// node_exporter use, and with the linter of "promtool check metrics".
func TestPrometheus(t *testing.T) {
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			text := metrics(t, r)
			problems, err := promlint.New(bytes.NewReader(text)).Lint()
			require.NoError(t, err)
			assert.Empty(t, problems)
			for name, family := range parsed(t, text) {
				assert.Equal(t, dto.MetricType_GAUGE, family.GetType(), name)
				seen := map[string]bool{}
				for _, m := range family.GetMetric() {
					labels := ""
					for _, l := range m.GetLabel() {
						labels += l.String() + "\x00"
					}
					assert.False(t, seen[labels], "%s: two series with the labels %s", name, labels)
					seen[labels] = true
				}
			}
			keep(t, name+".prom", text)
		})
	}
}

// TestPrometheusValues: what the parser reads is what the report counts, and
// hostile labels come back as one value.
func TestPrometheusValues(t *testing.T) {
	r := reports(t)["stored"]
	families := parsed(t, metrics(t, r))
	sum := func(name, label, value string) (total float64) {
		for _, m := range families["exchangekeyaudit_"+name].GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == label && l.GetValue() == value {
					total += m.GetGauge().GetValue()
				}
			}
		}
		return total
	}
	failed, undetermined := 0, 0
	for _, severity := range []audit.Severity{audit.Info, audit.Low, audit.Medium, audit.High, audit.Critical} {
		failed += r.Summary.Failed[severity]
		undetermined += r.Summary.Undetermined[severity]
	}
	for _, name := range []string{"findings", "rule_findings"} {
		assert.InDelta(t, failed, sum(name, "outcome", "failed"), 0, name)
		assert.InDelta(t, undetermined, sum(name, "outcome", "undetermined"), 0, name)
	}
	hostile := 0
	for _, m := range families["exchangekeyaudit_key_severity"].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == "name" && strings.HasPrefix(l.GetValue(), `bot \u001b[31m`) {
				hostile++
				assert.NotContains(t, l.GetValue(), "\n")
			}
		}
	}
	assert.Equal(t, 1, hostile)
	assert.Len(t, families["exchangekeyaudit_key_severity"].GetMetric(), len(r.Results))
}
