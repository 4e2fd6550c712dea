//! What the people on call ask, in the order in which they would.

use serde_json::{Value, json};
use tributary_aws::secrets::put_signing_secrets;

use crate::stage::Stage;

const ACCOUNT: &str = "acct_cli";

fn event(id: &str, kind: &str, object: &Value) -> Vec<u8> {
    let event = json!({
        "id": id, "object": "event", "api_version": "2026-10-28.endive", "created": 1_767_225_600,
        "livemode": true, "account": ACCOUNT, "type": kind, "data": {"object": object},
    });
    serde_json::to_vec(&event).unwrap()
}

fn customer(id: &str, name: &str) -> Value {
    json!({"id": id, "object": "customer", "livemode": true, "created": 1_767_225_600, "name": name})
}

/// A stack that has done nothing yet.
pub(crate) async fn how_it_stands(stage: &mut Stage) {
    stage.shows_both("status", &["status"]);
}

pub(crate) async fn events_and_accounts(stage: &mut Stage) {
    let ada = event("evt_cli_1", "customer.created", &customer("cus_cli", "Ada"));
    stage.post("connect", &ada).await;
    let account = json!({
        "id": ACCOUNT, "object": "account", "country": "DE", "default_currency": "eur",
        "charges_enabled": true, "payouts_enabled": false, "details_submitted": true,
        "type": "express", "requirements": {"currently_due": ["external_account"]},
    });
    let updated = event("evt_cli_2", "account.updated", &account);
    stage.post("connect", &updated).await;
    for id in ["evt_cli_1", "evt_cli_2"] {
        stage
            .until_known(&["event", "show", id, "--account", ACCOUNT])
            .await;
    }
    stage.shows_both(
        "event_show",
        &["event", "show", "evt_cli_1", "--account", ACCOUNT],
    );
    stage.shows(
        "event_show_by_key",
        &["event", "show", "live#acct_cli#evt_cli_2"],
    );
    stage.shows_both("event_list", &["event", "list"]);
    stage.shows(
        "event_list_filtered",
        &[
            "event",
            "list",
            "--type",
            "account.",
            "--outcome",
            "applied",
            "--since",
            "2026-01-01",
            "--until",
            "2026-01-01",
        ],
    );
    stage.shows_both("account_show", &["account", "show", ACCOUNT]);
}

pub(crate) async fn dead_letters(stage: &mut Stage) {
    let url = stage
        .stack
        .output("EventsDeadLettersUrl")
        .unwrap()
        .to_owned();
    let body = String::from_utf8(event(
        "evt_cli_3",
        "customer.updated",
        &customer("cus_cli", "Grace"),
    ));
    let applied = String::from_utf8(event(
        "evt_cli_1",
        "customer.created",
        &customer("cus_cli", "Ada"),
    ));
    for (kind, body) in [
        ("event", body.unwrap()),
        ("event", applied.unwrap()),
        ("of_a_later_version", "{}".to_owned()),
    ] {
        stage.queues.send(&url, Some(kind), &body).await.unwrap();
    }
    stage.shows_both("dlq_list", &["dlq", "list"]);
    let peeked = stage.json(&["dlq", "peek", "events"]);
    let mut codes: Vec<&str> = peeked["dead_letters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["code"].as_str().unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["applied_meanwhile", "retries_exhausted", "unknown_kind"]
    );
    stage.shows(
        "status_with_dead_letters.csv",
        &["--format", "csv", "dlq", "list"],
    );
    stage.shows(
        "dlq_redrive_dry",
        &[
            "dlq",
            "redrive",
            "events",
            "--code",
            "retries_exhausted",
            "--dry-run",
        ],
    );
    stage.shows_both(
        "dlq_redrive",
        &["dlq", "redrive", "events", "--code", "retries_exhausted"],
    );
    stage
        .until_known(&["event", "show", "evt_cli_3", "--account", ACCOUNT])
        .await;
    stage.shows(
        "dlq_peek",
        &["dlq", "peek", "EventsDeadLetters", "--limit", "1"],
    );
    stage.shows("dlq_drop_unsure", &["dlq", "drop", "events", "--all"]);
    stage.shows("dlq_drop", &["dlq", "drop", "events", "--all", "--yes"]);
    stage.shows(
        "dlq_redrive_stream",
        &["dlq", "redrive", "publish", "--all"],
    );
}

pub(crate) async fn quarantine(stage: &mut Stage) {
    stage.post("platform", b"this is no JSON").await;
    // Held back by a version that could not read it, as its receipt says; this one can.
    let url = stage.stack.output("QuarantineQueueUrl").unwrap().to_owned();
    let usable = event(
        "evt_cli_4",
        "customer.created",
        &customer("cus_cli_4", "Barbara"),
    );
    stage
        .queues
        .send(&url, Some("event"), &String::from_utf8(usable).unwrap())
        .await
        .unwrap();
    stage.shows_both("quarantine_list", &["quarantine", "list"]);
    let listed = stage.json(&["quarantine", "list"]);
    let listed = listed["quarantined"].as_array().unwrap();
    let bad = listed
        .iter()
        .find(|letter| letter["code"] == "not_json")
        .unwrap();
    let id = bad["id"].as_str().unwrap();
    stage.shows("quarantine_show", &["quarantine", "show", id, "--body"]);
    stage.shows_both("quarantine_release", &["quarantine", "release", "--all"]);
    stage
        .until_known(&["event", "show", "evt_cli_4", "--account", ACCOUNT])
        .await;
    stage.shows(
        "quarantine_drop",
        &["quarantine", "drop", "--code", "not_json", "--yes"],
    );
}

pub(crate) async fn replay(stage: &mut Stage) {
    stage.shows("replay_rebuild_dry", &["replay", "rebuild", "--dry-run"]);
    stage.shows("replay_rebuild", &["replay", "rebuild"]);
    stage.shows_both("replay_diff", &["replay", "diff"]);
    stage.shows("replay_swap_dry", &["replay", "swap", "--dry-run"]);
    stage.shows(
        "replay_requeue_dry",
        &["replay", "requeue", "--type", "customer.", "--dry-run"],
    );
    stage.shows(
        "replay_requeue",
        &["replay", "requeue", "--account", ACCOUNT],
    );
    stage.shows("replay_requeue_unsaid", &["replay", "requeue"]);
}

pub(crate) async fn secrets_and_doctor(stage: &mut Stage) {
    stage.shows_both("doctor", &["doctor"]);
    let old = stage.stack.signing_secrets["platform"].clone();
    let id = stage
        .stack
        .output("PlatformSigningSecretId")
        .unwrap()
        .to_owned();
    put_signing_secrets(&stage.aws, &id, &["whsec_new_one", &old])
        .await
        .unwrap();
    let check = stage.json(&["secrets", "rotate-check"]);
    let accepted: Vec<(&str, bool)> = check["signing_secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["endpoint"].as_str().unwrap(),
                row["is_accepted"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        accepted,
        [
            ("connect", true),
            ("platform", true),
            ("platform", true),
            ("thin", true)
        ]
    );
    put_signing_secrets(&stage.aws, &id, &[]).await.unwrap();
    let ill = stage.run(&["doctor", "--without-stripe"]);
    assert_eq!(ill.status.code(), Some(2));
    assert!(
        String::from_utf8(ill.stdout)
            .unwrap()
            .contains("no signing secret is stored")
    );
}

pub(crate) async fn what_is_not_there(stage: &mut Stage) {
    stage.shows("unknown_event", &["event", "show", "evt_nobody"]);
    stage.shows("unknown_account", &["account", "show", "acct_nobody"]);
    stage.shows("unknown_queue", &["dlq", "peek", "nobody"]);
    stage.shows("unknown_message", &["quarantine", "show", "nobody"]);
    stage.shows("unknown_stack", &["--stack", "nobody", "status"]);
}
