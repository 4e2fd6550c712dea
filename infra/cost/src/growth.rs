//! What becomes of requests and write units as accounts become more.
//!
//! A sample of the same size is taken at every number of accounts: webhooks spread over
//! them as skewed as platforms are (the number of webhooks falls with an account's rank,
//! Zipf with exponent 1). Each account lives through the day of one of the simulator's
//! accounts under ids of its own. The total is what the sample counted for each event,
//! times the events of a month.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use tributary_chart::{Line, LogLog, slope};
use tributary_demo::day::Script;
use tributary_simulator::delivery::Delivery;

use crate::count::{Stage, Unit};
use crate::error::CostError;
use crate::road::{Ground, Pace, Road};
use crate::stream::Stream;

/// Numbers of accounts that are counted.
pub const ACCOUNTS: [u64; 5] = [10, 100, 1_000, 10_000, 100_000];
/// Events of an account in a month.
pub const EVENTS_MONTHLY: u64 = 1_000;
/// Shortest tail of an identifier: what is shorter is a word.
const ID_TAIL_MIN: usize = 12;

/// One number of accounts.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Point {
    /// Accounts.
    pub accounts: u64,
    /// Events in the sample.
    pub events: u64,
    /// Accounts that had an event in the sample.
    pub touched: u64,
    /// Requests to AWS, the pollers' included.
    pub requests: u64,
    /// Write units.
    pub write_units: u64,
}

impl Point {
    fn monthly(&self, counted: u64) -> f64 {
        self.each(counted) * self.accounts as f64 * EVENTS_MONTHLY as f64
    }

    fn each(&self, counted: u64) -> f64 {
        counted as f64 / self.events as f64
    }
}

/// How it grows.
#[derive(Debug, Clone, Serialize)]
pub struct Growth {
    /// The sizes.
    pub points: Vec<Point>,
    /// Exponents of growth: 1 is in proportion, 0 is not at all.
    pub slopes: BTreeMap<&'static str, f64>,
}

/// A day's webhooks of one account, and its id.
type Life = (String, Vec<Delivery>);

/// Counts samples of so many events.
pub async fn measure(
    ground: &Ground,
    events: u64,
    say: impl Fn(&str),
) -> Result<Growth, CostError> {
    let script = Script {
        seed: 7,
        accounts: 20,
        events: 1_500,
    };
    let lives = lives(&Stream::play(script));
    let mut points = Vec::new();
    for accounts in ACCOUNTS {
        say(&format!("Growth, {accounts} accounts…"));
        points.push(sample(ground, &lives, accounts, events).await?);
    }
    let of = |figure: fn(&Point) -> f64| {
        let points: Vec<_> = points
            .iter()
            .map(|one| (one.accounts as f64, figure(one)))
            .collect();
        slope(&points).unwrap_or(f64::NAN)
    };
    let slopes = BTreeMap::from([
        ("requests_monthly", of(|one| one.monthly(one.requests))),
        (
            "write_units_monthly",
            of(|one| one.monthly(one.write_units)),
        ),
        ("requests_each", of(|one| one.each(one.requests))),
        ("write_units_each", of(|one| one.each(one.write_units))),
    ]);
    Ok(Growth { points, slopes })
}

/// The accounts of a day. Thin events are left out: what they make us ask Stripe for
/// exists in one world only.
fn lives(stream: &Stream) -> Vec<Life> {
    let mut lives: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
    for delivery in stream
        .genuine()
        .filter(|delivery| delivery.endpoint == "connect")
    {
        let event: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap_or_default();
        if let Some(account) = event.get("account").and_then(serde_json::Value::as_str) {
            lives
                .entry(account.to_owned())
                .or_default()
                .push(delivery.clone());
        }
    }
    lives
        .into_iter()
        .filter(|(_, life)| life.len() >= 10)
        .collect()
}

async fn sample(
    ground: &Ground,
    lives: &[Life],
    accounts: u64,
    events: u64,
) -> Result<Point, CostError> {
    // Nobody answers: what is asked of Stripe stays in its queue.
    let mut road = Road::start(ground, "http://127.0.0.1:9").await?;
    let pace = Pace::load(&ground.template)?;
    let mut draw = ChaCha8Rng::seed_from_u64(accounts);
    let mut lived: BTreeMap<u64, usize> = BTreeMap::new();
    let mut deliveries = Vec::new();
    while (deliveries.len() as u64) < events {
        let rank = zipf(&mut draw, accounts);
        let so_far = lived.entry(rank).or_default();
        let life = usize::try_from(rank).unwrap_or_default() % lives.len().max(1);
        let (account, day) = lives.get(life).ok_or_else(|| {
            CostError::Wrong("no account of the day had enough events".to_owned())
        })?;
        if let Some(delivery) = day.get(*so_far % day.len()) {
            deliveries.push(retold(delivery, account, rank, *so_far / day.len()));
        }
        *so_far += 1;
    }
    road.play_webhooks(&deliveries, pace).await?;
    let tally = road.take_tally()?;
    Ok(Point {
        accounts,
        events,
        touched: lived.len() as u64,
        requests: tally.requests.values().map(|one| one.count).sum(),
        write_units: tally.counts.get(Stage::Writes, Unit::WriteUnit),
    })
}

/// An account's rank, from 0: rank r with a probability in proportion to 1 / (r + 1).
fn zipf(draw: &mut ChaCha8Rng, accounts: u64) -> u64 {
    let uniform: f64 = draw.random_range(0.0..1.0);
    let rank = ((accounts + 1) as f64).powf(uniform).floor();
    // Between 1 and the number of accounts, which f64 holds exactly.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let rank = rank as u64;
    rank.clamp(1, accounts) - 1
}

/// A webhook as it would be on another account, in its `day`-th day: every identifier
/// gets a tail of its own, as long as before.
fn retold(delivery: &Delivery, account: &str, rank: u64, day: usize) -> Delivery {
    let body = String::from_utf8_lossy(&delivery.body);
    let mut text = String::with_capacity(body.len());
    let mut token = String::new();
    for character in body.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || character == '_' {
            token.push(character);
            continue;
        }
        text.push_str(&renamed(&token, account, rank, day));
        token.clear();
        text.push(character);
    }
    text.pop();
    Delivery {
        body: text.into_bytes(),
        ..delivery.clone()
    }
}

fn renamed(token: &str, account: &str, rank: u64, day: usize) -> String {
    let tail = token.rsplit_once('_').map_or(0, |(_, tail)| tail.len());
    if token == account {
        let kept = token.len().saturating_sub(8);
        return format!("{}{rank:08}", token.get(..kept).unwrap_or_default());
    }
    let is_id = tail >= ID_TAIL_MIN && token.bytes().any(|byte| byte.is_ascii_digit());
    if !is_id || token.starts_with("acct_") {
        return token.to_owned();
    }
    let kept = token.len().saturating_sub(4);
    format!(
        "{}{:04}",
        token.get(..kept).unwrap_or_default(),
        day % 10_000
    )
}

impl Growth {
    /// The picture.
    pub fn chart(&self) -> LogLog {
        let line = |name: &str, figure: fn(&Point) -> f64| Line {
            name: name.to_owned(),
            points: self
                .points
                .iter()
                .map(|one| (one.accounts as f64, figure(one)))
                .collect(),
        };
        LogLog {
            title: "Requests and write units as accounts become more".to_owned(),
            x_name: format!("connected accounts, {EVENTS_MONTHLY} events a month each"),
            lines: vec![
                line("requests a month", |one| one.monthly(one.requests)),
                line("write units a month", |one| one.monthly(one.write_units)),
                line("requests per event", |one| one.each(one.requests)),
                line("write units per event", |one| one.each(one.write_units)),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_accounts_have_most_events() {
        let mut draw = ChaCha8Rng::seed_from_u64(1);
        let ranks: Vec<u64> = (0..10_000).map(|_| zipf(&mut draw, 1_000)).collect();
        assert!(ranks.iter().all(|rank| *rank < 1_000));
        let share = |below: u64| ranks.iter().filter(|rank| **rank < below).count();
        // ln 2 / ln 1001 and ln 101 / ln 1001 of all.
        assert!((900..1_100).contains(&share(1)), "{}", share(1));
        assert!((6_500..6_900).contains(&share(100)), "{}", share(100));
    }

    #[test]
    fn every_retelling_is_another_event_of_another_account() {
        let script = Script {
            seed: 7,
            accounts: 3,
            events: 100,
        };
        let stream = Stream::play(script);
        let lives = lives(&stream);
        let (account, day) = &lives[0];
        let told = |rank, times| {
            let delivery = retold(&day[0], account, rank, times);
            serde_json::from_slice::<serde_json::Value>(&delivery.body).unwrap()
        };
        let (first, other, later) = (told(0, 0), told(99_999, 0), told(0, 1));
        assert_ne!(first["account"], other["account"]);
        assert_eq!(first["account"], later["account"]);
        assert_ne!(first["id"], later["id"]);
        assert_ne!(first["data"]["object"]["id"], later["data"]["object"]["id"]);
        assert_eq!(first["type"], other["type"]);
        assert_eq!(first["created"], other["created"]);
    }
}
