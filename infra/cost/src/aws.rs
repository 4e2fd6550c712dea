//! An AWS on loopback that counts as the real one bills.
//!
//! It does what functions ask of it, DynamoDB by a real engine (dynoxide), and notes
//! what each request costs. It knows nothing of prices.

mod bus;
mod database;
mod http;
mod queues;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::count::{Stage, Tally, Unit};
use crate::error::CostError;

pub use database::Change;
pub use queues::Message;

use database::Database;
use queues::Queues;

/// Everything that functions can change.
struct State {
    tally: Tally,
    queues: Queues,
    database: Database,
    objects: std::collections::BTreeMap<String, bytes::Bytes>,
    /// The text of every secret.
    secret: String,
    /// Events that consumers of the bus were given.
    published: Vec<serde_json::Value>,
}

/// A metered AWS. It ends when it is dropped.
pub struct MeteredAws {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

impl std::fmt::Debug for MeteredAws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MeteredAws({})", self.address)
    }
}

impl MeteredAws {
    /// Listens on a free port of the loopback interface, with empty tables and one text
    /// for all secrets.
    pub async fn start(tables: &[&str], secret: String) -> Result<Self, CostError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State {
            tally: Tally::default(),
            queues: Queues::default(),
            database: Database::with_tables(tables)?,
            objects: std::collections::BTreeMap::new(),
            secret,
            published: Vec::new(),
        }));
        let app = http::router(Arc::clone(&state));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            address,
            state,
            server,
        })
    }

    /// What `AWS_ENDPOINT_URL` is to say.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was counted since this was asked last.
    pub fn take_tally(&self) -> Tally {
        std::mem::take(&mut self.lock().tally)
    }

    /// Counts what no request shows: durations, log lines, the API in front.
    pub fn count(&self, stage: Stage, unit: Unit, count: u64) {
        self.lock().tally.counts.add(stage, unit, count);
    }

    /// Receives up to `most` messages as a poller does: one request, counted.
    /// An empty answer is not counted: how many there are depends on time alone.
    pub fn receive(&self, queue: &str, most: usize) -> Vec<Message> {
        let State { queues, tally, .. } = &mut *self.lock();
        queues.receive(tally, queue, most)
    }

    /// Deletes messages as a poller does: one request, counted.
    pub fn delete(&self, queue: &str, messages: &[Message]) {
        let State { queues, tally, .. } = &mut *self.lock();
        queues.delete(tally, queue, messages);
    }

    /// Lets messages come again, or moves them to the dead letters if they have been
    /// received as often as they may.
    pub fn give_back(&self, queue: &str, messages: Vec<Message>) {
        self.lock().queues.give_back(queue, messages);
    }

    /// Messages waiting in a queue.
    pub fn depth(&self, queue: &str) -> usize {
        self.lock().queues.depth(queue)
    }

    /// Messages that were given up.
    pub fn dead_letters(&self) -> usize {
        self.lock().queues.dead_letters()
    }

    /// Changes an attribute of every message that waits in a queue.
    pub fn relabel(&self, queue: &str, attribute: &str, value: &str) {
        self.lock().queues.relabel(queue, attribute, value);
    }

    /// Lets more than five minutes pass: FIFO queues forget what they have seen.
    pub fn forget_deduplication(&self) {
        self.lock().queues.forget_deduplication();
    }

    /// Takes up to `most` changes of a table from its stream.
    pub fn changes(&self, table: &str, most: usize) -> Vec<Change> {
        self.lock().database.changes(table, most)
    }

    /// Takes what was put on the bus since this was asked last.
    pub fn take_published(&self) -> Vec<serde_json::Value> {
        std::mem::take(&mut self.lock().published)
    }

    /// Bytes that a table keeps, with the 100 for each item that DynamoDB adds.
    pub fn stored_bytes(&self) -> u64 {
        self.lock().database.stored_bytes()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MeteredAws {
    fn drop(&mut self) {
        self.server.abort();
    }
}
