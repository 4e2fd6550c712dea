//! Posting the played world's webhooks, with progress.

use std::{
    error::Error,
    fmt,
    io::{self, IsTerminal, Write},
};

use tributary_simulator::{
    World,
    delivery::{Delivery, DeliveryConfig, plan},
    poster::{Posted, Poster, Schedule},
};

use crate::args::Webhooks;

/// Webhooks under way at once.
const AT_ONCE: usize = 16;
/// Where standard output is no terminal, one line per so many webhooks.
const LINE_EVERY: usize = 1_000;

/// What Stripe would send: genuine all of it, and as untidy as its documentation warns.
pub(crate) fn planned(world: &World, seed: u64) -> Vec<Delivery> {
    let config = DeliveryConfig {
        seed,
        duplicate_per_mille: 50,
        reorder_window: 40,
        delayed_per_mille: 30,
        delay_max: 500,
        lost_per_mille: 20,
        ..DeliveryConfig::default()
    };
    plan(world, &config)
}

/// Posts `deliveries`, tells how far it is, and in the end what was answered.
///
/// # Errors
/// If no client can be made or nobody reads standard output. An endpoint that refuses is no
/// error: it is counted.
pub(crate) fn post(
    target: &Webhooks,
    deliveries: &[Delivery],
    seed: u64,
) -> Result<(), Box<dyn Error>> {
    let schedule = Schedule::compressed(seed);
    let poster = Poster::new(&target.base_url, target.secrets.clone(), schedule)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut count = Count::default();
    let in_place = io::stdout().is_terminal();
    let total = deliveries.len();
    runtime.block_on(poster.post_all(deliveries, AT_ONCE, |_, posted| {
        count.add(posted);
        // Progress that nobody can see is not worth stopping for.
        let _ = show(count.total(), total, in_place);
    }));
    let start = if in_place { "\r\x1b[2K" } else { "" };
    writeln!(io::stdout(), "{start}{count}")?;
    Ok(())
}

fn show(sent: usize, total: usize, in_place: bool) -> io::Result<()> {
    let mut out = io::stdout();
    if in_place {
        write!(out, "\r\x1b[2KPosting webhooks: {sent} of {total}")?;
        out.flush()
    } else if sent.is_multiple_of(LINE_EVERY) {
        writeln!(out, "Posting webhooks: {sent} of {total}")
    } else {
        Ok(())
    }
}

/// How deliveries ended.
#[derive(Debug, Default)]
struct Count {
    accepted: usize,
    /// Answered with something else than 2xx to the last.
    refused: usize,
    unanswered: usize,
    /// Of all of them, those that took more than one attempt.
    tried_again: usize,
}

impl Count {
    fn add(&mut self, posted: &Posted) {
        match posted.reply.status {
            _ if posted.reply.is_success() => self.accepted += 1,
            Some(_) => self.refused += 1,
            None => self.unanswered += 1,
        }
        self.tried_again += usize::from(posted.attempts > 1);
    }

    fn total(&self) -> usize {
        self.accepted + self.refused + self.unanswered
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Posted {} webhooks: {} accepted, {} refused, {} unanswered; {} took several attempts",
            self.total(),
            self.accepted,
            self.refused,
            self.unanswered,
            self.tried_again,
        )
    }
}
