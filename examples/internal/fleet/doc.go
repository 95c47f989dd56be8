// Package fleet audits keys on many machines. A key that is restricted to IP addresses
// can be read only from its bot's host, so a worker there holds its references, asks the
// exchange, and signs what it found. A coordinator says which keys to ask about, and gathers
// the answers; it holds no secret. NATS JetStream carries the jobs and the results:
//
//	coordinator ─► job.<worker>.<exchange>   a stream for each worker
//	worker      ─► result.<worker>           signed
//	worker      ─► KV "lease"                who may ask an exchange from this egress now
//	worker      ─► KV "ban"                  until when an exchange wants to be left alone
//	worker      ─► KV "worker", KV "names"   that it is there, and which keys it holds
//
// Workers of one egress, which share an IP address, are in one account of the server, and the
// coordinator has a connection to each account: nothing that a worker sends, not even the
// address for an answer, leads into another account.
package fleet
