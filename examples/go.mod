module github.com/exchangekeyaudit/exchangekeyaudit/examples

go 1.25.0

require github.com/exchangekeyaudit/exchangekeyaudit v0.0.0

require (
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	golang.org/x/text v0.14.0 // indirect
)

replace github.com/exchangekeyaudit/exchangekeyaudit => ../
