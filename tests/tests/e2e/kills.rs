//! Scenes in which a function's process is killed, `kill -9`, at a chosen call.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tributary_demo::stack::root;

use crate::proxy::key_put;
use crate::road::{Road, event, eventually};

/// Longest until a call comes that is waited for.
const CALL_MAX: Duration = Duration::from_secs(30);

/// The events of a scene: customers of their own.
const EVENTS: usize = 10;

/// Kills every process of a function, the one whose call is held among them. Returns
/// how many there were.
fn kill_9(road: &Road, function: &str) -> usize {
    let deployed = std::fs::read(
        root()
            .join("target/lambda")
            .join(function)
            .join("bootstrap"),
    );
    let deployed = deployed.unwrap();
    let ps = Command::new("ps")
        .args(["-axo", "pid=,ppid=,args="])
        .output()
        .unwrap();
    let listed = String::from_utf8(ps.stdout).unwrap();
    let mut killed = 0;
    for line in listed.lines() {
        let mut words = line.split_whitespace();
        let [Some(pid), Some(parent), Some(program)] = [words.next(), words.next(), words.next()]
        else {
            continue;
        };
        let ours =
            parent == road.stack.pid.to_string() && Path::new(program).ends_with("bootstrap");
        if ours && std::fs::read(program).is_ok_and(|code| code == deployed) {
            // One that has ended since is none of them.
            let kill = Command::new("kill").args(["-9", pid]).output().unwrap();
            killed += usize::from(kill.status.success());
        }
    }
    killed
}

async fn until_held(held: oneshot::Receiver<()>) {
    timeout(CALL_MAX, held)
        .await
        .expect("the call never came")
        .unwrap();
}

/// Ingest is killed between verifying and sending: Stripe sees no 2xx, nothing is in
/// the queue, and its next attempt is taken and applied.
pub(crate) async fn fault_08_ingest_is_killed_before_it_sends(road: &Road) {
    let killed = event("kill8", 100, "kill8", "Once");
    let held = road.proxy.hold(|operation, input| {
        let body = input["MessageBody"].as_str().unwrap_or_default();
        operation == "SendMessage" && body.contains("evt_kill8")
    });
    let (answer, ()) = tokio::join!(road.post("platform", &killed), async {
        until_held(held).await;
        assert!(
            kill_9(road, "ingest_webhook") > 0,
            "nobody was there to be killed"
        );
    });
    assert!(
        !(200..300).contains(&answer.status),
        "Stripe would think it durable: {answer:?}"
    );
    let outcomes = road.store.all_outcomes().await.unwrap();
    assert!(
        !outcomes.contains_key("live#platform#evt_kill8"),
        "nothing was sent"
    );
    assert_eq!(road.post("platform", &killed).await.status, 200);
    let content = road.content("live#platform#customer#cus_kill8").await;
    assert_eq!(content["name"], "Once");
}

/// Apply is killed before it has written anything of an object: the message comes
/// again, and everything of its batch is applied, once.
pub(crate) async fn fault_12_apply_is_killed_before_a_write(road: &Road) {
    killed_at(road, "kill12", |key| key.contains("#customer#cus_kill12")).await;
}

/// Apply is killed with rows written and their receipts not: the messages come again,
/// and everything is applied, once.
pub(crate) async fn fault_13_apply_is_killed_between_a_row_and_its_receipt(road: &Road) {
    killed_at(road, "kill13", |key| key.contains("#evt_kill13")).await;
}

/// Sends a scene's events, holds the fourth of the chosen writes, kills the worker
/// that makes it, and sees the rest done by another.
async fn killed_at(road: &Road, name: &'static str, choice: fn(&str) -> bool) {
    let mut chosen = 0;
    let held = road.proxy.hold(move |operation, input: &Value| {
        chosen += usize::from(key_put(operation, input).is_some_and(choice));
        chosen == 4
    });
    let posts = (0..EVENTS).map(|n| async move {
        let one = format!("{name}x{n}");
        let answer = road.post("platform", &event(&one, 100, &one, "Once")).await;
        assert_eq!(answer.status, 200);
    });
    let all = futures_util::future::join_all(posts);
    let (_, killed) = tokio::join!(all, async {
        until_held(held).await;
        kill_9(road, "apply_event")
    });
    assert!(killed > 0, "nobody was there to be killed");
    let receipts = async || {
        let outcomes = road.store.all_outcomes().await.unwrap().into_iter();
        let prefix = format!("live#platform#evt_{name}x");
        let ours = outcomes.filter(|(key, _)| key.starts_with(&prefix));
        ours.collect::<BTreeMap<String, String>>()
    };
    assert!(
        receipts().await.len() < EVENTS,
        "the kill came too late to interrupt anything"
    );
    let done = eventually("a receipt for each event", || async {
        let receipts = receipts().await;
        (receipts.len() == EVENTS).then_some(receipts)
    });
    assert!(done.await.values().all(|outcome| outcome == "applied"));
    for n in 0..EVENTS {
        let content = road
            .content(&format!("live#platform#customer#cus_{name}x{n}"))
            .await;
        assert_eq!(content["name"], "Once");
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for key in road.proxy.puts() {
        if key.contains(name) {
            *times.entry(key).or_default() += 1;
        }
    }
    assert_eq!(
        times.len(),
        2 * EVENTS,
        "a row and a receipt for each event"
    );
    // A write that was under way when its worker died is repeated by the next one and
    // fails its condition; what the log shows as done is never written again.
    assert!(times.values().all(|times| *times <= 2), "{times:?}");
}
