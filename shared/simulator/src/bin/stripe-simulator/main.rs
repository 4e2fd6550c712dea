//! Plays a world, serves its REST API until it is killed, and posts its webhooks if told to.

mod args;
mod webhooks;

use std::{
    error::Error,
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use args::{Args, Command};
use tributary_simulator::{
    World, WorldConfig,
    server::{ApiConfig, ApiServer},
};

/// Events that an account has on an average day, at least.
const EVENTS_PER_ACCOUNT_DAY: usize = 10;
/// First moment of the simulated time, 2025-09-01T00:00:00Z: all that is played has passed.
const START: i64 = 1_756_684_800;
/// Simulated seconds between the last day and whoever asks, so that nothing happens just now.
const AFTERWARDS: i64 = 3_600;
const DAY: i64 = 86_400;

fn main() -> ExitCode {
    let done = match args::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => io::stdout()
            .write_all(args::USAGE.as_bytes())
            .map_err(Into::into),
        Ok(Command::Serve(args)) => serve(&args),
        Err(sentence) => {
            // Nobody is left to hear that standard error is gone.
            let _ = writeln!(io::stderr(), "stripe-simulator: {sentence}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "stripe-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn play(args: &Args) -> World {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(START, |now| i64::try_from(now.as_secs()).unwrap_or(START));
    let today = now - now.rem_euclid(DAY);
    let start = match args.is_recent {
        true => today - i64::from(args.days) * DAY,
        false => START,
    };
    let account_days = args
        .accounts
        .saturating_mul(args.days.try_into().unwrap_or(usize::MAX));
    let mut world = World::new(WorldConfig {
        seed: args.seed,
        accounts: args.accounts,
        start,
        days: args.days,
        events_min: account_days.saturating_mul(EVENTS_PER_ACCOUNT_DAY),
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    world.run();
    if args.is_recent {
        world.fail_largest_payout("account_closed");
        world.advance_to(now);
    } else {
        world.advance_to(world.now() + AFTERWARDS);
    }
    world
}

fn serve(args: &Args) -> Result<(), Box<dyn Error>> {
    let world = play(args);
    let events = world.events().len();
    let deliveries = match args.webhooks {
        Some(_) => webhooks::planned(&world, args.seed),
        None => Vec::new(),
    };
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let config = ApiConfig {
        webhook_url: args.webhooks.as_ref().map(|to| to.base_url.clone()),
        ..ApiConfig::default()
    };
    let server = ApiServer::start(Arc::new(Mutex::new(world)), config, addr)
        .map_err(|error| format!("{addr} cannot be served: {error}"))?;
    writeln!(io::stdout(), "{events} events, API at {}", server.url())?;
    if let Some(target) = &args.webhooks {
        webhooks::post(target, &deliveries, args.seed)?;
    }
    loop {
        std::thread::park();
    }
}
