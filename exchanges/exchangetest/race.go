//go:build race

package exchangetest

// racing: the race detector makes every case several times dearer. The properties of
// many thousand cases look at a sample then: which text it is makes no race.
const racing = true
