//! The corpus, some fresh seeds, and ports that are broken on purpose.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use tributary_simulate::{Flaw, Settings, Stage};

const CORPUS: &str = include_str!("../corpus.txt");
/// Fresh seeds of one test run.
const FRESH: u64 = 150;

#[test]
fn what_was_found_once_stays_mended() {
    let stage = Stage::new().unwrap();
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let (seed, why) = line.split_once(' ').unwrap();
        let played = stage.play(seed.parse().unwrap(), Settings::default());
        assert!(played.is_ok(), "{}\n{why}", played.unwrap_err());
    }
}

#[test]
fn every_promise_is_kept_through_every_fault() {
    let stage = Stage::new().unwrap();
    for seed in 1_000_000..1_000_000 + FRESH {
        if let Err(broken) = stage.play(seed, Settings::default()) {
            panic!("{broken}");
        }
    }
}

#[test]
fn one_seed_is_one_run() {
    let stage = Stage::new().unwrap();
    let trace = |seed| stage.play(seed, Settings::default()).unwrap().trace;
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

/// What is found within so many seeds.
fn is_caught(flaw: Flaw, seeds: u64) -> Option<String> {
    let stage = Stage::new().unwrap();
    let settings = Settings {
        flaw,
        ..Settings::default()
    };
    (0..seeds).find_map(|seed| {
        stage
            .play(seed, settings)
            .err()
            .map(|broken| broken.to_string())
    })
}

#[test]
fn broken_ports_are_caught() {
    for flaw in Flaw::ALL {
        let caught = is_caught(flaw, 100);
        println!("{flaw:?}: {}", caught.as_deref().unwrap_or("not caught"));
        assert!(caught.is_some(), "{flaw:?} went unnoticed");
    }
}
