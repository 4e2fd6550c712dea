//! Reports: asked for, waited for, read, and held against the lists.

use std::collections::BTreeMap;

use crate::{Answer, ApiConfig, Client, Stage};
use tributary_simulator::{Fields, Owner, World};

const RUNS: &str = "/v1/reporting/report_runs";
const ACTIVITY: &str = "balance_change_from_activity.itemized.3";
const PAYOUTS: &str = "payouts.itemized.3";

fn ask(client: &Client, kind: &str, more: &str) -> Answer {
    let (start, end) = (crate::START, crate::START + 3 * 86_400);
    let form = format!(
        "report_type={kind}&parameters[interval_start]={start}&parameters[interval_end]={end}{more}"
    );
    client.post(RUNS, &form)
}

/// The lines of a report, by column.
fn report(client: &Client, kind: &str, more: &str) -> Vec<BTreeMap<String, String>> {
    let asked = ask(client, kind, more);
    assert_eq!(asked.body["status"], "pending", "{}", asked.body);
    let path = format!("{RUNS}/{}", asked.body["id"].as_str().expect("an id"));
    assert_eq!(client.get(&path).body["status"], "pending");
    let done = client.get(&path).body;
    assert_eq!(done["status"], "succeeded");
    let url = done["result"]["url"].as_str().expect("a file");
    let path = url.split_once("/v1/").expect("a path").1;
    let file = client.get(&format!("/v1/{path}"));
    assert_eq!(file.header("content-type"), Some("text/csv"));
    let text = file.body.as_str().expect("a text");
    assert_eq!(done["result"]["size"], text.len());
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    lines
        .map(|line| {
            let cells = line.split(',').map(str::to_owned);
            names
                .iter()
                .map(|name| (*name).to_owned())
                .zip(cells)
                .collect()
        })
        .collect()
}

/// What every report has to agree on: id, net in minor units, and category.
fn booked(world: &World, owner: &Owner, payouts: bool) -> Vec<(String, String, String)> {
    let is_payout = |category: &str| ["payout", "payout_reversal"].contains(&category);
    world
        .balance_transactions(owner)
        .iter()
        .filter(|it| is_payout(it.text("reporting_category")) == payouts)
        .map(|it| {
            let net = match it.text("currency") {
                "jpy" => it.int("net").to_string(),
                _ => {
                    let net = it.int("net");
                    let sign = if net < 0 { "-" } else { "" };
                    format!("{sign}{}.{:02}", net.abs() / 100, net.abs() % 100)
                }
            };
            let category = it.text("reporting_category").to_owned();
            (it.text("id").to_owned(), net, category)
        })
        .collect()
}

fn told(lines: &[BTreeMap<String, String>]) -> Vec<(String, String, String)> {
    lines
        .iter()
        .map(|line| {
            let cell = |name: &str| line[name].clone();
            (
                cell("balance_transaction_id"),
                cell("net"),
                cell("reporting_category"),
            )
        })
        .collect()
}

#[test]
fn the_platforms_activity_is_its_book_without_payouts() {
    let stage = Stage::lively();
    let lines = report(&stage.client, ACTIVITY, "");
    assert_eq!(
        told(&lines),
        booked(&stage.world(), &Owner::Platform, false)
    );
    let first = &lines[0];
    assert!(first["created_utc"].starts_with("2026-09-01 00:"));
    assert!(lines.iter().all(|line| line["currency"].len() == 3));
    assert!(!lines.is_empty());
}

#[test]
fn one_report_covers_every_connected_account() {
    let stage = Stage::lively();
    let accounts = stage.world().accounts().to_vec();
    for (kind, payouts) in [(ACTIVITY, false), (PAYOUTS, true)] {
        let kind = format!("connected_account_{kind}");
        let lines = report(&stage.client, &kind, "");
        let mut expected = Vec::new();
        for account in &accounts {
            if !stage.world().is_deauthorized(account) {
                expected.extend(booked(&stage.world(), &Owner::account(account), payouts));
            }
        }
        let mut found = told(&lines);
        found.sort();
        expected.sort();
        if payouts {
            // Automatic payouts count when they arrive, which may be after the interval.
            found
                .iter()
                .for_each(|line| assert!(expected.contains(line)));
            assert!(lines.iter().any(|line| line["payout_status"] == "paid"));
        } else {
            assert_eq!(found, expected);
        }
        assert!(
            lines
                .iter()
                .all(|line| accounts.contains(&line["connected_account"]))
        );
    }
    let one = format!("&parameters[connected_account]={}", accounts[0]);
    let lines = report(
        &stage.client,
        &format!("connected_account_{ACTIVITY}"),
        &one,
    );
    let expected = booked(&stage.world(), &Owner::account(&accounts[0]), false);
    assert_eq!(told(&lines), expected);
}

#[test]
fn columns_are_chosen_and_linked() {
    let stage = Stage::with(3, ApiConfig::default());
    let columns: String = [
        "balance_transaction_id",
        "source_id",
        "charge_id",
        "automatic_payout_id",
        "card_brand",
        "customer_facing_amount",
        "payment_metadata[order_id]",
    ]
    .map(|name| format!("&parameters[columns][]={name}"))
    .concat();
    let kind = format!("connected_account_{ACTIVITY}");
    let lines = report(&stage.client, &kind, &columns);
    assert_eq!(lines[0].len(), 7);
    let refund = lines
        .iter()
        .find(|line| line["source_id"].starts_with("re_"));
    let refund = refund.expect("a refund");
    assert!(refund["charge_id"].starts_with("ch_"));
    assert!(refund["payment_metadata[order_id]"].starts_with("ord-"));
    let settled = lines
        .iter()
        .find(|line| line["automatic_payout_id"].starts_with("po_"));
    assert!(settled.is_some());
}

#[test]
fn impossible_reports_are_refused() {
    let stage = Stage::lively();
    let refused = |kind: &str, more: &str| {
        let answer = ask(&stage.client, kind, more);
        (answer.status, answer.error("param").to_owned())
    };
    assert_eq!(refused("nothing.1", ""), (404, "report_type".to_owned()));
    for (more, param) in [
        ("&parameters[interval_end]=1", "parameters[interval_end]"),
        (
            "&parameters[interval_end]=9999999999",
            "parameters[interval_end]",
        ),
        ("&parameters[columns][]=secret", "parameters[columns]"),
        (
            "&parameters[timezone]=Europe/Berlin",
            "parameters[timezone]",
        ),
    ] {
        assert_eq!(refused(ACTIVITY, more), (400, param.to_owned()), "{more}");
    }
    assert_eq!(stage.client.get(&format!("{RUNS}/frr_9")).status, 404);
    assert_eq!(stage.client.get("/v1/files/file_9/contents").status, 404);
    let kind = stage
        .client
        .get(&format!("/v1/reporting/report_types/{ACTIVITY}"));
    let end = kind.body["data_available_end"].as_i64().expect("a time");
    assert_eq!(end % 43_200, 0);
    assert!(end <= stage.world().now());
}

/// One call says of all types until when they have data, and one how far all runs are.
#[test]
fn types_and_runs_are_listed() {
    let stage = Stage::with(3, ApiConfig::default());
    let types = stage.client.get("/v1/reporting/report_types").body;
    let named: Vec<_> = types["data"].as_array().expect("a list").iter().collect();
    assert_eq!((named.len(), &types["has_more"]), (6, &false.into()));
    let one = stage
        .client
        .get(&format!("/v1/reporting/report_types/{ACTIVITY}"));
    assert!(named.contains(&&one.body));

    for kind in [ACTIVITY, PAYOUTS] {
        ask(&stage.client, kind, "");
    }
    let listed = |query: &str| {
        let list = stage.client.get(&format!("{RUNS}{query}")).body;
        let runs = list["data"].as_array().expect("a list").clone();
        let state = |run: &serde_json::Value| {
            let text = |name: &str| run[name].as_str().expect("a text").to_owned();
            (text("report_type"), text("status"))
        };
        (
            runs.iter().map(state).collect::<Vec<_>>(),
            list["has_more"].clone(),
        )
    };
    let run = |kind: &str, status: &str| (kind.to_owned(), status.to_owned());
    let newest = vec![run(PAYOUTS, "pending")];
    assert_eq!(listed("?limit=1"), (newest, true.into()));
    let both = vec![run(PAYOUTS, "succeeded"), run(ACTIVITY, "pending")];
    assert_eq!(listed("?limit=100"), (both, false.into()));
    assert_eq!(listed("?created[lt]=1").0, []);
}
