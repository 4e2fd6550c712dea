use std::sync::Mutex;

use tributary_domain::change::state::{Funds, TransferReversal};
use tributary_domain::change::{Sequence, State, Unreadable, state};
use tributary_domain::{Change, EventId, ObjectKey, Row, Version};

use super::*;

/// What the bus answers to one call.
enum Answer {
    /// Each entry by its place: `.` taken, `t` failed for now, `x` refused.
    Each(&'static str),
    Unavailable,
    Refused,
}

/// Answers by script, then takes everything.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    calls: Mutex<Vec<Vec<BusEntry>>>,
    pauses: Mutex<Vec<u128>>,
}

impl Script {
    fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::default()
        }
    }

    /// The objects of each call.
    fn calls(&self) -> Vec<Vec<String>> {
        let id = |entry: &BusEntry| {
            let event: DomainEvent = serde_json::from_str(&entry.detail).unwrap();
            event.object.id.as_str().to_owned()
        };
        self.calls
            .lock()
            .unwrap()
            .iter()
            .map(|call| call.iter().map(id).collect())
            .collect()
    }

    fn first_event(&self) -> (BusEntry, DomainEvent) {
        let entry = self.calls.lock().unwrap()[0][0].clone();
        let event = serde_json::from_str(&entry.detail).unwrap();
        (entry, event)
    }
}

impl EventBus for Script {
    async fn put(&self, entries: &[BusEntry]) -> Result<Vec<Result<(), SendError>>, SendError> {
        assert!((1..=10).contains(&entries.len()));
        assert!(entries.iter().map(BusEntry::size_bytes).sum::<usize>() <= 900 * 1024);
        self.calls.lock().unwrap().push(entries.to_vec());
        let one = |mark| match mark {
            '.' => Ok(()),
            't' => Err(SendError::Transient("throttled".to_owned())),
            _ => Err(SendError::Invalid("malformed".to_owned())),
        };
        match self.answers.lock().unwrap().pop_front() {
            Some(Answer::Each(marks)) => Ok(marks.chars().map(one).collect()),
            Some(Answer::Unavailable) => Err(SendError::Transient("timeout".to_owned())),
            Some(Answer::Refused) => Err(SendError::Invalid("malformed".to_owned())),
            None => Ok(entries.iter().map(|_| Ok(())).collect()),
        }
    }
}

impl Pause for Script {
    async fn up_to(&self, limit: Duration) {
        self.pauses.lock().unwrap().push(limit.as_millis());
    }
}

fn row(body: &str) -> Row {
    let mut row = Row::default();
    row.join(Version {
        at: 5,
        source: EventId::parse("evt_1").unwrap(),
        change: Change::Changed,
        body: Document::parse(body).unwrap(),
        previous: None,
    });
    row
}

fn step(mode: &str, number: usize, new: Row) -> RowChange {
    RowChange {
        key: ObjectKey::parse(&format!("{mode}#platform#transfer_reversal#{number}")).unwrap(),
        sequence: Sequence::new(&number.to_string()),
        old: None,
        new: Some(new),
    }
}

fn steps(count: usize) -> Vec<RowChange> {
    (0..count)
        .map(|number| step("live", number, row("{}")))
        .collect()
}

fn reversal(_: &ObjectKind, _: &Document) -> Normalized {
    Ok(Some(State::TransferReversal(TransferReversal {
        amount: 1,
        currency: "usd".to_owned(),
        created: 1,
        transfer: "tr_1".to_owned(),
        balance_transaction: None,
        destination_payment_refund: None,
        source_refund: None,
    })))
}

async fn run(bus: &Script, steps: &[RowChange]) -> Published {
    publish(bus, bus, steps, reversal).await
}

#[tokio::test]
async fn twenty_one_events_take_three_calls() {
    let bus = Script::default();
    let report = run(&bus, &steps(21)).await;
    assert_eq!(
        report,
        Published {
            published: 21,
            ..Published::default()
        }
    );
    let sizes: Vec<_> = bus.calls().iter().map(Vec::len).collect();
    assert_eq!(sizes, [10, 10, 1]);
    assert!(bus.pauses.lock().unwrap().is_empty());
}

#[tokio::test]
async fn live_and_test_have_their_own_source() {
    for (mode, source) in [("live", "tributary.live"), ("test", "tributary.test")] {
        let bus = Script::default();
        run(&bus, &[step(mode, 1, row("{}"))]).await;
        let (entry, event) = bus.first_event();
        assert_eq!(entry.source, source);
        assert_eq!(entry.detail_type, "transfer_reversal.changed");
        assert_eq!(event.livemode, mode == "live");
    }
}

#[tokio::test]
async fn only_what_failed_is_tried_again() {
    let bus = Script::of([Answer::Each(".t.t"), Answer::Each("t.")]);
    let report = run(&bus, &steps(4)).await;
    assert!(report.failed.is_empty());
    assert_eq!(report.published, 4);
    assert_eq!(
        bus.calls(),
        [vec!["0", "1", "2", "3"], vec!["1", "3"], vec!["1"]]
    );
    assert_eq!(*bus.pauses.lock().unwrap(), [100, 200]);
}

#[tokio::test]
async fn after_four_tries_it_is_named() {
    let bus = Script::of([
        Answer::Unavailable,
        Answer::Each("..t"),
        Answer::Unavailable,
        Answer::Each("t"),
    ]);
    let report = run(&bus, &steps(3)).await;
    assert_eq!(report.failed, [2]);
    assert_eq!(report.published, 2);
    assert_eq!(bus.calls().len(), 4);
    assert_eq!(*bus.pauses.lock().unwrap(), [100, 200, 400]);
}

#[tokio::test]
async fn a_refused_entry_is_not_tried_again() {
    let bus = Script::of([Answer::Each(".xt")]);
    let report = run(&bus, &steps(3)).await;
    assert_eq!(report.failed, [1]);
    assert_eq!(bus.calls(), [vec!["0", "1", "2"], vec!["2"]]);
}

#[tokio::test]
async fn one_entry_that_spoils_a_call_costs_only_itself() {
    let bus = Script::of([Answer::Refused, Answer::Each("."), Answer::Refused]);
    let report = run(&bus, &steps(3)).await;
    assert_eq!(report.failed, [1]);
    assert_eq!(
        bus.calls(),
        [vec!["0", "1", "2"], vec!["0"], vec!["1"], vec!["2"]]
    );
}

#[tokio::test]
async fn what_failed_before_a_call_was_refused_is_still_named() {
    let bus = Script::of([Answer::Each("x.tt"), Answer::Refused]);
    let report = run(&bus, &steps(4)).await;
    assert_eq!(report.failed, [0]);
    assert_eq!(report.published, 3);
}

#[tokio::test]
async fn an_entry_without_an_answer_is_tried_again() {
    let bus = Script::of([Answer::Each(".")]);
    let report = run(&bus, &steps(2)).await;
    assert_eq!(report.published, 2);
    assert_eq!(bus.calls(), [vec!["0", "1"], vec!["1"]]);
}

#[tokio::test]
async fn positions_of_later_calls_are_those_of_the_steps() {
    let silent = RowChange {
        old: Some(row("{}")),
        ..step("live", 0, row("{}"))
    };
    let mut steps = steps(13);
    steps.insert(0, silent);
    let bus = Script::of([Answer::Each(".........."), Answer::Each("..x")]);
    let report = run(&bus, &steps).await;
    assert_eq!(report.silent, 1);
    assert_eq!(report.failed, [13]);
    assert_eq!(report.published, 12);
}

#[tokio::test]
async fn a_bus_that_is_down_is_not_asked_for_the_rest() {
    let bus = Script::of((0..4).map(|_| Answer::Unavailable));
    let report = run(&bus, &steps(25)).await;
    assert_eq!(bus.calls().len(), 4);
    assert_eq!(report.failed, (0..25).collect::<Vec<_>>());
    assert_eq!(report.published, 0);
}

/// A balance whose state takes about that many bytes.
fn balance_of(bytes: usize) -> impl Fn(&ObjectKind, &Document) -> Normalized {
    move |_, _| {
        let funds = Funds {
            amount: 1,
            currency: "u".repeat(bytes),
            source_types: Default::default(),
        };
        Ok(Some(State::Balance(state::Balance {
            available: vec![funds],
            pending: vec![],
            connect_reserved: vec![],
            instant_available: vec![],
            issuing_available: vec![],
            prefunding_available: vec![],
            prefunding_pending: vec![],
        })))
    }
}

fn balance_step(number: usize) -> RowChange {
    RowChange {
        key: ObjectKey::parse("live#platform#balance#balance").unwrap(),
        old: Some(row(r#"{"n":1}"#)),
        ..step("live", number, row(r#"{"n":2}"#))
    }
}

#[tokio::test]
async fn calls_are_split_by_size() {
    let bus = Script::default();
    let steps: Vec<_> = (0..9).map(balance_step).collect();
    let report = publish(&bus, &bus, &steps, balance_of(120_000)).await;
    assert_eq!((report.published, report.truncated), (9, 0));
    let sizes: Vec<_> = bus.calls().iter().map(Vec::len).collect();
    assert_eq!(sizes, [3, 3, 3]);
}

#[test]
fn a_call_takes_900_kib_and_not_a_byte_more() {
    let entry = |bytes: usize| BusEntry {
        source: "tributary.live",
        detail_type: "balance.changed",
        detail: "x".repeat(bytes - "tributary.live".len() - "balance.changed".len()),
    };
    for (last, calls) in [(300 * 1024, 1), (300 * 1024 + 1, 2)] {
        let sizes = [200 * 1024, 400 * 1024, last];
        let entries = sizes.map(entry).into_iter().enumerate().collect();
        assert_eq!(batch::split(entries).len(), calls);
    }
}

#[tokio::test]
async fn an_event_too_large_goes_without_what_was_before() {
    let bus = Script::default();
    let report = publish(&bus, &bus, &[balance_step(1)], balance_of(140_000)).await;
    assert_eq!((report.published, report.truncated), (1, 1));
    let (_, event) = bus.first_event();
    assert!(event.truncated && event.state.is_some() && event.previous.is_none());
}

#[tokio::test]
async fn an_event_still_too_large_goes_without_any_state() {
    let bus = Script::default();
    let report = publish(&bus, &bus, &[balance_step(1)], balance_of(300_000)).await;
    assert_eq!((report.published, report.truncated), (1, 1));
    let (entry, event) = bus.first_event();
    assert!(event.truncated && event.state.is_none() && event.previous.is_none());
    assert!(entry.size_bytes() <= ENTRY_BYTES_MAX);
}

#[tokio::test]
async fn an_unreadable_object_is_published_and_counted() {
    let bus = Script::default();
    let unreadable = |_: &ObjectKind, _: &Document| Err(Unreadable { field: "amount" });
    let report = publish(&bus, &bus, &steps(1), unreadable).await;
    assert_eq!((report.published, report.unreadable), (1, 1));
    let (_, event) = bus.first_event();
    assert_eq!(event.unreadable.as_deref(), Some("amount"));
}

#[tokio::test]
async fn a_step_handed_in_again_says_the_same() {
    let [first, again] = [Script::default(), Script::default()];
    run(&first, &steps(3)).await;
    run(&again, &steps(3)).await;
    assert_eq!(*first.calls.lock().unwrap(), *again.calls.lock().unwrap());
}
