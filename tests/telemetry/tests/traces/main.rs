//! Spans of real handlers and use cases, as a collector receives them.

#![cfg(test)]

mod collector;
mod failing;
mod road;
mod work;
