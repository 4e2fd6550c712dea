//! Applying a batch of events to the mirror and the event log.
//!
//! Per event: its version joins the row of its object, a fetch is asked for if
//! the row became ambiguous, and the receipt is written last. Each step can be
//! repeated without harm, so a crash anywhere costs nothing but the repetition.
//!
//! Versions of one object that arrive in one batch are joined in memory and
//! written once.

mod objects;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tributary_domain::{Arrival, Effect, EventKey, ObjectKey, Unusable};

use crate::message::Quarantined;
use crate::ports::{FetchQueue, Loaded, Quarantine, SendError, Store, StoreError};
use crate::receipt::{Outcome, Receipt, ReceiptMark, Relation};

/// Fetches in a row that left a row ambiguous before a person is asked.
pub const FETCHES_MAX: u8 = 6;

/// The ports that apply needs.
#[derive(Debug)]
pub struct Ports<'a, S, F, H> {
    /// The mirror and the event log.
    pub store: &'a S,
    /// The queue of objects to fetch.
    pub fetches: &'a F,
    /// The quarantine.
    pub quarantine: &'a H,
}

/// One queue message, decoded as far as it goes.
pub struct Incoming {
    /// The queue's handle, reported back when the message has to come again.
    pub message_id: String,
    /// The body, for the quarantine.
    pub body: Vec<u8>,
    /// What it says.
    pub decoded: Result<Arrival, Unusable>,
}

impl fmt::Debug for Incoming {
    /// Leaves the body out: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.len();
        write!(
            f,
            "Incoming({}, {bytes} bytes, {:?})",
            self.message_id, self.decoded
        )
    }
}

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Its effects and its receipt are in place.
    Applied,
    /// It had been applied before.
    Duplicate,
    /// It had been applied before, rendered by another API version.
    OtherRendering,
    /// Another body under a known id: the first was kept, this one quarantined.
    OtherBody,
    /// It could not be used: quarantined.
    Quarantined,
    /// It has to come again.
    Failed,
}

impl Fate {
    /// A stable name, for traces.
    pub fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::OtherRendering => "other_rendering",
            Self::OtherBody => "other_body",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
        }
    }
}

/// What became of each message of a batch, in the order they came.
pub type Fates = Vec<(String, Fate)>;

/// Applies a batch. Never fails as a whole: each message has its own fate.
pub async fn apply<S: Store, F: FetchQueue, H: Quarantine>(
    ports: &Ports<'_, S, F, H>,
    batch: Vec<Incoming>,
) -> Fates {
    let order: Vec<String> = batch
        .iter()
        .map(|incoming| incoming.message_id.clone())
        .collect();
    let known = match load(ports.store, &batch).await {
        Ok(known) => known,
        Err(error) => {
            tributary_telemetry::error!("the batch could not be read", error = error);
            return order.into_iter().map(|id| (id, Fate::Failed)).collect();
        }
    };
    let mut fates = BTreeMap::new();
    let mut lanes = Lanes::default();
    for incoming in batch {
        lanes.take(incoming, &known);
    }
    for (id, held) in lanes.held {
        fates.insert(id, hold(ports, held).await);
    }
    fates.extend(lanes.settled);
    let settled = join_all(
        lanes
            .fresh
            .into_values()
            .map(|object| contained(objects::settle(ports, object))),
    );
    fates.extend(settled.await.into_iter().flatten());
    for (id, leader) in lanes.followers {
        // A second delivery in one batch shares the fate of the first, so that it
        // is never acknowledged ahead of it.
        let failed = fates.get(&leader).is_none_or(|fate| *fate == Fate::Failed);
        fates.insert(
            id,
            if failed {
                Fate::Failed
            } else {
                Fate::Duplicate
            },
        );
    }
    order
        .into_iter()
        .map(|id| {
            let fate = fates.get(&id).copied().unwrap_or(Fate::Failed);
            (id, fate)
        })
        .collect()
}

/// Settles one object. A panic is a bug that this object's messages have met: they
/// have no fate and come again, the others go on. Objects share nothing but the ports,
/// each of whose calls may fail anyway.
async fn contained(settling: impl Future<Output = Fates>) -> Fates {
    let settled = AssertUnwindSafe(settling).catch_unwind().await;
    settled.unwrap_or_else(|_| {
        tributary_telemetry::error!("settling an object panicked; its messages have to come again");
        Fates::new()
    })
}

async fn load(store: &impl Store, batch: &[Incoming]) -> Result<Loaded, StoreError> {
    let mut events = BTreeSet::new();
    let mut objects = BTreeSet::new();
    for incoming in batch {
        match &incoming.decoded {
            Ok(arrival) => {
                events.insert(arrival.facts.key.clone());
                objects.extend(mirrored(arrival).cloned());
            }
            Err(unusable) => {
                events.extend(unusable.facts.as_ref().map(|facts| facts.key.clone()));
            }
        }
    }
    if events.is_empty() && objects.is_empty() {
        return Ok(Loaded::default());
    }
    store
        .load(&Vec::from_iter(events), &Vec::from_iter(objects))
        .await
}

/// One message that is new, with what it says.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) message_id: String,
    pub(crate) arrival: Arrival,
    pub(crate) body: Vec<u8>,
}

/// What belongs to one object, or to one event without an object.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) object: Option<(ObjectKey, Option<tributary_domain::Row>)>,
    pub(crate) arrivals: Vec<Fresh>,
}

/// A message on its way into quarantine.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) body: Vec<u8>,
    pub(crate) unusable: Unusable,
    pub(crate) fate: Fate,
}

/// A batch, sorted by what has to be done.
#[derive(Default)]
struct Lanes {
    held: Vec<(String, Held)>,
    settled: Vec<(String, Fate)>,
    followers: Vec<(String, String)>,
    fresh: BTreeMap<String, Group>,
    leaders: BTreeMap<EventKey, (String, ReceiptMark)>,
}

impl Lanes {
    fn take(&mut self, incoming: Incoming, known: &Loaded) {
        let Incoming {
            message_id,
            body,
            decoded,
        } = incoming;
        let arrival = match decoded {
            Ok(arrival) => arrival,
            Err(unusable) => {
                let repeated = unusable.facts.as_ref().and_then(|facts| {
                    known
                        .receipts
                        .get(&facts.key)
                        .map(|mark| mark.relation(facts))
                });
                return match repeated {
                    Some(Relation::Same) => self.settled.push((message_id, Fate::Duplicate)),
                    _ => self.held.push((
                        message_id,
                        Held {
                            body,
                            unusable,
                            fate: Fate::Quarantined,
                        },
                    )),
                };
            }
        };
        if !known.is_sound(&arrival.facts.key, mirrored(&arrival)) {
            tributary_telemetry::error!(
                "what is stored of it cannot be read",
                event = arrival.facts.key
            );
            return self.settled.push((message_id, Fate::Failed));
        }
        let leader = self.leaders.get(&arrival.facts.key);
        let mark = leader.map(|(_, mark)| mark);
        let mark = mark.or_else(|| known.receipts.get(&arrival.facts.key));
        match (
            mark.map(|mark| (mark.relation(&arrival.facts), mark.held)),
            leader,
        ) {
            (None | Some((Relation::Same | Relation::OtherRendering, true)), None) => {
                self.take_fresh(
                    Fresh {
                        message_id,
                        arrival,
                        body,
                    },
                    known,
                );
            }
            (Some((Relation::OtherBody, _)), _) => {
                self.held.push((message_id, other_body(body, &arrival)));
            }
            (_, Some((leader, _))) => self.followers.push((message_id, leader.clone())),
            (Some((Relation::Same, false)), None) => {
                self.settled.push((message_id, Fate::Duplicate));
            }
            (Some((Relation::OtherRendering, false)), None) => {
                self.settled.push((message_id, Fate::OtherRendering));
            }
        }
    }

    fn take_fresh(&mut self, fresh: Fresh, known: &Loaded) {
        let facts = &fresh.arrival.facts;
        let mark = ReceiptMark::of(facts, false);
        self.leaders
            .insert(facts.key.clone(), (fresh.message_id.clone(), mark));
        let object = mirrored(&fresh.arrival).cloned();
        // Events without an object stand alone; an event key never looks like an
        // object key, which has one part more.
        let name = object
            .as_ref()
            .map_or_else(|| facts.key.to_string(), ObjectKey::to_string);
        let group = self.fresh.entry(name).or_default();
        if group.object.is_none() {
            group.object = object.map(|key| {
                let row = known.rows.get(&key).cloned();
                (key, row)
            });
        }
        group.arrivals.push(fresh);
    }
}

/// The object whose row an event joins.
fn mirrored(arrival: &Arrival) -> Option<&ObjectKey> {
    match &arrival.effect {
        Effect::Mirror(observation) => Some(&observation.object),
        Effect::Fetch(_) | Effect::Record => None,
    }
}

/// The second of two bodies under one id.
pub(crate) fn other_body(body: Vec<u8>, arrival: &Arrival) -> Held {
    let unusable = Unusable {
        code: "same_id_other_body",
        detail: "another body was received under this event id; the first was kept".to_owned(),
        facts: Some(Box::new(arrival.facts.clone())),
        repair: None,
    };
    Held {
        body,
        unusable,
        fate: Fate::OtherBody,
    }
}

/// Puts a message into quarantine, asks for the fetch that would repair it, and
/// leaves a receipt so that its redelivery is a duplicate.
pub(crate) async fn hold<S: Store, F: FetchQueue, H: Quarantine>(
    ports: &Ports<'_, S, F, H>,
    held: Held,
) -> Fate {
    let Held {
        body,
        unusable,
        fate,
    } = held;
    let raw = String::from_utf8_lossy(&body).into_owned().into_boxed_str();
    let notice = Quarantined {
        code: unusable.code,
        detail: unusable.detail.clone(),
        stage: "apply",
        event: unusable.facts.as_ref().map(|facts| facts.key.to_string()),
        endpoint: None,
        body,
    };
    if let Err(error) = ports.quarantine.hold(&notice).await {
        return failed(&error);
    }
    if let Some(repair) = &unusable.repair
        && let Err(error) = ports.fetches.request(repair, 0).await
    {
        return failed(&error);
    }
    if fate == Fate::OtherBody {
        return fate;
    }
    let Some(facts) = unusable.facts else {
        return fate;
    };
    let receipt = Receipt {
        facts: *facts,
        outcome: Outcome::Quarantined,
        object: None,
        raw,
    };
    match ports.store.write_receipt(&receipt).await {
        Ok(()) | Err(StoreError::Duplicate(_)) => fate,
        Err(error) => {
            tributary_telemetry::warn!(
                "the receipt of a quarantined event was not written",
                error = error
            );
            Fate::Failed
        }
    }
}

pub(crate) fn failed(error: &SendError) -> Fate {
    tributary_telemetry::warn!("the message has to come again", error = error);
    Fate::Failed
}
