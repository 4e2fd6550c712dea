//! The faults, one for each section, and what is so when they are mended.

mod books;
mod door;
mod events;
mod fetches;
mod functions;
mod imports;
mod ledger;
mod letters;
mod waiting;

use std::time::Duration;

use tributary_domain::{Mode, Owner};
use tributary_ledger::Book;
use tributary_pipeline::ledger::PullRequest;

use crate::desk::{Desk, Filling};

/// The sections that are done below.
pub(crate) const SECTIONS: &[&str] = &[
    "BreakerOpen",
    "Coverage",
    "EventsDeadLetters",
    "EventsQueueAge",
    "FetchDeadLetters",
    "FetchQueueAge",
    "FindingsLeft",
    "FunctionDuration",
    "FunctionErrors",
    "FunctionThrottles",
    "ImportDeadLetters",
    "ImportQueueAge",
    "ImportsRefused",
    "LedgerConcerns",
    "LedgerDeadLetters",
    "LedgerQueueAge",
    "MissingEvents",
    "PartnerDeadLetters",
    "PublishAge",
    "PublishDeadLetters",
    "Quarantine",
    "ReconcileDeadLetters",
    "ReconcileQueueAge",
    "ReconcileSilent",
    "Residual",
    "SecondBody",
    "SignatureMismatch",
    "Unfetchable",
    "WebhookErrors",
];

/// The partner event source that the stack is given, so that it has that road too.
pub(crate) const PARTNER_SOURCE: &str = "aws.partner/stripe.com/ed_runbook";

const NOBODY: Filling<'_> = &[];
const MINUTE: Duration = Duration::from_secs(60);

pub(crate) async fn all(desk: &Desk<'_>) {
    // Before the door has learned its secrets.
    door::a_secret_is_missing(desk).await;
    events::a_webhook_meets_a_damaged_receipt(desk).await;
    // Before anything else has planned.
    tokio::join!(
        door::a_missing_secret_is_stored(desk),
        books::planning_by_hand_tells_what_is_open(desk),
    );
    books::an_account_is_audited_again(desk).await;
    letters::a_quarantined_event_is_released_and_garbage_dropped(desk).await;
    letters::dead_letters_of_fetches_are_sent_back(desk).await;
    letters::dead_letters_of_the_ledger_are_sent_back(desk).await;
    imports::dead_letters_of_imports_are_sent_back(desk).await;
    letters::a_letter_of_the_stream_is_dropped(desk).await;
    letters::a_job_of_reconciliation_is_sent_back(desk).await;
    letters::dead_letters_of_the_partner_rule_are_sent_on(desk).await;
    fetches::an_open_breaker_closes(desk).await;
    fetches::objects_of_events_never_made_are_fetched(desk).await;
    fetches::an_object_is_fetched_where_it_is(desk).await;
    imports::a_refused_file_is_corrected(desk).await;
    ledger::what_an_older_rule_did_not_know_is_posted_again(desk).await;
    events::dead_letters_of_events_are_sent_back(desk).await;
    // Waits until nothing is under way.
    door::a_second_body_is_looked_at_and_dropped(desk).await;
    waiting::readers_that_are_off_are_turned_on(desk).await;
    waiting::changes_that_waited_are_announced(desk).await;
    // The door reads its secrets every half a minute.
    tokio::join!(door::a_rolled_secret_is_stored(desk), async {
        functions::the_deployment_before_mends_a_function(desk).await;
        functions::a_message_of_a_timeout_comes_again(desk).await;
    });
    functions::a_throttled_door_gets_its_concurrency(desk).await;
}

/// The wish to have an account's book pulled.
fn pull_of(account: &str, until: i64) -> PullRequest {
    PullRequest {
        book: Book {
            mode: Mode::Live,
            owner: Owner::parse(account).unwrap(),
        },
        until,
        since: None,
        stake: 0,
    }
}
