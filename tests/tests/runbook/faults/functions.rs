//! Functions that fail, are throttled, or take too long.

use std::time::Duration;

use super::{MINUTE, NOBODY};
use crate::cloudwatch::Published;
use crate::desk::Desk;
use crate::proxy::key_put;
use crate::road::{event, eventually};

/// What Lambda has published of a function: the emulator counts what is invoked by a call
/// and not what a queue hands over, and the alarms want to see it last.
async fn was(desk: &Desk<'_>, function: &str, metric: &str, value: f64, ago: Duration) {
    let one = Published {
        namespace: "AWS/Lambda",
        metric,
        dimension: ("FunctionName", function),
        value,
        ago,
    };
    desk.emulator.publish(&[one]).await;
}

/// A deployment lost a setting. The one before has it.
pub(super) async fn the_deployment_before_mends_a_function(desk: &Desk<'_>) {
    let road = desk.road;
    let function = desk.output("ApplyEventName");
    let before = desk.emulator.settings(&function).await;
    let mut after = before.clone();
    after.as_object_mut().unwrap().remove("MIRROR_TABLE");
    desk.emulator.deploy_settings(&function, &after).await;
    let webhook = event("broken", 100, "broken", "Again");
    assert_eq!(road.post("platform", &webhook).await.status, 200);
    for minutes in [0, 6] {
        was(desk, &function, "Invocations", 1.0, minutes * MINUTE).await;
        was(desk, &function, "Errors", 1.0, minutes * MINUTE).await;
    }
    desk.sounds("ApplyEventErrors", "page-flow").await;
    let doctor = "tributary doctor --without-stripe";
    let (told, status) = desk.run(doctor).await;
    assert_eq!(status, 2);
    assert!(told.to_string().contains("MIRROR_TABLE"), "{told}");
    desk.follow("FunctionErrors", NOBODY, &[]).await;

    desk.emulator.deploy_settings(&function, &before).await;
    // Its message comes again by itself.
    let content = road.content("live#platform#customer#cus_broken").await;
    assert_eq!(content["name"], "Again");
    assert_eq!(desk.run(doctor).await.1, 0);
}

/// What the door has reserved is spent: none, so that every webhook is one too many.
pub(super) async fn a_throttled_door_gets_its_concurrency(desk: &Desk<'_>) {
    let road = desk.road;
    let function = desk.output("IngestWebhookName");
    desk.emulator.reserve(&function, Some(0)).await;
    let webhook = event("throttled", 100, "throttled", "Through");
    let refused = road.post("platform", &webhook).await.status;
    assert!(refused >= 429, "{refused}");
    for half_minutes in [0, 3, 5] {
        let ago = half_minutes * MINUTE / 2;
        was(desk, &function, "Throttles", 1.0, ago).await;
    }
    desk.sounds("IngestWebhookThrottles", "page-flow").await;
    desk.follow("FunctionThrottles", NOBODY, &[]).await;

    desk.emulator.reserve(&function, None).await;
    eventually("a webhook that is taken", || async {
        (road.post("platform", &webhook).await.status == 200).then_some(())
    })
    .await;
    let content = road.content("live#platform#customer#cus_throttled").await;
    assert_eq!(content["name"], "Through");
}

/// DynamoDB does not answer, so the function runs into its timeout, once.
pub(super) async fn a_message_of_a_timeout_comes_again(desk: &Desk<'_>) {
    let road = desk.road;
    let function = desk.output("ApplyEventName");
    let key = "live#platform#customer#cus_slow";
    let held = road
        .proxy
        .hold(move |operation, input| key_put(operation, input) == Some(key));
    let webhook = event("slow", 100, "slow", "In the end");
    assert_eq!(road.post("platform", &webhook).await.status, 200);
    held.await.unwrap();
    for minutes in [0, 6, 11] {
        was(desk, &function, "Duration", 1_990.0, minutes * MINUTE).await;
    }
    desk.sounds("ApplyEventDuration", "ticket-flow").await;
    desk.follow("FunctionDuration", NOBODY, &[]).await;
    let content = road.content(key).await;
    assert_eq!(content["name"], "In the end");
}
