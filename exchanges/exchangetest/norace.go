//go:build !race

package exchangetest

const racing = false
