//! A short, seeded run of every fuzz target: the corpus, and mutants of it. A
//! failing mutant prints its seed, and `SEED=n` runs that one alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::Path;

use tributary_fuzz::{TARGETS, Target, mutate::mutant};

fn target(name: &str) -> Target {
    let found = TARGETS.iter().find(|(target, _)| *target == name);
    found.unwrap().1
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let mut paths: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Runs the target; how far inputs got, and how many each way. Every way of
/// `expected` must have been gone.
fn run(name: &str, mutants: u64, expected: &[&str]) {
    let (target, corpus) = (target(name), corpus(name));
    if let Ok(seed) = std::env::var("SEED") {
        let data = mutant(&corpus, seed.parse().unwrap());
        println!("{}", data.escape_ascii());
        println!("{}", target(&data));
        return;
    }
    let mut reached: BTreeMap<&str, u64> = BTreeMap::new();
    for data in &corpus {
        *reached.entry(target(data)).or_default() += 1;
    }
    for seed in 0..mutants {
        let data = mutant(&corpus, seed);
        let Ok(end) = catch_unwind(|| target(&data)) else {
            panic!("{name} SEED={seed}: {}", data.escape_ascii());
        };
        *reached.entry(end).or_default() += 1;
    }
    println!("{name}: {reached:?}");
    for end in expected {
        assert!(
            reached.contains_key(end),
            "{name} never got to {end}: {reached:?}"
        );
    }
}

#[test]
fn fuzz_the_signature_header() {
    run(
        "signature_header",
        20_000,
        &[
            "accepted",
            "header_missing",
            "header_repeated",
            "header_too_long",
            "header_malformed",
            "no_v1",
            "too_many_v1",
            "v1_unreadable",
            "mismatch",
            "too_old",
            "too_new",
        ],
    );
}

#[test]
fn fuzz_the_envelope() {
    run(
        "envelope",
        20_000,
        &[
            "mirrored",
            "fetched",
            "recorded",
            "empty",
            "not_utf8",
            "too_deep",
            "not_json",
            "duplicate_key",
            "not_an_event",
            "bad_id",
            "bad_type",
            "bad_account",
            "bad_context",
            "bad_created",
            "bad_livemode",
            "reserved_key",
            "missing_field",
            "bad_object",
            "bad_amount",
            "bad_currency",
            "mode_mix",
        ],
    );
}

#[test]
fn fuzz_the_claim_check() {
    run(
        "claim",
        20_000,
        &["redeemed", "refused unread", "refused as another body"],
    );
}
