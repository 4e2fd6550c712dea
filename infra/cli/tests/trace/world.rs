//! A simulated world, told to the tables by the use cases.

use std::collections::BTreeSet;

use serde_json::Value;
use tributary_cli::trace::read::{seen, shown};
use tributary_domain::change::Sequence;
use tributary_domain::{Arrival, BalanceTransaction, EventId, Mode, ObjectId, Origin};
use tributary_ledger::{Book, Fact};
use tributary_pipeline::apply::{Incoming, Ports, apply};
use tributary_pipeline::ledger::{self, PullRequest, Tally, Watch, explain, learn, pull};
use tributary_pipeline::reconcile::{PaidLine, PaidOut, PaidOuts};
use tributary_pipeline::trace::{LoggedEvent, Place};
use tributary_simulator::{Owner, World, WorldConfig};
use tributary_stripe::decode::decode;
use tributary_stripe::read_transaction;
use tributary_testkit::ledger::{MemoryDoubts, MemoryList};
use tributary_testkit::trace::MemoryGround;
use tributary_testkit::{MemoryQueues, MemoryStore};

/// A world, and what the tables have of it.
pub(crate) struct Told {
    world: World,
    pub(crate) ground: MemoryGround,
}

struct Now(i64);

impl Watch for Now {
    fn now(&self) -> i64 {
        self.0
    }

    fn has_time(&self) -> bool {
        true
    }
}

fn book_of(owner: &Owner) -> Book {
    let owner = owner.account_id().unwrap_or("platform");
    Book {
        mode: Mode::Live,
        owner: tributary_domain::Owner::parse(owner).unwrap(),
    }
}

fn owner_of(book: &Book) -> Owner {
    match book.owner.account() {
        None => Owner::Platform,
        Some(account) => Owner::account(account.as_str()),
    }
}

impl Told {
    /// Plays three weeks of a world, applies its events in an order of the seed's,
    /// pulls every book, and keeps what its payouts paid out.
    pub(crate) async fn play(seed: u64) -> Self {
        let mut world = World::new(WorldConfig {
            seed,
            accounts: 6,
            start: 1_790_000_000,
            days: 3,
            events_min: 500,
            livemode: true,
            api_version: "2026-10-28.endive".to_owned(),
        });
        world.run();
        let later = world.now() + 20 * 86_400;
        world.advance_to(later);
        let mut told = Self {
            world,
            ground: MemoryGround::default(),
        };
        told.apply_events(seed).await;
        told.pull_books().await;
        told.keep_paid_out().await;
        told
    }

    pub(crate) fn now(&self) -> i64 {
        self.world.now()
    }

    fn owners(&self) -> Vec<Owner> {
        let accounts = self.world.accounts().iter().map(|id| Owner::account(id));
        std::iter::once(Owner::Platform).chain(accounts).collect()
    }

    async fn apply_events(&mut self, seed: u64) {
        let bodies = self
            .world
            .events()
            .iter()
            .map(|event| event.json.to_string());
        let mut arrivals: Vec<Arrival> = bodies
            .filter_map(|body| decode(&body, Origin::Webhook).ok())
            .collect();
        // Events of one object overtake each other.
        let stride = 3 + usize::try_from(seed % 5).unwrap();
        for late in (0..arrivals.len().saturating_sub(stride)).step_by(stride) {
            arrivals.swap(late, late + stride - 1);
        }
        let (store, queues) = (MemoryStore::default(), MemoryQueues::default());
        for (n, arrival) in arrivals.iter().enumerate() {
            self.apply(&store, &queues, arrival, n).await;
        }
        for (key, receipt) in store.receipts() {
            let (shows, cause) = shown(&receipt.raw, false);
            let logged = LoggedEvent {
                key: key.clone(),
                kind: receipt.facts.kind.clone(),
                created: receipt.facts.created,
                received_at: receipt.facts.created + 2,
                origin: "webhook".to_owned(),
                outcome: receipt.outcome.as_str().to_owned(),
                object: receipt.object.clone(),
                shows,
                cause,
            };
            if let Some(object) = &receipt.object
                && let Some(row) = store.row(object)
            {
                let row = seen(&object.kind, &row).unwrap();
                self.ground.rows.insert(object.clone(), row);
            }
            self.ground.events.insert(key, logged);
        }
    }

    async fn apply(&self, store: &MemoryStore, queues: &MemoryQueues, arrival: &Arrival, n: usize) {
        let ports = Ports {
            store,
            fetches: queues,
            quarantine: queues,
        };
        let incoming = Incoming {
            message_id: n.to_string(),
            body: arrival.raw.as_bytes().to_vec(),
            decoded: Ok(arrival.clone()),
        };
        apply(&ports, vec![incoming]).await;
        let tributary_domain::Effect::Mirror(told) = &arrival.effect else {
            return;
        };
        let key = &told.object;
        let row = store.row(key).and_then(|row| seen(&key.kind, &row));
        let state = row.and_then(|row| row.state);
        let sequence = Sequence::new(&n.to_string());
        let fact = state.and_then(|state| Fact::told(&key.id, &sequence, &state));
        let Some(fact) = fact else { return };
        let book = Book {
            mode: key.mode,
            owner: key.owner.clone(),
        };
        learn(&self.ground.ledger, &book, &fact).await.unwrap();
        let objects = BTreeSet::from([fact.belongs_to().unwrap_or(&fact.id).clone()]);
        explain(&self.ground.ledger, &book, objects).await.unwrap();
    }

    /// A movement as it is listed: its source expanded.
    fn listed(&self, owner: &Owner, movement: &Value) -> BalanceTransaction {
        let mut movement = movement.clone();
        let source = movement["source"].as_str().and_then(|id| {
            let places = [owner.clone(), Owner::Platform, Owner::account(id)];
            places
                .iter()
                .find_map(|owner| self.world.object(owner, id).cloned())
        });
        if let Some(source) = source {
            movement["source"] = source;
        }
        read_transaction(&movement, "order").unwrap()
    }

    async fn pull_books(&self) {
        let list = MemoryList::default();
        for owner in self.owners() {
            let movements = self.world.balance_transactions(&owner).iter();
            let movements = movements.map(|movement| self.listed(&owner, movement));
            list.book(&book_of(&owner), movements);
        }
        for owner in self.owners() {
            let ports = ledger::Ports {
                transactions: &list,
                ledger: &self.ground.ledger,
                doubts: &MemoryDoubts::default(),
                watch: &Now(self.now()),
                worker: "one",
            };
            let request = PullRequest {
                book: book_of(&owner),
                until: self.now(),
                since: None,
                stake: 0,
            };
            pull(&ports, &request, &mut Tally::default()).await.unwrap();
        }
    }

    /// The payouts of a world, as Stripe shows them.
    pub(crate) fn payouts(&self) -> Vec<(Place, &Value)> {
        let objects = self
            .world
            .objects()
            .filter(|(object, _)| object.kind == "payout");
        let payouts = objects.map(|(object, json)| {
            let place = Place {
                book: book_of(&object.owner),
                id: ObjectId::parse(&object.id).unwrap(),
            };
            (place, json)
        });
        payouts.collect()
    }

    fn paid_out_of(&self, place: &Place, json: &Value) -> Option<(PaidOut, Vec<PaidLine>)> {
        let owner = owner_of(&place.book);
        let movements = self.world.payout_transactions(&owner, place.id.as_str())?;
        let movements = movements.into_iter().map(|one| self.listed(&owner, one));
        let movements: Vec<BalanceTransaction> = movements.collect();
        let created = json["created"].as_i64().unwrap();
        Some(PaidOut::of(&place.id, created, &movements))
    }

    async fn keep_paid_out(&self) {
        for (place, json) in self.payouts() {
            let is_explained = json["reconciliation_status"] == "completed";
            let paid = self.paid_out_of(&place, json).filter(|_| is_explained);
            if let Some((paid, lines)) = paid {
                let ledger = &self.ground.ledger;
                ledger
                    .keep_paid_out(&place.book, &paid, &lines)
                    .await
                    .unwrap();
            }
        }
    }

    /// What is known of the payouts that are explained.
    pub(crate) async fn paid_out(&self) -> Vec<(Place, Vec<PaidLine>)> {
        let mut found = Vec::new();
        for (place, json) in self.payouts() {
            let created = json["created"].as_i64().unwrap();
            let ledger = &self.ground.ledger;
            let paid = ledger
                .paid_out_by(&place.book, &place.id, created)
                .await
                .unwrap();
            if let Some(paid) = paid {
                let lines = ledger.paid_lines(&place.book, &paid, None).await.unwrap();
                found.push((place, lines.lines));
            }
        }
        found
    }

    /// What the movements of a payout come to, by Stripe's list.
    pub(crate) fn moved(&self, place: &Place) -> i64 {
        let movements = self
            .world
            .balance_transactions(&owner_of(&place.book))
            .iter();
        let own = movements.filter(|one| one["source"] == place.id.as_str());
        own.map(|one| one["net"].as_i64().unwrap()).sum()
    }

    /// The events that say how a payout ended, in the order of their making.
    pub(crate) fn decisive(&self, place: &Place) -> Vec<EventId> {
        let decisive = ["payout.paid", "payout.failed", "payout.canceled"];
        let events = self.world.events().iter().filter(|event| {
            event.object.id == place.id.as_str() && decisive.contains(&event.kind.as_str())
        });
        events
            .map(|event| EventId::parse(&event.id).unwrap())
            .collect()
    }
}
