"""Our own cfn-lint rules: what every template here promises, as a failing build."""
