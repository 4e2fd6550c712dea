//! The REST API, asked over a loopback socket.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helping functions too"
)]

#[path = "server/client.rs"]
mod client;
#[path = "server/faults.rs"]
mod faults;
#[path = "server/lists.rs"]
mod lists;
#[path = "server/reports.rs"]
mod reports;
#[path = "server/single.rs"]
mod single;
#[path = "server/writes.rs"]
mod writes;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
};

use client::{Answer, Client};
use tributary_simulator::{
    Owner, World, WorldConfig,
    server::{ApiConfig, ApiServer},
};

/// 2026-09-01T00:00:00Z
const START: i64 = 1_788_220_800;

/// A small world behind a server, and a client that is let in.
struct Stage {
    world: Arc<Mutex<World>>,
    server: ApiServer,
    client: Client,
}

impl Stage {
    /// Nothing has happened yet, but that the accounts exist.
    fn quiet() -> Self {
        Self::with(0, ApiConfig::default())
    }

    /// Some days have been played.
    fn lively() -> Self {
        Self::with(3, ApiConfig::default())
    }

    fn with(days: u32, config: ApiConfig) -> Self {
        let mut world = World::new(WorldConfig {
            seed: 7,
            accounts: 4,
            start: START,
            days,
            events_min: 0,
            livemode: true,
            api_version: "2026-10-28.endive".to_owned(),
        });
        if days > 0 {
            world.run();
        }
        let world = Arc::new(Mutex::new(world));
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = ApiServer::start(Arc::clone(&world), config, addr).expect("a free port");
        let client = Client::new(&server.url());
        Self {
            world,
            server,
            client,
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no test panics with the lock")
    }

    fn first_account(&self) -> String {
        self.world().accounts()[0].clone()
    }
}

/// All objects of `kind` in the world's own mode.
fn ids_of(world: &World, owner: &Owner, kind: &str) -> Vec<String> {
    let objects = world.objects().filter(|(reference, _)| {
        reference.owner == *owner && reference.kind == kind && reference.livemode
    });
    objects.map(|(reference, _)| reference.id.clone()).collect()
}
