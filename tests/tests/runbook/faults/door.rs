//! What comes in, or does not.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tributary_aws::secrets::put_signing_secrets;
use tributary_simulator::delivery::sign;

use super::letters::the_only_id;
use super::{MINUTE, NOBODY};
use crate::cloudwatch::Published;
use crate::desk::Desk;
use crate::road::{event, eventually};

/// The first webhook of an endpoint whose secret was never stored, or was emptied.
pub(super) async fn a_secret_is_missing(desk: &Desk<'_>) {
    let id = desk.output("ThinSigningSecretId");
    put_signing_secrets(&desk.road.aws, &id, &[]).await.unwrap();
    let webhook = event("door", 100, "door", "At last");
    assert_eq!(desk.road.post("thin", &webhook).await.status, 503);
}

pub(super) async fn a_missing_secret_is_stored(desk: &Desk<'_>) {
    let road = desk.road;
    let check = "tributary secrets rotate-check";
    assert_eq!(desk.run(check).await.1, 2, "something is wrong");
    let id = desk.output("ThinSigningSecretId");
    let secret = road.stack.signing_secrets["thin"].clone();
    put_signing_secrets(&road.aws, &id, &[&secret])
        .await
        .unwrap();
    let webhook = event("door", 100, "door", "At last");
    eventually("a webhook that is taken", || async {
        (road.post("thin", &webhook).await.status == 200).then_some(())
    })
    .await;
    desk.follow("WebhookErrors", NOBODY, &[]).await;
    assert_eq!(desk.run(check).await.1, 0, "nothing is wrong any more");
}

pub(super) async fn a_second_body_is_looked_at_and_dropped(desk: &Desk<'_>) {
    let road = desk.road;
    road.post("platform", &event("twin", 100, "twin", "Alice"))
        .await;
    road.content("live#platform#customer#cus_twin").await;
    road.until_quiet().await;
    road.post("platform", &event("twin", 200, "twin", "Mallory"))
        .await;
    // The function says so in a line of its log, which is the metric.
    desk.sounds("SecondBody", "page-right").await;
    let id = the_only_id(desk, "tributary quarantine list").await;
    let filling = [("ID", id.as_str()), ("EVENT", "evt_twin")];
    desk.follow("SecondBody", &filling, &["quarantine drop"])
        .await;
    desk.until_empty("QuarantineQueueUrl").await;
    let content = road.content("live#platform#customer#cus_twin").await;
    assert_eq!(content["name"], "Alice", "the first one stays");
}

/// Stripe rolled the endpoint's secret, and nobody stored the new one.
pub(super) async fn a_rolled_secret_is_stored(desk: &Desk<'_>) {
    const ROLLED: &str = "whsec_rolled";
    let road = desk.road;
    let id = desk.output("ConnectSigningSecretId");
    let kept = road.stack.signing_secrets["connect"].clone();
    let webhook = event("rolled", 100, "rolled", "Signed anew");
    let body = serde_json::to_vec(&webhook).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let signature = sign(&[ROLLED], i64::try_from(now.as_secs()).unwrap(), &body);
    let post = || async {
        let sent = road
            .sender
            .post_with("connect", body.clone(), Some(&signature));
        sent.await.status
    };
    assert_eq!(post().await, 400);
    refused_for_a_quarter_of_an_hour(desk).await;
    desk.sounds("SignatureMismatch", "page-flow").await;

    put_signing_secrets(&road.aws, &id, &[ROLLED, &kept])
        .await
        .unwrap();
    eventually("a webhook that is taken", || async {
        (post().await == 200).then_some(())
    })
    .await;
    desk.follow("SignatureMismatch", NOBODY, &[]).await;
    let check = "tributary secrets rotate-check";
    assert_eq!(desk.run(check).await.1, 0, "nothing is wrong any more");
    put_signing_secrets(&road.aws, &id, &[&kept]).await.unwrap();
}

/// The function counted the last refusal itself. API Gateway counts webhooks, and those
/// of ten minutes ago are in the past.
async fn refused_for_a_quarter_of_an_hour(desk: &Desk<'_>) {
    let function = desk.output("IngestWebhookName");
    let api = desk.output("WebhookApiId");
    for minutes in [0, 6, 11] {
        let ago = minutes * MINUTE;
        let webhooks = Published {
            namespace: "AWS/ApiGateway",
            metric: "Count",
            dimension: ("ApiId", &api),
            value: 20.0,
            ago,
        };
        let refused = Published {
            namespace: "Tributary",
            metric: "signature_mismatch",
            dimension: ("function", &function),
            value: 1.0,
            ago,
        };
        desk.emulator.publish(&[webhooks]).await;
        if ago > Duration::ZERO {
            desk.emulator.publish(&[refused]).await;
        }
    }
}
