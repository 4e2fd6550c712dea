//! The promises, held against what a run has come to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tributary_domain::{Change, EventId, Fingerprint, Row};
use tributary_pipeline::receipt::{Outcome, Receipt};

use crate::history::{Expected, Notice, Rendering, Seen, bridged};
use crate::mail::MALFORMED;
use crate::oracle;
use crate::world::{Letter, Note, Observation, Shared, World};

/// What is stored, in a form that can be compared with what is stored later.
#[derive(PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) mirror: BTreeMap<String, String>,
    pub(crate) receipts: BTreeMap<String, Receipt>,
}

impl Stored {
    pub(crate) fn of(world: &World) -> Self {
        let receipts = world.store.receipts();
        Self {
            mirror: world.store.mirror(),
            receipts: receipts
                .into_iter()
                .map(|(key, receipt)| (key.to_string(), receipt))
                .collect(),
        }
    }
}

/// The first promise that does not hold, in words.
pub(crate) fn judge(world: &World, stored: &Stored) -> Result<(), String> {
    let shared = world.lock();
    let observed = observed(world, &shared);
    let kept = receipts(world, &shared, stored, &observed)?;
    mirror(world, &shared, stored, &observed, &kept)?;
    quarantine(world, &shared, &kept)?;
    dead_letters(&shared)?;
    bus(&shared)
}

/// The fetched objects that reached the events queue, each once.
fn observed(world: &World, shared: &Shared) -> Vec<Seen> {
    let sent: BTreeSet<&str> = shared
        .letters
        .iter()
        .filter(|letter| matches!(letter.kind, Some("fetched" | "fetched_claim")))
        .map(|letter| letter.body.as_str())
        .collect();
    let mut seen: Vec<Seen> = shared
        .observations
        .iter()
        .filter(|observation| sent.contains(observation.message.as_str()))
        .filter_map(|observation| as_seen(world, observation))
        .collect();
    seen.sort_by(|a, b| a.source.cmp(&b.source));
    seen.dedup_by(|a, b| a.source == b.source);
    seen
}

fn as_seen(world: &World, observation: &Observation) -> Option<Seen> {
    let thing = world.history.things.get(observation.thing)?;
    let content = Fingerprint::of_text(&observation.body);
    let what = Fingerprint::of([
        thing.key.as_bytes(),
        &observation.at.to_be_bytes(),
        content.as_str().as_bytes(),
    ]);
    Some(Seen {
        thing: observation.thing,
        at: observation.at,
        source: EventId::synthetic("fetch", &what).as_str().to_owned(),
        change: match observation.is_deleted {
            true => Change::Deleted,
            false => Change::Observed,
        },
        body: observation.body.clone(),
        previous: None,
    })
}

/// Every accepted event has one receipt, of the right outcome, with the event as
/// it was sent; and nothing else has one.
fn receipts(
    world: &World,
    shared: &Shared,
    stored: &Stored,
    observed: &[Seen],
) -> Result<Vec<Kept>, String> {
    let mut kept = Vec::with_capacity(world.history.notices.len());
    for notice in &world.history.notices {
        let receipt = stored.receipts.get(&notice.key);
        let receipt = receipt.ok_or_else(|| format!("{} has no receipt: lost", notice.key))?;
        let rendering = rendering_of(notice, receipt);
        let rendering = rendering.ok_or_else(|| {
            format!(
                "the log has another body of {}: {}",
                notice.key, receipt.raw
            )
        })?;
        kept.push(rendering);
        let rendering = notice.renderings.get(rendering);
        let expected = rendering.map_or(&Expected::Record, |rendering| &rendering.expected);
        let outcome = match expected {
            Expected::Version(_) => Outcome::Applied,
            Expected::Fetch => Outcome::FetchRequested,
            Expected::Record => Outcome::Recorded,
            Expected::Held(_) => Outcome::Quarantined,
        };
        if receipt.outcome != outcome && !is_unresolved(shared, &notice.key) {
            return Err(format!("{} is {:?}", notice.key, receipt.outcome));
        }
    }
    let expected = world.history.notices.len() + observed.len();
    if stored.receipts.len() != expected {
        let found = stored.receipts.len();
        return Err(format!(
            "{found} receipts for {expected} events and fetches"
        ));
    }
    Ok(kept)
}

/// Ties that no fetch could resolve end in quarantine.
fn is_unresolved(shared: &Shared, key: &str) -> bool {
    shared
        .quarantine
        .iter()
        .any(|note| note.code == "unresolved_tie" && note.event.as_deref() == Some(key))
}

/// Which of its renderings the log keeps of a notice.
type Kept = usize;

/// Which rendering a receipt keeps. Deliveries differ in one digit.
fn rendering_of(notice: &Notice, receipt: &Receipt) -> Option<Kept> {
    notice.renderings.iter().position(|rendering| {
        let (sent, kept) = (rendering.body.as_bytes(), receipt.raw.as_bytes());
        let Some(at) = rendering.pending_at else {
            // One that was held is kept as its message came, EventBridge's envelope
            // included.
            return sent == kept || bridged(&rendering.body).as_bytes() == kept;
        };
        sent.len() == kept.len()
            && sent.get(..at) == kept.get(..at)
            && sent.get(at + 1..) == kept.get(at + 1..)
    })
}

/// Every row is what the oracle makes of the set, and there is no other.
fn mirror(
    world: &World,
    shared: &Shared,
    stored: &Stored,
    observed: &[Seen],
    kept: &[Kept],
) -> Result<(), String> {
    let mut unclaimed = stored.mirror.len();
    for (number, thing) in world.history.things.iter().enumerate() {
        let row = stored.mirror.get(&thing.key);
        unclaimed -= usize::from(row.is_some());
        let (certain, open) = seen_of(world, kept, observed, number);
        // Of two bodies under one id the first stays; whether the second joined
        // the row before that was known is open.
        let possible = 1_u32 << open.len().min(8);
        let fits = (0..possible).any(|choice| {
            let chosen = open
                .iter()
                .enumerate()
                .filter(|(n, _)| choice >> n & 1 == 1);
            let seen: Vec<&Seen> = certain
                .iter()
                .copied()
                .chain(chosen.map(|(_, seen)| *seen))
                .collect();
            oracle::row(&seen).as_ref() == row
        });
        if !fits {
            return Err(format!(
                "the row of {} differs from the oracle's:\n  is     {}\n  should {}",
                thing.key,
                row.map_or("nothing", String::as_str),
                oracle::row(&certain).unwrap_or_default()
            ));
        }
        if let Some(row) = row {
            truth(world, shared, number, row, open.is_empty())?;
        }
    }
    match unclaimed {
        0 => Ok(()),
        n => Err(format!("{n} rows of objects that never were")),
    }
}

/// What was certainly seen of an object, and what may have been.
fn seen_of<'a>(
    world: &'a World,
    kept: &[Kept],
    observed: &'a [Seen],
    thing: usize,
) -> (Vec<&'a Seen>, Vec<&'a Seen>) {
    let mut certain: Vec<&Seen> = observed.iter().filter(|seen| seen.thing == thing).collect();
    let mut open = Vec::new();
    let notices = world.history.notices.iter().zip(kept);
    for (notice, kept) in notices.filter(|(notice, _)| notice.thing == thing) {
        for (number, rendering) in notice.renderings.iter().enumerate() {
            let Expected::Version(seen) = &rendering.expected else {
                continue;
            };
            if number == *kept {
                certain.push(seen);
            } else {
                open.push(seen);
            }
        }
    }
    (certain, open)
}

/// The mirror shows what Stripe has, or says that it does not know.
fn truth(
    world: &World,
    shared: &Shared,
    number: usize,
    row: &str,
    is_plain: bool,
) -> Result<(), String> {
    let Some(thing) = world.history.things.get(number) else {
        return Ok(());
    };
    let text = row;
    let row = Row::from_json(row).map_err(|error| format!("{}: {error}", thing.key))?;
    let state = row.resolve();
    let state = state.ok_or_else(|| format!("the row of {} says nothing", thing.key))?;
    if state.ambiguous {
        return match thing.shape.fetchable {
            true => Err(format!("{} is still ambiguous: {text}", thing.key)),
            false => Ok(()),
        };
    }
    let is = shared.truth.get(number).copied().flatten();
    let shown = (!state.deleted).then(|| state.winner.body.as_str().to_owned());
    let should = is.map(|state| thing.shape.canonical(&thing.fixed, state));
    if is_plain && thing.shape.fetchable && shown != should {
        return Err(format!(
            "{} is not as Stripe has it:\n  is     {text}\n  should {should:?}",
            thing.key
        ));
    }
    Ok(())
}

/// What cannot be used is in quarantine, and nothing else is.
fn quarantine(world: &World, shared: &Shared, kept: &[Kept]) -> Result<(), String> {
    let is_held = |code: &str, event: &str| {
        let mut notes = shared.quarantine.iter();
        notes.any(|note| note.code == code && note.event.as_deref() == Some(event))
    };
    for (number, body) in MALFORMED.iter().enumerate() {
        if !shared
            .quarantine
            .iter()
            .any(|note| note.body == *body && note.stage == "ingest")
        {
            // A body that no queue carries waits in the bucket.
            let pointer = shared.quarantine.iter().any(|note| note.code == "not_utf8");
            if std::str::from_utf8(body).is_ok() || !pointer {
                return Err(format!("malformed webhook {number} is nowhere: lost"));
            }
        }
    }
    for (notice, kept) in world.history.notices.iter().zip(kept) {
        let kept = notice.renderings.get(*kept);
        let held = match (
            kept.map(|kept| &kept.expected),
            notice.renderings.as_slice(),
        ) {
            (Some(Expected::Held(code)), _) => Some(*code),
            (_, [one, other]) if is_fork(one, other) => Some("same_id_other_body"),
            _ => None,
        };
        if let Some(code) = held
            && !is_held(code, &notice.key)
        {
            return Err(format!("{} is not in quarantine as {code}", notice.key));
        }
    }
    match shared
        .quarantine
        .iter()
        .find(|note| !is_due(world, shared, note))
    {
        None => Ok(()),
        Some(note) => Err(format!("{note:?} is in quarantine for nothing")),
    }
}

/// Whether what is in quarantine had to come there.
fn is_due(world: &World, shared: &Shared, note: &Note) -> bool {
    let is_poison = |letter: &Arc<Letter>| letter.is_poison && letter.body.as_bytes() == note.body;
    let is_odd = |notice: &Notice| match notice.renderings.as_slice() {
        [one] => matches!(one.expected, Expected::Held(code) if code == note.code),
        _ => true,
    };
    let mut notices = world.history.notices.iter();
    match &note.event {
        Some(event) => notices.any(|notice| notice.key == *event && is_odd(notice)),
        // What is no text waits in the bucket, and the note has a pointer to it.
        None => {
            note.code == "not_utf8"
                || MALFORMED.contains(&note.body.as_slice())
                || shared.letters.iter().any(is_poison)
        }
    }
}

/// Whether two renderings claim to be of one API version.
fn is_fork(one: &Rendering, other: &Rendering) -> bool {
    let version = |rendering: &Rendering| {
        let at = rendering.body.find("\"api_version\"");
        at.and_then(|at| rendering.body.get(at..at + 36))
            .map(str::to_owned)
    };
    version(one) == version(other)
}

/// What is left among the dead letters is what nobody could ever use.
fn dead_letters(shared: &Shared) -> Result<(), String> {
    let lost = |letter: &&std::sync::Arc<Letter>| !letter.is_poison;
    match shared.events.dead().iter().find(lost) {
        Some(letter) => {
            let start: String = letter.body.chars().take(120).collect();
            Err(format!("a message stays among the dead letters: {start}"))
        }
        None => Ok(()),
    }
}

/// Every step that a consumer could see was announced, under an id of its own, and
/// the same whenever it was announced again.
fn bus(shared: &Shared) -> Result<(), String> {
    let mut told: BTreeMap<usize, &crate::world::Announcement> = BTreeMap::new();
    let mut ids = BTreeMap::new();
    for announcement in &shared.bus {
        let first = told.entry(announcement.sequence).or_insert(announcement);
        if first.detail != announcement.detail {
            return Err(format!(
                "step {} was told in two ways",
                announcement.sequence
            ));
        }
        let owner = ids.entry(&announcement.id).or_insert(announcement.sequence);
        if *owner != announcement.sequence {
            return Err(format!("two steps share the id {}", announcement.id));
        }
    }
    for (step, visible) in shared.feed.visible().iter().enumerate() {
        if *visible != told.contains_key(&step) {
            return Err(format!(
                "step {step}: visible is {visible}, told is not the same"
            ));
        }
    }
    Ok(())
}
