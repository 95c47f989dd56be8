package fleet

import "time"

// Names of the streams, subjects and buckets of an account.
const (
	results     = "results"
	bucketLease = "lease"
	bucketBan   = "ban"
	bucketHere  = "worker"
	bucketRun   = "run" // which only coordinators may write
	bucketNames = "names"
)

func jobStream(worker string) string             { return "jobs-" + worker }
func jobSubject(worker, exchange string) string  { return "job." + worker + "." + exchange }
func resultSubject(worker string) string         { return "result." + worker }
func bucketSubject(bucket, key string) string    { return "$KV." + bucket + "." + key }
func inbox(worker string) string                 { return "_INBOX_" + worker }
func namesKey(worker string, part string) string { return worker + "." + part }

// usualLease is how long a worker may ask an exchange without renewing its lease, and how long
// a job is its own without a sign of life: longer than a hiccup of the network. That
// another worker takes over after half a minute costs nothing in a run of half an hour. The
// coordinator chooses it, and workers read it from the bucket of leases.
const usualLease = 30 * time.Second

// present is how long the word of a worker holds that it is there.
func present(lease time.Duration) time.Duration { return 3 * lease }

// patience is how long one question to the server may take. A server that was killed answers
// none, and whoever waits longer loses the time in which it is there again.
const patience = 5 * time.Second

// mostAtOnce is how many jobs of an exchange a worker has at a time. What it has beyond
// those it works on, it would still have after a pause.
const mostAtOnce = 4

// mostDelivered is how often a job is handed out.
const mostDelivered = 5
