//! Suites that cross crates: template, layers, contract, end to end.
