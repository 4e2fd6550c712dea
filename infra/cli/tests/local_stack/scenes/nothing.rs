//! What is asked for and is not there.

use crate::stage::Stage;

pub(crate) fn what_is_not_there(stage: &mut Stage) {
    for (name, command) in [
        ("unknown_event", "event show evt_nobody"),
        ("unknown_account", "account show acct_nobody"),
        ("unknown_queue", "dlq peek nobody"),
        ("unknown_message", "quarantine show nobody"),
        ("unknown_payout", "trace po_nobody"),
        (
            "unknown_payout_of_account",
            "trace po_nobody --account acct_cli",
        ),
        ("unknown_reference", "trace order-4711"),
        ("unknown_match", "match accept acct_cli order-4711"),
        (
            "unknown_finding",
            "reconcile accept PAYOUT_STUCK po_nobody --why checked",
        ),
        ("unknown_shadow", "replay diff --shadow nobody"),
        (
            "unknown_shadow_of_the_ledger",
            "ledger diff --shadow nobody",
        ),
        ("unknown_stack", "--stack nobody status"),
        ("unknown_stack.json", "--format json --stack nobody status"),
    ] {
        stage.shows(name, command);
    }
}
