//! In-memory and faulty ports, contract suites, reference models for tests.
