module github.com/exchangekeyaudit/exchangekeyaudit/examples

go 1.25.0

require (
	github.com/exchangekeyaudit/exchangekeyaudit v0.0.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/adshao/go-binance/v2 v2.8.7 // indirect
	github.com/bitly/go-simplejson v0.5.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/jpillora/backoff v1.0.0 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.14.0 // indirect
)

replace github.com/exchangekeyaudit/exchangekeyaudit => ../
