package render

import (
	"bufio"
	"encoding/binary"
	"math"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// The series of single keys.

// keyMetrics are the families of series that each key has.
var keyMetrics = []struct {
	name, help string
	value      func(*entry) float64
	join       func(a, b float64) float64 // what keys with the same labels show
}{
	{"key_severity", "Max severity of a key: 0 none, 1 info, 2 low, 3 medium, 4 high or not inspected, 5 critical.", keySeverity, math.Max},
	{"key_created_timestamp_seconds", "When the key was created.", func(e *entry) float64 { return keyTime(e.Snapshot.Created) }, math.Min},
	{"key_expires_timestamp_seconds", "When the key expires.", func(e *entry) float64 { return keyTime(e.Snapshot.Expires) }, math.Min},
}

func keySeverity(e *entry) float64 {
	severity := e.severity
	if e.state == notInspected || e.state == notJudged {
		severity = max(severity, audit.High)
	}
	return float64(severity)
}

// keyTime is a date of a key; one that the exchange doesn't report has no series.
func keyTime(t time.Time) float64 {
	if t.IsZero() {
		return math.Inf(1)
	}
	return seconds(t)
}

// keySeries are the labels of a key, and the values of its series.
func keySeries(e *entry) (key string, values []byte) {
	for _, m := range keyMetrics {
		values = binary.BigEndian.AppendUint64(values, math.Float64bits(m.value(e)))
	}
	return labels("environment", e.Snapshot.Environment, "exchange", e.Exchange, "key_id", e.Snapshot.KeyID, "name", e.FullName()), values
}

// series writes the families one after the other.
func (p *prometheus) series(out *bufio.Writer) error {
	for i, family := range keyMetrics {
		m := gauge(family.name, family.help)
		begun, last, now := false, "", math.Inf(1)
		write := func() {
			if math.IsInf(now, 1) {
				return
			}
			if !begun {
				m.head(out)
				begun = true
			}
			m.sample(out, last, now)
		}
		if err := p.keys.each(func(key string, values []byte) error {
			v := math.Float64frombits(binary.BigEndian.Uint64(values[8*i:]))
			if key == last {
				now = family.join(now, v)
				return nil
			}
			write()
			last, now = key, v
			return nil
		}); err != nil {
			return err
		}
		write()
	}
	return nil
}
