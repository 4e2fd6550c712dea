//! Canaries in every field of every payload, and nothing of them in what the
//! pipeline tells of itself, at the most talkative level, whatever fails.

#![cfg(test)]

mod heard;
mod money;
mod payloads;
mod road;
