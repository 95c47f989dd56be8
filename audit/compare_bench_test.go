package audit_test

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// bigReport is a firm's run: accounts of ten keys that list one another, one
// of them unlisted. Each hundredth key differs from one run to the next.
func bigReport(n, night int) *audit.Report {
	at := now.AddDate(0, 0, night)
	results := make([]*audit.Result, n)
	for i := range results {
		s := harmless()
		account := i / 10
		s.Exchange, s.Environment, s.TakenAt, s.Created, s.Requests = "toy", "live", at, now, 1
		s.Fingerprint, s.KeyID, s.Account.ID = "f"+strconv.Itoa(i), fmt.Sprintf("k%03d…%04d", i%1000, i%10000), fmt.Sprintf("%04d…%04d", account%10000, account)
		for j := account * 10; j < account*10+11; j++ {
			if j != i {
				sibling := &access.Snapshot{Inspection: access.Inspection{Fingerprint: "f" + strconv.Itoa(j), KeyID: fmt.Sprintf("k%03d…%04d", j%1000, j%10000)}, Answer: access.Answer{Grants: s.Grants, IPAllowlist: s.IPAllowlist}}
				s.Siblings = append(s.Siblings, sibling)
			}
		}
		if i%100 == night {
			s.IPAllowlist = access.NewIPAllowlist(nil)
			grant(access.TradeSpot, access.Granted)(s)
		}
		r := &audit.Result{Name: "key-" + strconv.Itoa(i), Exchange: "toy", Title: "Toy", Snapshot: s}
		results[i] = r.Rejudge(audit.ReadOnly(), at, nil)
	}
	return audit.Collect(slices.Values(results), func() time.Time { return at })
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// BenchmarkCompare compares two runs of 20,000 keys, and reports what the two
// reports and the third one take.
func BenchmarkCompare(b *testing.B) {
	const n = 20_000
	empty := heap()
	before := audit.Compare(nil, bigReport(n, 0), nil)
	after := bigReport(n, 1)
	two := heap()
	b.ReportAllocs()
	var again *audit.Report
	for b.Loop() {
		again = audit.Compare(before, after, nil)
	}
	b.ReportMetric(two-empty, "two-reports-MiB")
	b.ReportMetric(heap()-two, "third-report-MiB")
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "keys/s")
	if again.Summary.Keys != n || !again.Changed() {
		b.Fatal(again.Summary.String())
	}
	runtime.KeepAlive(before)
	runtime.KeepAlive(after)
}

// BenchmarkCompareOneAccount is the worst case: every key of the run in one
// account, half of them able to move funds and half to withdraw.
func BenchmarkCompareOneAccount(b *testing.B) {
	const n = 20_000
	report := bigReport(n, 0)
	for i, r := range report.Results {
		r.Snapshot.Account.ID, r.Snapshot.Siblings = "1234…7890", nil
		c := access.Withdraw
		if i%2 == 0 {
			c = access.TransferInternal
		}
		grant(c, access.Granted)(r.Snapshot)
	}
	for b.Loop() {
		audit.Compare(nil, report, nil)
	}
}
