//! What the platform's own book has of a payout's movements.

use serde_json::json;
use tributary_pipeline::own_book::Kept;
use tributary_pipeline::trace::{Remedy, What};

use crate::story::{NOON, book, codes, failed_after_paid, words};

fn kept(standing: &str, own: &str, line: &str) -> Kept {
    serde_json::from_value(json!({
        "standing": standing, "own": [own], "lines": [line], "at": NOON, "currency": "eur",
        "amount": -970, "difference": 0, "score": 9_000, "basis": "score", "alternatives": 1,
        "comparison": {
            "reference": "unknown", "amount": "before_fees", "apart": "hours", "kind": "same",
            "counterparty": "unknown",
        },
    }))
    .unwrap()
}

/// All matches of a book are one question; those of other movements are not told.
#[tokio::test]
async fn own_entries_are_told_beside_the_movements_that_they_stand_for() {
    let mut story = failed_after_paid().await;
    let before = story.ground.requests();
    let without = story.trace(NOON).await;
    let requests = story.ground.requests() - before;
    let matches = [
        kept("made", "own-1", "txn_out"),
        kept("waiting", "own-2", "txn_back"),
        kept("made", "own-3", "txn_other"),
    ];
    story.ground.matches.insert(book(), matches.to_vec());
    let before = story.ground.requests();
    let timeline = story.trace(NOON).await;
    assert_eq!(story.ground.requests() - before, requests);
    assert_eq!(timeline.steps.len(), without.steps.len() + 2);
    let words = words(&timeline);
    for word in ["matched own-1", "matched own-2"] {
        assert!(words.contains(&word.to_owned()), "{words:?}");
    }
    let reasons = timeline.steps.iter().filter_map(|step| match &step.what {
        What::Matched(it) => Some(it.reason.contains("the score of all fields")),
        _ => None,
    });
    assert!(reasons.into_iter().all(|is_told| is_told));
    assert!(codes(&timeline).1.contains(&"match_waits"));
    let waits: Vec<_> = timeline
        .next
        .iter()
        .filter(|it| it.code == "match_waits")
        .collect();
    assert_eq!(waits.len(), 1);
    assert!(waits[0].says.contains("own-2"), "{}", waits[0].says);
    assert_eq!(waits[0].remedy, Some(Remedy::AnswerMatch));
}
