//! What the people on call ask, in the order in which they would.

mod books;
mod letters;
mod logs;
mod nothing;
mod payouts;

use crate::stage::Stage;

/// Everything, on one stack: first it has done nothing, then it has the events of one
/// account, then those of a week.
pub(crate) async fn all(stage: &mut Stage) {
    stage.until_aged().await;
    stage.shows_both("status", "status");
    logs::events_and_accounts(stage).await;
    letters::dead_letters(stage).await;
    letters::quarantine(stage).await;
    logs::replay(stage).await;
    logs::secrets_and_doctor(stage).await;
    nothing::what_is_not_there(stage);
    stage.deliver().await;
    payouts::views(stage);
    books::ledger(stage).await;
    books::reconciliation(stage).await;
    payouts::traces(stage);
    books::matches(stage).await;
    books::findings(stage);
    stage.shows_both("status_of_a_week", "status");
    payouts::fetches(stage);
}
