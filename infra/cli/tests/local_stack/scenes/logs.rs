//! The event log, the mirror made again from it, and what the stack is made of.

use serde_json::{Value, json};
use tributary_aws::secrets::put_signing_secrets;

use crate::stage::Stage;

pub(super) const ACCOUNT: &str = "acct_cli";

pub(super) fn event(id: &str, kind: &str, object: &Value) -> String {
    let event = json!({
        "id": id, "object": "event", "api_version": "2026-10-28.endive", "created": 1_767_225_600,
        "livemode": true, "account": ACCOUNT, "type": kind, "data": {"object": object},
    });
    event.to_string()
}

pub(super) fn customer(id: &str, name: &str) -> Value {
    json!({"id": id, "object": "customer", "livemode": true, "created": 1_767_225_600, "name": name})
}

pub(crate) async fn events_and_accounts(stage: &mut Stage) {
    let ada = event("evt_cli_1", "customer.created", &customer("cus_cli", "Ada"));
    stage.post("connect", ada.as_bytes()).await;
    let account = json!({
        "id": ACCOUNT, "object": "account", "country": "DE", "default_currency": "eur",
        "charges_enabled": true, "payouts_enabled": false, "details_submitted": true,
        "type": "express", "requirements": {"currently_due": ["external_account"]},
    });
    let updated = event("evt_cli_2", "account.updated", &account);
    stage.post("connect", updated.as_bytes()).await;
    for id in ["evt_cli_1", "evt_cli_2"] {
        let show = format!("event show {id} --account {ACCOUNT}");
        stage.until_done(&show).await;
    }
    stage.shows_both("event_show", "event show evt_cli_1 --account acct_cli");
    stage.shows(
        "event_show_body",
        "event show evt_cli_1 --account acct_cli --body",
    );
    stage.shows("event_show_by_key", "event show live#acct_cli#evt_cli_2");
    stage.shows_both("event_list", "event list");
    stage.shows("event_list.csv", "--format csv event list");
    let filtered =
        "event list --type account. --outcome applied --since 2026-01-01 --until 2026-01-01";
    stage.shows("event_list_filtered", filtered);
    stage.shows("event_list_of_nobody", "event list --account acct_nobody");
    stage.shows_both("account_show", "account show acct_cli");
}

pub(crate) async fn replay(stage: &mut Stage) {
    stage.shows_both("replay_rebuild_dry", "replay rebuild --dry-run");
    stage.shows("replay_rebuild", "replay rebuild");
    stage.shows_both("replay_diff", "replay diff");
    stage.shows_both("replay_swap_dry", "replay swap --dry-run");
    stage.shows("replay_swap", "replay swap");
    stage.shows_both(
        "replay_requeue_dry",
        "replay requeue --type customer. --dry-run",
    );
    stage.shows("replay_requeue", "replay requeue --account acct_cli");
    stage.shows("replay_requeue_unsaid", "replay requeue");
    stage.until_quiet().await;
}

pub(crate) async fn secrets_and_doctor(stage: &mut Stage) {
    stage.shows_both("doctor", "doctor");
    let stack = &stage.played.stack;
    let id = stack.output("PlatformSigningSecretId").unwrap().to_owned();
    let old = stack.signing_secrets["platform"].clone();
    let both = ["whsec_new_one", old.as_str()];
    put_signing_secrets(&stage.played.aws, &id, &both)
        .await
        .unwrap();
    // Functions that run read a new secret within half a minute.
    stage.until_done("secrets rotate-check").await;
    stage.shows_both("secrets_rotate_check", "secrets rotate-check");
    put_signing_secrets(&stage.played.aws, &id, &[])
        .await
        .unwrap();
    stage.shows("doctor_without_secret", "doctor --without-stripe");
    put_signing_secrets(&stage.played.aws, &id, &[&old])
        .await
        .unwrap();
}
