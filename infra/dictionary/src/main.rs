//! `make dictionaries`: trains what stored texts are packed with, and shows what it
//! saves on days that it has not seen.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod samples;
mod stripe_text;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use crate::samples::Texts;

/// Where `tributary-aws` takes them from.
const FOLDER: &str = "shared/aws/src/codec";
/// What the new ones are called. Texts are stored with the old ones, so those are
/// never written again: raise this, and give `tributary-aws` another codec.
const VERSION: u32 = 1;
/// Size of each: twice as much saves under one part in a hundred.
const DICTIONARY_BYTES: usize = 64 * 1024;
/// As `tributary-aws` packs.
const LEVEL: i32 = 9;
/// Seeds of the days that are learnt from.
const LEARNT: std::ops::Range<u64> = 100..116;
/// Seeds of the days that the result is shown on.
const UNSEEN: std::ops::Range<u64> = 1..4;

#[derive(Debug, thiserror::Error)]
enum TrainError {
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    #[error("{0} is not a file of example objects: {1}")]
    Examples(String, serde_json::Error),
    #[error("zstd: {0}")]
    Zstd(#[from] std::io::Error),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dictionaries: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The first argument may name a file of example objects, `{"resources": {…}}` as in
/// Stripe's OpenAPI repository.
fn run() -> Result<(), TrainError> {
    let mut texts = Texts::simulated(LEARNT);
    if let Some(file) = std::env::args().nth(1) {
        let mut rng = fastrand::Rng::with_seed(1);
        texts.extend(Texts::of_examples(&examples(&file)?, &mut rng));
    }
    let unseen = Texts::simulated(UNSEEN);
    for (name, learnt, unseen) in [
        ("event", &texts.events, &unseen.events),
        ("row", &texts.rows, &unseen.rows),
    ] {
        let dictionary = zstd::dict::from_samples(learnt, DICTIONARY_BYTES)?;
        let file = Path::new(FOLDER).join(format!("{name}.{VERSION}.zdict"));
        File::create_new(&file)
            .and_then(|mut file| file.write_all(&dictionary))
            .map_err(|error| TrainError::File(file.display().to_string(), error))?;
        println!(
            "{}: {} bytes from {} texts",
            file.display(),
            dictionary.len(),
            learnt.len()
        );
        show("without", unseen, &mut zstd::bulk::Compressor::new(3)?)?;
        let mut with = zstd::bulk::Compressor::with_dictionary(LEVEL, &dictionary)?;
        show("with", unseen, &mut with)?;
    }
    Ok(())
}

fn examples(file: &str) -> Result<Vec<Value>, TrainError> {
    let text = std::fs::read_to_string(file).map_err(|e| TrainError::File(file.to_owned(), e))?;
    let examples: Value =
        serde_json::from_str(&text).map_err(|e| TrainError::Examples(file.to_owned(), e))?;
    let resources = examples.get("resources").and_then(Value::as_object);
    Ok(resources
        .into_iter()
        .flat_map(|all| all.values().cloned())
        .collect())
}

fn show(
    what: &str,
    texts: &[String],
    compressor: &mut zstd::bulk::Compressor<'_>,
) -> Result<(), TrainError> {
    let mut sizes = Vec::with_capacity(texts.len());
    for text in texts {
        sizes.push(compressor.compress(text.as_bytes())?.len());
    }
    sizes.sort_unstable();
    let at = |per_cent: usize| sizes.get(sizes.len() * per_cent / 100).unwrap_or(&0);
    println!(
        "  {what}: median {} bytes, p90 {}, p99 {}",
        at(50),
        at(90),
        at(99)
    );
    Ok(())
}
