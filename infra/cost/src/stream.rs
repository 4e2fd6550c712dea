//! The webhooks that are sent: a seeded day, or the days of ever more accounts.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tributary_bench::event::{SECRET, request};
use tributary_demo::day::{self, Script};
use tributary_simulator::World;
use tributary_simulator::delivery::{Delivery, DeliveryConfig, Intent, plan, sign};

/// How Stripe delivers: some events twice, many out of order, a few very late.
const DELIVERY: DeliveryConfig = DeliveryConfig {
    seed: 0,
    duplicate_per_mille: 50,
    reorder_window: 40,
    delayed_per_mille: 30,
    delay_max: 500,
    lost_per_mille: 20,
    forged: 0,
    malformed: 0,
};

/// A day of a platform.
#[derive(Debug)]
pub struct Stream {
    /// What happened: the truth that the mirror has to show.
    pub world: World,
    /// Every webhook in the order of sending.
    pub deliveries: Vec<Delivery>,
}

impl Stream {
    /// The day that a script plays.
    pub fn play(script: Script) -> Self {
        let world = day::play(script);
        let seed = script.seed;
        let deliveries = plan(&world, &DeliveryConfig { seed, ..DELIVERY });
        Self { world, deliveries }
    }

    /// Distinct events.
    pub fn events(&self) -> u64 {
        self.world.events().len() as u64
    }

    /// The first delivery of each event.
    pub fn genuine(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries
            .iter()
            .filter(|delivery| delivery.intent == Intent::Genuine)
    }

    /// So many bodies of one intent that no event of the day is.
    pub fn foreign(&self, intent: Intent, count: usize) -> Vec<Delivery> {
        let config = DeliveryConfig {
            forged: if intent == Intent::Forged { count } else { 0 },
            malformed: if intent == Intent::Malformed {
                count
            } else {
                0
            },
            ..DeliveryConfig::default()
        };
        let mut deliveries = plan(&self.world, &config);
        deliveries.retain(|delivery| delivery.intent == intent);
        deliveries
    }
}

/// The invocation that the HTTP API makes of a webhook, signed now; what is forged is
/// signed with another secret. `None` for bytes that are no text: those come in base64
/// and cost the same.
pub fn invocation(delivery: &Delivery) -> Option<Bytes> {
    let body = std::str::from_utf8(&delivery.body).ok()?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let secret = match delivery.intent {
        Intent::Forged => "whsec_of_somebody_else_00000000000",
        _ => SECRET,
    };
    let signature = sign(&[secret], now, &delivery.body);
    let request = request(delivery.endpoint, &signature, body);
    Some(Bytes::from(request.to_string()))
}
