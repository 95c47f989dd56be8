module github.com/exchangekeyaudit/exchangekeyaudit/.ci/gate

go 1.25.0

require github.com/exchangekeyaudit/exchangekeyaudit v0.1.0

require go.yaml.in/yaml/v3 v3.0.6

replace github.com/exchangekeyaudit/exchangekeyaudit => ../..
