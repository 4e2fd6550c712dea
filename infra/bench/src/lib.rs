//! Benchmarks: binary size, spawn to first next, memory, CPU per event.
