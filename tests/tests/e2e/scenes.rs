//! The scenes. Each says in its name what has to come about.

use serde_json::{Value, json};
use tributary_aws::S3Blobs;
use tributary_demo::audit::audit;
use tributary_demo::day;
use tributary_pipeline::carriage::{Carried, carry};
use tributary_pipeline::ports::Blobs;
use tributary_simulator::delivery::Intent;

use crate::road::{Road, event, eventually};

pub(crate) async fn an_event_reaches_mirror_log_and_bus(road: &Road) {
    let answer = road
        .post("platform", &event("first", 100, "first", "Ada"))
        .await;
    assert_eq!((answer.status, answer.result.as_str()), (200, "queued"));
    assert_eq!(
        road.content("live#platform#customer#cus_first").await["name"],
        "Ada"
    );
    // The receipt comes after the row that it vouches for.
    let outcome = eventually("a receipt", || async {
        let mut outcomes = road.store.all_outcomes().await.unwrap();
        outcomes.remove("live#platform#evt_first")
    });
    assert_eq!(outcome.await, "applied");
    let published = road
        .message_when(&road.bus_queue, |m| m.body.contains("cus_first"))
        .await;
    let published: Value = serde_json::from_str(&published.body).unwrap();
    assert_eq!(published["source"], "tributary.live");
    assert_eq!(published["detail-type"], "object.changed");
    assert_eq!(published["detail"]["object"]["id"], "cus_first");
    assert!(
        published["detail"]["traceparent"]
            .as_str()
            .unwrap()
            .starts_with("00-")
    );
    assert!(
        !published.to_string().contains("Ada"),
        "personal data on the bus"
    );
}

pub(crate) async fn bad_requests_are_refused_at_the_door(road: &Road) {
    let body = b"{}".to_vec();
    let forged = "t=1,v1=00";
    let refused = [
        ("platform", None, 400),
        ("platform", Some(forged), 400),
        ("nobody", Some(forged), 404),
    ];
    for (endpoint, signature, status) in refused {
        let answer = road
            .sender
            .post_with(endpoint, body.clone(), signature)
            .await;
        assert_eq!(answer.status, status, "{endpoint} {signature:?}");
    }
    let url = format!("{}/platform", road.stack.webhook_url);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(url)
        .send()
        .await;
    assert_eq!(answer.unwrap().status().as_u16(), 405);
}

pub(crate) async fn duplicates_change_nothing(road: &Road) {
    let event = event("twice", 100, "twice", "Grace");
    road.post("platform", &event).await;
    let key = "live#platform#customer#cus_twice";
    let before = road.row_when(key, |_| true).await;
    for _ in 0..3 {
        assert_eq!(road.post("platform", &event).await.status, 200);
    }
    road.until_quiet().await;
    assert_eq!(road.row_when(key, |_| true).await, before);
}

/// As a partner rule hands it over: in EventBridge's envelope, and nothing beside.
pub(crate) async fn eventbridge_and_webhook_are_one_event(road: &Road) {
    let events = road.stack.output("EventsQueueUrl").unwrap();
    let first = event("bridge", 100, "bridge", "Both ways");
    road.post("platform", &first).await;
    let key = "live#platform#customer#cus_bridge";
    let before = road.row_when(key, |_| true).await;
    for (id, event) in [
        ("evt_bridge", first),
        ("evt_only", event("only", 100, "only", "One way")),
    ] {
        let envelope = json!({
            "version": "0", "id": "8f1b3a52-0000-4000-8000-00000000abcd", "account": "123456789012",
            "source": "aws.partner/stripe.com/ed_test", "detail-type": event["type"],
            "time": "2026-11-20T10:00:00Z", "region": "us-east-1", "resources": [], "detail": event,
        });
        assert_eq!(envelope["detail"]["id"], id);
        road.queues
            .send(events, None, &envelope.to_string())
            .await
            .unwrap();
    }
    road.until_quiet().await;
    let only = road.content("live#platform#customer#cus_only").await;
    assert_eq!(only["name"], "One way");
    assert_eq!(road.row_when(key, |_| true).await, before);
}

pub(crate) async fn another_body_under_a_known_id_is_quarantined(road: &Road) {
    road.post("platform", &event("same", 100, "same", "Alice"))
        .await;
    eventually("the first body's receipt", || async {
        road.store
            .all_outcomes()
            .await
            .unwrap()
            .remove("live#platform#evt_same")
    })
    .await;
    road.post("platform", &event("same", 200, "same", "Mallory"))
        .await;
    let quarantine = road.stack.output("QuarantineQueueUrl").unwrap();
    let held = road.message_when(quarantine, |m| m.attributes["code"] == "same_id_other_body");
    assert!(held.await.body.contains("Mallory"), "both bodies are kept");
    assert_eq!(
        road.content("live#platform#customer#cus_same").await["name"],
        "Alice"
    );
}

pub(crate) async fn a_body_of_two_megabytes_arrives_whole(road: &Road) {
    let mut big = event("big", 100, "big", "Big");
    // Text that does not compress, so that the row outgrows DynamoDB's item too.
    let noise: Vec<u64> = (0..120_000_u64)
        .map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .collect();
    big["data"]["object"]["noise"] = json!(noise);
    assert_eq!(road.post("platform", &big).await.status, 200);
    let content = road.content("live#platform#customer#cus_big").await;
    assert_eq!(content, big["data"]["object"]);
}

/// A customer of a connected account of the simulated Stripe: the account, the
/// customer's id, and the truth.
fn customer_of_stripe(road: &Road) -> (String, String, Value) {
    let world = road.world.lock().unwrap();
    let mut customers = world
        .objects()
        .filter(|(o, _)| o.livemode && o.kind == "customer");
    let (object, value) = customers.next().unwrap();
    let account = object.owner.account_id().unwrap().to_owned();
    (account, object.id.clone(), value.clone())
}

pub(crate) async fn a_thin_event_is_fetched(road: &Road) {
    let (account, id, truth) = customer_of_stripe(road);
    let thin = json!({
        "id": "evt_thin", "object": "v2.core.event", "type": "v1.customer.updated",
        "livemode": true, "created": "2026-11-20T10:00:00.123Z", "context": account,
        "reason": null,
        "related_object": {"id": id, "type": "customer", "url": format!("/v1/customers/{id}")},
    });
    assert_eq!(road.post("thin", &thin).await.status, 200);
    let content = road.content(&format!("live#{account}#customer#{id}")).await;
    assert_eq!(content, truth);
}

pub(crate) async fn a_tie_is_settled_by_a_fetch(road: &Road) {
    let (account, id, truth) = customer_of_stripe(road);
    // Newer than what was fetched before, older than what will be.
    let created = road.world.lock().unwrap().now() + 1;
    road.world.lock().unwrap().advance_to(created + 60);
    for (event_id, name) in [("tie1", "One"), ("tie2", "Two")] {
        let mut tied = event(event_id, created, id.trim_start_matches("cus_"), name);
        tied["account"] = json!(account);
        assert_eq!(road.post("connect", &tied).await.status, 200);
    }
    let key = format!("live#{account}#customer#{id}");
    let body = |row: &tributary_domain::Row| row.resolve().map(|s| s.winner.body.value());
    let tied = |row: &tributary_domain::Row| body(row).is_some_and(|b| b["name"] == "Two");
    road.row_when(&key, tied).await;
    road.row_when(&key, |row| body(row).as_ref() == Some(&truth))
        .await;
}

pub(crate) async fn test_mode_has_its_own_lane(road: &Road) {
    let mut test = event("testmode", 100, "testmode", "Test");
    test["livemode"] = json!(false);
    test["data"]["object"]["livemode"] = json!(false);
    road.post("connect", &test).await;
    road.content("test#platform#customer#cus_testmode").await;
    let published = road
        .message_when(&road.bus_queue, |m| m.body.contains("cus_testmode"))
        .await;
    let published: Value = serde_json::from_str(&published.body).unwrap();
    assert_eq!(published["source"], "tributary.test");
}

/// Both secrets are accepted during the overlap, the new one without a restart.
pub(crate) async fn a_rolled_secret_is_found(road: &Road) {
    let body = serde_json::to_vec(&event("rolled", 100, "rolled", "New")).unwrap();
    let old = road.stack.signing_secrets["platform"].clone();
    let id = road.stack.output("PlatformSigningSecretId").unwrap();
    tributary_aws::secrets::put_signing_secrets(&road.aws, id, &["whsec_new", &old])
        .await
        .unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    // An instance asks at most once in thirty seconds, so it may take that long.
    let accepted = eventually("a signature under the new secret", || async {
        let header = tributary_simulator::delivery::sign(&["whsec_new"], now, &body);
        let answer = road
            .sender
            .post_with("platform", body.clone(), Some(&header))
            .await;
        (answer.status == 200).then_some(answer)
    });
    accepted.await;
    let answer = road
        .post("platform", &event("rolled2", 100, "rolled2", "Old"))
        .await;
    assert_eq!(
        answer.status, 200,
        "the old secret holds during the overlap"
    );
}

/// A message that fails until its body can be read: five receives, then the dead
/// letters; mended and redriven, it is applied like any other.
pub(crate) async fn poison_ends_in_the_dead_letter_queue_and_a_redrive_applies_it(road: &Road) {
    let mut poison = event("poison", 100, "poison", "Late");
    poison["data"]["object"]["filler"] = json!("x".repeat(1_100_000));
    let body = serde_json::to_vec(&poison).unwrap();
    let absent = tributary_testkit::MemoryBlobs::default();
    let Ok(Carried::Claim(pointer)) = carry(&absent, "claims", &body).await else {
        panic!("the body fits a queue")
    };
    let events = road.stack.output("EventsQueueUrl").unwrap();
    let dead = road.stack.output("EventsDeadLettersUrl").unwrap();
    road.queues
        .send(events, Some("claim"), &pointer)
        .await
        .unwrap();
    let letter = road
        .message_when(dead, |message| message.body == pointer)
        .await;
    assert_eq!(
        letter.attributes["kind"], "claim",
        "redriven, it must still say what it is"
    );
    let bucket = road.stack.output("ArchiveBucketName").unwrap();
    let key = format!(
        "claims/{}",
        tributary_domain::Fingerprint::of([body.as_slice()])
    );
    S3Blobs::new(&road.aws, bucket.to_owned())
        .put(&key, &body)
        .await
        .unwrap();
    // The look has hidden the letter for a second.
    let moved = eventually("an empty dead-letter queue", || async {
        road.queues.redrive(dead).await.ok()?;
        road.queues
            .depth(dead)
            .await
            .unwrap()
            .is_empty()
            .then_some(())
    });
    moved.await;
    assert_eq!(
        road.content("live#platform#customer#cus_poison").await["name"],
        "Late"
    );
}

pub(crate) async fn a_whole_day_ends_as_stripe_has_it(road: &Road) {
    let deliveries = {
        let world = road.world.lock().unwrap();
        let mut deliveries = day::deliveries(&world, 7);
        deliveries.retain(|delivery| delivery.intent != Intent::Malformed);
        deliveries
    };
    let answers = day::send(&road.sender, &deliveries, |_| ()).await;
    for ((intent, status, _), count) in answers {
        assert_eq!(
            status,
            if intent == "forged" { 400 } else { 200 },
            "{count} {intent}"
        );
    }
    let audited = eventually("a mirror that equals Stripe's truth", || async {
        let rows = road.store.all_rows().await.unwrap();
        let outcomes = road.store.all_outcomes().await.unwrap();
        let audit = audit(&road.world.lock().unwrap(), &rows, &outcomes);
        (audit.different.is_empty() && audit.missing.is_empty()).then_some(audit)
    });
    assert!(audited.await.compared > 50);
}
