//! Whether the books agree, and what a person says where they do not.

use crate::stage::Stage;

pub(crate) async fn ledger(stage: &mut Stage) {
    stage.shows_both("ledger_rebuild_dry", "ledger rebuild --dry-run");
    stage.shows("ledger_rebuild", "ledger rebuild");
    stage.shows_both("ledger_diff", "ledger diff");
    stage.shows_both("ledger_swap_dry", "ledger swap --dry-run");
    stage.shows("ledger_swap", "ledger swap");
}

pub(crate) async fn reconciliation(stage: &mut Stage) {
    let (owner, _) = stage.sent_back.clone();
    let account = owner.account_id().unwrap_or("platform").to_owned();
    let holdings = format!("reconcile run holdings --account {account}");
    stage.shows_both("reconcile_run_dry", &format!("{holdings} --dry-run"));
    stage.shows_both("reconcile_run", &holdings);
    stage.shows("reconcile_run_whose", "reconcile run events");
    stage.shows("reconcile_run_everything", "reconcile run everything");
    stage.drop_book().await;
}

pub(crate) async fn matches(stage: &mut Stage) {
    let (account, entry) = waiting(stage);
    stage.shows_both("match_list", &format!("match list {account}"));
    stage.shows("match_list_all", &format!("match list {account} --all"));
    stage.shows_both(
        "trace_own_entry",
        &format!("trace {entry} --account {account}"),
    );
    stage.shows_both(
        "match_accept_dry",
        &format!("match accept {account} {entry} --dry-run"),
    );
    stage.shows(
        "match_refuse_dry",
        &format!("match refuse {account} {entry} --dry-run"),
    );
    stage.shows("match_accept", &format!("match accept {account} {entry}"));
    stage.until_quiet().await;
    stage.shows("match_refuse", &format!("match refuse {account} {entry}"));
    stage.until_quiet().await;
}

/// An account with a match that waits for a person, and its first own entry.
fn waiting(stage: &Stage) -> (String, String) {
    let mut accounts = stage.played.world().accounts().to_vec();
    accounts.push("platform".to_owned());
    let waiting = accounts.into_iter().find_map(|account| {
        let listed = stage.json(&format!("match list {account}"));
        let first = listed["matches"][0]["own"].as_str()?;
        Some((account, first.split(' ').next()?.to_owned()))
    });
    waiting.expect("a match that waits for a person")
}

pub(crate) fn findings(stage: &mut Stage) {
    stage.shows_both("reconcile_findings", "reconcile findings");
    stage.shows("reconcile_findings.csv", "--format csv reconcile findings");
    stage.shows(
        "reconcile_findings_whose",
        "reconcile findings --state accepted",
    );
    let found = stage.json("reconcile findings");
    let first = &found["findings"][0];
    let text = |name: &str| first[name].as_str().unwrap().to_owned();
    let (code, subject) = (text("code"), text("subject"));
    let account = text("book").rsplit(['#', ':']).next().unwrap().to_owned();
    let said = format!("{code} {subject} --account {account} --why checked");
    stage.shows_both(
        "reconcile_accept_dry",
        &format!("reconcile accept {said} --dry-run"),
    );
    stage.shows("reconcile_accept", &format!("reconcile accept {said}"));
    stage.shows(
        "reconcile_accept_again",
        &format!("reconcile accept {said}"),
    );
    let listed = format!("reconcile findings --state accepted --account {account}");
    stage.shows("reconcile_findings_accepted", &listed);
    stage.shows(
        "reconcile_reopen_dry",
        &format!("reconcile reopen {said} --dry-run"),
    );
    stage.shows(
        "reconcile_reopen.json",
        &format!("--format json reconcile reopen {said}"),
    );
    stage.shows(
        "reconcile_resolve_dry",
        &format!("reconcile resolve {said} --dry-run"),
    );
    stage.shows("reconcile_resolve", &format!("reconcile resolve {said}"));
    stage.shows(
        "reconcile_without_reason",
        &format!("reconcile resolve {code} {subject}"),
    );
}
