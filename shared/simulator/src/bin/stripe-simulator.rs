//! Plays a world and serves its REST API until it is killed.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::{Arc, Mutex},
};

use tributary_simulator::{
    World, WorldConfig,
    server::{ApiConfig, ApiServer},
};

const USAGE: &str = "\
Usage: stripe-simulator [--seed N] [--accounts N] [--days N] [--port N]

  --seed      decides everything that happens (default 1)
  --accounts  connected accounts (default 5)
  --days      simulated days to play (default 30)
  --port      port on the loopback interface (default 0: a free one)
";

/// Events that an account has on an average day, at least.
const EVENTS_PER_ACCOUNT_DAY: usize = 10;
/// First moment of the simulated time: 2026-09-01T00:00:00Z.
const START: i64 = 1_788_220_800;

struct Args {
    seed: u64,
    accounts: usize,
    days: u32,
    port: u16,
}

fn main() -> ExitCode {
    let Some(args) = parse(std::env::args().skip(1)) else {
        // Nobody is left to hear that standard error is gone.
        let _ = io::stderr().write_all(USAGE.as_bytes());
        return ExitCode::from(2);
    };
    match serve(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "stripe-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments; `None` if one is unknown or has no usable value.
fn parse(mut given: impl Iterator<Item = String>) -> Option<Args> {
    let mut args = Args {
        seed: 1,
        accounts: 5,
        days: 30,
        port: 0,
    };
    while let Some(name) = given.next() {
        let value = given.next()?;
        match name.as_str() {
            "--seed" => args.seed = value.parse().ok()?,
            "--accounts" => args.accounts = value.parse().ok()?,
            "--days" => args.days = value.parse().ok()?,
            "--port" => args.port = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(args)
}

fn serve(args: &Args) -> io::Result<()> {
    let account_days = args
        .accounts
        .saturating_mul(args.days.try_into().unwrap_or(usize::MAX));
    let mut world = World::new(WorldConfig {
        seed: args.seed,
        accounts: args.accounts,
        start: START,
        days: args.days,
        events_min: account_days.saturating_mul(EVENTS_PER_ACCOUNT_DAY),
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    world.run();
    let events = world.events().len();
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let server = ApiServer::start(Arc::new(Mutex::new(world)), ApiConfig::default(), addr)?;
    writeln!(io::stdout(), "{events} events, API at {}", server.url())?;
    loop {
        std::thread::park();
    }
}
