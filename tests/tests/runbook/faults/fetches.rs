//! Objects that only Stripe can show.

use serde_json::{Value, json};
use tributary_aws::ControlTable;
use tributary_pacing::ControlStore;

use super::NOBODY;
use crate::desk::Desk;
use crate::road::eventually;

/// A customer of the simulated Stripe: the account, the id, the truth.
pub(super) fn customer(desk: &Desk<'_>, place: usize) -> (String, String, Value) {
    of_account(desk, "customer", place)
}

/// The same of a payment.
pub(super) fn payment(desk: &Desk<'_>, place: usize) -> (String, String, Value) {
    of_account(desk, "charge", place)
}

fn of_account(desk: &Desk<'_>, kind: &str, place: usize) -> (String, String, Value) {
    let world = desk.road.world.lock().unwrap();
    let mut found = world.objects().filter_map(|(object, value)| {
        let account = object.owner.account_id()?;
        let is_one = object.livemode && object.kind == kind;
        is_one.then(|| (account.to_owned(), object.id.clone(), value.clone()))
    });
    found.nth(place).unwrap()
}

pub(super) fn fetch_of(kind: &str, account: &str, id: &str) -> String {
    let object = json!({
        "mode": "live", "owner": {"Account": account}, "kind": kind, "id": id,
    });
    json!({"object": object, "cause": "evt_runbook"}).to_string()
}

/// Open, and a probe is due: the next call is it, and Stripe answers.
pub(super) async fn an_open_breaker_closes(desk: &Desk<'_>) {
    let road = desk.road;
    let table = road.stack.output("ControlTableName").unwrap();
    let control = ControlTable::new(&road.aws, table.to_owned());
    let key = "stripe#circuit#customers";
    let seen = control.load(key).await.unwrap();
    let open = r#"{"state":"open","until_ms":0,"openings":3}"#;
    let seen = seen.map(|stored| stored.version);
    control.replace(key, open, seen).await.unwrap();
    let (status, _) = desk.run("tributary status").await;
    assert!(status.to_string().contains("customers"), "{status}");

    let (account, id, truth) = customer(desk, 1);
    let letters = road.stack.output("FetchDeadLettersUrl").unwrap();
    road.queues
        .send(letters, None, &fetch_of("customer", &account, &id))
        .await
        .unwrap();
    desk.follow("BreakerOpen", NOBODY, &["redrive fetch"]).await;
    let content = road.content(&format!("live#{account}#customer#{id}")).await;
    assert_eq!(content, truth);
    eventually("a closed circuit", || async {
        let stored = control.load(key).await.unwrap()?;
        stored.text.contains(r#""state":"closed""#).then_some(())
    })
    .await;
}

/// An object of which no event was made: nothing knows it until it is read.
pub(super) async fn objects_of_events_never_made_are_fetched(desk: &Desk<'_>) {
    let road = desk.road;
    let (account, id, truth) = payment(desk, 1);
    let notice = json!({
        "id": "evt_gap", "object": "v2.core.event", "livemode": true,
        "type": "v2.core.health.event_generation_failure.resolved",
        "created": "2026-11-21T12:00:00.000Z", "related_object": null,
    });
    assert_eq!(road.post("thin", &notice).await.status, 200);
    desk.sounds("MissingEvents", "ticket-right").await;
    let listed = "tributary event list --type v2.core.health.event_generation_failure.";
    let (listed, _) = desk.run(listed).await;
    assert!(listed.to_string().contains("evt_gap"), "{listed}");
    let filling = [("ID", id.as_str()), ("ACCT", account.as_str())];
    let fetched = desk.follow("MissingEvents", &filling, &["fetch"]).await;
    let row = &fetched[0]["objects"][0];
    let source = row["decided_by"].as_str().unwrap();
    assert!(source.starts_with("fetch_"), "{row}");
    let content = road.content(&format!("live#{account}#charge#{id}")).await;
    assert_eq!(content, truth);
}

/// Asked for under the wrong account, Stripe does not have it.
pub(super) async fn an_object_is_fetched_where_it_is(desk: &Desk<'_>) {
    let road = desk.road;
    let (account, id, truth) = payment(desk, 2);
    let elsewhere = format!("tributary fetch {id} --account platform --wait-s 0");
    desk.run(&elsewhere).await;
    desk.sounds("Unfetchable", "ticket-right").await;
    let filling = [("ID", id.as_str()), ("ACCT", account.as_str())];
    let fetched = desk.follow("Unfetchable", &filling, &["fetch"]).await;
    let row = &fetched[0]["objects"][0];
    assert_eq!(
        (&row["is_fetched"], &row["is_ambiguous"]),
        (&json!(true), &json!(false))
    );
    let content = road.content(&format!("live#{account}#charge#{id}")).await;
    assert_eq!(content, truth);
}
