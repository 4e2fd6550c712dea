//! Reading everything that belongs to one object, one question a hop.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::{EventId, EventKey, ObjectId, ObjectKey, ObjectKind};
use tributary_ledger::Book;
use tributary_reconciliation::finding::{Code, Finding};

use super::id::kind_of;
use super::links::Links;
use super::paid::{Paid, PaidBy, paid_by, paid_out};
use super::ports::{Ground, LoggedEvent, Place, Records, Seen, TraceError};
use crate::ledger::{LedgerError, Node, Stories};
use crate::own_book::Kept;

/// Most objects of one trace. A payment with its refunds, disputes and transfers has
/// a handful; one that is passed on to more accounts than this is told in part.
pub const OBJECTS_MAX: usize = 100;
/// Objects that are asked for side by side.
const SIDE_BY_SIDE: usize = 8;
/// Hops from one object to the next: from an account's refund over its payment, the
/// transfer and the charge to another account's payment.
const HOPS_MAX: usize = 8;

/// What is kept of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// What it is, as far as its id or a movement says so.
    pub kind: Option<ObjectKind>,
    /// What the mirror says.
    pub seen: Option<Seen>,
    /// What the ledger has.
    pub node: Node,
}

impl Told {
    /// Whether anything at all is known of it.
    pub fn is_known(&self) -> bool {
        self.seen.is_some() || self.node != Node::default()
    }
}

/// Everything that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// What was asked for.
    pub asked: Place,
    /// The object and all that belong to its story.
    pub objects: BTreeMap<Place, Told>,
    /// The events that told of them.
    pub events: BTreeMap<EventKey, LoggedEvent>,
    /// What reconciliation found of objects, movements and events.
    pub findings: Vec<Finding>,
    /// What the platform's own book has of them: a match, and of which of them.
    pub matches: Vec<(Place, Kept)>,
    /// Of payouts: what they paid out.
    pub paid_out: BTreeMap<Place, Paid>,
    /// Of what was asked for: the payouts that paid its movements out.
    pub paid_by: Vec<PaidBy>,
    /// There are more objects than [`OBJECTS_MAX`].
    pub is_cut: bool,
}

/// Reads everything that belongs to one object.
///
/// # Errors
/// When a table cannot be read.
pub async fn gather<G: Ground>(ground: &G, asked: &Place) -> Result<Gathered, TraceError> {
    let mut gathered = Gathered {
        asked: asked.clone(),
        objects: BTreeMap::new(),
        events: BTreeMap::new(),
        findings: Vec::new(),
        matches: Vec::new(),
        paid_out: BTreeMap::new(),
        paid_by: Vec::new(),
        is_cut: false,
    };
    let mut wave = BTreeSet::from([asked.clone()]);
    for _ in 0..HOPS_MAX {
        wave.retain(|place| !gathered.objects.contains_key(place));
        if wave.is_empty() {
            break;
        }
        let room = OBJECTS_MAX.saturating_sub(gathered.objects.len());
        gathered.is_cut |= wave.len() > room;
        let read = read_wave(ground, wave.into_iter().take(room).collect()).await?;
        wave = BTreeSet::new();
        for (place, told) in read {
            let state = told.seen.as_ref().and_then(|seen| seen.state.as_ref());
            wave.extend(Links::of(&place.book, &told.node, state));
            gathered.objects.insert(place, told);
        }
    }
    gathered.is_cut |= wave
        .iter()
        .any(|place| !gathered.objects.contains_key(place));
    read_events(ground, &mut gathered).await?;
    read_findings(ground, &mut gathered).await?;
    read_matches(ground, &mut gathered).await?;
    paid_out(ground.ledger(), &mut gathered).await?;
    paid_by(ground.ledger(), &mut gathered).await?;
    Ok(gathered)
}

/// Ledger nodes, one question each, and their rows, one question for all.
async fn read_wave<G: Ground>(
    ground: &G,
    wave: Vec<Place>,
) -> Result<Vec<(Place, Told)>, TraceError> {
    let nodes = stream::iter(wave).map(async |place: Place| {
        let node = ground.ledger().node(&place.book, &place.id).await?;
        Ok::<_, LedgerError>((place, node))
    });
    let nodes: Vec<(Place, Node)> = nodes.buffered(SIDE_BY_SIDE).try_collect().await?;
    let mut told = Vec::with_capacity(nodes.len());
    let mut keys = Vec::new();
    for (place, node) in nodes {
        let kind = kind_of(&place.id).or_else(|| kind_by_entries(&place.id, &node));
        let key = kind.clone().map(|kind| object_key(&place, kind));
        keys.extend(key.clone());
        let seen = None;
        told.push((place, Told { kind, seen, node }, key));
    }
    let mut rows = ground.records().rows(&keys).await?;
    let told = told.into_iter().map(|(place, mut told, key)| {
        told.seen = key.and_then(|key| rows.remove(&key));
        (place, told)
    });
    Ok(told.collect())
}

/// The key of an object's row.
pub(super) fn object_key(place: &Place, kind: ObjectKind) -> ObjectKey {
    ObjectKey {
        mode: place.book.mode,
        owner: place.book.owner.clone(),
        kind,
        id: place.id.clone(),
    }
}

fn kind_by_entries(id: &ObjectId, node: &Node) -> Option<ObjectKind> {
    let sources = node
        .entries
        .iter()
        .filter_map(|entry| entry.source.as_ref());
    let mut own = sources.filter(|source| source.id == *id);
    ObjectKind::parse(own.find_map(|source| source.kind.as_deref())?).ok()
}

fn event_key(book: &Book, id: &EventId) -> EventKey {
    EventKey {
        mode: book.mode,
        owner: book.owner.clone(),
        id: id.clone(),
    }
}

/// The events that the rows have heard of, and those that had objects fetched.
async fn read_events<G: Ground>(ground: &G, gathered: &mut Gathered) -> Result<(), TraceError> {
    let heard = gathered.objects.iter().flat_map(|(place, told)| {
        let heard = told.seen.iter().flat_map(|seen| &seen.heard);
        heard.map(|(_, event)| event_key(&place.book, event))
    });
    let heard: Vec<EventKey> = heard.collect();
    let mut events = ground.records().events(&heard).await?;
    let causes = events.values().filter_map(|event| {
        let key = EventKey {
            id: event.cause.clone()?,
            ..event.key.clone()
        };
        (!events.contains_key(&key)).then_some(key)
    });
    let causes: BTreeSet<EventKey> = causes.collect();
    let causes: Vec<EventKey> = causes.into_iter().collect();
    if !causes.is_empty() {
        events.extend(ground.records().events(&causes).await?);
    }
    gathered.events = events;
    Ok(())
}

/// Findings are known by code and subject: every code of each object and movement, and
/// those that are about events.
async fn read_findings<G: Ground>(ground: &G, gathered: &mut Gathered) -> Result<(), TraceError> {
    let mut subjects: BTreeMap<Book, BTreeSet<String>> = BTreeMap::new();
    for (place, told) in &gathered.objects {
        let of_book = subjects.entry(place.book.clone()).or_default();
        of_book.insert(place.id.to_string());
        of_book.extend(
            told.node
                .entries
                .iter()
                .map(|it| it.transaction.to_string()),
        );
    }
    let mut keys: BTreeMap<Book, Vec<String>> = BTreeMap::new();
    for (book, subjects) in subjects {
        let of_book = keys.entry(book).or_default();
        for subject in subjects {
            of_book.extend(Code::ALL.iter().map(|code| key(*code, &subject)));
        }
    }
    for event in gathered.events.keys() {
        let book = Book {
            mode: event.mode,
            owner: event.owner.clone(),
        };
        let codes = [Code::MissingEvent, Code::ModeMix];
        let of_event = codes.map(|code| key(code, event.id.as_str()));
        keys.entry(book).or_default().extend(of_event);
    }
    for (book, keys) in keys {
        let found = ground.records().findings(&book, &keys).await?;
        gathered.findings.extend(found);
    }
    Ok(())
}

/// The own entries that stand for the movements: all matches of a book are one question.
async fn read_matches<G: Ground>(ground: &G, gathered: &mut Gathered) -> Result<(), TraceError> {
    let mut movements: BTreeMap<Book, BTreeMap<ObjectId, Place>> = BTreeMap::new();
    for (place, told) in &gathered.objects {
        let of_book = movements.entry(place.book.clone()).or_default();
        let own = told.node.entries.iter();
        of_book.extend(own.map(|entry| (entry.transaction.clone(), place.clone())));
    }
    movements.retain(|_, of_book| !of_book.is_empty());
    for (book, of_book) in movements {
        let wanted: BTreeSet<ObjectId> = of_book.keys().cloned().collect();
        for kept in ground.records().matched(&book, &wanted).await? {
            let lines = kept.matched.lines.iter();
            let mut places = lines.filter_map(|line| of_book.get(&ObjectId::parse(line).ok()?));
            if let Some(place) = places.next().cloned() {
                gathered.matches.push((place, kept));
            }
        }
    }
    Ok(())
}

fn key(code: Code, subject: &str) -> String {
    format!("{}#{subject}", code.as_str())
}
