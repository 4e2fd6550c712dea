//! Whatever is taken out of a whole life is missed, by name.

use serde_json::json;
use tributary_domain::ObjectKind;
use tributary_domain::change::State;
use tributary_domain::change::state::Payout;
use tributary_domain::{EventId, EventKey, Links, Source};
use tributary_pipeline::trace::{Place, Remedy, trace};
use tributary_testkit::ledger::samples::{connected, id, payment, platform, transfer};

use crate::story::{DAY_S, NOON, Story, book, codes, failed_after_paid, moving, payout, po};

fn event(n: usize) -> EventKey {
    EventKey {
        mode: book().mode,
        owner: book().owner,
        id: EventId::parse(&format!("evt_{n}")).unwrap(),
    }
}

/// An event that never came is neither in the log nor known to the row.
fn never_came(story: &mut Story, n: usize) {
    story.ground.events.remove(&event(n));
    for row in story.ground.rows.values_mut() {
        row.heard.retain(|(_, heard)| *heard != event(n).id);
    }
}

#[tokio::test]
async fn an_event_that_never_came_is_missed_by_its_type() {
    let mut story = failed_after_paid().await;
    never_came(&mut story, 3);
    let timeline = story.trace(NOON).await;
    assert_eq!(codes(&timeline).0, ["event_missing"]);
    let missing = &timeline.missing[0];
    assert!(missing.says.contains("payout.failed"), "{}", missing.says);
    assert_eq!(missing.remedy, Some(Remedy::ReconcileEvents));
    // Whether others came, a row cannot say: it names those that changed it.
    let mut story = failed_after_paid().await;
    never_came(&mut story, 1);
    assert_eq!(codes(&story.trace(NOON).await).0, Vec::<&str>::new());
}

/// The mirror says `paid` because somebody asked Stripe, and no event ever said so.
#[tokio::test]
async fn a_payout_that_is_paid_without_the_event_is_told_as_such() {
    let mut story = Story::default();
    let paid = payout("paid");
    let pending = payout("pending");
    story
        .hear("evt_1", "payout.created", paid.created, &pending)
        .await;
    story
        .book(&book(), &moving("txn_out", "payout", -970, paid.created))
        .await;
    story
        .hear("evt_2", "payout.paid", paid.arrival_date, &paid)
        .await;
    never_came(&mut story, 2);
    let timeline = story.trace(NOON).await;
    assert_eq!(codes(&timeline).0, ["event_missing"]);
    assert!(timeline.missing[0].says.contains("payout.paid"));
}

#[tokio::test]
async fn a_row_that_heard_of_more_events_than_it_names_misses_none() {
    let mut story = failed_after_paid().await;
    never_came(&mut story, 3);
    for n in 10..30 {
        let place = po();
        let state = State::Payout(Box::new(crate::story::failed()));
        let at = NOON - 2 * DAY_S + n;
        story.log(
            &place,
            &format!("evt_{n}"),
            "payout.updated",
            at,
            Some(state),
        );
    }
    assert_eq!(codes(&story.trace(NOON).await).0, Vec::<&str>::new());
}

#[tokio::test]
async fn an_event_without_its_receipt_comes_again() {
    let mut story = failed_after_paid().await;
    story.ground.events.remove(&event(2));
    let timeline = story.trace(NOON).await;
    assert_eq!(codes(&timeline).0, ["receipt_missing"]);
    assert_eq!(timeline.missing[0].remedy, Some(Remedy::EventsDeadLetters));
    // After the log's time it is forgotten, and nothing is wrong.
    let later = story.trace(NOON + 40 * DAY_S).await;
    assert_eq!(codes(&later).0, Vec::<&str>::new());
}

async fn without_movement(transaction: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    let mut story = Story::default();
    let made = payout("paid").created;
    let arrived = payout("paid").arrival_date;
    let failed = crate::story::failed();
    story
        .hear("evt_1", "payout.created", made, &payout("pending"))
        .await;
    story
        .hear("evt_2", "payout.paid", arrived, &payout("paid"))
        .await;
    story
        .hear("evt_3", "payout.failed", arrived + 9, &failed)
        .await;
    for (id, kind, net, at) in [
        ("txn_out", "payout", -970, made),
        ("txn_back", "payout_failure", 970, arrived + 9),
    ] {
        if id != transaction {
            story.book(&book(), &moving(id, kind, net, at)).await;
        }
    }
    codes(&story.trace(NOON).await)
}

#[tokio::test]
async fn a_movement_without_an_entry_is_missed() {
    for transaction in ["txn_out", "txn_back"] {
        let (missing, _) = without_movement(transaction).await;
        assert_eq!(missing, ["entry_missing"], "{transaction}");
    }
    assert_eq!(without_movement("").await.0, Vec::<&str>::new());
}

#[tokio::test]
async fn a_settlement_that_should_be_there_or_should_be_gone_is_told() {
    let paid = payout("paid");
    let mut story = Story::default();
    story
        .book(&book(), &moving("txn_out", "payout", -970, paid.created))
        .await;
    // The mirror knows, and the ledger was never told.
    for (event, kind, at) in [
        ("evt_1", "payout.created", paid.created),
        ("evt_2", "payout.paid", paid.arrival_date),
    ] {
        let state = State::Payout(Box::new(paid.clone()));
        story.log(&po(), event, kind, at, Some(state));
    }
    let timeline = story.trace(NOON).await;
    assert_eq!(codes(&timeline).0, ["settlement_missing"]);
    let mut story = Story::default();
    story
        .hear("evt_1", "payout.created", paid.created, &paid)
        .await;
    story
        .book(&book(), &moving("txn_out", "payout", -970, paid.created))
        .await;
    let back = Payout {
        failure_balance_transaction: None,
        ..crate::story::failed()
    };
    let state = State::Payout(Box::new(back));
    story.log(
        &po(),
        "evt_3",
        "payout.failed",
        NOON - 9 * DAY_S,
        Some(state),
    );
    let (missing, next) = codes(&story.trace(NOON).await);
    assert_eq!(missing, ["settlement_not_reversed"]);
    assert!(next.contains(&"return_expected"), "{next:?}");
}

fn state(kind: &str, fields: serde_json::Value) -> State {
    let kind = ObjectKind::parse(kind).unwrap();
    State::read(&kind, fields).unwrap().unwrap()
}

/// From a payment on the platform's book over its transfer to the payment that it is on
/// the account's, and back again; the side that is missing is named.
#[tokio::test]
async fn both_books_of_a_transfer_are_told_from_either_side() {
    let mut story = Story::default();
    let at = NOON - DAY_S;
    let mut passed_on = transfer(1, 970, at);
    let links = &mut passed_on.source.as_mut().unwrap().links;
    links.destination_payment = Some(id("py_1"));
    let mut received = payment(7, at);
    received.kind = "payment".to_owned();
    received.source = Some(Source {
        id: id("py_1"),
        kind: Some("charge".to_owned()),
        links: Links {
            source_transfer: Some(id("tr_00001")),
            ..Links::default()
        },
    });
    story.book(&platform(), &payment(1, at)).await;
    story.book(&platform(), &passed_on).await;
    let place = |book, name: &str| Place { book, id: id(name) };
    let tr = place(platform(), "tr_00001");
    let made = json!({
        "amount": 970, "amount_reversed": 0, "currency": "usd", "created": at,
        "reversed": false, "destination": "acct_1", "destination_payment": "py_1",
        "source_transaction": "ch_00001", "balance_transaction": "txn_00001t",
    });
    story.log(
        &tr,
        "evt_9",
        "transfer.created",
        at,
        Some(state("transfer", made)),
    );
    let half = trace(&story.ground, &tr, NOON).await.unwrap();
    assert_eq!(codes(&half).0, ["never_heard_of", "other_side_missing"]);
    assert_eq!(half.missing[1].place, place(connected(1), "py_1"));
    story.book(&connected(1), &received).await;
    let mut objects = Vec::new();
    for start in [
        tr,
        place(platform(), "ch_00001"),
        place(connected(1), "py_1"),
    ] {
        let told = trace(&story.ground, &start, NOON).await.unwrap();
        assert_eq!(
            codes(&told).0,
            ["never_heard_of"],
            "the charge, from {start:?}"
        );
        objects.push(told.objects);
    }
    assert_eq!(objects[0].len(), 3);
    assert!(
        objects.iter().all(|told| *told == objects[0]),
        "{objects:?}"
    );
}
