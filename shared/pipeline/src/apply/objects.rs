//! Settling one object: join, write, ask for a fetch if need be, write receipts.

use tributary_domain::{Arrival, Effect, FetchRequest, ObjectKey, Observation, Row, Unusable};

use super::{FETCHES_MAX, Fate, Fates, Fresh, Group, Held, Ports, failed, hold, other_body};
use crate::ports::{FetchQueue, Quarantine, Store, StoreError};
use crate::receipt::{Receipt, Relation};

/// Times that a row is joined anew because another worker was faster. Each loss
/// means that somebody else made progress.
const JOINS_MAX: u8 = 8;

/// Events that say how a payout ended. Each is named in the payout's row, even one that
/// was overtaken: a payout may fail after it was paid, and whether it was paid is then
/// told by the event alone. They are few: for all others, an older event costs no write
/// but its receipt.
const DECISIVE: [&str; 3] = ["payout.paid", "payout.failed", "payout.canceled"];

/// Settles everything that a batch brought for one object.
pub(super) async fn settle<S: Store, F: FetchQueue, H: Quarantine>(
    ports: &Ports<'_, S, F, H>,
    group: Group,
) -> Fates {
    let Group { object, arrivals } = group;
    let row = match object {
        None => None,
        Some((key, known)) => match join(ports.store, &key, known, &arrivals).await {
            Ok(row) => Some(row),
            Err(error) => {
                tributary_telemetry::warn!("the row was not written", error = error, object = key);
                return arrivals
                    .into_iter()
                    .map(|fresh| (fresh.message_id, Fate::Failed))
                    .collect();
            }
        },
    };
    let mut fates = Vec::with_capacity(arrivals.len());
    let mut asked = false;
    for fresh in arrivals {
        let id = fresh.message_id.clone();
        fates.push((id, conclude(ports, row.as_ref(), fresh, &mut asked).await));
    }
    fates
}

/// Joins the new versions to the row and writes it, unless they change nothing.
async fn join(
    store: &impl Store,
    key: &ObjectKey,
    known: Option<Row>,
    arrivals: &[Fresh],
) -> Result<Row, StoreError> {
    let mut known = known;
    let mut last_error = StoreError::Conflict(None);
    for _ in 0..JOINS_MAX {
        let expected = known.as_ref().map(Row::token);
        let mut row = known.take().unwrap_or_default();
        let mut changed = false;
        for arrival in arrivals.iter().map(|fresh| &fresh.arrival) {
            let Some(Observation { version, .. }) = observation(arrival) else {
                continue;
            };
            changed |= row.join(version.clone());
            // Overtaken or not: whoever asks later whether it came has to be told.
            if DECISIVE.contains(&arrival.facts.kind.as_str()) {
                changed |= row.hear(version.at, version.source.clone());
            }
        }
        if !changed {
            return Ok(row);
        }
        match store.write_row(key, &row, expected.as_ref()).await {
            Ok(()) => return Ok(row),
            Err(StoreError::Conflict(current)) => {
                known = current.map(|row| *row);
                last_error = StoreError::Conflict(None);
            }
            Err(error) => return Err(error),
        }
    }
    Err(last_error)
}

fn observation(arrival: &Arrival) -> Option<&Observation> {
    match &arrival.effect {
        Effect::Mirror(observation) => Some(observation),
        Effect::Fetch(_) | Effect::Record => None,
    }
}

/// What is left to do once the row is in place: fetch requests, then the receipt.
async fn conclude<S: Store, F: FetchQueue, H: Quarantine>(
    ports: &Ports<'_, S, F, H>,
    row: Option<&Row>,
    fresh: Fresh,
    asked: &mut bool,
) -> Fate {
    let Fresh { arrival, body, .. } = fresh;
    let fetch = match &arrival.effect {
        Effect::Fetch(request) => Some((request.clone(), 0)),
        // One fetch settles the row, however many of a batch made it ambiguous.
        Effect::Mirror(_) if *asked => None,
        Effect::Mirror(observation) => row.and_then(|row| tie_breaker(row, &arrival, observation)),
        Effect::Record => None,
    };
    if let Some((request, delay_s)) = fetch {
        if request.fetches >= FETCHES_MAX {
            return hold(ports, unresolved(body, &arrival)).await;
        }
        if let Err(error) = ports.fetches.request(&request, delay_s).await {
            return failed(&error);
        }
        *asked = true;
    }
    match ports.store.write_receipt(&Receipt::of(&arrival)).await {
        Ok(()) => Fate::Applied,
        Err(StoreError::Duplicate(mark)) => match mark.relation(&arrival.facts) {
            Relation::Same => Fate::Duplicate,
            Relation::OtherRendering => Fate::OtherRendering,
            Relation::OtherBody => lost_to_another_body(ports, body, &arrival).await,
        },
        Err(error) => {
            tributary_telemetry::warn!(
                "the receipt was not written",
                error = error,
                event = arrival.facts.key
            );
            Fate::Failed
        }
    }
}

/// Two bodies under one id were applied at the same time and the other one's
/// receipt stands. This one's version may have joined the row: Stripe decides.
async fn lost_to_another_body<S: Store, F: FetchQueue, H: Quarantine>(
    ports: &Ports<'_, S, F, H>,
    body: Vec<u8>,
    arrival: &Arrival,
) -> Fate {
    let mut held = other_body(body, arrival);
    held.unusable.repair = observation(arrival).map(|observation| {
        Box::new(FetchRequest {
            object: observation.object.clone(),
            url: None,
            cause: arrival.facts.key.id.to_string(),
            fetches: 0,
        })
    });
    hold(ports, held).await
}

/// The fetch that a row needs if this arrival is one of those that left it
/// ambiguous. It waits a little longer each time, so that the answer is from a
/// later second than the tie.
fn tie_breaker(row: &Row, arrival: &Arrival, seen: &Observation) -> Option<(FetchRequest, u16)> {
    let is_ambiguous = || row.resolve().is_some_and(|state| state.ambiguous);
    if !row.decided_by(&seen.version) || !is_ambiguous() {
        return None;
    }
    let request = FetchRequest {
        object: seen.object.clone(),
        url: None,
        cause: arrival.facts.key.id.to_string(),
        fetches: seen.fetches,
    };
    let delay_s = 1_u16 << seen.fetches.min(6).saturating_add(1);
    Some((request, delay_s))
}

fn unresolved(body: Vec<u8>, arrival: &Arrival) -> Held {
    let unusable = Unusable {
        code: "unresolved_tie",
        detail: format!("{FETCHES_MAX} fetches in a row left the order of versions open"),
        facts: Some(Box::new(arrival.facts.clone())),
        repair: None,
    };
    Held {
        body,
        unusable,
        fate: Fate::Quarantined,
    }
}
