module github.com/exchangekeyaudit/exchangekeyaudit

go 1.25.0

// Used by exchanges/binance only; a test over the import graph holds that.
require github.com/adshao/go-binance/v2 v2.8.7

// Used by exchanges/internal/ethereum and cosmos only, and so by adapters of exchanges whose keys
// are wallets; likewise.
require (
	github.com/decred/dcrd/dcrec/secp256k1/v4 v4.4.1
	golang.org/x/crypto v0.55.0
)

// Used by exchanges/internal/stark only, and so by exchanges/paradex; likewise.
require github.com/consensys/gnark-crypto v0.19.2

// Used by tests only.
require github.com/stretchr/testify v1.12.1

require (
	github.com/bitly/go-simplejson v0.5.0 // indirect
	github.com/bits-and-blooms/bitset v1.20.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/jpillora/backoff v1.0.0 // indirect
	github.com/kr/text v0.2.0 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
