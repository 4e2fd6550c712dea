//! End to end: template.yaml as it is deployed, on the local stack, over HTTP.
//!
//! One stack serves all scenes, for it takes longer to deploy than to run them; each
//! scene has objects of its own. The stack runs until the scenes are over.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod books;
mod kills;
mod own_book;
mod proxy;
mod replay;
mod road;
mod scenes;

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::FutureExt;
use road::Road;
use tokio::sync::Mutex;

/// One stack at a time: two would wait for each other, and for nothing else.
static STACKS: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn the_road_end_to_end() {
    let _alone = STACKS.lock().await;
    let road = Road::open("e2e").await;
    let scenes = async {
        // These two wait for empty queues, so they come before the poison, which
        // takes a minute to become a dead letter. The rest runs meanwhile.
        scenes::duplicates_change_nothing(&road).await;
        scenes::eventbridge_and_webhook_are_one_event(&road).await;
        // Alone, for it kills the door before everybody's feet.
        kills::fault_08_ingest_is_killed_before_it_sends(&road).await;
        tokio::join!(
            scenes::poison_ends_in_the_dead_letter_queue_and_a_redrive_applies_it(&road),
            kills(&road),
            others(&road),
        );
        replay::the_log_proves_the_mirror(&road).await;
        tokio::join!(
            own_book::a_dropped_file_is_matched_and_its_mistakes_are_found(&road),
            own_book::a_file_with_a_mistake_gets_a_report_and_nothing_else(&road),
            own_book::entries_on_the_bus_come_into_the_same_book(&road),
        );
    };
    let outcome = AssertUnwindSafe(scenes).catch_unwind().await;
    road.close();
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
}

async fn kills(road: &Road) {
    kills::fault_12_apply_is_killed_before_a_write(road).await;
    kills::fault_13_apply_is_killed_between_a_row_and_its_receipt(road).await;
}

async fn others(road: &Road) {
    scenes::an_event_reaches_mirror_log_and_bus(road).await;
    scenes::bad_requests_are_refused_at_the_door(road).await;
    scenes::another_body_under_a_known_id_is_quarantined(road).await;
    scenes::a_body_of_two_megabytes_arrives_whole(road).await;
    scenes::a_thin_event_is_fetched(road).await;
    scenes::a_tie_is_settled_by_a_fetch(road).await;
    scenes::test_mode_has_its_own_lane(road).await;
    scenes::a_rolled_secret_is_found(road).await;
    scenes::a_whole_day_ends_as_stripe_has_it(road).await;
}
