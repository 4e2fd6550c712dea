//! The platform's own book of the same business, with its mistakes, dropped as a file.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use tributary_aws::S3Files;
use tributary_books::{Label, Side};
use tributary_pipeline::own_book::Files;
use tributary_reconciliation::Code;
use tributary_simulator::{OwnBook, OwnBookConfig};

use crate::drain;
use crate::stage::Stage;

/// Where a live book's file goes.
const KEY: &str = "imports/live/two-weeks.csv";
/// Longest wait until it is matched.
const MATCHED_MAX: Duration = Duration::from_secs(120);

/// Drops the book with so many mistakes of each kind, and waits until it is matched.
///
/// # Errors
/// When the bucket does not take it, or the stack does not come to rest.
pub async fn drop_book(
    stage: &Stage,
    seed: u64,
    mistakes: usize,
) -> Result<OwnBook, Box<dyn Error>> {
    let config = OwnBookConfig {
        mistakes,
        ..OwnBookConfig::new(seed)
    };
    let own = OwnBook::of(&stage.world(), &config);
    let bucket = stage.stack.output("ImportBucketName")?.to_owned();
    let files = S3Files::new(&stage.aws, bucket);
    files.put(KEY, own.to_csv()).await?;
    stage.until_empty(drain::BOOKS, MATCHED_MAX, |_| ()).await?;
    Ok(own)
}

/// What has to be found of a book, and what may be found beside it: entries that are right
/// and hard to match, right matches that wait for a person's word, and entries of
/// movements that were damaged in the ledger.
pub fn labels(own: &OwnBook, damaged: &BTreeSet<String>) -> Vec<Label> {
    let mistakes = own.mistakes.iter().filter_map(Label::of_mistake);
    let hard = own.matches.iter().filter_map(Label::of_match);
    let right = own.matches.iter().filter_map(Label::of_proposal);
    let touched = own
        .matches
        .iter()
        .filter(|it| it.transactions.iter().any(|id| damaged.contains(id)));
    let touched = touched.filter_map(|it| {
        Some(Label {
            side: Side::Ledger,
            what: "OtherSide".to_owned(),
            codes: vec![Code::UnmatchedPlatformEntry, Code::AmbiguousMatch],
            book: tributary_books::labels::book(&it.account)?,
            subjects: it.entries.clone(),
            currency: String::new(),
            amount: 0,
            required: false,
        })
    });
    mistakes.chain(hard).chain(right).chain(touched).collect()
}
