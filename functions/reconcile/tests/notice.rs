//! What may be in the queue.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use reconcile::notice::Notice;
use tributary_domain::change::state::{Balance, Funds};
use tributary_domain::{EventId, Mode, ObjectId, Owner};
use tributary_ledger::{Book, Day, Digest};
use tributary_pipeline::reconcile::Job;

fn platform() -> Book {
    Book {
        mode: Mode::Live,
        owner: Owner::Platform,
    }
}

/// One of each, with the widest numbers that there are.
fn jobs() -> [Job; 4] {
    let day = Day::parse("2026-11-22").unwrap();
    let widest = |net| Digest {
        count: u64::MAX,
        net,
        hash: u128::MAX,
    };
    let funds = Funds {
        amount: i64::MIN,
        currency: "jpy".to_owned(),
        source_types: BTreeMap::from([("card".to_owned(), i64::MAX)]),
    };
    let balance = Balance {
        available: vec![funds.clone()],
        pending: vec![funds],
        connect_reserved: vec![],
        instant_available: vec![],
        issuing_available: vec![],
        prefunding_available: vec![],
        prefunding_pending: vec![],
    };
    [
        Job::Reports {
            mode: Mode::Live,
            day,
            days: 3,
        },
        Job::Day {
            book: platform(),
            day,
            report: BTreeMap::from([
                ("eur".to_owned(), widest(i128::MIN)),
                ("usd".to_owned(), widest(i128::MAX)),
            ]),
            round: 3,
        },
        Job::Events {
            book: platform(),
            from: i64::MIN,
            to: i64::MAX,
            round: 0,
        },
        Job::Holdings {
            book: platform(),
            at: 1,
            before: Some(balance),
            lists: false,
            round: 1,
        },
    ]
}

#[test]
fn jobs_and_calls_to_plan_are_told_apart() {
    let everything = Some(Notice::Plan { everything: true });
    assert_eq!(Notice::read(r#"{"plan":"everything"}"#), everything);
    let due = Some(Notice::Plan { everything: false });
    assert_eq!(Notice::read(r#"{"plan":"due"}"#), due);
    for job in jobs() {
        let body = serde_json::to_string(&job).unwrap();
        assert_eq!(
            Notice::read(&body),
            Some(Notice::Job(Box::new(job))),
            "{body}"
        );
    }
    for other in ["", "{}", r#"{"plan":"later"}"#, r#"{"sing":{}}"#, "[1]"] {
        assert_eq!(Notice::read(other), None, "{other}");
    }
}

/// A payout came back: its lines are asked for.
#[test]
fn a_payout_that_came_back_becomes_a_look_at_it() {
    let notice = r#"{"schema":"tributary.payout.changed","version":1,
        "id":"0123456789abcdef0123456789abcdef","sequence":"1","livemode":true,
        "account":"acct_1","object":{"kind":"payout","id":"po_9"},"change":"updated",
        "as_of":{"created":1795341600,"event":"evt_9"},"ambiguous":false,
        "unreadable":null,"truncated":true,"state":null,"previous":null,
        "traceparent":"00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}"#;
    let expected = Job::Payouts {
        book: Book {
            owner: Owner::parse("acct_1").unwrap(),
            ..platform()
        },
        day: Day::of(1_795_341_600),
        paid_out: BTreeMap::from([(ObjectId::parse("po_9").unwrap(), vec![])]),
        round: 0,
    };
    assert_eq!(Notice::read(notice), Some(Notice::Job(Box::new(expected))));
}

/// Stripe says that it failed to make events: the notice is asked what they were about.
#[test]
fn fault_07_a_notice_of_missing_events_becomes_a_look_at_it() {
    let notice = r#"{"schema":"tributary.object.changed","version":1,
        "id":"0123456789abcdef0123456789abcdef","sequence":"1","livemode":true,
        "account":null,"object":{"kind":"v2.core.event","id":"evt_9"},"change":"created",
        "as_of":{"created":1795341600,"event":"evt_9"},"ambiguous":false,
        "unreadable":null,"truncated":false,"state":null,"previous":null,
        "traceparent":"00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}"#;
    let expected = Job::Missing {
        book: platform(),
        notice: EventId::parse("evt_9").unwrap(),
        at: 1_795_341_600,
        round: 0,
    };
    assert_eq!(Notice::read(notice), Some(Notice::Job(Box::new(expected))));
}
