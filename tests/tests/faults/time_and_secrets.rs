//! Rows 39 to 41: clocks that are wrong, secrets that change or cannot be had.

use ingest_webhook::answer::Answer;
use serde_json::Value;
use tributary_domain::Origin;
use tributary_pipeline::secrets::{BETWEEN_READS_S, FRESH_S, USABLE_S};

use crate::door::{SECRET, Vault, post, queued, signed, sound_door};
use crate::events::{NOON, charge, event, numbered};
use crate::rig::sound;
use crate::world::{Record, World};

/// The host's clock is wrong by up to ten minutes: signatures are believed to 300
/// seconds on both sides and refused beyond, and what was refused gets in once the
/// clock is right, for Stripe sends it again.
#[tokio::test]
async fn fault_39_a_clock_ten_minutes_off_refuses_and_loses_nothing() {
    for skew_s in [-600, -301, -300, -60, 0, 60, 300, 301, 600_i64] {
        let (world, vault) = (World::default(), Vault::default());
        let door = sound_door(&world, &vault, &sound);
        let answer = door.handle(post(&numbered(1), NOON), NOON + skew_s).await;
        let expected = match skew_s {
            ..-300 => Answer::NotTrusted("too_new"),
            301.. => Answer::NotTrusted("too_old"),
            _ => Answer::Queued,
        };
        assert_eq!(answer, expected, "{skew_s} s");
        if answer != Answer::Queued {
            let later = NOON + 3600;
            assert_eq!(
                door.handle(post(&numbered(1), later), later).await,
                Answer::Queued
            );
        }
        world.apply(&queued(&world)).await;
        assert_eq!(world.store.mirror().len(), 1);
    }
}

/// The clock of the host that applies is wrong by ten minutes: an event of this
/// moment asks for the same effect, since no order ever rests on our clock.
#[test]
fn fault_39_a_clock_ten_minutes_off_orders_nothing() {
    let event = event("a", "charge.succeeded", NOON, &charge("1", "succeeded", 0)).to_string();
    let arrival = tributary_stripe::decode(&event, Origin::Webhook).unwrap();
    for skew_s in [-600, 0, 600] {
        assert_eq!(
            arrival.clone().grounded(NOON + skew_s),
            arrival,
            "{skew_s} s"
        );
    }
}

const NEW: &str = "whsec_of_tomorrow";

/// A secret is rolled in mid-stream: while both count, events signed with the old,
/// the new or both are taken; the first that fails makes the secrets be read anew,
/// once in thirty seconds whatever comes; and the old one ends with its removal.
#[tokio::test]
async fn fault_40_a_secret_is_rolled_in_mid_stream() {
    let (world, vault) = (World::default(), Vault::default());
    let door = sound_door(&world, &vault, &sound);
    let one = numbered(1);
    let send = async |secrets: &[&str], at: i64| door.handle(signed(&one, secrets, at), at).await;
    assert_eq!(send(&[SECRET], NOON).await, Answer::Queued);
    assert_eq!(vault.reads(), 1);

    vault.holds(&[NEW, SECRET]);
    let at = NOON + BETWEEN_READS_S;
    assert_eq!(
        send(&[NEW], at).await,
        Answer::Queued,
        "found by the first that fails"
    );
    assert_eq!(vault.reads(), 2);
    for secrets in [&[SECRET][..], &[NEW], &[SECRET, NEW], &[NEW, SECRET]] {
        assert_eq!(send(secrets, at + 1).await, Answer::Queued, "{secrets:?}");
    }
    for second in 1..BETWEEN_READS_S {
        let forged = send(&["whsec_forged"], at + second).await;
        assert_eq!(forged, Answer::NotTrusted("mismatch"));
    }
    assert_eq!(vault.reads(), 2, "forgeries are no load on Secrets Manager");

    vault.holds(&[NEW]);
    let at = at + FRESH_S;
    assert_eq!(send(&[SECRET], at).await, Answer::NotTrusted("mismatch"));
    assert_eq!(send(&[NEW], at).await, Answer::Queued);
}

/// Secrets Manager is down: a warm environment goes on with what it knows for a
/// day, a cold one answers 503 and lets nothing in, and Stripe's next attempt after
/// the outage is taken.
#[tokio::test]
async fn fault_41_an_outage_of_secrets_manager_is_bridged_or_503() {
    let (world, vault) = (World::default(), Vault::default());
    let warm = sound_door(&world, &vault, &sound);
    let handle = async |event: Value, at: i64| warm.handle(post(&event, at), at).await;
    assert_eq!(handle(numbered(1), NOON).await, Answer::Queued);
    vault.is_down();
    for after_s in [FRESH_S + 1, USABLE_S - 1] {
        assert_eq!(handle(numbered(2), NOON + after_s).await, Answer::Queued);
    }
    let too_long = NOON + USABLE_S + 1;
    assert_eq!(handle(numbered(3), too_long).await, Answer::Unavailable);

    let cold = sound_door(&world, &vault, &sound);
    let answer = cold.handle(post(&numbered(4), NOON), NOON).await;
    assert_eq!((answer, answer.status()), (Answer::Unavailable, 503));
    assert!(
        queued(&world)
            .iter()
            .all(|record: &Record| !record.body.contains("cus_4"))
    );
    vault.holds(&[SECRET]);
    let answer = cold.handle(post(&numbered(4), NOON + 60), NOON + 60).await;
    assert_eq!(answer, Answer::Queued);
}
