//go:build race

package main

// The race detector makes everything ten times as slow and large.
const raced = true
