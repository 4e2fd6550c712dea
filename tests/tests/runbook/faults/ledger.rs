//! Movements that no rule knows.

use serde_json::json;
use tributary_ledger::{Account, Book, Class, Entry};
use tributary_pipeline::ledger::replay::Whole;
use tributary_pipeline::reconcile::Findings;
use tributary_reconciliation::compare::entry::inspect;
use tributary_reconciliation::{Code, Scope};
use tributary_simulator::Flaw;

use super::{NOBODY, pull_of};
use crate::desk::Desk;
use crate::road::eventually;

/// Stripe books a type that no version knows, which sounds; and a version before this
/// one did not know a type that this one does, which is posted again.
pub(super) async fn what_an_older_rule_did_not_know_is_posted_again(desk: &Desk<'_>) {
    let road = desk.road;
    let book = a_type_that_nobody_knows(desk).await;
    desk.sounds("LedgerConcerns", "ticket-right").await;
    let findings = road.stack.findings(&road.aws).unwrap();
    eventually("a finding about the type", || async {
        let open = findings.open(&book).await.unwrap();
        let mut open = open.iter();
        open.find(|(finding, _)| finding.code == Code::UnknownType)
            .map(|_| ())
    })
    .await;

    let entry = posted_by_an_older_rule(desk, &book).await;
    let scope = Scope::new("entry", &entry.transaction);
    let found = inspect(&entry, &scope, 100);
    let unknown = found.iter().find(|it| it.code == Code::UnknownType);
    findings.save(unknown.unwrap(), 0).await.unwrap();
    let mends = ["ledger rebuild", "ledger diff", "ledger swap"];
    let answers = desk.follow("LedgerConcerns", NOBODY, &mends).await;
    let [_, compared, swapped] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    assert_eq!(compared["comparison"]["faults"], json!(1), "{compared}");
    assert_eq!(swapped["swap"]["findings_closed"], json!(1), "{swapped}");
    let open = findings.open(&book).await.unwrap();
    let mut left = open.iter().map(|(finding, _)| finding.subject.as_str());
    assert!(!left.any(|subject| subject == entry.transaction.as_str()));
}

/// The book that it is on, as soon as it was asked to be pulled.
async fn a_type_that_nobody_knows(desk: &Desk<'_>) -> Book {
    let road = desk.road;
    let (account, until) = {
        let mut world = road.world.lock().unwrap();
        let now = world.now();
        world.inject(Flaw::UnknownType, now + 1);
        world.advance_to(now + 2);
        let owner = world.injected().last().unwrap().owner.clone();
        (owner.account_id().unwrap().to_owned(), now + 2)
    };
    let wanted = pull_of(&account, until);
    let queue = desk.output("LedgerQueueUrl");
    road.queues
        .send(&queue, None, &wanted.to_body())
        .await
        .unwrap();
    wanted.book
}

/// Puts the lines of a payment's entry where a rule puts them that does not know it.
async fn posted_by_an_older_rule(desk: &Desk<'_>, book: &Book) -> Entry {
    let ledger = desk.road.stack.ledger(&desk.road.aws).unwrap();
    let entries = ledger.all_entries().await.unwrap();
    let known = entries.into_iter().find(|entry| {
        let lines = &mut entry.lines.iter();
        entry.book == *book && lines.all(|line| line.account.head().class() != Class::Suspense)
    });
    let known = known.unwrap();
    let mut older = known.clone();
    older.lines.last_mut().unwrap().account = Account::parse("suspense:type:novelty").unwrap();
    ledger.replace(&older, &known).await.unwrap();
    older
}
