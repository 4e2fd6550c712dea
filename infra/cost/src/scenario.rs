//! What is sent, and what it is told as.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tributary_demo::day::Script;
use tributary_simulator::delivery::{Delivery, Intent};
use tributary_simulator::server::{ApiConfig, ApiServer};

use crate::count::{Stage, Tally, Unit};
use crate::error::CostError;
use crate::price::{Bill, Prices};
use crate::road::{Ground, Pace, Road};
use crate::stream::Stream;

/// Deliveries of each kind of trouble, at most.
pub(crate) const TROUBLES: usize = 200;
/// Poison messages.
pub(crate) const POISONS: usize = 20;

/// What a scenario is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A day's events, full batches.
    Load,
    /// The same, each webhook a batch of its own.
    Low,
    /// Events that had been applied, once more.
    Duplicates,
    /// Messages that no version knows: five tries, then the dead letters.
    Poison,
    /// Authentic bodies that nobody can use.
    Malformed,
    /// Bodies of somebody who does not know the secret.
    Forged,
}

/// What was counted in a scenario.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Which.
    pub kind: Kind,
    /// How many events, or troubles, it was.
    pub of: u64,
    /// Webhooks sent for them.
    pub webhooks: u64,
    /// What was counted.
    pub tally: Tally,
    /// Bytes kept in tables afterwards.
    pub stored_bytes: u64,
}

impl Counted {
    /// Dollars for a million.
    pub fn bill(&self, prices: &Prices) -> Result<Bill, CostError> {
        prices.bill(&self.tally.counts, self.of)
    }

    /// The same behind a function URL instead of the HTTP API: no request to pay, and
    /// no access log.
    pub fn bill_by_function_url(&self, prices: &Prices) -> Result<Bill, CostError> {
        let api = [Unit::HttpApiRequest, Unit::AccessLogByte];
        prices.bill(&self.tally.counts.without(&api), self.of)
    }
}

/// Runs our functions through every scenario.
pub async fn ours(
    ground: &Ground,
    script: Script,
    say: impl Fn(&str),
) -> Result<Vec<Counted>, CostError> {
    let stream = Stream::play(script);
    let (events, deliveries) = (stream.events(), stream.deliveries.clone());
    let duplicates: Vec<Delivery> = stream.genuine().take(TROUBLES).cloned().collect();
    let malformed = texts(stream.foreign(Intent::Malformed, TROUBLES));
    let forged = texts(stream.foreign(Intent::Forged, TROUBLES));
    let world = Arc::new(Mutex::new(stream.world));
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let stripe = ApiServer::start(Arc::clone(&world), ApiConfig::default(), address)?;
    let load = Pace::load(&ground.template)?;
    let mut counted = Vec::new();

    say("Our functions, full batches…");
    let mut road = Road::start(ground, &stripe.url()).await?;
    for (kind, pace) in [(Kind::Load, load), (Kind::Low, Pace::LOW)] {
        if kind == Kind::Low {
            say("Our functions, batches of one…");
            road = Road::start(ground, &stripe.url()).await?;
        }
        let webhooks = road.play(&deliveries, 200, pace).await?;
        let tally = road.take_tally()?;
        let mirrored = road.read_back().await?;
        mirrored.compare(&world.lock().unwrap_or_else(PoisonError::into_inner))?;
        let stored_bytes = road.aws.stored_bytes();
        counted.push(Counted {
            kind,
            of: events,
            webhooks,
            tally,
            stored_bytes,
        });
    }

    say("Duplicates, poison, and what nobody can use…");
    let troubles = [
        (Kind::Duplicates, duplicates.clone(), 200),
        (Kind::Malformed, malformed, 200),
        (Kind::Forged, forged, 400),
    ];
    for (kind, deliveries, status) in troubles {
        let webhooks = road.play(&deliveries, status, load).await?;
        let tally = road.take_tally()?;
        let stored_bytes = road.aws.stored_bytes();
        counted.push(Counted {
            kind,
            of: webhooks,
            webhooks,
            tally,
            stored_bytes,
        });
    }
    counted.push(poison(&mut road, &duplicates).await?);
    stripe.stop();
    check(&counted)?;
    Ok(counted)
}

/// Messages of a kind that no version knows, each a batch of its own. They come in by
/// webhook like all others; only the label is changed.
async fn poison(road: &mut Road, deliveries: &[Delivery]) -> Result<Counted, CostError> {
    let mut webhooks = 0;
    for delivery in deliveries.iter().take(POISONS) {
        road.post(delivery).await?;
        webhooks += 1;
    }
    road.aws.relabel("events", "kind", "from_the_future");
    road.settle(Pace::LOW).await?;
    if road.aws.dead_letters() as u64 != webhooks {
        return Err(CostError::Wrong(
            "poison did not end as dead letters".to_owned(),
        ));
    }
    Ok(Counted {
        kind: Kind::Poison,
        of: webhooks,
        webhooks,
        tally: road.take_tally()?,
        stored_bytes: road.aws.stored_bytes(),
    })
}

/// Bytes that are no text come in base64 and cost the same; they are left out.
fn texts(mut deliveries: Vec<Delivery>) -> Vec<Delivery> {
    deliveries.retain(|delivery| std::str::from_utf8(&delivery.body).is_ok());
    deliveries
}

/// What has to be so or the figures describe another pipeline.
fn check(counted: &[Counted]) -> Result<(), CostError> {
    for one in counted {
        let writes = one.tally.counts.get(Stage::Writes, Unit::WriteUnit);
        let silent = [Kind::Duplicates, Kind::Forged, Kind::Poison].contains(&one.kind);
        if silent && writes > 0 {
            let wrong = format!("{:?} caused {writes} write units", one.kind);
            return Err(CostError::Wrong(wrong));
        }
    }
    Ok(())
}
