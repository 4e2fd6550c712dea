//! From a simulated world to ledgers, through the readers of Stripe's shapes.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use tributary_domain::change::Sequence;
use tributary_domain::{Document, Mode, ObjectId, ObjectKind};
use tributary_ledger::{
    Balances, Book, Derived, Entry, Fact, derive, invariants, post, revise, stories,
};
use tributary_simulator::{Owner, World, WorldConfig};
use tributary_stripe::{normalize, transaction::read_transaction};

pub(crate) fn played(seed: u64, accounts: usize, events_min: usize, days: u32) -> World {
    let mut world = World::new(WorldConfig {
        seed,
        accounts,
        start: 1_790_000_000,
        days,
        events_min,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    world.run();
    world
}

pub(crate) fn owners(world: &World) -> impl Iterator<Item = Owner> {
    let accounts = world.accounts().iter().map(|id| Owner::account(id));
    std::iter::once(Owner::Platform).chain(accounts)
}

pub(crate) fn book_of(owner: &Owner) -> Book {
    let owner = owner.account_id().unwrap_or("platform");
    Book {
        mode: Mode::Live,
        owner: tributary_domain::Owner::parse(owner).unwrap(),
    }
}

/// One book: its journal, and what is derived from it.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: BTreeMap<ObjectId, Entry>,
    facts: Vec<Fact>,
    pub(crate) derived: Vec<Derived>,
}

impl Ledger {
    fn settle(&mut self, book: &Book) {
        let stories = stories(book, self.entries.values().cloned(), self.facts.clone());
        let mut posted: BTreeMap<ObjectId, Vec<Derived>> = BTreeMap::new();
        for entry in self.derived.drain(..) {
            posted.entry(entry.root.clone()).or_default().push(entry);
        }
        for (root, story) in stories {
            let posted = posted.entry(root).or_default();
            let revised = revise(posted, &derive(&story).unwrap()).unwrap();
            for entry in &revised {
                assert_eq!(invariants::sums_to_zero(&entry.lines), None, "{entry:?}");
            }
            posted.extend(revised);
        }
        self.derived = posted.into_values().flatten().collect();
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(crate) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The stored form of every entry.
    pub(crate) fn journal(&self) -> Vec<String> {
        let stored = |entry| serde_json::to_string(entry).unwrap();
        self.entries().map(stored).collect()
    }

    /// What is in effect, without its history.
    pub(crate) fn effective(&self) -> Vec<String> {
        let effective = tributary_ledger::revise::effective(self.derived.iter());
        let mut texts: Vec<String> = effective
            .into_iter()
            .map(|it| {
                let lines = serde_json::to_string(&it.lines).unwrap();
                format!("{}#{}#{}#{lines}", it.root, it.rule.as_str(), it.currency)
            })
            .collect();
        texts.sort();
        texts
    }

    /// Both layers, by currency.
    pub(crate) fn balances(&self) -> BTreeMap<String, Balances> {
        let mut balances = tributary_ledger::revise::balances(self.derived.iter()).unwrap();
        for entry in self.entries() {
            let currency = balances.entry(entry.currency.clone()).or_default();
            currency.add_lines(&entry.lines).unwrap();
        }
        balances
    }
}

/// What there is to hear of each book of a world.
pub(crate) struct Told(BTreeMap<Book, (Vec<Entry>, Vec<Fact>)>);

impl Told {
    pub(crate) fn of(world: &World) -> Self {
        let mut told = BTreeMap::new();
        for owner in owners(world) {
            let book = book_of(&owner);
            let movements = world.balance_transactions(&owner).iter();
            let entries = movements
                .map(|it| posted(world, &owner, &book, it))
                .collect();
            told.insert(book, (entries, Vec::new()));
        }
        for (number, event) in world.events().iter().enumerate() {
            let Some(object) = event.snapshot().filter(|_| event.livemode) else {
                continue;
            };
            let (_, facts): &mut (_, Vec<Fact>) = told.get_mut(&book_of(&event.owner)).unwrap();
            facts.extend(fact(number, &event.object.kind, object));
        }
        Self(told)
    }

    /// Everything at once, in Stripe's order.
    pub(crate) fn ledgers(&self) -> BTreeMap<Book, Ledger> {
        let told = self.0.iter().map(|(book, (entries, facts))| {
            let mut ledger = Ledger::default();
            let by_id = entries
                .iter()
                .map(|it| (it.transaction.clone(), it.clone()));
            ledger.entries = by_id.collect();
            ledger.facts.clone_from(facts);
            ledger.settle(book);
            (book.clone(), ledger)
        });
        told.collect()
    }

    /// Everything in an order that only the salt knows, revised after each third.
    pub(crate) fn in_pieces(&self, salt: u64) -> BTreeMap<Book, Ledger> {
        let told = self.0.iter().map(|(book, (entries, facts))| {
            let mut ledger = Ledger::default();
            let (entries, facts) = (shuffled(entries, salt), shuffled(facts, salt ^ 1));
            let (thirds, parts) = (entries.len() / 3 + 1, facts.len() / 3 + 1);
            let (mut entries, mut facts) = (entries.chunks(thirds), facts.chunks(parts));
            for _ in 0..3 {
                for entry in entries.next().unwrap_or_default() {
                    let id = entry.transaction.clone();
                    ledger.entries.insert(id, entry.clone());
                }
                ledger
                    .facts
                    .extend_from_slice(facts.next().unwrap_or_default());
                ledger.settle(book);
            }
            (book.clone(), ledger)
        });
        told.collect()
    }
}

fn posted(world: &World, owner: &Owner, book: &Book, movement: &Value) -> Entry {
    let mut movement = movement.clone();
    let source = movement["source"].as_str().and_then(|id| {
        let places = [owner.clone(), Owner::Platform, Owner::account(id)];
        places.iter().find_map(|owner| world.object(owner, id))
    });
    if let Some(source) = source {
        movement["source"] = source.clone();
    }
    let posted = post(book, &read_transaction(&movement, "order").unwrap()).unwrap();
    assert_eq!(posted.doubts, [], "{movement}");
    posted.entry
}

fn fact(number: usize, kind: &str, object: &Value) -> Option<Fact> {
    let document = Document::parse(&object.to_string()).unwrap();
    let state = normalize::state(&ObjectKind::parse(kind).ok()?, &document).unwrap()?;
    let id = ObjectId::parse(object["id"].as_str()?).unwrap();
    Fact::told(&id, &Sequence::new(&number.to_string()), &state)
}

fn shuffled<T: Clone>(items: &[T], salt: u64) -> Vec<T> {
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by_key(|place| {
        let mut hasher = DefaultHasher::new();
        (salt, place).hash(&mut hasher);
        hasher.finish()
    });
    places
        .into_iter()
        .map(|place| items[place].clone())
        .collect()
}
