use super::state::{ApplicationFeeRefund, ReserveRelease};
use super::*;
use crate::{Change, EventId, Version};

fn version(at: i64, source: &str, change: Change, body: &str, previous: Option<&str>) -> Version {
    Version {
        at,
        source: EventId::parse(&format!("evt_{source}")).unwrap(),
        change,
        body: Document::parse(body).unwrap(),
        previous: previous.map(|text| Document::parse(text).unwrap()),
    }
}

fn seen(at: i64, source: &str, body: &str) -> Version {
    version(at, source, Change::Changed, body, None)
}

fn row(versions: impl IntoIterator<Item = Version>) -> Option<Row> {
    let mut row = Row::default();
    for version in versions {
        row.join(version);
    }
    Some(row)
}

fn step(old: Option<Row>, new: Option<Row>) -> RowChange {
    RowChange {
        key: ObjectKey::parse("test#acct_1#fee_refund#fr_1").unwrap(),
        sequence: Sequence::new("7"),
        old,
        new,
    }
}

/// Reads `n` as the amount.
fn normalize(kind: &ObjectKind, body: &Document) -> Normalized {
    assert_eq!(kind.as_str(), "fee_refund");
    let amount = body.value().get("n").and_then(|n| n.as_i64());
    Ok(Some(state(amount.ok_or(Unreadable { field: "n" })?)))
}

fn state(amount: i64) -> State {
    State::ApplicationFeeRefund(ApplicationFeeRefund {
        amount,
        currency: "usd".to_owned(),
        created: 1,
        fee: "fee_1".to_owned(),
        balance_transaction: None,
    })
}

fn event(old: Option<Row>, new: Option<Row>) -> Option<DomainEvent> {
    changed(&step(old, new), normalize)
}

#[test]
fn what_was_never_seen_is_created() {
    let event = event(None, row([seen(5, "a", r#"{"n":1}"#)])).unwrap();
    assert_eq!(event.change, ChangeKind::Created);
    assert_eq!(event.state, Some(state(1)));
    assert_eq!(event.previous, None);
    assert_eq!(
        (event.as_of.created, event.as_of.event.as_str()),
        (5, "evt_a")
    );
    assert_eq!(
        event.traceparent,
        TraceParent::of_event("evt_a").at(PUBLISH, event.id.as_str())
    );
    assert_eq!(event.topic, Topic::ApplicationFeeRefund);
    assert!(!event.livemode && !event.ambiguous && !event.truncated);
    assert_eq!(event.account.unwrap().as_str(), "acct_1");
}

#[test]
fn another_content_is_an_update_with_what_was_before() {
    let event = event(
        row([seen(5, "a", r#"{"n":1}"#)]),
        row([seen(6, "b", r#"{"n":2}"#)]),
    )
    .unwrap();
    assert_eq!(event.change, ChangeKind::Updated);
    assert_eq!(event.state, Some(state(2)));
    assert_eq!(event.previous, Some(state(1)));
}

#[test]
fn the_same_content_from_another_source_is_silent() {
    let old = row([seen(5, "a", r#"{"n":1,"m":null}"#)]);
    assert_eq!(event(old, row([seen(6, "b", r#"{"n":1}"#)])), None);
}

#[test]
fn a_version_that_does_not_win_is_silent() {
    let first = version(5, "b", Change::Created, r#"{"n":1}"#, None);
    let last = version(5, "c", Change::Changed, r#"{"n":2}"#, Some(r#"{"n":1}"#));
    let old = row([last.clone()]);
    let new = row([last, first]);
    assert_ne!(old, new);
    assert_eq!(event(old, new), None);
}

#[test]
fn a_deletion_shows_only_what_was_before() {
    let gone = version(6, "b", Change::Deleted, r#"{"deleted":true}"#, None);
    let event = event(row([seen(5, "a", r#"{"n":1}"#)]), row([gone])).unwrap();
    assert_eq!(event.change, ChangeKind::Deleted);
    assert_eq!(event.state, None);
    assert_eq!(event.previous, Some(state(1)));
    assert_eq!(event.unreadable, None);
}

#[test]
fn a_second_deletion_is_silent_and_a_return_is_a_creation() {
    let gone = |at, source| version(at, source, Change::Deleted, r#"{"deleted":true}"#, None);
    let once = row([gone(6, "b")]);
    assert_eq!(event(once.clone(), row([gone(7, "c")])), None);
    let back = row([version(8, "d", Change::Created, r#"{"n":3}"#, None)]);
    let event = event(once, back).unwrap();
    assert_eq!(event.change, ChangeKind::Created);
    assert_eq!(event.previous, None);
}

#[test]
fn a_removed_row_is_silent() {
    assert_eq!(event(row([seen(5, "a", r#"{"n":1}"#)]), None), None);
}

#[test]
fn an_unreadable_object_is_announced_without_state() {
    let event = event(
        row([seen(5, "a", r#"{"n":1}"#)]),
        row([seen(6, "b", r#"{"n":"x"}"#)]),
    )
    .unwrap();
    assert_eq!(event.unreadable.as_deref(), Some("n"));
    assert_eq!(event.state, None);
    assert_eq!(event.previous, Some(state(1)));
}

#[test]
fn one_step_has_one_id_and_no_two_steps_share_one() {
    let a = version(5, "a", Change::Changed, r#"{"n":3}"#, Some(r#"{"n":2}"#));
    let b = version(5, "b", Change::Changed, r#"{"n":2}"#, Some(r#"{"n":1}"#));
    let c = seen(5, "c", r#"{"n":1}"#);
    // `a` wins alone, then `c` by its id, then `a` again: the same winner and body
    // in the first and the third event, which no consumer may take for one.
    let rows = [
        None,
        row([a.clone()]),
        row([a.clone(), c.clone()]),
        row([a, c, b]),
    ];
    let events: Vec<_> = rows
        .windows(2)
        .map(|pair| event(pair[0].clone(), pair[1].clone()).unwrap())
        .collect();
    let amounts: Vec<_> = events.iter().map(|event| event.state.clone()).collect();
    assert_eq!(amounts, [Some(state(3)), Some(state(1)), Some(state(3))]);
    assert!(events[1].ambiguous && !events[2].ambiguous);
    assert_ne!(events[0].id, events[2].id);
    assert_eq!(
        events[2],
        event(rows[2].clone(), rows[3].clone()).unwrap(),
        "publishing again says the same"
    );
    assert_eq!(events[0].id.as_str().len(), 32);
}

#[test]
fn events_survive_the_wire() {
    let event = event(
        row([seen(5, "a", r#"{"n":9007199254740993}"#)]),
        row([seen(6, "b", r#"{"n":9223372036854775807}"#)]),
    )
    .unwrap();
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<DomainEvent>(&text).unwrap(), event);
    let newer = text.replace("\"version\":1", "\"version\":2");
    assert!(serde_json::from_str::<DomainEvent>(&newer).is_err());
}

#[test]
fn the_kind_decides_how_a_state_is_read() {
    let release = ReserveRelease {
        amount: 5,
        currency: "usd".to_owned(),
        created: 1,
        released_at: None,
        created_by: "stripe".to_owned(),
        reason: "hold_reversed".to_owned(),
        reserve_hold: Some("resv_1".to_owned()),
        reserve_plan: None,
        source_dispute: None,
        source_refund: None,
    };
    let value = serde_json::to_value(&release).unwrap();
    let read = |kind| State::read(&ObjectKind::parse(kind).unwrap(), value.clone());
    assert_eq!(
        read("reserve.release").unwrap(),
        Some(State::ReserveRelease(release.clone()))
    );
    assert!(read("charge").is_err());
    assert_eq!(read("customer").unwrap(), None);
}

/// Topics and kinds are what consumers subscribe to.
#[test]
fn every_kind_has_its_topic_and_a_kind_with_one_has_states() {
    let own = [
        ("account", "account.changed"),
        ("application_fee", "application_fee.changed"),
        ("balance", "balance.changed"),
        ("charge", "charge.changed"),
        ("credit_note", "credit_note.changed"),
        ("dispute", "dispute.changed"),
        ("fee_refund", "application_fee_refund.changed"),
        ("invoice", "invoice.changed"),
        ("payout", "payout.changed"),
        ("radar.early_fraud_warning", "early_fraud_warning.changed"),
        ("refund", "refund.changed"),
        ("reserve.hold", "reserve.changed"),
        ("reserve.plan", "reserve.changed"),
        ("reserve.release", "reserve.changed"),
        ("topup", "topup.changed"),
        ("transfer", "transfer.changed"),
        ("transfer_reversal", "transfer_reversal.changed"),
    ];
    for (kind, name) in own {
        let kind = ObjectKind::parse(kind).unwrap();
        assert_eq!(Topic::of(&kind).detail_type(), name);
        assert_eq!(Topic::of(&kind).to_string(), format!("tributary.{name}"));
        let empty = State::read(&kind, serde_json::json!({}));
        assert!(empty.is_err(), "a {kind} without any field was read");
    }
    for other in ["customer", "v2.core.account", "reserve"] {
        let kind = ObjectKind::parse(other).unwrap();
        assert_eq!(Topic::of(&kind).detail_type(), "object.changed");
        assert_eq!(State::read(&kind, serde_json::json!({})).unwrap(), None);
    }
    let topics: std::collections::BTreeSet<_> = own.map(|(_, name)| name).into();
    assert_eq!(topics.len() + 1, Topic::ALL.len(), "a topic without a kind");
}

#[test]
fn sequences_compare_as_numbers() {
    let [nine, ten] = ["9", "10"].map(Sequence::new);
    assert!(nine < ten);
    assert_eq!(ten.as_str(), format!("{}10", "0".repeat(38)));
    assert_eq!(ten.to_string(), ten.as_str());
}

#[test]
fn every_topic_has_its_own_name() {
    let names: std::collections::BTreeSet<_> =
        Topic::ALL.iter().map(|topic| topic.detail_type()).collect();
    assert_eq!(names.len(), Topic::ALL.len());
    for topic in Topic::ALL {
        let text = serde_json::to_string(&topic).unwrap();
        assert_eq!(serde_json::from_str::<Topic>(&text).unwrap(), topic);
    }
}
