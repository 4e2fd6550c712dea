//! The REST API over one world, on a socket.
//!
//! `http_shell` is the shell: it reads requests, waits when told to, and writes answers. Everything
//! below it is synchronous and works on the locked world, so requests are served one by one and
//! every page is a consistent view. Each answer's `Date` is the world's time, not the machine's.
//!
//! Like the real API with one key, a server shows one mode: the world's own.

mod accounts;
mod config;
mod endpoints;
mod error;
mod events;
mod expand;
mod filter;
mod gate;
mod http_shell;
mod include;
mod objects;
mod page;
mod params;
mod replay;
mod reports;
mod request;
mod routes;
mod service;
mod transactions;
mod write;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use tokio::sync::oneshot;

pub use config::{ApiConfig, Outage, OutageAnswer, RateClock};
pub use gate::Requests;
pub use reports::report_csv;
use service::Service;

use crate::World;

/// A running API. Dropping it stops it, open connections included.
///
/// The server runs on a thread of its own, so it serves blocking callers and callers in any
/// async runtime alike, also one whose clock is paused.
#[derive(Debug)]
pub struct ApiServer {
    addr: SocketAddr,
    service: Arc<Service>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl ApiServer {
    /// Serves `world` on `addr`; port 0 takes a free one. The world stays the caller's to change
    /// between requests.
    ///
    /// # Errors
    /// If the address cannot be bound or no thread can be started.
    pub fn start(
        world: Arc<Mutex<World>>,
        config: ApiConfig,
        addr: SocketAddr,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(addr)?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let service = Arc::new(Service::new(world, config));
        let (stop, stopped) = oneshot::channel();
        let serving = http_shell::serve(listener, Arc::clone(&service), stopped);
        let thread = std::thread::Builder::new()
            .name("stripe-api".to_owned())
            .spawn(move || runtime.block_on(serving))?;
        Ok(Self {
            addr,
            service,
            running: Some((stop, thread)),
        })
    }

    /// Base URL without a trailing slash: `http://127.0.0.1:4242`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What was asked so far.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.service.requests()
    }

    /// Changes limits and faults from the next request on.
    pub fn reconfigure(&self, config: ApiConfig) {
        self.service.reconfigure(config);
    }

    /// Names the events whose webhooks have not arrived: those that `delivery_success=false`
    /// lists. At the start there are none.
    pub fn set_undelivered(&self, event_ids: impl IntoIterator<Item = String>) {
        self.service
            .set_undelivered(event_ids.into_iter().collect());
    }

    /// Stops serving and waits until the socket is closed.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            // A failed send or join means that the thread has already ended.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.shut_down();
    }
}
