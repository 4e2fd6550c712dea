//! The platform's own book, from a dropped file or an event to matches and findings.

use std::collections::BTreeSet;

use serde_json::json;
use tributary_aws::operate::put_event;
use tributary_aws::reconcile::DynamoFindings;
use tributary_aws::{DynamoMatches, S3Blobs, S3Files};
use tributary_books::{Label, labels};
use tributary_ledger::Book;
use tributary_pipeline::own_book::{Files, Kept, Matches, Standing};
use tributary_pipeline::ports::Blobs;
use tributary_pipeline::reconcile::Findings;
use tributary_reconciliation::Finding;
use tributary_simulator::{OwnBook, OwnBookConfig};

use crate::road::{Road, eventually};

/// What the deployed stack knows of the books.
struct Eyes {
    matches: DynamoMatches,
    findings: DynamoFindings,
    files: S3Files,
}

impl Eyes {
    fn of(road: &Road) -> Self {
        let output = |name: &str| road.stack.output(name).unwrap().to_owned();
        Self {
            matches: DynamoMatches::new(&road.aws, output("MatchesTableName")),
            findings: DynamoFindings::new(&road.aws, output("FindingsTableName")),
            files: S3Files::new(&road.aws, output("ImportBucketName")),
        }
    }

    async fn kept(&self, books: &BTreeSet<Book>) -> Vec<Kept> {
        let mut kept = Vec::new();
        for book in books {
            // A page may be replaced between two reads.
            let months = self.matches.all(book).await.unwrap_or_default();
            kept.extend(months.into_iter().flat_map(|(_, kept)| kept));
        }
        kept
    }

    async fn open(&self, books: &BTreeSet<Book>) -> Vec<Finding> {
        let mut open = Vec::new();
        for book in books {
            let found = self.findings.open(book).await.unwrap();
            open.extend(found.into_iter().map(|(finding, _)| finding));
        }
        open
    }
}

pub(crate) async fn a_dropped_file_is_matched_and_its_mistakes_are_found(road: &Road) {
    road.until_quiet().await;
    let own = {
        let world = road.world.lock().unwrap();
        let config = OwnBookConfig {
            mistakes: 2,
            ..OwnBookConfig::new(7)
        };
        OwnBook::of(&world, &config)
    };
    assert!(own.matches.len() > 50, "{}", own.matches.len());
    let eyes = Eyes::of(road);
    let key = "imports/live/november.csv";
    eyes.files.put(key, own.to_csv()).await.unwrap();
    let books: BTreeSet<Book> = own
        .entries
        .iter()
        .map(|entry| labels::book(&entry.account).unwrap())
        .collect();
    let told = eventually("a finding for each mistake", || async {
        let open = eyes.open(&books).await;
        let is_told = |label: &Label| {
            let subjects = open.iter().filter(|it| label.codes.contains(&it.code));
            subjects
                .filter(|it| it.book == label.book)
                .any(|it| label.subjects.contains(&it.subject))
        };
        let mut mistakes = own.mistakes.iter().filter_map(Label::of_mistake);
        mistakes.all(|label| is_told(&label)).then_some(open)
    });
    told.await;
    let made = eventually("nearly all matches", || async {
        let kept = eyes.kept(&books).await;
        let made: BTreeSet<_> = kept
            .into_iter()
            .filter(|kept| kept.standing == Standing::Made)
            .map(|kept| (kept.matched.own, kept.matched.lines))
            .collect();
        (made.len() * 100 >= own.matches.len() * 95).then_some(made)
    });
    let made = made.await;
    let truth: BTreeSet<_> = own.matches.iter().map(sorted).collect();
    let wrong: Vec<_> = made.difference(&truth).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn sorted(one: &tributary_simulator::OwnMatch) -> (Vec<String>, Vec<String>) {
    let (mut own, mut lines) = (one.entries.clone(), one.transactions.clone());
    own.sort_unstable();
    lines.sort_unstable();
    (own, lines)
}

pub(crate) async fn a_file_with_a_mistake_gets_a_report_and_nothing_else(road: &Road) {
    let eyes = Eyes::of(road);
    let key = "imports/live/broken.csv";
    let text = "id,account,occurred_at,currency,amount\n\
                a,acct_broken,2026-11-20,usd,1.00\nb,acct_broken,2026-11-20,usd,1e3\n";
    eyes.files.put(key, text.to_owned()).await.unwrap();
    let report = eventually("a report", || async {
        let bucket = road.stack.output("ImportBucketName").unwrap();
        let bucket = S3Blobs::new(&road.aws, bucket.to_owned());
        let report = bucket.get("imports/live/broken.csv.errors.csv").await;
        report.ok()
    });
    let report = String::from_utf8(report.await).unwrap();
    assert!(
        report.contains("\r\n3,amount,the amount is not a plain number,"),
        "{report}"
    );
    let book = Book::parse("live#acct_broken").unwrap();
    assert!(eyes.matches.all(&book).await.unwrap().is_empty());
}

pub(crate) async fn entries_on_the_bus_come_into_the_same_book(road: &Road) {
    let eyes = Eyes::of(road);
    let entry = json!({"entries": [{
        "id": "own-bus-1", "account": "platform", "kind": "order",
        "occurred_at": "2026-10-02T10:00:00Z", "currency": "usd", "amount": "12.34",
        "order": "ord-never",
    }]});
    let float = json!({"entries": [{
        "id": "own-bus-2", "account": "platform", "occurred_at": "2026-10-02",
        "currency": "usd", "amount": 12.34,
    }]});
    let bus = road.stack.output("EventBusName").unwrap();
    for detail in [&entry, &entry, &float] {
        put_event(
            &road.aws,
            bus,
            ("platform.live", "own_entry.recorded"),
            &detail.to_string(),
        )
        .await
        .unwrap();
    }
    let books = BTreeSet::from([Book::parse("live#platform").unwrap()]);
    let told = eventually("a finding about the event's entry", || async {
        let open = eyes.open(&books).await;
        open.into_iter().find(|it| it.subject == "own-bus-1")
    });
    let told = told.await;
    assert_eq!(
        (told.stake.amount, told.stake.currency.as_str()),
        (1234, "usd")
    );
    let quarantine = road.stack.output("QuarantineQueueUrl").unwrap();
    let held = road.message_when(quarantine, |m| m.attributes["code"] == "bad_entry");
    let held = held.await;
    assert!(
        held.attributes["detail"].contains("entries[0].amount: the amount is a floating-point"),
        "{held:?}"
    );
}
