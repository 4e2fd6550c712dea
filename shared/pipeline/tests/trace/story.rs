//! A payout's life, told to the tables as the functions tell it.

use std::collections::BTreeSet;

use tributary_domain::change::State;
use tributary_domain::change::state::Payout;
use tributary_domain::{
    BalanceTransaction, EventId, EventKey, ObjectId, ObjectKey, ObjectKind, Source,
};
use tributary_ledger::{Book, Fact, post};
use tributary_pipeline::ledger::{Ledger, explain, learn};
use tributary_pipeline::trace::{LoggedEvent, Place, Seen, Timeline, What, trace};
use tributary_testkit::ledger::samples::{connected, id, payment};
use tributary_testkit::trace::MemoryGround;

/// When the tests play, unix seconds: 2026-11-22, noon, a Sunday.
pub(crate) const NOON: i64 = 1_795_348_800;
pub(crate) const DAY_S: i64 = 86_400;

/// The tables, and what has been told to them so far.
#[derive(Default)]
pub(crate) struct Story {
    pub(crate) ground: MemoryGround,
    told: usize,
}

pub(crate) fn book() -> Book {
    connected(1)
}

/// The payout that everything is about.
pub(crate) fn po() -> Place {
    Place {
        book: book(),
        id: id("po_1"),
    }
}

/// Made three weeks ago, at the bank two days later.
pub(crate) fn payout(status: &str) -> Payout {
    Payout {
        amount: 970,
        currency: "usd".to_owned(),
        status: status.to_owned(),
        created: NOON - 21 * DAY_S,
        arrival_date: NOON - 19 * DAY_S,
        automatic: true,
        method: Some("standard".to_owned()),
        kind: None,
        source_type: None,
        destination: Some("ba_1".to_owned()),
        balance_transaction: Some("txn_out".to_owned()),
        failure_balance_transaction: None,
        failure_code: None,
        reconciliation_status: Some("in_progress".to_owned()),
        original_payout: None,
        reversed_by: None,
        application_fee: None,
        application_fee_amount: None,
        trace: None,
    }
}

/// The payout after it failed.
pub(crate) fn failed() -> Payout {
    Payout {
        failure_balance_transaction: Some("txn_back".to_owned()),
        failure_code: Some("account_closed".to_owned()),
        ..payout("failed")
    }
}

/// A movement of the payout itself.
pub(crate) fn moving(transaction: &str, kind: &str, net: i64, at: i64) -> BalanceTransaction {
    BalanceTransaction {
        id: id(transaction),
        kind: kind.to_owned(),
        reporting_category: kind.to_owned(),
        currency: "usd".to_owned(),
        amount: net,
        fee: 0,
        net,
        fee_details: Vec::new(),
        source: Some(Source {
            id: id("po_1"),
            kind: Some("payout".to_owned()),
            links: tributary_domain::Links::default(),
        }),
        ..payment(1, at)
    }
}

fn key(place: &Place, kind: &str) -> ObjectKey {
    ObjectKey {
        mode: place.book.mode,
        owner: place.book.owner.clone(),
        kind: ObjectKind::parse(kind).unwrap(),
        id: place.id.clone(),
    }
}

impl Story {
    /// An event of the payout comes, and what it says is kept as a fact.
    pub(crate) async fn hear(&mut self, event: &str, kind: &str, at: i64, payout: &Payout) {
        let state = State::Payout(Box::new(payout.clone()));
        self.told += 1;
        self.log(&po(), event, kind, at, Some(state.clone()));
        let sequence = tributary_domain::change::Sequence::new(&self.told.to_string());
        let fact = Fact::told(&po().id, &sequence, &state).unwrap();
        learn(&self.ground.ledger, &book(), &fact).await.unwrap();
        self.explain(&po().id).await;
    }

    /// An event is logged, and its object's row shows it.
    pub(crate) fn log(
        &mut self,
        place: &Place,
        event: &str,
        kind: &str,
        at: i64,
        state: Option<State>,
    ) {
        let event = EventId::parse(event).unwrap();
        let object = key(place, state.as_ref().map_or("payout", kind_of));
        let row = self.ground.rows.entry(object.clone());
        let row = row.or_insert_with(|| Seen {
            state: None,
            unreadable: None,
            at,
            event: event.clone(),
            is_deleted: false,
            is_ambiguous: false,
            heard: Vec::new(),
        });
        row.heard.push((at, event.clone()));
        row.heard.sort();
        if at >= row.at {
            (row.at, row.event, row.state) = (at, event.clone(), state.clone());
        }
        let key = EventKey {
            mode: place.book.mode,
            owner: place.book.owner.clone(),
            id: event,
        };
        let logged = LoggedEvent {
            key: key.clone(),
            kind: kind.to_owned(),
            created: at,
            received_at: at + 2,
            origin: "webhook".to_owned(),
            outcome: "applied".to_owned(),
            object: Some(object),
            shows: state,
            cause: None,
        };
        self.ground.events.insert(key, logged);
    }

    /// A movement is posted and explained.
    pub(crate) async fn book(&self, book: &Book, movement: &BalanceTransaction) {
        let entry = post(book, movement).unwrap().entry;
        let source = entry.key().source;
        self.ground.ledger.post(book, &[entry]).await.unwrap();
        let objects = BTreeSet::from([source]);
        explain(&self.ground.ledger, book, objects).await.unwrap();
    }

    async fn explain(&self, object: &ObjectId) {
        let objects = BTreeSet::from([object.clone()]);
        explain(&self.ground.ledger, &book(), objects)
            .await
            .unwrap();
    }

    pub(crate) async fn trace(&self, now: i64) -> Timeline {
        trace(&self.ground, &po(), now).await.unwrap()
    }
}

fn kind_of(state: &State) -> &'static str {
    match state {
        State::Charge(_) => "charge",
        State::Transfer(_) => "transfer",
        State::Refund(_) => "refund",
        State::Dispute(_) => "dispute",
        _ => "payout",
    }
}

/// A payout that was made, paid, and failed five days later.
pub(crate) async fn failed_after_paid() -> Story {
    let mut story = Story::default();
    let made = payout("pending").created;
    let out = moving("txn_out", "payout", -970, made);
    story
        .hear("evt_1", "payout.created", made, &payout("pending"))
        .await;
    story.book(&book(), &out).await;
    let arrived = payout("paid").arrival_date;
    story
        .hear("evt_2", "payout.paid", arrived, &payout("paid"))
        .await;
    let at = arrived + 5 * DAY_S;
    story
        .book(&book(), &moving("txn_back", "payout_failure", 970, at))
        .await;
    story.hear("evt_3", "payout.failed", at, &failed()).await;
    story
}

/// One word for each step.
pub(crate) fn words(timeline: &Timeline) -> Vec<String> {
    let word = |what: &What| match what {
        What::Event { kind, .. } => kind.clone(),
        What::Forgotten { event } => format!("forgotten {event}"),
        What::Mirror { shows, .. } => {
            format!("mirror {}", shows.status.clone().unwrap_or_default())
        }
        What::Entry { kind, net, .. } => format!("entry {kind} {net}"),
        What::Derived { rule, reverses, .. } => match reverses {
            None => format!("derived {}", rule.as_str()),
            Some(revision) => format!("reversed {} {revision}", rule.as_str()),
        },
        What::PaidOut(paid) => format!("paid out {}", paid.paid.count),
        What::PaidBy(by) => format!("paid by {}", by.payout),
        What::Matched(it) => format!("matched {}", it.own.join(" ")),
        What::Finding { code, happened, .. } => format!("{code} {happened}"),
        What::Other { by, .. } => by.clone(),
    };
    timeline.steps.iter().map(|step| word(&step.what)).collect()
}

/// The codes of what is missing, and of what comes next.
pub(crate) fn codes(timeline: &Timeline) -> (Vec<&'static str>, Vec<&'static str>) {
    let codes = |notes: &[tributary_pipeline::trace::Note]| {
        notes.iter().map(|note| note.code).collect::<Vec<_>>()
    };
    (codes(&timeline.missing), codes(&timeline.next))
}
