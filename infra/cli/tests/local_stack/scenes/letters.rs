//! What is stuck.

use std::collections::BTreeMap;

use crate::scenes::logs::{customer, event};
use crate::stage::Stage;

pub(crate) async fn dead_letters(stage: &mut Stage) {
    let url = stage.played.stack.output("EventsDeadLettersUrl").unwrap();
    for (kind, body) in [
        (
            "event",
            event(
                "evt_cli_3",
                "customer.updated",
                &customer("cus_cli", "Grace"),
            ),
        ),
        (
            "event",
            event("evt_cli_1", "customer.created", &customer("cus_cli", "Ada")),
        ),
        ("of_a_later_version", "{}".to_owned()),
    ] {
        stage
            .played
            .queues
            .send(url, Some(kind), &body)
            .await
            .unwrap();
    }
    stage.shows_both("dlq_list", "dlq list");
    let peeked = stage.json("dlq peek events");
    let letters = peeked["dead_letters"].as_array().unwrap().iter();
    let mut codes: Vec<&str> = letters.map(|it| it["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["applied_meanwhile", "retries_exhausted", "unknown_kind"]
    );
    stage.shows_both("status_with_dead_letters", "status");
    let redrive = "dlq redrive events --code retries_exhausted";
    stage.shows_both("dlq_redrive_dry", &format!("{redrive} --dry-run"));
    stage.shows("dlq_redrive", redrive);
    stage
        .until_done("event show evt_cli_3 --account acct_cli")
        .await;
    stage.shows("dlq_redrive_unsaid", "dlq redrive events");
    stage.shows("dlq_redrive_stream", "dlq redrive publish --all");
    stage.shows("dlq_drop", "dlq drop events --code unknown_kind --yes");
    stage.shows_both("dlq_peek", "dlq peek EventsDeadLetters --body");
    stage.shows("dlq_drop_unsure", "dlq drop events --all");
    stage.shows_both("dlq_drop_dry", "dlq drop events --all --dry-run");
    stage.shows(
        "dlq_drop_all.json",
        "--format json dlq drop events --all --yes",
    );
    stage.shows("dlq_list_empty", "dlq list");
}

pub(crate) async fn quarantine(stage: &mut Stage) {
    stage.post("platform", b"this is no JSON").await;
    // Held back by a version that could not read it; this one can.
    let url = stage.played.stack.output("QuarantineQueueUrl").unwrap();
    let usable = event(
        "evt_cli_4",
        "customer.created",
        &customer("cus_cli_4", "Barbara"),
    );
    let attributes = [
        ("kind", "event"),
        ("code", "missing_field"),
        ("detail", "address"),
        ("stage", "apply"),
        ("event", "live#acct_cli#evt_cli_4"),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let attributes = BTreeMap::from(attributes);
    let sent = stage.played.queues.post(url, None, &attributes, &usable);
    sent.await.unwrap();
    stage.shows_both("quarantine_list", "quarantine list");
    let listed = stage.json("quarantine list");
    let mut listed = listed["quarantined"].as_array().unwrap().iter();
    let bad = listed.find(|letter| letter["code"] == "not_json").unwrap();
    let show = format!("quarantine show {} --body", bad["id"].as_str().unwrap());
    stage.shows_both("quarantine_show", &show);
    stage.shows("quarantine_release_unsaid", "quarantine release");
    stage.shows_both(
        "quarantine_release_dry",
        "quarantine release --all --dry-run",
    );
    stage.shows("quarantine_release", "quarantine release --all");
    stage
        .until_done("event show evt_cli_4 --account acct_cli")
        .await;
    let bad = "quarantine drop --code not_json";
    stage.shows("quarantine_drop_unsure", bad);
    stage.shows_both("quarantine_drop_dry", &format!("{bad} --dry-run"));
    stage.shows("quarantine_drop", &format!("{bad} --yes"));
    stage.shows("quarantine_list_empty", "quarantine list");
}
