//! Domain events for tests.

use serde_json::{Value, json};
use tributary_domain::change::{
    AsOf, ChangeKind, DomainEvent, ObjectRef, SCHEMA_VERSION, Sequence, State, Topic,
};
use tributary_domain::{EventId, Fingerprint, ObjectKind, TraceParent};
use tributary_ledger::Book;
use tributary_testkit::ledger::samples::id;

/// What changed, and where.
pub(crate) struct Told<'a> {
    pub(crate) book: &'a Book,
    pub(crate) kind: &'a str,
    pub(crate) object: &'a str,
    /// When, unix seconds.
    pub(crate) created: i64,
    /// The place among the changes of the object.
    pub(crate) sequence: usize,
    pub(crate) state: Option<State>,
    pub(crate) previous: Option<State>,
}

impl Told<'_> {
    pub(crate) fn event(self) -> DomainEvent {
        let kind = ObjectKind::parse(self.kind).unwrap();
        let name = format!("{}#{}#{}", self.book, self.object, self.sequence);
        DomainEvent {
            topic: Topic::of(&kind),
            version: SCHEMA_VERSION,
            id: Fingerprint::of_text(&name),
            sequence: Sequence::new(&self.sequence.to_string()),
            livemode: self.book.mode.livemode(),
            account: self.book.owner.account().cloned(),
            object: ObjectRef {
                kind,
                id: id(self.object),
            },
            change: ChangeKind::Updated,
            as_of: AsOf {
                created: self.created,
                event: EventId::parse(&format!("evt_{}", self.sequence)).unwrap(),
            },
            ambiguous: false,
            unreadable: None,
            truncated: false,
            state: self.state,
            previous: self.previous,
            traceparent: TraceParent::of_event(&name),
        }
    }
}

pub(crate) fn state(kind: &str, fields: &Value) -> State {
    let kind = ObjectKind::parse(kind).unwrap();
    State::read(&kind, fields.clone()).unwrap().unwrap()
}

/// A payment, with its transaction once there is one.
pub(crate) fn charge(transaction: Option<&str>, destination: Option<&str>) -> State {
    let data = destination.map(|destination| json!({"destination": destination}));
    let fields = json!({
        "amount": 1_000, "amount_refunded": 0, "currency": "usd", "status": "succeeded",
        "created": 1, "captured": true, "paid": true, "refunded": false, "disputed": false,
        "balance_transaction": transaction, "transfer_data": data,
    });
    state("charge", &fields)
}

/// A payout in some status.
pub(crate) fn payout(status: &str, failure: Option<&str>) -> State {
    let fields = json!({
        "amount": 900, "currency": "usd", "status": status, "created": 1, "arrival_date": 2,
        "automatic": true, "balance_transaction": "txn_1", "failure_balance_transaction": failure,
    });
    state("payout", &fields)
}
