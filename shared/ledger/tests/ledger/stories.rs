//! The same story, in whatever order it is told.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::subsequence;
use tributary_domain::change::Sequence;
use tributary_ledger::fact::{ChargeFact, TransferFact};
use tributary_ledger::revise::effective;
use tributary_ledger::{Derived, Entry, Fact, Rule, Says, Story, derive, revise};

use crate::sample::{Ledger, dispute, id, movement, payout, platform};

/// One thing that a worker learns.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there are two dozen of them")]
enum News {
    Entry(Entry),
    Fact(Fact),
}

/// A destination charge with everything that can befall it, and two payouts.
fn news() -> Vec<News> {
    let charge = |links: &mut tributary_domain::Links| links.charge = Some(id("ch_1"));
    let movements = [
        movement("charge", "charge", 10_842)
            .from("charge", "ch_1")
            .converted(10_000, "eur", "1.0842"),
        movement("transfer", "transfer", -9_000).linked("transfer", "tr_1", |links| {
            links.source_transaction = Some(id("ch_1"));
        }),
        // A transfer that only the charge's fact links.
        movement("transfer", "transfer", -500).from("transfer", "tr_2"),
        movement("refund", "refund", -4_300)
            .linked("refund", "re_1", charge)
            .converted(4_000, "eur", "1.075"),
        movement("refund_failure", "refund_failure", 4_300)
            .linked("refund", "re_1", charge)
            .converted(4_000, "eur", "1.075"),
        movement("refund", "refund", -10_900)
            .linked("refund", "re_2", charge)
            .converted(10_000, "eur", "1.09"),
        movement("transfer_refund", "transfer_reversal", 3_000).linked(
            "transfer_reversal",
            "trr_1",
            |links| links.transfer = Some(id("tr_1")),
        ),
        movement("adjustment", "dispute", -10_900)
            .linked("dispute", "dp_1", charge)
            .converted(10_000, "eur", "1.09"),
        movement("adjustment", "dispute_reversal", 6_474)
            .linked("dispute", "dp_1", charge)
            .converted(10_000, "eur", "1.079"),
        movement("payout", "payout", -5_000).from("payout", "po_1"),
        movement("payout_failure", "payout_reversal", 5_000).from("payout", "po_1"),
        movement("payout", "payout", -5_000).from("payout", "po_2"),
    ];
    let entries = movements.into_iter().enumerate().map(|(number, movement)| {
        let named = movement.named(&format!("txn_{number}"));
        News::Entry(named.post(&platform()).0)
    });
    entries.chain(facts().map(News::Fact)).collect()
}

fn facts() -> impl Iterator<Item = Fact> {
    let charge = Says::Charge(ChargeFact {
        status: "succeeded".to_owned(),
        transfer: Some(id("tr_2")),
    });
    let transfer = Says::Transfer(TransferFact {
        source_transaction: Some(id("ch_1")),
        destination: Some("acct_1".to_owned()),
        destination_payment: Some(id("py_1")),
    });
    [
        ("ch_1", charge),
        ("tr_1", transfer),
        ("dp_1", dispute("needs_response")),
        ("dp_1", dispute("lost")),
        ("dp_1", dispute("won")),
        ("po_1", Says::Payout(payout("paid"))),
        ("po_1", Says::Payout(payout("failed"))),
        ("po_2", Says::Payout(payout("in_transit"))),
        ("po_2", Says::Payout(payout("paid"))),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (object, says))| Fact {
        id: id(object),
        sequence: Sequence::new(&number.to_string()),
        says,
    })
}

fn tell(ledger: &mut Ledger, news: &News) {
    match news {
        News::Entry(entry) => ledger.add(entry.clone()),
        News::Fact(fact) => ledger.learn(fact.clone()),
    };
}

/// Tells a ledger everything, revising after each piece of news.
fn told(news: &[News]) -> Ledger {
    let mut ledger = Ledger::platform();
    news.iter().for_each(|news| tell(&mut ledger, news));
    ledger
}

/// What is in effect, by root and rule, without its history.
fn in_effect(ledger: &Ledger) -> BTreeMap<String, (String, String)> {
    effective(ledger.derived.iter())
        .into_iter()
        .map(|it| {
            let lines = serde_json::to_string(&it.lines).unwrap();
            let place = format!("{}#{}", it.root, it.rule.as_str());
            (place, (it.currency.clone(), lines))
        })
        .collect()
}

/// A permutation of the news with some of it twice.
fn any_order() -> impl Strategy<Value = Vec<News>> {
    let all = news();
    let count = all.len();
    (
        Just(all.clone()).prop_shuffle(),
        subsequence(all, 0..=count),
    )
        .prop_flat_map(|(mut all, again)| {
            all.extend(again);
            Just(all).prop_shuffle()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Entries and facts in any order, some of them twice: the same is in effect,
    /// and every account has the same balance.
    #[test]
    fn any_order_leaves_the_same_books(order in any_order()) {
        let straight = told(&news());
        // A journal holds an entry once, however often it is listed.
        let mut once = Vec::new();
        for piece in order {
            let is_known = matches!(&piece, News::Entry(entry) if once.iter().any(
                |known| matches!(known, News::Entry(other) if other == entry),
            ));
            if !is_known {
                once.push(piece);
            }
        }
        let shuffled = told(&once);
        prop_assert_eq!(in_effect(&shuffled), in_effect(&straight));
        prop_assert_eq!(shuffled.balances(), straight.balances());
    }

    /// Nothing that was posted is ever changed or posted again, and what is in
    /// effect is what the story as it stands asks for.
    #[test]
    fn revisions_only_add(order in Just(news()).prop_shuffle()) {
        let mut ledger = Ledger::platform();
        for news in &order {
            let before = ledger.derived.clone();
            tell(&mut ledger, news);
            prop_assert!(ledger.derived.starts_with(&before));
        }
        let mut revisions: BTreeMap<(String, Rule), Vec<u32>> = BTreeMap::new();
        for entry in &ledger.derived {
            revisions
                .entry((entry.root.to_string(), entry.rule))
                .or_default()
                .push(entry.revision);
        }
        for posted in revisions.values() {
            let counted: Vec<u32> = (1..).take(posted.len()).collect();
            prop_assert_eq!(posted, &counted);
        }
    }
}

#[test]
fn what_is_in_effect_is_not_posted_again() {
    let mut story = Story::new(platform(), id("ch_1"));
    for piece in news() {
        match piece {
            News::Entry(entry) => story.add_entry(entry),
            News::Fact(fact) => story.add_fact(fact),
        }
    }
    let wanted = derive(&story).unwrap();
    let posted = revise(&[], &wanted).unwrap();
    assert!(!posted.is_empty());
    assert_eq!(revise(&posted, &wanted), Ok(Vec::new()));
}

/// What an older version of a rule posted is reversed and posted anew.
#[test]
fn another_version_of_a_rule_posts_anew() {
    let mut story = Story::new(platform(), id("ch_1"));
    let sale = movement("charge", "charge", 500).from("charge", "ch_1");
    story.add_entry(sale.post(&platform()).0);
    let wanted = derive(&story).unwrap();
    let mut posted = revise(&[], &wanted).unwrap();
    posted[0].version = 0;
    let revised = revise(&posted, &wanted).unwrap();
    let told: Vec<_> = revised
        .iter()
        .map(|it| (it.version, it.revision, it.reverses, it.lines[0].amount))
        .collect();
    assert_eq!(told, [(1, 2, Some(1), -500), (1, 3, None, 500)]);
}

/// Two workers that revised at once are put right: everything in effect is taken
/// back, and what is wanted is posted once.
#[test]
fn two_entries_in_effect_become_one() {
    let mut story = Story::new(platform(), id("ch_1"));
    let sale = movement("charge", "charge", 500).from("charge", "ch_1");
    story.add_entry(sale.post(&platform()).0);
    let wanted = derive(&story).unwrap();
    let mut posted = revise(&[], &wanted).unwrap();
    posted.push(Derived {
        revision: 2,
        ..posted[0].clone()
    });
    let revised = revise(&posted, &wanted).unwrap();
    let told: Vec<_> = revised
        .iter()
        .map(|it| (it.revision, it.reverses))
        .collect();
    assert_eq!(told, [(3, Some(1)), (4, Some(2)), (5, None)]);
    posted.extend(revised);
    assert_eq!(revise(&posted, &wanted), Ok(Vec::new()));
}

#[test]
fn entries_of_another_book_are_no_part_of_a_story() {
    let mut story = Story::new(platform(), id("ch_1"));
    let sale = movement("charge", "charge", 500).from("charge", "ch_1");
    story.add_entry(sale.post(&crate::sample::connected()).0);
    assert_eq!(story.entries().count(), 0);
    assert!(derive(&story).unwrap().entries.is_empty());
}
