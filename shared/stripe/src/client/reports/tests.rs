use serde_json::json;

use super::*;

fn report() -> Report {
    Report {
        kind: "payouts.itemized.3".to_owned(),
        interval_start: 1_699_920_000,
        interval_end: 1_700_006_400,
        columns: vec!["payout_id".to_owned(), "net".to_owned()],
        attempt: 0,
    }
}

#[test]
fn a_report_is_asked_for_by_kind_time_and_columns() {
    let form = "report_type=payouts.itemized.3\
        &parameters%5Binterval_start%5D=1699920000&parameters%5Binterval_end%5D=1700006400\
        &parameters%5Bcolumns%5D%5B%5D=payout_id&parameters%5Bcolumns%5D%5B%5D=net";
    assert_eq!(report().form(), form);
}

#[test]
fn reports_that_differ_have_keys_that_differ() {
    let reports = [
        report(),
        Report {
            kind: "balance.summary.1".to_owned(),
            ..report()
        },
        Report {
            interval_start: 1,
            ..report()
        },
        Report {
            interval_end: 1,
            ..report()
        },
        Report {
            columns: Vec::new(),
            ..report()
        },
        Report {
            attempt: 1,
            ..report()
        },
    ];
    let key = |report: &Report| report.idempotency_key(&report.form());
    let keys: std::collections::BTreeSet<_> = reports.iter().map(key).collect();
    assert_eq!(keys.len(), reports.len());
    assert_eq!(key(&report()), key(&report()));
    // Stripe takes no longer key.
    assert!(
        keys.iter()
            .all(|key| key.starts_with("tributary-report-") && key.len() <= 255)
    );
}

#[test]
fn a_run_says_how_far_it_is() {
    let file = |bytes| ReportStatus::Succeeded {
        file: ObjectId::parse("file_1").unwrap(),
        bytes,
    };
    for (status, result, expected) in [
        ("pending", json!(null), ReportStatus::Pending),
        ("failed", json!(null), ReportStatus::Failed),
        (
            "succeeded",
            json!({"id": "file_1", "size": 30}),
            file(Some(30)),
        ),
        ("succeeded", json!({"id": "file_1"}), file(None)),
        (
            "succeeded",
            json!({"id": "file_1", "size": "30"}),
            file(None),
        ),
        ("succeeded", json!("file_1"), file(None)),
        (
            "resting",
            json!(null),
            ReportStatus::Other("resting".to_owned()),
        ),
    ] {
        let run = json!({"id": "frr_1", "status": status, "result": result}).to_string();
        let run = ReportRun::read(&run).unwrap();
        assert_eq!((run.id.as_str(), run.status), ("frr_1", expected));
        assert!(run.whole.as_str().contains(status));
    }
}

#[test]
fn what_is_no_run_is_refused() {
    for run in [
        json!([]),
        json!({"status": "pending"}),
        json!({"id": 1, "status": "pending"}),
        json!({"id": "", "status": "pending"}),
        json!({"id": "frr_1"}),
        json!({"id": "frr_1", "status": 1}),
        json!({"id": "frr_1", "status": "succeeded"}),
        json!({"id": "frr_1", "status": "succeeded", "result": {"id": ""}}),
    ] {
        let read = ReportRun::read(&run.to_string());
        assert!(matches!(read, Err(FetchError::Invalid(_))), "{run}");
    }
    assert!(ReportRun::read("<html>").is_err());
}

#[test]
fn files_are_beside_the_api_of_stripe_and_in_any_other() {
    assert_eq!(
        files_url("https://api.stripe.com"),
        "https://files.stripe.com"
    );
    assert_eq!(files_url("http://127.0.0.1:1"), "http://127.0.0.1:1");
}
